"""Everything that happened with a customer, in order of time, a page at a time.

A page is found by keys alone, from each kind of thing in order, then read whole. Keys are compared as the database
compares them, so that a page never repeats or skips one.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, and_, cast, func, literal, or_, select, tuple_
from sqlalchemy.types import Text

from storage.engine import Tx
from storage.schema import accounts, notes, order_lines, order_notes, orders, refunds
from storage.scope import Scope, notes_with_owner, sees_note, sees_order
from storage.types import Instant

Kind = Literal["order", "refund", "order_note", "note"]

KINDS: tuple[Kind, ...] = ("order", "order_note", "refund", "note")
"""In the order in which they stand within one instant, oldest first: the order comes before what hangs on it."""

# What has no date counts as older than any shop.
_NO_DATE = datetime(1900, 1, 1, tzinfo=UTC)


class Key(NamedTuple):
    """Names a thing and its place. `shop` is "" for a note, whose `id` is its number as text."""

    at: datetime | None
    kind: Kind
    shop: str
    id: str


@dataclass(frozen=True)
class LineRow:
    """One line of an order; `total` in 1/10,000 of the order's currency."""

    kind: str
    name: str
    quantity: int
    total: int
    sku: str


@dataclass(frozen=True)
class OrderRow:
    """An order with its lines; money in 1/10,000 of its currency; `refunded` is what went back on it so far."""

    shop: str
    order_id: str
    number: str
    status: str
    currency: str
    total: int
    refunded: int
    payment_method_title: str
    customer_note: str
    summary: str | None
    is_gone: bool
    lines: tuple[LineRow, ...]


@dataclass(frozen=True)
class RefundRow:
    """A refund beside the number and currency of its order."""

    shop: str
    refund_id: str
    order_id: str
    number: str
    currency: str
    amount: int
    reason: str
    is_gone: bool


@dataclass(frozen=True)
class OrderNoteRow:
    """A note that stands on an order in the shop, beside that order's number."""

    shop: str
    order_note_id: str
    order_id: str
    number: str
    author: str
    body: str
    to_customer: bool
    is_gone: bool


def page(
    tx: Tx,
    customer_id: int,
    scope: Scope,
    *,
    kinds: Collection[Kind],
    newest_first: bool,
    after: Key | None,
    limit: int,
) -> list[Key]:
    """The keys of the next `limit` things behind `after`, deleted notes left out."""
    chosen = [kind for kind in (reversed(KINDS) if newest_first else KINDS) if kind in kinds]
    sources = [
        _keys(tx, kind, customer_id, scope, newest_first=newest_first, after=after, limit=limit) for kind in chosen
    ]
    # Merging is stable: what shares an instant keeps the order of `chosen`, and within a kind the database's.
    merged: Iterable[Key] = heapq.merge(*sources, key=lambda key: key.at or _NO_DATE, reverse=newest_first)
    return [key for key, _ in zip(merged, range(limit), strict=False)]


def orders_among(tx: Tx, keys: Iterable[Key]) -> dict[Key, OrderRow]:
    """The orders of these keys, with their lines and what was refunded on them."""
    by_id = _by_id("order", keys)
    if not by_id:
        return {}
    lines: dict[tuple[str, str], list[LineRow]] = {}
    line_columns = (order_lines.c[name] for name in LineRow.__dataclass_fields__)
    for shop, order_id, *line in tx.execute(
        select(order_lines.c.shop, order_lines.c.order_id, *line_columns)
        .where(_named(order_lines.c.shop, order_lines.c.order_id, by_id))
        .order_by(order_lines.c.shop, order_lines.c.order_id, order_lines.c.position)
    ):
        lines.setdefault((shop, order_id), []).append(LineRow(*line))
    refunded = {
        (shop, order_id): int(amount)
        for shop, order_id, amount in tx.execute(
            select(refunds.c.shop, refunds.c.order_id, func.sum(refunds.c.amount))
            .where(_named(refunds.c.shop, refunds.c.order_id, by_id), refunds.c.gone_at.is_(None))
            .group_by(refunds.c.shop, refunds.c.order_id)
        )
    }
    found = {}
    for row in tx.execute(select(orders).where(_named(orders.c.shop, orders.c.order_id, by_id))):
        name = (row.shop, row.order_id)
        found[by_id[name]] = OrderRow(
            shop=row.shop,
            order_id=row.order_id,
            number=row.number,
            status=row.status,
            currency=row.currency,
            total=row.total,
            refunded=refunded.get(name, 0),
            payment_method_title=row.payment_method_title,
            customer_note=row.customer_note,
            summary=row.summary,
            is_gone=row.gone_at is not None,
            lines=tuple(lines.get(name, ())),
        )
    return found


