"""The first full read of a shop: resumable, newest first, with progress.

Orders come in month slices by their creation date, so that what agents need today is here within minutes; then the
trash, the refunds by their one list, and the registered users. A slice that was finished is not read again after a
kill. When all is here the orders' watermark is the shop's clock at the very beginning, and polling goes on from there.
Its tickets are read by `ticket_backfill`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from companion.domain.slices import months
from companion.sync import failures
from companion.sync.funnel.apply import Applier
from companion.sync.pages import Reading
from companion.sync.reading.first_read import FirstReads, Progress, Run
from companion.sync.reading.sweep import Sweeper
from companion.sync.shop import Shop
from connectors.base import Page, Window
from connectors.errors import Permanent
from storage.engine import Store

__all__ = ["STREAMS", "Backfill", "Progress"]

STREAMS = ("orders", "refunds", "customers")

_LARGE = 2_000  # records; a larger slice is halved, since a kill costs the slice
_TRASH = Window(by="created", trash=True)


class Backfill:
    """Backfills any shop, one call at a time for each. `tell` hears of the progress after every page."""

    def __init__(
        self,
        *,
        store: Store,
        applier: Applier,
        sweeper: Sweeper,
        clock: Callable[[], datetime],
        tell: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._applier = applier
        self._sweeper = sweeper
        self._clock = clock
        self._reads = FirstReads(store=store, clock=clock, tell=tell)

    def is_done(self, shop_key: str) -> bool:
        """True where every stream of the shop was read whole once."""
        return all(self._reads.is_done(shop_key, stream) for stream in STREAMS)

    def run(self, shop: Shop) -> None:
        """Reads what is not here yet, and returns when all is. Raises ConnectorError or Stopped; what is read stays."""
        for stream, read in {"orders": self._orders, "refunds": self._refunds, "customers": self._customers}.items():
            if not self._reads.is_done(shop.key, stream):
                with failures.kept(self._store, shop.key, clock=self._clock):
                    read(shop)

    # --- the three streams ----------------------------------------------------------------------------------------

    def _orders(self, shop: Shop) -> None:
        all_orders = self._sweeper.read(lambda: shop.source.orders(None, page=1, per_page=1)).page
        trash = self._sweeper.read(lambda: shop.source.orders(_TRASH, page=1, per_page=1)).page
        shop_now = all_orders.shop_now or self._clock()
        run = self._reads.begin(shop.key, "orders", total=all_orders.total + trash.total, shop_now=shop_now)
        # Where the shop lists all refunds together, they are read from there afterwards.
        with_refunds = not self._lists_refunds(shop)

        def first_page(window: Window) -> Reading:
            return self._sweeper.read(lambda: shop.source.orders(window, page=1))

        def sweep(name: str, window: Window, first: Reading | None = None) -> None:
            saved = self._reads.saver(run)
            swept = self._sweeper.orders(shop, window, saved=saved, first=first, is_first_read=True)
            self._sweeper.settle(shop, swept.outcome, with_refunds=with_refunds)
            self._reads.finish(run, name, records=swept.records)

        for part in months(shop_now, self._oldest(all_orders) or shop_now):
            self._reads.in_slices(run, part, shop_now=shop_now, large=_LARGE, first_page=first_page, sweep=sweep)
        if "trash" not in run.finished:
            sweep("trash", _TRASH)
        self._reads.end(run, watermark=run.signpost)

    def _refunds(self, shop: Shop) -> None:
        run = self._reads.begin(shop.key, "refunds", total=0, shop_now=self._clock())
        if self._lists_refunds(shop):
            swept = self._sweeper.refunds(shop, since=None, saved=self._reads.saver(run))
            self._reads.end(run, watermark=swept.shop_now)
        else:
            self._reads.end(run, watermark=None)

    def _lists_refunds(self, shop: Shop) -> bool:
        """Whether the shop has one list of all its refunds; older ones are asked order by order."""
        try:
            shop.source.refunds(since=self._clock(), page=1)
        except Permanent as error:
            if error.code == "no_refunds_list":
                return False
            raise
        return True

    def _customers(self, shop: Shop) -> None:
        run: Run = self._reads.begin(shop.key, "customers", total=0, shop_now=self._clock())
        swept = self._sweeper.customers(shop, saved=self._reads.saver(run))
        self._reads.end(run, watermark=swept.shop_now)

    def _oldest(self, page: Page) -> datetime | None:
        """The date of the order with the lowest id: a hint how far back to go. Imported orders may be older in spite
        of their ids, which is why the last slice has no beginning.
        """
        items = self._applier.parse_orders(page.items[:1])
        return items[0].record.created_at if items and items[0].record else None
