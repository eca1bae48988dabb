"""What the first reads of all streams share: resuming by finished slices, and telling how far they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.domain.slices import Slice, halves
from companion.sync.pages import Reading
from companion.sync.reading.sweep import Saved
from connectors.base import Window
from storage.engine import Store, Tx
from storage.sync import cursors, slices

_ONE_SECOND = timedelta(seconds=1)  # both ends of a window are exclusive


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


class Run:
    """One stream's first read under way: what is finished, how much is done, and where polling will go on."""

    def __init__(self, shop: str, stream: str, finished: dict[str, int], signpost: datetime, *, total: int) -> None:
        self.shop = shop
        self.stream = stream
        self.finished = finished
        self.signpost = signpost
        self.total = total
        self.before = sum(finished.values())  # records of the finished slices
        self.done = self.before
        self._at_start = self.before
        self._started = time.monotonic()

    def progress(self) -> Progress:
        """Where it stands."""
        read = self.done - self._at_start
        rate = read / max(time.monotonic() - self._started, 1e-6)
        left = max(self.total - self.done, 0) / rate if read else None
        return Progress(self.shop, self.stream, self.done, self.total, rate, left)


class FirstReads:
    """Remembers first reads in cursors and slices. `tell` hears of the progress after every page."""

    def __init__(
        self, *, store: Store, clock: Callable[[], datetime], tell: Callable[[Progress], None] = lambda _: None
    ) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell

    def is_done(self, shop_key: str, stream: str) -> bool:
        """True where the stream was read whole once."""
        with self._store.read() as tx:
            cursor = cursors.get(tx, shop_key, stream)
        return cursor is not None and cursor.is_backfilled

    def begin(self, shop_key: str, stream: str, *, total: int, shop_now: datetime) -> Run:
        """Begins, or goes on. A resumed read keeps its first signpost: what changed since then is for the polls."""
        with self._store.write() as tx:
            cursor = cursors.get(tx, shop_key, stream)
            signpost = cursor.signpost if cursor and cursor.signpost else shop_now
            finished = slices.finished(tx, shop_key, stream)
            cursors.put(tx, shop_key, stream, signpost=signpost, total=total, started_at=self._clock())
        return Run(shop_key, stream, finished, signpost, total=total)

    def saver(self, run: Run) -> Saved:
        """What a sweep calls in the transaction of each page."""

        def saved(tx: Tx, records: int, total: int) -> None:
            run.done = run.before + records
            run.total = run.total or total
            cursors.put(tx, run.shop, run.stream, done=run.done, total=run.total)
            self._tell(run.progress())

        return saved

    def in_slices(
        self,
        run: Run,
        part: Slice,
        *,
        shop_now: datetime,
        large: int,
        first_page: Callable[[Window], Reading],
        sweep: Callable[[str, Window, Reading], None],
    ) -> None:
        """Reads one slice, or its halves where it holds more than `large` records; skips what was finished before.

        `sweep` is given the slice's name, its window and page one of it, and finishes the slice.
        """
        if part.name in run.finished:
            return
        window = Window(by="created", since=part.start - _ONE_SECOND if part.start else None, until=part.end)
        first = first_page(window)
        smaller = halves(part, now=shop_now) if first.page.total > large else None
        if smaller is None:
            sweep(part.name, window, first)
            return
        for half in smaller:
            self.in_slices(run, half, shop_now=shop_now, large=large, first_page=first_page, sweep=sweep)
        self.finish(run, part.name, records=0)

    def finish(self, run: Run, name: str, *, records: int) -> None:
        """A slice is here, and will not be read again."""
        run.finished[name] = records
        run.before += records
        with self._store.write(durable=False) as tx:
            slices.finish(tx, run.shop, run.stream, name, records=records, now=self._clock())

    def end(self, run: Run, *, watermark: datetime | None) -> None:
        """All is here; polling goes on from the watermark, or where the first read began."""
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
