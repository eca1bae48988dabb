"""How many orders and tickets were written to each shop, by the hour: what `push.max_per_hour` is held against."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from storage.engine import Tx
from storage.schema import writes
from storage.upsert import insert

_HOUR = timedelta(hours=1)
_KEPT = timedelta(days=2)


def add(tx: Tx, shop: str, *, now: datetime, count: int) -> None:
    """Remember that `count` things were written just now."""
    statement = insert(tx, writes).values(shop=shop, hour=_start(now), count=count)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[writes.c.shop, writes.c.hour], set_={"count": writes.c.count + statement.excluded.count}
        )
    )
    tx.execute(delete(writes).where(writes.c.shop == shop, writes.c.hour < now - _KEPT))


def count_last_hour(tx: Tx, shop: str, *, now: datetime) -> int:
    """About how many were written in the last sixty minutes, rounded up.

    The hour that has begun counts whole, the one before it in the share that the sixty minutes still cover, as if its
    writes had been spread evenly.
    """
    hour = _start(now)
    found = select(writes.c.hour, writes.c.count).where(writes.c.shop == shop, writes.c.hour.in_([hour, hour - _HOUR]))
    counts: dict[datetime, int] = {row[0]: row[1] for row in tx.execute(found)}
    share = 1 - (now - hour) / _HOUR
    return counts.get(hour, 0) + math.ceil(counts.get(hour - _HOUR, 0) * share)


def _start(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
