"""What a search found on orders: the shop's notes on them, and what the customer wrote when she ordered.

The reader's scope let them through before; what is asked for here is read as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import and_, func, select, tuple_

from storage.engine import Tx
from storage.schema import order_notes as notes_table
from storage.schema import orders as orders_table

Key = tuple[str, str]
"""A shop and its id of the thing."""


class ThingRow(NamedTuple):
    """A text that stands on an order; `author` is "" where the customer wrote it."""

    shop: str
    order_id: str
    number: str
    author: str
    body: str
    at: datetime | None


def order_notes(tx: Tx, keys: Collection[Key]) -> dict[Key, ThingRow]:
    """The shop's notes with these ids."""
    if not keys:
        return {}
    notes, orders = notes_table.c, orders_table.c
    columns = (notes.order_note_id, notes.shop, notes.order_id, orders.number, notes.author, notes.body)
    statement = (
        select(*columns, notes.created_at)
        .join(orders_table, and_(orders.shop == notes.shop, orders.order_id == notes.order_id))
        .where(tuple_(notes.shop, notes.order_note_id).in_(list(keys)))
    )
    return {(row[1], row[0]): ThingRow(*row[1:]) for row in tx.execute(statement)}


def orders(tx: Tx, keys: Collection[Key]) -> dict[Key, ThingRow]:
    """What customers wrote on the orders with these ids."""
    if not keys:
        return {}
    found = orders_table.c
    columns = (found.shop, found.order_id, found.number, found.customer_note, found.created_at)
    statement = select(*columns).where(tuple_(found.shop, found.order_id).in_(list(keys)))
    return {(row[0], row[1]): ThingRow(row[0], row[1], row[2], "", row[3], row[4]) for row in tx.execute(statement)}


def count(tx: Tx) -> int:
    """How many orders have words of the customer, and order notes there are."""
    written = select(func.count()).select_from(orders_table).where(orders_table.c.customer_note != "")
    return int(tx.execute(written).scalar_one()) + int(
        tx.execute(select(func.count()).select_from(notes_table)).scalar_one()
    )


def texts_after(tx: Tx, kind: Literal["order", "order_note"], shop: str, key: str, *, limit: int) -> dict[Key, str]:
    """The next texts behind a shop and an id, in the order of their keys."""
    if kind == "order":
        table, name, body = orders_table, orders_table.c.order_id, orders_table.c.customer_note
    else:
        table, name, body = notes_table, notes_table.c.order_note_id, notes_table.c.body
    statement = select(table.c.shop, name, body).where(tuple_(table.c.shop, name) > tuple_(shop, key))
    if kind == "order":
        statement = statement.where(body != "")
    rows = tx.execute(statement.order_by(table.c.shop, name).limit(limit))
    return {(row[0], row[1]): row[2] for row in rows}
