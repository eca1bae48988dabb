"""What customers are sorted by: how they bought, complained and got in touch, added up by the database.

For the program itself, so that it asks nobody's scope; but internal notes are left out, since the reason for a segment
is shown to all. What counts as paid is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union_all,
)

from storage.engine import Tx
from storage.schema import accounts, note_kinds, notes, orders, refunds, segment_bounds, tickets
from storage.tickets.tickets import TRASH
from storage.types import Instant

COMPLAINT = "complaint"
"""The kind of note that is a complaint."""
CALL = "call"
"""The kind of note that is a contact even where it names no channel."""


class Paid(NamedTuple):
    """Which orders are purchases: those of a `paid` status, and those with a date of payment whose status is not among
    the `fallen`.
    """

    paid: Collection[str]
    fallen: Collection[str]


@dataclass
class FigureRow:
    """A customer's figures. `orders` are all that were paid, with their first and last dates; `orders_lately`,
    `refunded_orders`, `money` (by currency, in 1/10,000, refunds taken off) and `complaints` are of the time asked for,
    `contacts` and `tickets` of theirs.
    """

    orders: int = 0
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    orders_lately: int = 0
    refunded_orders: int = 0
    money: dict[str, int] = field(default_factory=dict)
    complaints: int = 0
    contacts: int = 0
    tickets: int = 0


class BoundRow(NamedTuple):
    """From `bound` on, a customer's orders, or her money in `currency`, are among the top `percent` of `buyers`."""

    measure: str
    currency: str
    percent: int
    bound: int
    buyers: int


# --- one customer after the other ---------------------------------------------------------------------------------


def figures(
    tx: Tx, customer_ids: Collection[int], *, which: Paid, since: datetime, contacts_since: datetime
) -> dict[int, FigureRow]:
    """The figures of these customers, in one statement; who has no account, being united with another, is absent."""
    if not customer_ids:
        return {}
    asked = {
        "ids": list(customer_ids),
        "paid": sorted(which.paid),
        "fallen": sorted(which.fallen),
        "since": since,
        "contacts_since": contacts_since,
    }
    found: dict[int, FigureRow] = {}
    for row in tx.execute(_figures(), asked):
        _add(found.setdefault(row.customer_id, FigureRow()), row)
    return found


def _add(her: FigureRow, row: Any) -> None:
    match row.measure:
        case "orders":
            her.orders += row.number
            her.orders_lately += row.lately
            her.money[row.currency] = her.money.get(row.currency, 0) + int(row.amount)
            her.first_order_at = min((at for at in (her.first_order_at, row.first_at) if at), default=None)
            her.last_order_at = max((at for at in (her.last_order_at, row.last_at) if at), default=None)
        case "refunds":
            her.refunded_orders += row.number
            her.money[row.currency] = her.money.get(row.currency, 0) - int(row.amount)
        case "complaints":
            her.complaints = row.number
        case "contacts":
            her.contacts = row.number
        case "tickets":
            her.tickets = row.number


@cache
def _figures() -> Any:
    hers: BindParameter[Any] = bindparam("ids", expanding=True)
    since, contacts_since = bindparam("since", type_=Instant), bindparam("contacts_since", type_=Instant)
    nothing = cast(literal(0), BigInteger)
    never = cast(null(), Instant)
    is_late = orders.c.created_at >= since

    def noted(measure: str, condition: ColumnElement[bool]) -> Select[Any]:
        return (
            select(notes.c.customer_id, literal(measure), literal(""), func.count(), nothing, nothing, never, never)
            .join(note_kinds, note_kinds.c.kind == notes.c.kind)
            .where(notes.c.customer_id.in_(hers), notes.c.deleted_at.is_(None), condition)
            .where(~notes.c.is_internal, ~note_kinds.c.is_internal)
            .group_by(notes.c.customer_id)
        )

    return union_all(
        select(
            accounts.c.customer_id,
            literal("orders").label("measure"),
            orders.c.currency.label("currency"),
            func.count().label("number"),
            func.sum(case((is_late, 1), else_=0)).label("lately"),
            func.sum(case((is_late, orders.c.total), else_=0)).label("amount"),
            func.min(orders.c.created_at).label("first_at"),
            func.max(orders.c.created_at).label("last_at"),
        )
        .join(accounts, accounts.c.id == orders.c.account_id)
        .where(accounts.c.customer_id.in_(hers), _is_purchase())
        .group_by(accounts.c.customer_id, orders.c.currency),
        select(
            accounts.c.customer_id,
            literal("refunds"),
            orders.c.currency,
            func.count((orders.c.shop + "/" + orders.c.order_id).distinct()),
            nothing,
            func.sum(refunds.c.amount),
            never,
            never,
        )
        .join(accounts, accounts.c.id == orders.c.account_id)
        .join(refunds, _of_order())
        .where(accounts.c.customer_id.in_(hers), orders.c.gone_at.is_(None), _stands(since))
        .group_by(accounts.c.customer_id, orders.c.currency),
        noted("complaints", and_(notes.c.kind == COMPLAINT, notes.c.created_at >= since)),
        noted("contacts", and_(or_(notes.c.channel != "", notes.c.kind == CALL), notes.c.created_at >= contacts_since)),
        select(accounts.c.customer_id, literal("tickets"), literal(""), func.count(), nothing, nothing, never, never)
        .join(accounts, accounts.c.id == tickets.c.account_id)
        .where(
            accounts.c.customer_id.in_(hers),
            tickets.c.gone_at.is_(None),
            tickets.c.status != TRASH,
            tickets.c.created_at >= contacts_since,
        )
        .group_by(accounts.c.customer_id),
        select(accounts.c.customer_id, literal("known"), literal(""), func.count(), nothing, nothing, never, never)
        .where(accounts.c.customer_id.in_(hers))
        .group_by(accounts.c.customer_id),
    )


