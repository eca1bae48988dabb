"""Which customers meet conditions, as one question to the database, through a scope: what a reader may not see neither
makes a member nor is counted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, literal_column, or_, select

from storage.engine import Tx
from storage.schema import accounts, notes, orders, segment_bounds, segments, ticket_replies, tickets
from storage.scope import Scope, notes_with_owner, sees_account, sees_note, sees_order, sees_ticket
from storage.segments.segment_facts import COMPLAINT
from storage.tickets.tickets import TRASH

Order = Literal["last", "orders", "total"]
"""The latest order first, the most orders, the most money. Gold stands before all others in any case."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Conditions, all of which must hold; what says nothing asks for nothing. `segments` may hold "" for none.

    `fallen` are the statuses of orders that are no purchases, `staff` the roles of those who are no customers unless
    they buy.
    """

    fallen: Collection[str]
    staff: Collection[str]
    segments: Collection[str] = ()
    shop: str = ""
    city: str = ""
    total: int = 0
    currency: str = ""
    orders: int = 0
    ordered_since: datetime | None = None
    ordered_before: datetime | None = None
    complaints: int = 0
    open_ticket: bool = False
    quiet_since: datetime | None = None


class MemberRow(NamedTuple):
    """A member; `total` in the conditions' currency, 0 where they name none."""

    customer_id: int
    segment: str
    orders: int
    last_order_at: datetime | None
    total: int


def count(tx: Tx, wanted: Wanted, scope: Scope) -> int:
    """How many there are."""
    return int(tx.execute(select(func.count()).select_from(_members(wanted, scope).subquery())).scalar_one())


def page(
    tx: Tx, wanted: Wanted, scope: Scope, *, order: Order = "last", limit: int | None = None, offset: int = 0
) -> tuple[list[MemberRow], int]:
    """Members, gold first, all of them without a limit; and how many there are in all."""
    found = _members(wanted, scope).subquery()
    by = {"last": found.c.last_order_at, "orders": found.c.orders, "total": found.c.total}[order]
    statement = select(found, func.count().over()).order_by(
        case((found.c.segment == "gold", 0), else_=1),
        by.desc().nulls_last(),
        found.c.last_order_at.desc().nulls_last(),
        found.c.customer_id.desc(),
    )
    rows = tx.execute(statement.limit(limit).offset(offset)).all()
    number = int(rows[0][5]) if rows else count(tx, wanted, scope) if offset else 0
    return [MemberRow(row[0], row[1], row[2], row[3], int(row[4])) for row in rows], number


def counts(tx: Tx, scope: Scope) -> dict[str, int]:
    """How many customers of each segment the reader may see; "" for those of none who were sorted."""
    hers = exists().where(accounts.c.customer_id == segments.c.customer_id, sees_account(scope))
    statement = select(segments.c.segment, func.count()).where(hers).group_by(segments.c.segment)
    return {row[0]: row[1] for row in tx.execute(statement)}


def _members(wanted: Wanted, scope: Scope) -> Select[Any]:
    is_purchase = and_(orders.c.gone_at.is_(None), orders.c.status.not_in(wanted.fallen), sees_order(scope))
    in_currency: ColumnElement[Any] = literal(0)
    if wanted.currency:
        in_currency = func.sum(case((orders.c.currency == wanted.currency, orders.c.total), else_=0))
    bought = (
        select(
            accounts.c.customer_id,
            func.count().label("orders"),
            func.max(orders.c.created_at).label("last_at"),
            in_currency.label("total"),
        )
        .join(orders, orders.c.account_id == accounts.c.id)
        .where(is_purchase)
        .group_by(accounts.c.customer_id)
    )
    seen = select(accounts.c.customer_id).where(sees_account(scope), _is_customer(wanted)).distinct()
    # What leaves few of many goes first: nobody adds up the orders of those who are none in any case.
    among = _among(wanted, scope)
    if wanted.segments and "" not in wanted.segments:
        among.append(select(segments.c.customer_id).where(segments.c.segment.in_(wanted.segments)))
    for each in among:
        hers = select(each.cte())  # asked once, though it stands in two places
        seen = seen.where(accounts.c.customer_id.in_(hers))
        bought = bought.where(accounts.c.customer_id.in_(hers))
    her, known = bought.subquery(), seen.subquery()
    number = func.coalesce(her.c.orders, 0)
    total = func.coalesce(her.c.total, 0)
    segment = func.coalesce(segments.c.segment, "")
    found = select(
        known.c.customer_id,
        segment.label("segment"),
        number.label("orders"),
        her.c.last_at.label("last_order_at"),
        total.label("total"),
    ).select_from(
        known.outerjoin(her, her.c.customer_id == known.c.customer_id).outerjoin(
            segments, segments.c.customer_id == known.c.customer_id
        )
    )
    conditions: list[ColumnElement[bool]] = []
    if wanted.segments:
        conditions.append(segment.in_(wanted.segments))
    if wanted.orders:
        conditions.append(number >= wanted.orders)
    if wanted.total:
        conditions.append(total >= wanted.total)
    if wanted.ordered_since:
        conditions.append(her.c.last_at >= wanted.ordered_since)
    if wanted.ordered_before:
        conditions.append(her.c.last_at < wanted.ordered_before)
    if wanted.quiet_since:
        conditions += [known.c.customer_id.not_in(heard) for heard in _heard_of(scope, wanted.quiet_since)]
    return found.where(*conditions)


