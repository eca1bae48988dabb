"""The incremental read: what changed in a shop since the watermark, for all that its webhooks did not tell.

The signpost is the shop's own clock on page one. The next sweep begins there, less an overlap; the watermark never
passes what is committed. Where that clock was ahead and has been put right, what it dates since then is read too. No
upper end is set while reading: an order that changes meanwhile moves within the list but never out of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from companion.domain.clocks import where_the_clock_went_back_to
from companion.sync import failures
from companion.sync.pace.chores import LAST, Step
from companion.sync.reading.sweep import Saved, Sweeper
from companion.sync.records.outcome import Outcome
from companion.sync.shop import Shop
from connectors.base import Window
from storage.engine import Store, Tx
from storage.sync import cursors
from storage.sync.cursors import Cursor

log = logging.getLogger(__name__)


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
        clock: Callable[[], datetime],
        overlap: timedelta,
    ) -> None:
        self._store = store
        self._sweeper = sweeper
        self._clock = clock
        self._overlap = overlap

    def run(self, shop: Shop) -> Outcome:
        """Orders, then the trash, then new users. Raises ConnectorError or Stopped; the watermark then stays."""
        outcome = Outcome()
        with failures.kept(self._store, shop.key, clock=self._clock):
            for _ in self._orders(shop, outcome):
                pass
            outcome.add(self._customers(shop))
        return outcome

    def orders(self, shop: Shop) -> Iterator[Step]:
        """A round of what changed among the orders, then in the trash."""
        return self._orders(shop, Outcome())

    def new_customers(self, shop: Shop) -> Iterator[Step]:
        """A round of the users who registered."""
        self._customers(shop)
        yield LAST

    def _orders(self, shop: Shop, outcome: Outcome) -> Iterator[Step]:
        began = self._clock()
        with self._store.read() as tx:
            cursor = cursors.get(tx, shop.key, "orders")
        watermark = cursor.watermark if cursor else None
        begins = [watermark - self._overlap if watermark else None]
        signpost = self._swept(shop, Window(by="modified", since=begins[0]), outcome)
        if cursor is not None and (earlier := self._where_the_clock_went(cursor, signpost)) is not None:
            log.warning("the shop's clock went back", extra={"shop": shop.key, "again_since": earlier.isoformat()})
            begins.append(earlier)
            self._swept(shop, Window(by="modified", since=earlier), outcome)
        yield Step(done=0.5)
        # The trash second: an order trashed between the two is seen by the second, not by neither.
        for since in begins:
            self._swept(shop, Window(by="modified", since=since, trash=True), outcome)
        with self._store.write(durable=False) as tx:
            stands = cursors.get(tx, shop.key, "orders")
            if signpost is not None and (stands is None or stands.watermark == watermark):
                # A shop without a clock (no Date header) leaves the watermark: the same stretch is read again. So does
                # whoever set it back meanwhile, so that the polls catch up from there.
                cursors.put(tx, shop.key, "orders", watermark=signpost, started_at=began)
            cursors.put(tx, shop.key, "orders", succeeded_at=self._clock(), failure="")
        yield LAST

    def _swept(self, shop: Shop, window: Window, outcome: Outcome) -> datetime | None:
        """Reads one window whole; returns the shop's clock when that began."""
        swept = self._sweeper.orders(shop, window, saved=_UNSAVED)
        self._sweeper.settle(shop, swept.outcome, with_refunds=True)
        outcome.add(swept.outcome)
        return swept.shop_now

    def _where_the_clock_went(self, cursor: Cursor, signpost: datetime | None) -> datetime | None:
        if cursor.watermark is None or cursor.started_at is None or signpost is None:
            return None
        elapsed = self._clock() - cursor.started_at  # that is when the watermark was the shop's present
        return where_the_clock_went_back_to(cursor.watermark, signpost, elapsed=elapsed, overlap=self._overlap)

    def _customers(self, shop: Shop) -> Outcome:
        swept = self._sweeper.new_customers(shop)
        with self._store.write(durable=False) as tx:
            cursors.put(tx, shop.key, "customers", succeeded_at=self._clock(), failure="")
        return swept.outcome
