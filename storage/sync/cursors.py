"""Cursors: how far each stream of each shop has been read, and how the last reading went.

Nothing here knows when a watermark may move; it is kept as it is given, in the transaction that stored the records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import Row, select

from storage.engine import Tx
from storage.schema import cursors
from storage.upsert import insert


@dataclass(frozen=True, slots=True)
class Cursor:
    """A saved reading position.

    Everything changed before `watermark`, by the shop's clock, is here; `started_at` is when the reading began that set
    it, by ours. `signpost` is the ceiling of the sweep under way; `done` of `total` records were read by the backfill;
    `failure` is why the last reading came to nothing ("" if it did not). `position` is where a stream that counts has
    been read to; `interval_s` is how long after the one before the last whole round of a sweep was over.
    """

    shop: str
    stream: str
    watermark: datetime | None
    signpost: datetime | None
    is_backfilled: bool
    done: int
    total: int
    started_at: datetime | None
    succeeded_at: datetime | None
    failed_at: datetime | None
    failure: str
    position: int = 0
    interval_s: int | None = None


class Change(TypedDict, total=False):
    """What `put` may change of a cursor."""

    watermark: datetime | None
    signpost: datetime | None
    is_backfilled: bool
    done: int
    total: int
    started_at: datetime | None
    succeeded_at: datetime | None
    failed_at: datetime | None
    failure: str
    position: int
    interval_s: int | None


def get(tx: Tx, shop: str, stream: str) -> Cursor | None:
    """The stream's cursor, or None if it was never read."""
    row = tx.execute(select(cursors).where(cursors.c.shop == shop, cursors.c.stream == stream)).one_or_none()
    return None if row is None else _cursor(row)


def every(tx: Tx) -> list[Cursor]:
    """All cursors, by shop and stream."""
    return [Cursor(*row) for row in tx.execute(_EVERY)]


_EVERY = select(*(cursors.c[name] for name in Cursor.__dataclass_fields__)).order_by(cursors.c.shop, cursors.c.stream)


def of_shop(tx: Tx, shop: str) -> list[Cursor]:
    """The shop's cursors, by stream."""
    found = select(cursors).where(cursors.c.shop == shop).order_by(cursors.c.stream)
    return [_cursor(row) for row in tx.execute(found)]


def put(tx: Tx, shop: str, stream: str, **change: Unpack[Change]) -> None:
    """Change the named parts of the stream's cursor, and make it where there was none; the rest stays."""
    statement = insert(tx, cursors).values(shop=shop, stream=stream, **change)
    key = [cursors.c.shop, cursors.c.stream]
    if change:
        tx.execute(statement.on_conflict_do_update(index_elements=key, set_=dict(change)))
    else:
        tx.execute(statement.on_conflict_do_nothing())


def _cursor(row: Row[Any]) -> Cursor:
    return Cursor(**row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)