def _is_customer(wanted: Wanted) -> ColumnElement[bool]:
    """As the search finds people: no staff who never bought, and no guests whose orders turned out to be another's."""
    has_orders = _has_order().exists()
    is_abandoned = and_(accounts.c.kind == "guest", accounts.c.gone_at.is_not(None))
    return and_(~is_abandoned, or_(accounts.c.role.not_in(wanted.staff), has_orders))


def _has_order() -> Select[Any]:
    """The orders of an account; names no column of theirs, so that an index suffices."""
    return (
        select(literal_column("1")).select_from(orders).where(orders.c.account_id == accounts.c.id).correlate(accounts)
    )


def _among(wanted: Wanted, scope: Scope) -> list[Select[Any]]:
    """The customers that meet each of the conditions which need no sums of orders."""
    hers = select(accounts.c.customer_id).where(sees_account(scope))
    found = []
    if wanted.shop:
        found.append(hers.where(accounts.c.shop == wanted.shop))
    if wanted.city:
        places = (accounts.c.billing["city"].as_string(), accounts.c.shipping["city"].as_string())
        found.append(hers.where(or_(*(_plain(place) == _plain(literal(wanted.city)) for place in places))))
    if wanted.complaints:
        found.append(
            select(notes.c.customer_id)
            .select_from(notes_with_owner())
            .where(notes.c.kind == COMPLAINT, notes.c.deleted_at.is_(None), sees_note(scope))
            .group_by(notes.c.customer_id)
            .having(func.count() >= wanted.complaints)
        )
    if wanted.open_ticket:
        found.append(_asked(scope).where(tickets.c.state == "open"))
    return found


def _heard_of(scope: Scope, since: datetime) -> list[Select[Any]]:
    """The customers of whom something was heard since then."""
    replied = and_(tickets.c.shop == ticket_replies.c.shop, tickets.c.ticket_id == ticket_replies.c.ticket_id)
    # By account, in the index of purchases: by date every order would have to be looked at.
    ordered = _has_order().where(orders.c.gone_at.is_(None), orders.c.created_at >= since, sees_order(scope))
    return [
        select(accounts.c.customer_id).where(ordered.exists()),
        select(notes.c.customer_id)
        .select_from(notes_with_owner())
        .where(notes.c.deleted_at.is_(None), notes.c.created_at >= since, sees_note(scope)),
        _asked(scope).where(tickets.c.created_at >= since),
        _asked(scope)
        .join(ticket_replies, replied)
        .where(ticket_replies.c.gone_at.is_(None), ticket_replies.c.created_at >= since),
    ]


def _asked(scope: Scope) -> Select[Any]:
    return (
        select(accounts.c.customer_id)
        .join(tickets, tickets.c.account_id == accounts.c.id)
        .where(tickets.c.gone_at.is_(None), tickets.c.status != TRASH, sees_ticket(scope))
    )


def _plain(text: ColumnElement[str]) -> ColumnElement[str]:
    """A city as it is compared: the letters that two keyboards write otherwise made one."""
    for written, meant in (("ي", "ی"), ("ك", "ک"), ("\u200c", " ")):
        text = func.replace(text, written, meant)
    return func.lower(func.trim(text))


def partly_hidden(tx: Tx, customer_ids: Collection[int], scope: Scope) -> set[int]:
    """Those of the customers of whom some account is out of the reader's sight."""
    if scope.shops is None or not customer_ids:
        return set()
    hidden = select(accounts.c.customer_id).where(accounts.c.customer_id.in_(customer_ids), ~sees_account(scope))
    return set(tx.execute(hidden).scalars())


def currencies(tx: Tx) -> list[str]:
    """The currencies in which customers were compared, the one with most buyers first."""
    most = func.max(segment_bounds.c.buyers)
    money = select(segment_bounds.c.currency).where(segment_bounds.c.currency != "")
    rows = tx.execute(money.group_by(segment_bounds.c.currency).order_by(most.desc(), segment_bounds.c.currency))
    return list(rows.scalars())
