"""When the order notes and the refunds of each order are looked at again: nothing in a shop tells of them by a date.

Two instants stand on an order. `notes_due_at`: somebody waits, for it changed in the shop or was opened here.
`care_due_at`: its turn in the round of all orders. Whoever reads them, both are settled.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, case, or_, select, tuple_, update

from storage.engine import Tx
from storage.schema import orders, refunds
from storage.types import Instant

NEWEST = 10
"""So many orders of a customer are read again when she is opened."""

OrderKey = tuple[str, str]
"""Shop and order id."""


class Due(NamedTuple):
    """An order to look at: when the shop last changed it, when its turn was or will be, and whether a refund of it
    stands here.
    """

    order_id: str
    modified_at: datetime | None
    turn_at: datetime | None
    has_refunds: bool


def notes_due(tx: Tx, shop: str, *, now: datetime, limit: int) -> list[str]:
    """The orders for whose notes somebody waits: the longest first, then the newest."""
    statement = (
        select(orders.c.order_id)
        .where(orders.c.shop == shop, orders.c.notes_due_at <= now, orders.c.gone_at.is_(None))
        .order_by(orders.c.notes_due_at, orders.c.created_at.desc())
        .limit(limit)
    )
    return list(tx.execute(statement).scalars())


def claim_notes(tx: Tx, shop: str, order_ids: Collection[str], *, now: datetime, until: datetime) -> list[Due]:
    """Takes those whose order notes are due still: nobody else is told to read them before `until`."""
    is_due = (orders.c.shop == shop, orders.c.order_id.in_(order_ids), orders.c.notes_due_at <= now)
    taken = update(orders).where(*is_due).values(notes_due_at=until).returning(orders.c.order_id)
    return _due(tx, shop, list(tx.execute(taken).scalars()))


def turn(tx: Tx, shop: str, *, now: datetime, touched_since: datetime, recent: bool) -> Due | None:
    """The order whose turn it is, the longest overdue first: of those that the shop changed since `touched_since`
    (`recent`), or of the others.
    """
    statement = (
        select(orders.c.order_id)
        .where(orders.c.shop == shop, orders.c.care_due_at <= now, orders.c.gone_at.is_(None))
        .where(_is_recent(touched_since) if recent else ~_is_recent(touched_since))
        .order_by(orders.c.care_due_at)
        .limit(1)
    )
    due = _due(tx, shop, list(tx.execute(statement).scalars()))
    return due[0] if due else None


def were_read(
    tx: Tx, shop: str, order_id: str, *, claimed_until: datetime | None, now: datetime, next_at: datetime
) -> None:
    """Notes and refunds of the order were looked at `now`, and have their next turn at `next_at`. Nobody waits for them
    any more, unless the order changed since they were `claimed_until` then (None: they were not claimed). Nothing is
    noted of an order that is gone.
    """
    settled: ColumnElement[Any] = case((orders.c.notes_due_at == claimed_until, None), else_=orders.c.notes_due_at)
    tx.execute(
        update(orders)
        .where(orders.c.shop == shop, orders.c.order_id == order_id, orders.c.gone_at.is_(None))
        .values(
            notes_due_at=orders.c.notes_due_at if claimed_until is None else settled,
            notes_read_at=now,
            care_due_at=next_at,
        )
    )


def unread(tx: Tx, account_ids: Collection[int], *, before: datetime) -> list[OrderKey]:
    """Of the newest orders of these accounts, those whose notes were not read since `before` and are not due yet."""
    if not account_ids:
        return []
    asked = {"accounts": list(account_ids), "before": before}
    return [(row.shop, row.order_id) for row in tx.execute(_unread(), asked)]


@lru_cache(maxsize=1)
def _unread() -> Select[Any]:
    """Made once: each customer's page asks it."""
    newest = (
        select(orders.c.shop, orders.c.order_id, orders.c.notes_due_at, orders.c.notes_read_at)
        .where(orders.c.account_id.in_(bindparam("accounts", expanding=True)), orders.c.gone_at.is_(None))
        .order_by(orders.c.created_at.desc())
        .limit(NEWEST)
        .subquery()
    )
    is_old = or_(newest.c.notes_read_at.is_(None), newest.c.notes_read_at < bindparam("before", type_=Instant()))
    return select(newest.c.shop, newest.c.order_id).where(newest.c.notes_due_at.is_(None), is_old)


def opened(tx: Tx, keys: Sequence[OrderKey], *, now: datetime) -> None:
    """Somebody looks at these orders: their notes are read at once."""
    if keys:
        is_named = tuple_(orders.c.shop, orders.c.order_id).in_(keys)
        tx.execute(update(orders).where(is_named, orders.c.notes_due_at.is_(None)).values(notes_due_at=now))


def _is_recent(touched_since: datetime) -> ColumnElement[bool]:
    """Never null, so that it can be turned round."""
    return orders.c.modified_at.is_not(None) & (orders.c.modified_at >= touched_since)


def _due(tx: Tx, shop: str, order_ids: Collection[str]) -> list[Due]:
    """The orders in the order of their ids' list."""
    if not order_ids:
        return []
    standing = (
        select(refunds.c.refund_id)
        .where(refunds.c.shop == orders.c.shop, refunds.c.order_id == orders.c.order_id, refunds.c.gone_at.is_(None))
        .exists()
    )
    rows: Select[Any] = select(orders.c.order_id, orders.c.modified_at, orders.c.care_due_at, standing).where(
        orders.c.shop == shop, orders.c.order_id.in_(order_ids)
    )
    found = {row[0]: Due(row[0], row[1], row[2], bool(row[3])) for row in tx.execute(rows)}
    return [found[order_id] for order_id in order_ids if order_id in found]
