"""The first full read of a shop: resumable, newest first, with progress.

Orders come in month slices by their creation date, so that what agents need today is here within minutes; then the
trash, the refunds by their one list, and the registered users. A slice that was finished is not read again after a
kill. When all is here the orders' watermark is the shop's clock at the very beginning, and polling goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.domain.slices import Slice, halves, months
from companion.sync import failures
from companion.sync.apply import Applier
from companion.sync.pages import Reading
from companion.sync.shop import Shop
from companion.sync.sweep import Sweeper
from connectors.base import Page, Window
from connectors.errors import Permanent
from storage import cursors, slices
from storage.engine import Store, Tx

STREAMS = ("orders", "refunds", "customers")

_LARGE = 2_000  # records; a larger slice is halved, since a kill costs the slice
_ONE_SECOND = timedelta(seconds=1)  # both ends of a window are exclusive
_TRASH = Window(by="created", trash=True)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the backfill of a stream is; `total` is what the shop counts, `rate` records a second since the start of
    this run, `seconds_left` None while the rate is unknown.
    """

    shop: str
    stream: str
    done: int
    total: int
    rate: float
    seconds_left: float | None


class _Run:
    """One stream's backfill under way: what is finished, how much is done, and where polling will go on."""

    def __init__(self, shop: str, stream: str, finished: dict[str, int], signpost: datetime, *, total: int) -> None:
        self.shop = shop
        self.stream = stream
        self.finished = finished
        self.signpost = signpost
        self.total = total
        self.lists_refunds = True
        self.before = sum(finished.values())  # records of the finished slices
        self.done = self.before
        self._at_start = self.before
        self._started = time.monotonic()

    def progress(self) -> Progress:
        read = self.done - self._at_start
        rate = read / max(time.monotonic() - self._started, 1e-6)
        left = max(self.total - self.done, 0) / rate if read else None
        return Progress(self.shop, self.stream, self.done, self.total, rate, left)


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
        self._tell = tell

    def is_done(self, shop_key: str) -> bool:
        """True where every stream of the shop was read whole once."""
        with self._store.read() as tx:
            known = [cursors.get(tx, shop_key, stream) for stream in STREAMS]
        return all(cursor is not None and cursor.is_backfilled for cursor in known)

    def run(self, shop: Shop) -> None:
        """Reads what is not here yet, and returns when all is. Raises ConnectorError or Stopped; what is read stays."""
        for stream, read in {"orders": self._orders, "refunds": self._refunds, "customers": self._customers}.items():
            with self._store.read() as tx:
                cursor = cursors.get(tx, shop.key, stream)
            if cursor is None or not cursor.is_backfilled:
                with failures.kept(self._store, shop.key, clock=self._clock):
                    read(shop)

    # --- the three streams ----------------------------------------------------------------------------------------

    def _orders(self, shop: Shop) -> None:
        all_orders = self._sweeper.read(lambda: shop.source.orders(None, page=1, per_page=1)).page
        trash = self._sweeper.read(lambda: shop.source.orders(_TRASH, page=1, per_page=1)).page
        shop_now = all_orders.shop_now or self._clock()
        run = self._begin(shop, "orders", total=all_orders.total + trash.total, shop_now=shop_now)
        run.lists_refunds = self._lists_refunds(shop)
        for part in months(shop_now, self._oldest(all_orders) or shop_now):
            self._slice(shop, run, part, shop_now=shop_now)
        if "trash" not in run.finished:
            self._sweep(shop, run, "trash", _TRASH)
        self._end(run, watermark=run.signpost)

    def _refunds(self, shop: Shop) -> None:
        run = self._begin(shop, "refunds", total=0, shop_now=self._clock())
        if self._lists_refunds(shop):
            swept = self._sweeper.refunds(shop, since=None, saved=self._saver(run))
            self._end(run, watermark=swept.shop_now)
        else:
            self._end(run, watermark=None)

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
        run = self._begin(shop, "customers", total=0, shop_now=self._clock())
        swept = self._sweeper.customers(shop, saved=self._saver(run))
        self._end(run, watermark=swept.shop_now)

    # --- slices of the orders -------------------------------------------------------------------------------------

    def _oldest(self, page: Page) -> datetime | None:
        """The date of the order with the lowest id: a hint how far back to go. Imported orders may be older in spite
        of their ids, which is why the last slice has no beginning.
        """
        items = self._applier.parse_orders(page.items[:1])
        return items[0].record.created_at if items and items[0].record else None

    def _slice(self, shop: Shop, run: _Run, part: Slice, *, shop_now: datetime) -> None:
        """Reads one slice, or its halves where it is large; skips what an earlier run finished."""
        if part.name in run.finished:
            return
        window = Window(by="created", since=part.start - _ONE_SECOND if part.start else None, until=part.end)
        first = self._sweeper.read(lambda: shop.source.orders(window, page=1))
        smaller = halves(part, now=shop_now) if first.page.total > _LARGE else None
        if smaller is None:
            self._sweep(shop, run, part.name, window, first=first)
            return
        for half in smaller:
            self._slice(shop, run, half, shop_now=shop_now)
        self._finish(run, part.name, records=0)

    def _sweep(self, shop: Shop, run: _Run, name: str, window: Window, *, first: Reading | None = None) -> None:
        swept = self._sweeper.orders(shop, window, saved=self._saver(run), first=first)
        # Where the shop lists all refunds together, they are read from there afterwards.
        self._sweeper.settle(shop, swept.outcome, with_refunds=not run.lists_refunds)
        self._finish(run, name, records=swept.records)

    # --- what is remembered ---------------------------------------------------------------------------------------

    def _begin(self, shop: Shop, stream: str, *, total: int, shop_now: datetime) -> _Run:
        with self._store.write() as tx:
            cursor = cursors.get(tx, shop.key, stream)
            # A resumed backfill keeps its first signpost: what changed since then is for the polls.
            signpost = cursor.signpost if cursor and cursor.signpost else shop_now
            finished = slices.finished(tx, shop.key, stream)
            cursors.put(tx, shop.key, stream, signpost=signpost, total=total, started_at=self._clock())
        return _Run(shop.key, stream, finished, signpost, total=total)

    def _saver(self, run: _Run) -> Callable[[Tx, int, int], None]:
        def saved(tx: Tx, records: int, total: int) -> None:
            run.done = run.before + records
            run.total = run.total or total
            cursors.put(tx, run.shop, run.stream, done=run.done, total=run.total)
            self._tell(run.progress())

        return saved

    def _finish(self, run: _Run, name: str, *, records: int) -> None:
        run.finished[name] = records
        run.before += records
        with self._store.write(durable=False) as tx:
            slices.finish(tx, run.shop, run.stream, name, records=records, now=self._clock())

    def _end(self, run: _Run, *, watermark: datetime | None) -> None:
        with self._store.write() as tx:
            cursors.put(
                tx,
                run.shop,
                run.stream,
                watermark=watermark or run.signpost,
                signpost=None,
                is_backfilled=True,
                succeeded_at=self._clock(),
            )
            slices.clear(tx, run.shop, run.stream)
