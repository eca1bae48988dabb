"""Insert or update by key, the one way that both databases share and SQLAlchemy's common core lacks."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite import Insert

from storage.engine import Tx

__all__ = ["Insert", "insert", "insert_for"]


def insert(tx: Tx, table: Table) -> Insert:
    """An INSERT of the transaction's database, with `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return insert_for(tx.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Insert:
    """The same for a database by its name, so that a statement can be kept."""
    if dialect == "postgresql":
        return cast("Insert", postgresql.insert(table))  # the two have these methods alike
    return sqlite.insert(table)
