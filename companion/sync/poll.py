"""The incremental read: what changed in a shop since the watermark, for all that its webhooks did not tell.

The signpost is the shop's own clock on page one. The next sweep begins there, less an overlap; the watermark never
passes what is committed. No upper end is set while reading: an order that changes meanwhile moves within the list but
never out of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from companion.sync import failures
from companion.sync.outcome import Outcome
from companion.sync.reread import Rereader
from companion.sync.shop import Shop
from companion.sync.sweep import Saved, Sweeper
from connectors.base import Window
from storage import cursors, orders
from storage.engine import Store, Tx

_CLAIM_S = 120  # for reading the order notes of a few orders; those of a killed worker wait so long


def _unsaved(_tx: Tx, _records: int, _total: int) -> None:
    """A poll is short: no progress is kept within it."""


_UNSAVED: Saved = _unsaved


class Poll:
    """Polls any shop that was backfilled. `overlap` covers the shop's one-second steps and writes under way."""

    def __init__(
        self,
        *,
        store: Store,
        sweeper: Sweeper,
        rereader: Rereader,
        clock: Callable[[], datetime],
        overlap: timedelta,
    ) -> None:
        self._store = store
        self._sweeper = sweeper
        self._rereader = rereader
        self._clock = clock
        self._overlap = overlap

    def run(self, shop: Shop) -> Outcome:
        """Orders, then the trash, then new users. Raises ConnectorError or Stopped; the watermark then stays."""
        outcome = Outcome()
        with failures.kept(self._store, shop.key, clock=self._clock):
            self._orders(shop, outcome)
            outcome.add(self._sweeper.new_customers(shop).outcome)
        with self._store.write(durable=False) as tx:
            cursors.put(tx, shop.key, "customers", succeeded_at=self._clock(), failure="")
        return outcome

    def _orders(self, shop: Shop, outcome: Outcome) -> None:
        with self._store.read() as tx:
            cursor = cursors.get(tx, shop.key, "orders")
        watermark = cursor.watermark if cursor else None
        since = watermark - self._overlap if watermark else None
        # The trash second: an order trashed between the two is seen by the second, not by neither.
        signpost: datetime | None = None
        for window in (Window(by="modified", since=since), Window(by="modified", since=since, trash=True)):
            swept = self._sweeper.orders(shop, window, saved=_UNSAVED)
            self._sweeper.settle(shop, swept.outcome, with_refunds=True)
            signpost = signpost or swept.shop_now
            outcome.add(swept.outcome)
        with self._store.write(durable=False) as tx:
            # A shop without a clock (no Date header) leaves the watermark: the same stretch is read again.
            cursors.put(tx, shop.key, "orders", watermark=signpost or watermark, succeeded_at=self._clock(), failure="")

    def order_notes(self, shop: Shop, *, limit: int, should_stop: Callable[[], bool] = lambda: False) -> int:
        """Reads the order notes of up to `limit` orders whose notes are due; returns how many."""
        with self._store.read() as tx:
            due = orders.notes_due(tx, shop.key, now=self._clock(), limit=limit)
        if not due:
            return 0
        until = self._clock() + timedelta(seconds=_CLAIM_S)
        with self._store.write(durable=False) as tx:
            claimed = orders.claim_notes(tx, shop.key, due, now=self._clock(), until=until)
        for done, order_id in enumerate(claimed):
            if should_stop():
                return done
            read = partial(orders.notes_were_read, shop=shop.key, order_id=order_id, until=until)
            self._rereader.order_notes(shop, order_id, settle=read)
        return len(claimed)