def refunds_among(tx: Tx, keys: Iterable[Key]) -> dict[Key, RefundRow]:
    """The refunds of these keys."""
    by_id = _by_id("refund", keys)
    if not by_id:
        return {}
    columns = (
        refunds.c.shop,
        refunds.c.refund_id,
        refunds.c.order_id,
        orders.c.number,
        orders.c.currency,
        refunds.c.amount,
        refunds.c.reason,
        refunds.c.gone_at.is_not(None),
    )
    statement = (
        select(*columns).join(orders, _of_order(refunds)).where(_named(refunds.c.shop, refunds.c.refund_id, by_id))
    )
    return {by_id[row[0], row[1]]: RefundRow(*row) for row in tx.execute(statement)}


def order_notes_among(tx: Tx, keys: Iterable[Key]) -> dict[Key, OrderNoteRow]:
    """The order notes of these keys."""
    by_id = _by_id("order_note", keys)
    if not by_id:
        return {}
    columns = (
        order_notes.c.shop,
        order_notes.c.order_note_id,
        order_notes.c.order_id,
        orders.c.number,
        order_notes.c.author,
        order_notes.c.body,
        order_notes.c.to_customer,
        order_notes.c.gone_at.is_not(None),
    )
    statement = (
        select(*columns)
        .join(orders, _of_order(order_notes))
        .where(_named(order_notes.c.shop, order_notes.c.order_note_id, by_id))
    )
    return {by_id[row[0], row[1]]: OrderNoteRow(*row) for row in tx.execute(statement)}


class _Source(NamedTuple):
    """One kind's rows of a customer, and the columns that place them."""

    rows: Select[Any]
    at: ColumnElement[datetime | None]
    shop: ColumnElement[str]
    id: ColumnElement[Any]


def _source(kind: Kind, customer_id: int, scope: Scope) -> _Source:
    if kind == "note":
        no_shop = literal("", Text)
        mine = (
            select(notes.c.created_at, no_shop, cast(notes.c.id, Text))
            .select_from(notes_with_owner())
            .where(notes.c.customer_id == customer_id, notes.c.deleted_at.is_(None), sees_note(scope))
        )
        return _Source(mine, notes.c.created_at, no_shop, notes.c.id)
    hers = and_(accounts.c.customer_id == customer_id, sees_order(scope))
    placed = orders.join(accounts, accounts.c.id == orders.c.account_id)
    if kind == "order":
        columns = (orders.c.created_at, orders.c.shop, orders.c.order_id)
        return _Source(select(*columns).select_from(placed).where(hers), *columns)
    table, own_id = (refunds, "refund_id") if kind == "refund" else (order_notes, "order_note_id")
    columns = (table.c.created_at, table.c.shop, table.c[own_id])
    return _Source(select(*columns).select_from(placed.join(table, _of_order(table))).where(hers), *columns)


def _keys(
    tx: Tx, kind: Kind, customer_id: int, scope: Scope, *, newest_first: bool, after: Key | None, limit: int
) -> Iterator[Key]:
    source = _source(kind, customer_id, scope)
    at = func.coalesce(source.at, literal(_NO_DATE, Instant()), type_=Instant())
    statement = source.rows
    if after is not None:
        statement = statement.where(_behind(source, at, kind, after, newest_first=newest_first))
    order = (at, source.shop, source.id) if kind != "note" else (at, source.id)
    statement = statement.order_by(*(part.desc() if newest_first else part.asc() for part in order)).limit(limit)
    return (Key(at, kind, shop, thing) for at, shop, thing in tx.execute(statement).all())


def _behind(
    source: _Source, at: ColumnElement[datetime | None], kind: Kind, after: Key, *, newest_first: bool
) -> ColumnElement[bool]:
    """The rows that come after a key of any kind, in the direction of reading."""
    place = literal(after.at or _NO_DATE, Instant())
    beyond = at < place if newest_first else at > place
    if kind == after.kind:
        mine: ColumnElement[Any] = source.id if kind == "note" else tuple_(source.shop, source.id)
        theirs: ColumnElement[Any] = (
            literal(int(after.id)) if kind == "note" else tuple_(literal(after.shop), literal(after.id))
        )
        return or_(beyond, and_(at == place, mine < theirs if newest_first else mine > theirs))
    later_within_instant = KINDS.index(kind) > KINDS.index(after.kind)
    return or_(beyond, at == place) if later_within_instant != newest_first else beyond


def _of_order(table: Any) -> ColumnElement[bool]:
    return and_(orders.c.shop == table.c.shop, orders.c.order_id == table.c.order_id)


def _by_id(kind: Kind, keys: Iterable[Key]) -> dict[tuple[str, str], Key]:
    return {(key.shop, key.id): key for key in keys if key.kind == kind}


def _named(shop: Column[str], own_id: Column[str], names: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """The rows of these (shop, id), asked shop by shop: both databases use their index for that."""
    ids: dict[str, list[str]] = {}
    for its_shop, its_id in names:
        ids.setdefault(its_shop, []).append(its_id)
    return or_(*(and_(shop == its_shop, own_id.in_(its_ids)) for its_shop, its_ids in ids.items()))
