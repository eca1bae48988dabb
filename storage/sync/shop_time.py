"""How many seconds of each shop's time our sweeps took, by the hour and the stream."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from storage.engine import Tx
from storage.schema import shop_time
from storage.upsert import insert

_KEPT = timedelta(days=14)


def add(tx: Tx, shop: str, stream: str, *, now: datetime, seconds: float, requests: int) -> None:
    """Remember that so many requests for the stream, just answered, took the shop so many seconds."""
    statement = insert(tx, shop_time).values(
        shop=shop, hour=hour_of(now), stream=stream, seconds=seconds, requests=requests
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[shop_time.c.shop, shop_time.c.hour, shop_time.c.stream],
            set_={
                "seconds": shop_time.c.seconds + statement.excluded.seconds,
                "requests": shop_time.c.requests + statement.excluded.requests,
            },
        )
    )


def forget_old(tx: Tx, *, now: datetime) -> int:
    """Remove the hours that nobody asks for any more; returns how many rows."""
    return tx.execute(delete(shop_time).where(shop_time.c.hour < now - _KEPT)).rowcount


def hour_of(now: datetime) -> datetime:
    """The start of the hour."""
    return now.replace(minute=0, second=0, microsecond=0)
