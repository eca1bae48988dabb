"""Row ids taken before the rows are written, so that hundreds of rows that point at each other go in together.

An INSERT that returns its ids in order costs a round trip a row on SQLite.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, Table, func, select, text

from storage.engine import Tx


def take(tx: Tx, table: Table, count: int) -> list[int]:
    """`count` ids for new rows of the table. On SQLite the transaction is the only writer, and no row of these tables
    is ever deleted; PostgreSQL has a sequence for each.
    """
    if tx.dialect.name == "postgresql":
        numbers = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
        return [int(row[0]) for row in tx.execute(numbers, {"name": table.name, "count": count})]
    last = tx.execute(_last(table)).scalar_one()
    return list(range(last + 1, last + 1 + count))


@cache
def _last(table: Table) -> Select[tuple[Any]]:
    return select(func.coalesce(func.max(table.c.id), 0))
