"""The things that the keys of a timeline name, read whole: a statement or two for each kind, however many there are.

What is in scope was decided when the keys were found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, false, func, or_, select

from storage.engine import Tx
from storage.schema import accounts, order_lines, order_notes, orders, refunds, ticket_replies, tickets
from storage.timeline import Key, Kind


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


@dataclass(frozen=True)
class TicketRow:
    """A ticket without its replies; `replies` is how many the shop counts, `assignee_id` a WordPress user or ""."""

    shop: str
    ticket_id: str
    title: str
    body: str
    status: str
    state: str
    channel: str
    assignee_id: str
    replies: int
    url: str
    summary: str | None
    created_at: datetime | None
    is_gone: bool


@dataclass(frozen=True)
class ReplyRow:
    """A reply beside the title and address of its ticket. `is_hers`: the customer wrote it, by any account of hers."""

    shop: str
    reply_id: str
    ticket_id: str
    title: str
    url: str
    author_id: str
    is_hers: bool
    body: str
    created_at: datetime | None
    is_gone: bool


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


def tickets_among(tx: Tx, keys: Iterable[Key]) -> dict[Key, TicketRow]:
    """The tickets of these keys."""
    by_id = _by_id("ticket", keys)
    if not by_id:
        return {}
    columns = (tickets.c[name] for name in TicketRow.__dataclass_fields__ if name != "is_gone")
    statement: Select[Any] = select(*columns, tickets.c.gone_at.is_not(None)).where(
        _named(tickets.c.shop, tickets.c.ticket_id, by_id)
    )
    return {by_id[row[0], row[1]]: TicketRow(*row) for row in tx.execute(statement)}


def replies_among(tx: Tx, keys: Iterable[Key]) -> dict[Key, ReplyRow]:
    """The replies of these keys."""
    by_id = _by_id("reply", keys)
    if not by_id:
        return {}
    statement = REPLIES.where(_named(ticket_replies.c.shop, ticket_replies.c.reply_id, by_id))
    return {by_id[row[0], row[1]]: ReplyRow(*row) for row in tx.execute(statement)}


def _all_replies() -> Select[Any]:
    author, owner = accounts.alias(), accounts.alias()
    is_by = and_(
        author.c.shop == ticket_replies.c.shop, author.c.kind == "user", author.c.key == ticket_replies.c.author_id
    )
    of_ticket = and_(tickets.c.shop == ticket_replies.c.shop, tickets.c.ticket_id == ticket_replies.c.ticket_id)
    return select(
        ticket_replies.c.shop,
        ticket_replies.c.reply_id,
        ticket_replies.c.ticket_id,
        tickets.c.title,
        tickets.c.url,
        ticket_replies.c.author_id,
        func.coalesce(author.c.customer_id == owner.c.customer_id, false()).label("is_hers"),
        ticket_replies.c.body,
        ticket_replies.c.created_at,
        ticket_replies.c.gone_at.is_not(None),
    ).select_from(
        ticket_replies.join(tickets, of_ticket).join(owner, owner.c.id == tickets.c.account_id).outerjoin(author, is_by)
    )


REPLIES = _all_replies()
"""Every reply to a ticket of a known person, as `ReplyRow` holds it. Made once: two aliases cost more than asking."""


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
