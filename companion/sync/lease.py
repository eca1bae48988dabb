"""Lets one of several workers do a periodic job: a lease in the store, renewed while the work lasts.

It stays the holder's until the job's next turn, so the others do not repeat it in between. One that was killed loses it
within a minute of work, or with its next turn. The lease saves doubled work; it is never what keeps records right.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from storage.engine import Store
from storage.errors import StorageError
from storage.sync import leases

log = logging.getLogger(__name__)

_SECONDS = 60


def _none() -> float:
    return 0.0


@contextmanager
def held(
    store: Store, name: str, owner: str, *, clock: Callable[[], datetime], rest_seconds: Callable[[], float] = _none
) -> Iterator[bool]:
    """Whether the lease is ours; it is renewed while the block lasts, and then stays ours for `rest_seconds`, which is
    asked at the end.
    """
    with store.write(durable=False) as tx:
        is_ours = leases.acquire(tx, name, owner, now=clock(), seconds=_SECONDS)
    if not is_ours:
        yield False
        return
    done = threading.Event()
    renewal = threading.Thread(target=_renew, args=(store, name, owner, clock, done), name=f"lease-{name}", daemon=True)
    renewal.start()
    try:
        yield True
    finally:
        done.set()
        renewal.join()
        with store.write(durable=False) as tx:
            leases.renew(tx, name, owner, now=clock(), seconds=rest_seconds())


def seconds_until_free(store: Store, name: str, *, clock: Callable[[], datetime]) -> float:
    """How long the lease is held yet, unless its holder prolongs it."""
    with store.read() as tx:
        until = leases.until(tx, name)
    return max((until - clock()).total_seconds(), 0.0) if until else 0.0


def give_back(store: Store, name: str, owner: str) -> None:
    """Lets the next worker have it at once: its holder leaves."""
    with store.write(durable=False) as tx:
        leases.release(tx, name, owner)


def _renew(store: Store, name: str, owner: str, clock: Callable[[], datetime], done: threading.Event) -> None:
    while not done.wait(_SECONDS / 3):
        try:
            with store.write(durable=False) as tx:
                leases.renew(tx, name, owner, now=clock(), seconds=_SECONDS)
        except StorageError:
            log.exception("a lease could not be renewed", extra={"lease": name})
