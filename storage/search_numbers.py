"""Orders and tickets by the number that people call them by: no index of texts is asked, the shop's own keys are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, func, select

from storage.engine import Tx
from storage.schema import accounts, orders, tickets
from storage.scope import Scope, sees_order, sees_ticket
from storage.search_candidates import ANYTHING, Filter

_LAST = "\U0010ffff"
"""Stands behind every text that begins with the same letters."""


@dataclass(frozen=True)
class NumberedOrder:
    """An order found by its number, and the customer who placed it."""

    shop: str
    order_id: str
    number: str
    customer_id: int
    created_at: datetime | None


@dataclass(frozen=True)
class NumberedTicket:
    """A ticket found by its number: our id of it, and the customer who opened it."""

    ticket: int
    customer_id: int
    created_at: datetime | None


def orders_numbered(
    tx: Tx, number: str, scope: Scope, *, only: Filter = ANYTHING, as_beginning: int = 0
) -> list[NumberedOrder]:
    """The orders, in any shop, that people or the shop call by this number; newest first.

    `as_beginning` other than 0: those whose number begins so, up to so many of each shop.
    """
    found: dict[tuple[str, str], NumberedOrder] = {}
    columns = (orders.c.shop, orders.c.order_id, orders.c.number, accounts.c.customer_id, orders.c.created_at)
    base = select(*columns).join(accounts, accounts.c.id == orders.c.account_id)
    base = base.where(
        orders.c.gone_at.is_(None), sees_order(scope), *_filtered(only, orders.c.shop, orders.c.created_at)
    )
    shops = _shops_with(tx, orders.c.shop)
    if as_beginning:
        asked = [
            base.where(orders.c.shop == shop, orders.c.number > number, orders.c.number < number + _LAST)
            .order_by(orders.c.number)
            .limit(as_beginning)
            for shop in shops
        ]
    else:  # apart, since each has an index of its own
        asked = [base.where(orders.c.shop.in_(shops), name == number) for name in (orders.c.number, orders.c.order_id)]
    for statement in asked:
        found.update({(row.shop, row.order_id): NumberedOrder(*row) for row in tx.execute(statement)})
    return sorted(found.values(), key=lambda order: (order.created_at is not None, order.created_at), reverse=True)


def tickets_numbered(tx: Tx, number: str, scope: Scope, *, only: Filter = ANYTHING) -> list[NumberedTicket]:
    """The tickets, in any shop, that have this number."""
    if not scope.sees_tickets:
        return []
    statement = (
        select(tickets.c.id, accounts.c.customer_id, tickets.c.created_at)
        .join(accounts, accounts.c.id == tickets.c.account_id)
        .where(
            tickets.c.shop.in_(_shops_with(tx, tickets.c.shop)),
            tickets.c.ticket_id == number,
            tickets.c.gone_at.is_(None),
            sees_ticket(scope),
            *_filtered(only, tickets.c.shop, tickets.c.created_at),
        )
    )
    return [NumberedTicket(*row) for row in tx.execute(statement)]


def _filtered(
    only: Filter, shop: ColumnElement[str], at: ColumnElement[datetime | None]
) -> Sequence[ColumnElement[bool]]:
    return [
        *([shop == only.shop] if only.shop else []),
        *([at >= only.since] if only.since else []),
        *([at < only.until] if only.until else []),
    ]


def _shops_with(tx: Tx, shop: Column[str]) -> list[str]:
    """Keys of shops, hopping through the index from one to the next: DISTINCT would read every row."""
    found: list[str] = []
    while key := tx.execute(select(func.min(shop)).where(shop > (found or [""])[-1])).scalar():
        found.append(key)
    return found
