"""Orders and tickets by the number that people call them by: no index of texts is asked, the shop's own keys are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    exists,
    func,
    select,
    union,
    union_all,
)

from storage.engine import Tx
from storage.schema import accounts, orders, segments, tickets
from storage.scope import Scope, sees_order, sees_ticket
from storage.search.owners import ANYTHING, Filter

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
    shops = scope.shops
    if shops is None:
        shops = frozenset(tx.execute(_shops_with(orders.c.shop)).scalars()) if as_beginning else frozenset()
    if as_beginning and not shops:
        return []
    statement = _orders_beginning(scope, only, shops) if as_beginning else _orders_of(scope, only)
    given = {"number": number, "last": number + _LAST, "limit": as_beginning}
    found = {(row[0], row[1]): NumberedOrder(*row) for row in tx.execute(statement, given)}
    return sorted(found.values(), key=lambda order: (order.created_at is not None, order.created_at), reverse=True)


@lru_cache(maxsize=256)
def _orders_of(scope: Scope, only: Filter) -> CompoundSelect[Any]:
    """Each of the two has an index of its own behind the shop."""
    each = _orders(scope, only)
    if scope.shops is None:
        each = each.where(orders.c.shop.in_(_shops_with(orders.c.shop)))
    number = bindparam("number", type_=Text)
    return union(each.where(orders.c.number == number), each.where(orders.c.order_id == number))


@lru_cache(maxsize=256)
def _orders_beginning(scope: Scope, only: Filter, shops: frozenset[str]) -> CompoundSelect[Any]:
    """Apart for each shop, so that each is asked for its first numbers alone."""
    begun = and_(orders.c.number > bindparam("number"), orders.c.number < bindparam("last"))
    each = _orders(scope, only).where(begun).order_by(orders.c.number).limit(bindparam("limit", type_=Integer))
    of_shops = [each.where(orders.c.shop == shop).subquery() for shop in sorted(shops)]
    return union_all(*(select(*of_shop.c) for of_shop in of_shops))


def _orders(scope: Scope, only: Filter) -> Select[Any]:
    columns = (orders.c.shop, orders.c.order_id, orders.c.number, accounts.c.customer_id, orders.c.created_at)
    return (
        select(*columns)
        .join(accounts, accounts.c.id == orders.c.account_id)
        .where(orders.c.gone_at.is_(None), sees_order(scope), *_filtered(only, orders.c.shop, orders.c.created_at))
    )


def tickets_numbered(tx: Tx, number: str, scope: Scope, *, only: Filter = ANYTHING) -> list[NumberedTicket]:
    """The tickets, in any shop, that have this number."""
    if not scope.sees_tickets:
        return []
    return [NumberedTicket(*row) for row in tx.execute(_tickets_of(scope, only), {"number": number})]


@lru_cache(maxsize=256)
def _tickets_of(scope: Scope, only: Filter) -> Select[Any]:
    found = (
        select(tickets.c.id, accounts.c.customer_id, tickets.c.created_at)
        .join(accounts, accounts.c.id == tickets.c.account_id)
        .where(
            tickets.c.ticket_id == bindparam("number"),
            tickets.c.gone_at.is_(None),
            sees_ticket(scope),
            *_filtered(only, tickets.c.shop, tickets.c.created_at),
        )
    )
    return found.where(tickets.c.shop.in_(_shops_with(tickets.c.shop))) if scope.shops is None else found


def _filtered(
    only: Filter, shop: ColumnElement[str], at: ColumnElement[datetime | None]
) -> Sequence[ColumnElement[bool]]:
    hers = and_(segments.c.customer_id == accounts.c.customer_id, segments.c.segment == only.segment)
    return [
        *([exists().where(hers)] if only.segment else []),
        *([shop == only.shop] if only.shop else []),
        *([at >= only.since] if only.since else []),
        *([at < only.until] if only.until else []),
    ]


@cache
def _shops_with(shop: Column[str]) -> Select[Any]:
    """Keys of shops, hopping through the index from one to the next: DISTINCT would read every row."""
    first = select(func.min(shop).label("shop")).cte("hops", recursive=True)
    following = select(func.min(shop)).where(shop > first.c.shop).correlate(first).scalar_subquery()
    hops = first.union_all(select(following).where(first.c.shop.is_not(None)))
    return select(hops.c.shop).where(hops.c.shop.is_not(None))
