"""Slices: the parts of a backfill that are finished, so that a killed one goes on where it stood."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from storage.engine import Tx
from storage.schema import slices
from storage.upsert import insert


def finished(tx: Tx, shop: str, stream: str) -> dict[str, int]:
    """The finished slices by name, with how many records each held."""
    found = select(slices.c.slice, slices.c.records).where(slices.c.shop == shop, slices.c.stream == stream)
    return {row.slice: row.records for row in tx.execute(found)}


def finish(tx: Tx, shop: str, stream: str, name: str, *, records: int, now: datetime) -> None:
    """Mark the slice `name` as read to its end; one that was finished before is so anew."""
    statement = insert(tx, slices).values(shop=shop, stream=stream, slice=name, records=records, finished_at=now)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[slices.c.shop, slices.c.stream, slices.c.slice],
            set_={"records": statement.excluded.records, "finished_at": statement.excluded.finished_at},
        )
    )


def clear(tx: Tx, shop: str, stream: str) -> None:
    """Forget the stream's slices: it is backfilled, or is to be read from the beginning."""
    tx.execute(delete(slices).where(slices.c.shop == shop, slices.c.stream == stream))
