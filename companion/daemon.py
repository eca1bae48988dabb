"""Runs an App: the pages in waitress, the worker in its threads, until SIGTERM or SIGINT.

On SQLite one process does both (`run`); on PostgreSQL several may serve and several may work.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from companion.app import App
from companion.leaving import Leaving

log = logging.getLogger(__name__)

_SWITCH_S = 0.0002  # neither a delivery nor a keystroke may wait 5 ms, at every statement, for a thread that computes
_LOOK_S = 0.2  # between two looks whether to stop, where nobody asks for a page
_FAREWELLS = 3  # turns in which the last answers go out


class CannotListen(Exception):
    """The pages' address is not to be had; the text says why, and what to do."""


def run(app: App, *, web: bool = True, worker: bool = True) -> bool:
    """Runs until asked to stop; then finishes the requests and items in hand, within ten seconds, and closes the app.

    False where a slow shop still holds a thread by then: Python would wait for it, so the caller leaves the process.

    Raises:
        CannotListen: another program has the port, or the address is none of this machine's; nothing was begun.
    """
    with Leaving() as leaving:
        return run_until(leaving, app, web=web, worker=worker)


def run_until(leaving: Leaving, app: App, *, web: bool = True, worker: bool = True) -> bool:
    """`run`, for a caller that waits for the signals already."""
    # A request that waits for a thread is no event; how long requests take is in the metrics.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # Nor is a look that lasts longer than its interval: the next one simply waits.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    leaving.tell(app.stopping.set)
    is_quiet = True
    try:
        if app.reindex_is_due():
            log.warning("the search index was made for other settings, or by an older version: `companion reindex`")
        serve = _server(app) if web else app.stopping.wait
        settle()
        if worker and not app.stopping.is_set():
            app.worker.start()
            log.info("the worker runs", extra={"shops": sorted(app.shops)})
            if left := app.removed_shops():
                log.warning("the store holds shops that are not in the configuration", extra={"shops": left})
        serve()
    finally:
        app.stopping.set()
        if worker:
            is_quiet = app.worker.stop()
        app.close()
    return is_quiet


def settle() -> None:
    """Make the interpreter fit to answer people while it works, once all is made that stays for good."""
    sys.setswitchinterval(_SWITCH_S)
    # A full search for garbage holds up every thread while it looks at each object there is, a quarter of a second
    # beside a first read; and nearly all of them are the program itself.
    gc.collect()
    gc.freeze()


def _server(app: App) -> Callable[[], object]:
    """Listens; what it returns answers requests until the app is to stop, and then finishes those in hand."""
    settings = app.config.web
    trusted = {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto"}
    sockets: dict[int, Any] = {}
    try:
        server = create_server(
            app.flask(),
            map=sockets,
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

    def answer(times: int = 1) -> None:
        wasyncore.loop(_LOOK_S, server.adj.asyncore_use_poll, sockets, times)

    def serve() -> None:
        while not app.stopping.is_set():
            answer()
        server.task_dispatcher.shutdown()
        answer(_FAREWELLS)
        server.close()

    return serve
