"""The things that the keys of a timeline name, read whole: a statement or two for each kind, however many there are.

What is in scope was decided when the keys were found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    false,
    func,
    or_,
    select,
)

from storage.engine import Tx
from storage.schema import accounts, order_lines, order_notes, orders, refunds, ticket_replies, tickets
from storage.timeline.keys import Key, Kind


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
    for shop, order_id, *line in _rows(tx, "lines", by_id):
        lines.setdefault((shop, order_id), []).append(LineRow(*line))
    return {
        by_id[row[0], row[1]]: OrderRow(*(*row, tuple(lines.get((row[0], row[1]), ()))))
        for row in _rows(tx, "order", by_id)
    }


def refunds_among(tx: Tx, keys: Iterable[Key]) -> dict[Key, RefundRow]:
    """The refunds of these keys."""
    by_id = _by_id("refund", keys)
    if not by_id:
        return {}
    return {by_id[row[0], row[1]]: RefundRow(*row) for row in _rows(tx, "refund", by_id)}


def order_notes_among(tx: Tx, keys: Iterable[Key]) -> dict[Key, OrderNoteRow]:
    """The order notes of these keys."""
    by_id = _by_id("order_note", keys)
    if not by_id:
        return {}
    return {by_id[row[0], row[1]]: OrderNoteRow(*row) for row in _rows(tx, "order_note", by_id)}


def tickets_among(tx: Tx, keys: Iterable[Key]) -> dict[Key, TicketRow]:
    """The tickets of these keys."""
    by_id = _by_id("ticket", keys)
    if not by_id:
        return {}
    return {by_id[row[0], row[1]]: TicketRow(*row) for row in _rows(tx, "ticket", by_id)}


def replies_among(tx: Tx, keys: Iterable[Key]) -> dict[Key, ReplyRow]:
    """The replies of these keys."""
    by_id = _by_id("reply", keys)
    if not by_id:
        return {}
    return {by_id[row[0], row[1]]: ReplyRow(*row) for row in _rows(tx, "reply", by_id)}


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


def _rows(tx: Tx, what: _What, names: Iterable[tuple[str, str]]) -> Sequence[Any]:
    """The rows of these (shop, id), asked shop by shop: both databases use their index for that."""
    ids: dict[str, list[str]] = {}
    for shop, its_id in names:
        ids.setdefault(shop, []).append(its_id)
    asked: dict[str, Any] = {}
    for place, (shop, its_ids) in enumerate(ids.items()):
        asked |= {f"shop{place}": shop, f"ids{place}": its_ids}
    return tx.execute(_statement(what, len(ids)), asked).all()


@lru_cache(maxsize=256)
def _statement(what: _What, shops: int) -> Select[Any]:
    """Made once for each number of shops: building statements costs more than running them."""
    rows, shop, own_id = _ROWS[what]
    named = (
        and_(shop == bindparam(f"shop{place}"), own_id.in_(bindparam(f"ids{place}", expanding=True)))
        for place in range(shops)
    )
    return rows.where(or_(*named))


def _every() -> dict[_What, tuple[Select[Any], Column[str], Column[str]]]:
    """The rows of each kind, and the columns that name them."""
    refunded = (
        select(func.coalesce(func.sum(refunds.c.amount), 0))
        .where(_of_order(refunds), refunds.c.gone_at.is_(None))
        .scalar_subquery()
    )
    told: dict[str, ColumnElement[Any]] = {
        "refunded": cast(refunded, BigInteger),  # PostgreSQL sums up to a decimal
        "is_gone": orders.c.gone_at.is_not(None),
    }
    order = (
        told[name] if name in told else orders.c[name] for name in OrderRow.__dataclass_fields__ if name != "lines"
    )
    line = (order_lines.c[name] for name in LineRow.__dataclass_fields__)
    lines = select(order_lines.c.shop, order_lines.c.order_id, *line).order_by(
        order_lines.c.shop, order_lines.c.order_id, order_lines.c.position
    )
    refund = select(
        refunds.c.shop,
        refunds.c.refund_id,
        refunds.c.order_id,
        orders.c.number,
        orders.c.currency,
        refunds.c.amount,
        refunds.c.reason,
        refunds.c.gone_at.is_not(None),
    ).join(orders, _of_order(refunds))
    order_note = select(
        order_notes.c.shop,
        order_notes.c.order_note_id,
        order_notes.c.order_id,
        orders.c.number,
        order_notes.c.author,
        order_notes.c.body,
        order_notes.c.to_customer,
        order_notes.c.gone_at.is_not(None),
    ).join(orders, _of_order(order_notes))
    ticket = (tickets.c[name] for name in TicketRow.__dataclass_fields__ if name != "is_gone")
    return {
        "lines": (lines, order_lines.c.shop, order_lines.c.order_id),
        "order": (select(*order), orders.c.shop, orders.c.order_id),
        "refund": (refund, refunds.c.shop, refunds.c.refund_id),
        "order_note": (order_note, order_notes.c.shop, order_notes.c.order_note_id),
        "ticket": (select(*ticket, tickets.c.gone_at.is_not(None)), tickets.c.shop, tickets.c.ticket_id),
        "reply": (REPLIES, ticket_replies.c.shop, ticket_replies.c.reply_id),
    }


_What = Literal["lines", "order", "refund", "order_note", "ticket", "reply"]
_ROWS = _every()


def _by_id(kind: Kind, keys: Iterable[Key]) -> dict[tuple[str, str], Key]:
    return {(key.shop, key.id): key for key in keys if key.kind == kind}
