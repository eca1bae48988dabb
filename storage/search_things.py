"""What a search found on orders: the shop's notes on them, and what the customer wrote when she ordered.

The reader's scope let them through before; what is asked for here is read as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, select, tuple_

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


def order_note_texts(tx: Tx, shop: str, order_note_ids: Sequence[str]) -> dict[str, str]:
    """The shop's notes as they stand, by id: those that are gone are empty."""
    notes = notes_table.c
    statement = select(notes.order_note_id, notes.body, notes.gone_at).where(
        notes.shop == shop, notes.order_note_id.in_(order_note_ids)
    )
    return {key: "" if gone_at else body for key, body, gone_at in tx.execute(statement)}
