"""A shop and companion over days that pass at once: every answer takes the seconds that the recorded shop took."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import sqlalchemy

from companion.app import build
from companion.config import Sync
from companion.sandbox import FastTime, Sandbox, ShopClock
from companion.sandbox.pace import recorded_page_seconds
from companion.sync.shop import Shop
from storage.engine import Store
from storage.schema import shop_time
from storage.sync.cursors import Cursor, of_shop
from tests.fixtures.app import config_of
from tests.fixtures.sandbox import SHOP_NOW

HOUR = 3600.0


def hours_taken(store: Store, shop: str = "main") -> dict[datetime, float]:
    """Seconds that all streams together took of a shop, by the start of the hour."""
    by_hour = sqlalchemy.select(shop_time.c.hour, sqlalchemy.func.sum(shop_time.c.seconds)).group_by(shop_time.c.hour)
    with store.read() as tx:
        return {row[0]: row[1] for row in tx.execute(by_hour.where(shop_time.c.shop == shop))}


class Days:
    """`time` is both sides' present; `pass_time` lets the worker's upkeep do what it does meanwhile."""

    def __init__(
        self, store: Store, *, share: float = 0.05, helpdesk: bool = False, bridge: bool = False, **sections: Any
    ) -> None:
        self._open = ExitStack()
        self.time = FastTime(SHOP_NOW)
        self.sandbox = self._open.enter_context(
            Sandbox(
                clock=ShopClock(runs_by=self.time),
                passing=self.time,
                page_seconds=recorded_page_seconds,
                bridge=bridge,
            )
        )
        self.shop = self.sandbox.shop
        sync = Sync(share_of_shop_time=share, **sections.pop("sync", {}))
        config = config_of(store, {"main": self.sandbox}, helpdesk=helpdesk, sync=sync, **sections)
        self.app = self._open.enter_context(closing(build(config, clock=self.time)))
        self.app.budget.watch = self.time.monotonic
        self.shop.bridge.secret = self.app.secrets.bridge_secrets("main", self.time())[0]

    def begin(self) -> None:
        """The first, full read, and the first turns after it; what they cost is forgotten, and the log with it."""
        self.app.backfill("main")
        for _ in self.app.aftercare.of_recent(self.main):
            pass
        self.shop.log.clear()

    def read_urgent(self) -> None:
        """What the outbox's thread does beside its pushes."""
        while self.app.aftercare.urgent(self.main, limit=100):
            pass

    def pass_time(self, seconds: float) -> None:
        """So many seconds of the worker's life."""
        until = self.time.monotonic() + seconds
        while (left := until - self.time.monotonic()) > 0:
            wait_s = self.app.upkeep.run(self.main)
            self.time.sleep(min(max(wait_s, 1.0), left))

    @property
    def main(self) -> Shop:
        """The shop as the engine has it."""
        return self.app.shops["main"]

    @property
    def cursors(self) -> dict[str, Cursor]:
        """By stream."""
        with self.app.store.read() as tx:
            return {cursor.stream: cursor for cursor in of_shop(tx, "main")}

    def asked(self, path: str) -> int:
        """How many requests went there since the log was cleared."""
        return self.shop.log.count(path=path)

    def asked_stamps(self) -> int:
        """How many pages of ids and dates were asked for since then."""
        return sum(
            "_fields" in dict(request.query) and request.path.endswith(("/orders", "/customers"))
            for request in self.shop.log.requests()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
