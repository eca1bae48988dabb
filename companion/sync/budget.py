"""Keeps our reading of a shop within a small share of the shop's own time, whatever there is to read.

A bucket of seconds for each shop: it fills by the share of every second that passes, up to a burst, and every answer
takes out what it took the shop. A step of a sweep begins only while enough is left; each leaves in the bucket what
those named before it may need, so that the last named wait first. What somebody waits for is read at once all the same;
it is charged to what the last named would have had.

Buckets live in memory, and what was spent is in the store: a worker that starts finds there how full its bucket is, and
one of several sees what the others spend.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from companion.sync.meter import Meter, Taken
from companion.sync.shop import Shop
from storage import shop_time
from storage.engine import Store

_HOUR = timedelta(hours=1)
_MARGIN = 0.98  # of the share is spent: a shop has a little left to do when its answer is out
_ASK_STORE_S = 60.0  # between two looks at what other processes spent


@dataclass(slots=True)
class _Bucket:
    """`level` seconds are left at `at`; of each hour `known` seconds are in it already."""

    level: float
    at: datetime
    asked_at: datetime
    known: dict[datetime, float] = field(default_factory=dict)


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
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}

    def may_spend(self, shop_key: str, *, leaving: float = 0.0) -> bool:
        """Whether a step may begin, for which `leaving` seconds must be left in the bucket."""
        return self.wait_s(shop_key, leaving=leaving) <= 0

    def wait_s(self, shop_key: str, *, leaving: float = 0.0) -> float:
        """Seconds until such a step may begin, if nothing else is spent; 0 where it may now."""
        with self._lock:
            lacking = leaving - self._bucket(shop_key).level
        return max(lacking / self.share, 0.0)

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
        """Takes out of the bucket, and remembers in the store, what a stream took of the shop. `is_urgent`: it was not
        asked whether it may, so it takes no more than what the last named would have had.
        """
        if not taken.requests:
            return
        now = self._clock()
        with self._lock:
            bucket = self._bucket(shop_key)
            hour = shop_time.hour_of(now)
            # Before the store has it, so that it is not taken for another's.
            bucket.known[hour] = bucket.known.get(hour, 0.0) + taken.seconds
            self._take(bucket, taken.seconds, is_urgent=is_urgent)
        with self._store.write(durable=False) as tx:
            shop_time.add(tx, shop_key, stream, now=now, seconds=taken.seconds, requests=taken.requests)

    def _bucket(self, shop_key: str) -> _Bucket:
        """The shop's bucket, filled up to now, less what others spent."""
        now = self._clock()
        bucket = self._buckets.get(shop_key)
        if bucket is None:
            bucket = self._buckets[shop_key] = self._found(shop_key, now)
            return bucket
        passed = max((now - bucket.at).total_seconds(), 0.0)
        bucket.level = min(bucket.level + passed * self.share, self.burst_s)
        bucket.at = now
        if abs((now - bucket.asked_at).total_seconds()) >= _ASK_STORE_S:
            stored = self._stored(shop_key, now)
            others = sum(max(seconds - bucket.known.get(hour, 0.0), 0.0) for hour, seconds in stored.items())
            ours = {hour: seconds for hour, seconds in bucket.known.items() if now - hour < 2 * _HOUR}
            bucket.known = ours | {hour: max(seconds, ours.get(hour, 0.0)) for hour, seconds in stored.items()}
            bucket.asked_at = now
            self._take(bucket, others, is_urgent=True)
        return bucket

    def _found(self, shop_key: str, now: datetime) -> _Bucket:
        """As full as it is at least: as if all that was spent in an hour had been spent at its end."""
        stored = self._stored(shop_key, now)
        hour = shop_time.hour_of(now)
        level = max(self.burst_s - stored.get(hour - _HOUR, 0.0), 0.0)
        filled = min(level + (now - hour).total_seconds() * self.share, self.burst_s)
        return _Bucket(max(filled - stored.get(hour, 0.0), 0.0), now, now, stored)

    def _stored(self, shop_key: str, now: datetime) -> dict[datetime, float]:
        with self._store.read() as tx:
            return shop_time.by_hour(tx, shop_key, since=shop_time.hour_of(now) - _HOUR)

    def _take(self, bucket: _Bucket, seconds: float, *, is_urgent: bool) -> None:
        least = min(self.urgent_leaves_s, bucket.level) if is_urgent else bucket.level - seconds
        bucket.level = max(bucket.level - seconds, least)
