"""What looking costs a shop: one comparison of all ids and dates, and all that is done again and again for a day.

The sandbox answers with the seconds that the recorded shop took, and lets them pass at once, so a day is over in
minutes. Seconds are the shop's own, from its log. In the first shop everything fits; in the second there are far more
open tickets than a twentieth of its time allows to ask for every five minutes, so the last named wait.

    python -m benchmarks.reconcile [--orders 20000] [--hours 24]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.common import MASTER_KEY, report
from companion.app import App, build
from companion.config import Config, Database, Push, Secret, Shop
from companion.sandbox import FastTime, Sandbox, ShopClock
from companion.sandbox.pace import recorded_page_seconds
from companion.sandbox.seed_bulk import seed_bulk
from storage.sync import cursors, facts

ORDERS = 20_000
HOURS = 24
BEGINS_AT = datetime(2026, 11, 21, 6, tzinfo=UTC)
WARM_S = 3 * 3600.0
"""The burst is spent, and what the first read left to do is done."""
PER = 100_000
_HOUR_S = 3600.0
_DAY_S = 86_400.0
_STREAMS = (
    "orders",
    "customers",
    "reconcile",
    "tickets",
    "tickets_open",
    "replies",
    "tickets_all",
    "order_notes",
    "older_order_notes",
)


class Day(NamedTuple):
    """A shop's time: the share of it that was taken, of its worst hour too, by stream, and the intervals reached."""

    share: float
    worst_hour: float
    by_stream: dict[str, float]
    intervals: dict[str, int]


class Beside(NamedTuple):
    """Companion beside a sandbox, in a time of their own."""

    app: App
    sandbox: Sandbox
    time: FastTime

    def shop_seconds(self) -> float:
        """How long the shop has worked for us since its log was cleared."""
        return sum(request.seconds for request in self.sandbox.shop.log.requests())

    def pass_time(self, seconds: float) -> None:
        """What the worker does meanwhile."""
        shop = self.app.shops["main"]
        until = self.time.monotonic() + seconds
        while (left := until - self.time.monotonic()) > 0:
            wait_s = self.app.upkeep.run(shop)
            self.app.aftercare.urgent(shop, limit=10)
            self.time.sleep(min(max(wait_s, 1.0), left))


@contextmanager
def beside(*, orders: int, tickets: int) -> Iterator[Beside]:
    """A shop of that size and companion, which has read all of it once."""
    passing = FastTime(BEGINS_AT)
    clock = ShopClock(runs_by=passing)
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(clock=clock, passing=passing, page_seconds=recorded_page_seconds) as sandbox,
    ):
        seed_bulk(sandbox.shop, orders=orders, customers=orders // 5, tickets=tickets, seed=7)
        shop = Shop(
            key="main",
            url=sandbox.url,
            consumer_key=Secret(sandbox.credentials.key),
            consumer_secret=Secret(sandbox.credentials.secret),
            helpdesk="awesome-support" if tickets else "none",
            helpdesk_username=sandbox.credentials.admin.username if tickets else "",
            helpdesk_password=Secret(sandbox.credentials.admin.password) if tickets else None,
            pages_in_flight=1,
        )
        config = Config(
            master_key=Secret(MASTER_KEY),
            database=Database(url=Secret(f"sqlite:///{Path(folder) / 'store.sqlite3'}")),
            shops=(shop,),
            push=Push(mode="off"),
        )
        with closing(build(config, clock=passing)) as app:
            app.budget.watch = passing.monotonic
            app.backfill("main")
            yield Beside(app, sandbox, passing)


def compared(orders: int) -> tuple[float, float, float]:
    """One comparison of a shop without a helpdesk: requests, the shop's seconds, and ours."""
    with beside(orders=orders, tickets=0) as both:
        both.sandbox.shop.log.clear()
        own = time.process_time()
        both.app.reconcile("main")
        return len(both.sandbox.shop.log), both.shop_seconds(), time.process_time() - own


def day(*, orders: int, tickets: int, hours: int) -> Day:
    """So many hours of a shop, after the first ones."""
    with beside(orders=orders, tickets=tickets) as both:
        both.pass_time(WARM_S)
        each: list[float] = []
        before = by_stream(both.app)
        for _ in range(hours):
            both.sandbox.shop.log.clear()
            both.pass_time(_HOUR_S)
            each.append(both.shop_seconds() / _HOUR_S)
        spent = {name: seconds - before.get(name, 0.0) for name, seconds in by_stream(both.app).items()}
        with both.app.store.read() as tx:
            intervals = {one.stream: one.interval_s for one in cursors.of_shop(tx, "main") if one.interval_s}
        shares = {name: seconds / (hours * _HOUR_S) for name, seconds in spent.items()}
        return Day(sum(each) / hours, max(each), shares, intervals)


def by_stream(app: App) -> dict[str, float]:
    """Seconds that each stream took since the beginning, as companion measured them."""
    with app.store.read() as tx:
        return {taken.stream: taken.seconds for taken in facts.time_taken(tx, since=BEGINS_AT)}


def rows_of(title: str, found: Day) -> list[tuple[str, str]]:
    rows = [(f"{title}: share of the shop's time (worst hour)", f"{found.share:.2%} ({found.worst_hour:.2%})")]
    for stream in _STREAMS:
        reached = found.intervals.get(stream, 0)
        told = f"each {reached / 60:,.0f} min" if reached < _DAY_S else f"each {reached / _DAY_S:,.1f} d"
        rows.append(
            (f"{title}: {stream}", f"{found.by_stream.get(stream, 0.0):.2%}, {told if reached else 'not done'}")
        )
    return rows


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--orders", type=int, default=ORDERS)
    arguments.add_argument("--hours", type=int, default=HOURS)
    given = arguments.parse_args()
    asked, seconds, own = compared(given.orders)
    fits = day(orders=given.orders, tickets=200, hours=given.hours)
    crowded = day(orders=given.orders, tickets=1_500, hours=max(given.hours // 4, 1))
    scale = PER / given.orders
    report(
        "reconcile",
        [
            (f"requests to compare {given.orders:,} orders and their people", f"{asked:,}"),
            ("the shop's seconds for it, at the recorded page times", f"{seconds:,.0f}"),
            ("our own seconds of processor for it", f"{own:.1f}"),
            *rows_of(f"{given.orders:,} orders, 40 open tickets", fits),
            *rows_of(f"{given.orders:,} orders, 300 open tickets", crowded),
        ],
        {
            "requests_per_100k": asked * scale,
            "seconds_per_100k": seconds * scale,
            "share_of_shop_time": max(fits.share, crowded.share),
            "share_where_all_fits": fits.share,
            "share_of_worst_hour": max(fits.worst_hour, crowded.worst_hour),
        },
    )


if __name__ == "__main__":
    main()
