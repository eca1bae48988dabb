"""Keeps our reading of a shop within a small share of the shop's own time, whatever there is to read.

A bucket of seconds for each shop: it fills by the share of every second that passes, up to a burst, and every answer
takes out what it took the shop. A step of a sweep begins only while enough is left; each leaves in the bucket what
those named before it may need, so that the last named wait first. What somebody waits for is read at once all the same;
it is charged to what the last named would have had.

The buckets are in the store: whoever starts finds them as they were left, and several workers take out of the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from companion.sync.pace.meter import Meter, Taken
from companion.sync.shop import Shop
from storage.engine import Store
from storage.sync import budgets, shop_time
from storage.sync.budgets import Bucket

_MARGIN = 0.98  # of the share is spent: a shop has a little left to do when its answer is out


class Budget:
    """The budgets of every shop; safe for several threads. `watch` measures the shops' answers."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Callable[[], datetime],
        share: float = 0.05,
        burst_s: float = 30.0,
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.share = share * _MARGIN
        self.burst_s = burst_s
        self.urgent_leaves_s = burst_s / 4
        self._store = store
        self._clock = clock
        self.watch = watch

    def may_spend(self, shop_key: str, *, leaving: float = 0.0) -> bool:
        """Whether a step may begin, for which `leaving` seconds must be left in the bucket."""
        return self.wait_s(shop_key, leaving=leaving) <= 0

    def wait_s(self, shop_key: str, *, leaving: float = 0.0) -> float:
        """Seconds until such a step may begin, if nothing else is spent; 0 where it may now."""
        with self._store.read() as tx:
            left = budgets.get(tx, shop_key)
        level = self.burst_s if left is None else self._filled(left, self._clock()).level
        return max((leaving - level) / self.share, 0.0)

    def meter(self) -> Meter:
        """A new meter, for work of several steps."""
        return Meter(self.watch)

    @contextmanager
    def metered(self, shop: Shop, stream: str, *, is_urgent: bool = False) -> Iterator[Shop]:
        """The shop, for as long as the block lasts; what it took is spent then, whatever became of it."""
        meter = self.meter()
        try:
            yield meter.on(shop)
        finally:
            self.spent(shop.key, stream, meter.taken(), is_urgent=is_urgent)

    def spent(self, shop_key: str, stream: str, taken: Taken, *, is_urgent: bool = False) -> None:
        """Takes out of the bucket what a stream took of the shop, and remembers it with the stream. `is_urgent`: it was
        not asked whether it may, so it takes no more than what the last named would have had.
        """
        if not taken.requests:
            return
        now = self._clock()
        with self._store.write(durable=False) as tx:
            left = self._filled(budgets.taken(tx, shop_key, full=Bucket(self.burst_s, now)), now)
            least = min(self.urgent_leaves_s, left.level) if is_urgent else left.level - taken.seconds
            budgets.put(tx, shop_key, Bucket(max(left.level - taken.seconds, least), now))
            shop_time.add(tx, shop_key, stream, now=now, seconds=taken.seconds, requests=taken.requests)

    def _filled(self, left: Bucket, now: datetime) -> Bucket:
        """The bucket as it is by now. A clock that was set back must not keep it empty until the old time comes again,
        so whatever lies between counts as passed.
        """
        passed_s = abs((now - left.at).total_seconds())
        return Bucket(min(left.level + passed_s * self.share, self.burst_s), now)