def _is_purchase() -> ColumnElement[bool]:
    is_paid = or_(
        orders.c.status.in_(bindparam("paid", expanding=True)),
        and_(orders.c.paid_at.is_not(None), orders.c.status.not_in(bindparam("fallen", expanding=True))),
    )
    return and_(orders.c.gone_at.is_(None), is_paid)


def _of_order() -> ColumnElement[bool]:
    return and_(refunds.c.shop == orders.c.shop, refunds.c.order_id == orders.c.order_id)


def _stands(since: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(refunds.c.gone_at.is_(None), refunds.c.created_at >= since)


# --- everybody ----------------------------------------------------------------------------------------------------


def compare(tx: Tx, percents: Collection[int], *, which: Paid, since: datetime) -> list[BoundRow]:
    """The bounds among all who bought `since`, for each of the percentages. Equal customers stand on the same side, so
    at most so many percent are above a bound, or one; where even that cannot be, there is none.
    """
    asked = {"paid": sorted(which.paid), "fallen": sorted(which.fallen), "since": since}
    found = []
    for measure in ("orders", "money"):
        for row in tx.execute(_compared(measure, tuple(sorted(set(percents)))), asked):
            for percent, bound in zip(sorted(set(percents)), row[2:], strict=True):
                if bound is not None:
                    found.append(BoundRow(measure, row[0], percent, int(bound), int(row[1])))
    return found


@cache
def _compared(measure: str, percents: tuple[int, ...]) -> Select[Any]:
    since = bindparam("since", type_=Instant)
    currency = orders.c.currency if measure == "money" else literal("")
    bought = (
        select(
            accounts.c.customer_id,
            currency.label("currency"),
            (orders.c.total if measure == "money" else literal(1)).label("value"),
        )
        .join(accounts, accounts.c.id == orders.c.account_id)
        .where(_is_purchase(), orders.c.created_at >= since)
    )
    returned = (
        select(accounts.c.customer_id, currency, -refunds.c.amount)
        .join_from(refunds, orders, _of_order())
        .join(accounts, accounts.c.id == orders.c.account_id)
        .where(orders.c.gone_at.is_(None), _stands(since))
    )
    parts = (union_all(bought, returned) if measure == "money" else bought).subquery()
    value = cast(func.sum(parts.c.value), BigInteger)
    each = (
        select(parts.c.currency, value.label("value"))
        .group_by(parts.c.customer_id, parts.c.currency)
        .having(value > 0)
        .subquery()
    )
    equals = (
        select(each.c.currency, each.c.value, func.count().label("number"))
        .group_by(each.c.currency, each.c.value)
        .subquery()
    )
    ranked = select(
        equals.c.currency,
        equals.c.value,
        func.sum(equals.c.number).over(partition_by=equals.c.currency, order_by=equals.c.value.desc()).label("above"),
        func.sum(equals.c.number).over(partition_by=equals.c.currency).label("buyers"),
    ).subquery()

    def bound(percent: int) -> ColumnElement[Any]:
        share = ranked.c.buyers * percent
        most = case((share < 100, 100), else_=share)  # noqa: PLR2004 - one customer, where so many percent are less
        return func.min(case((ranked.c.above * 100 <= most, ranked.c.value)))

    return select(ranked.c.currency, func.max(ranked.c.buyers), *map(bound, percents)).group_by(ranked.c.currency)


def bounds(tx: Tx) -> list[BoundRow]:
    """The bounds in force."""
    return [BoundRow(*row) for row in tx.execute(select(*(segment_bounds.c[name] for name in BoundRow._fields)))]


def put_bounds(tx: Tx, rows: Collection[BoundRow]) -> None:
    """Puts these in force, and no others."""
    tx.execute(delete(segment_bounds))
    if rows:
        tx.execute(insert(segment_bounds), [row._asdict() for row in rows])
