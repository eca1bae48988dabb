"""How the sync of each shop stands: how fresh it is, what waits, what was set aside. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import cursors, inbox, outbox, parked, writes
from storage.engine import Store

_LATE_AFTER_LOOKS = 3


@dataclass(frozen=True)
class ShopState:
    """One shop. `done` and `total` are the orders of the backfill while it runs, else None; `failure` is what the last
    look said where it failed, "" otherwise.
    """

    shop: str
    updated_at: datetime | None
    done: int | None
    total: int | None
    failure: str
    is_late: bool
    inbox_waiting: int
    inbox_dead: int
    outbox_waiting: int
    outbox_parked: int
    parked: int
    writes_last_hour: int


class SyncState:
    """`shops` are the configured keys with their names; `poll_seconds` how often each is looked at."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], *, shops: Mapping[str, str], poll_seconds: int
    ) -> None:
        self._store = store
        self._clock = clock
        self._shops = shops
        self._late_after = timedelta(seconds=poll_seconds * _LATE_AFTER_LOOKS)

    def states(self) -> tuple[ShopState, ...]:
        """Every configured shop."""
        now = self._clock()
        with self._store.read() as tx:
            arrived = {count.shop: count for count in inbox.counts(tx)}
            leaving = {count.shop: count for count in outbox.counts(tx)}
            aside = parked.counts(tx)
            found = []
            for shop in self._shops:
                cursor = cursors.get(tx, shop, "orders")
                is_running = cursor is not None and not cursor.is_backfilled
                updated_at = cursor.succeeded_at if cursor else None
                failure = cursor.failure if cursor else ""
                found.append(
                    ShopState(
                        shop=shop,
                        updated_at=updated_at,
                        done=cursor.done if cursor and is_running else None,
                        total=cursor.total if cursor and is_running else None,
                        failure=failure,
                        is_late=bool(failure) or (updated_at is not None and now - updated_at > self._late_after),
                        inbox_waiting=arrived[shop].waiting if shop in arrived else 0,
                        inbox_dead=arrived[shop].dead if shop in arrived else 0,
                        outbox_waiting=leaving[shop].waiting if shop in leaving else 0,
                        outbox_parked=leaving[shop].parked if shop in leaving else 0,
                        parked=aside.get(shop, 0),
                        writes_last_hour=writes.count_last_hour(tx, shop, now=now),
                    )
                )
        return tuple(found)
