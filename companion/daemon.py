"""Runs an App: the pages in waitress, the worker in its threads, until SIGTERM or SIGINT.

On SQLite one process does both (`run`); on PostgreSQL several may serve and several may work.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from waitress.server import create_server

from companion.app import App

log = logging.getLogger(__name__)

_SWITCH_S = 0.001  # a delivery must not wait 5 ms for each thread that computes


class CannotListen(Exception):
    """The pages' address is not to be had; the text says why, and what to do."""


def run(app: App, *, web: bool = True, worker: bool = True) -> bool:
    """Runs until asked to stop; then finishes the requests and items in hand, within ten seconds, and closes the app.

    False where a slow shop still holds a thread by then: Python would wait for it, so the caller leaves the process.

    Raises:
        CannotListen: another program has the port, or the address is none of this machine's; nothing was begun.
    """
    sys.setswitchinterval(_SWITCH_S)
    # A request that waits for a thread is no event; how long requests take is in the metrics.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # Nor is a look that lasts longer than its interval: the next one simply waits.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    is_quiet = True
    try:
        with leaving_on_signals():
            server = _server(app) if web else None
            if worker:
                app.worker.start()
                log.info("the worker runs", extra={"shops": sorted(app.shops)})
            if server is None:
                app.stopping.wait()
            else:
                # waitress ends its loop on SystemExit and lets the requests in hand finish.
                server.run()
    except SystemExit:
        log.info("asked to stop")
    finally:
        app.stopping.set()
        if worker:
            is_quiet = app.worker.stop()
        app.close()
    return is_quiet


@contextmanager
def leaving_on_signals() -> Iterator[None]:
    """While it lasts, SIGTERM and SIGINT raise SystemExit in the main thread."""
    previous = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _server(app: App) -> Any:
    settings = app.config.web
    trusted = {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto"}
    try:
        server = create_server(
            app.flask(),
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            max_request_body_size=settings.max_body_bytes,
            ident=None,
            clear_untrusted_proxy_headers=True,
            **(trusted if settings.trusted_proxy else {}),
        )
    except OSError as error:
        raise CannotListen(
            f"The pages cannot be opened at {settings.host}:{settings.port} ({error.strerror}). End the program that "
            "has the port, or set web.host and web.port to others."
        ) from error
    log.info("serving", extra={"address": f"http://{settings.host}:{settings.port}/"})
    return server


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit
