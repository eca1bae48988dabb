"""Forgets what nobody asks for any more: bodies of old deliveries, the engine's own small counts, and who had
whose page open.

Hashes and facts of deliveries stay, so that a late copy is known again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from storage.engine import Store
from storage.people import viewings
from storage.sync import alerts, corrections, inbox, shop_time

_ALERTS_KEPT = timedelta(days=30)  # after they were over


class Retention:
    """Forgets for every shop; any worker may."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def forget(self, *, should_stop: Callable[[], bool] = lambda: False) -> None:
        """Forgets what is too old, in small transactions. Raises StorageError."""
        dropped = 1
        while dropped and not should_stop():
            with self._store.write(durable=False) as tx:
                dropped = inbox.drop_old_bodies(tx, now=self._clock())
        now = self._clock()
        with self._store.write(durable=False) as tx:
            shop_time.forget_old(tx, now=now)
            corrections.forget_old(tx, now=now)
            viewings.forget_old(tx, now=now)
            alerts.forget(tx, over_before=now - _ALERTS_KEPT)
