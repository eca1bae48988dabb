"""Tickets and their replies as people ask for them: whose a ticket is, which are open, what was said on one.

Reads only. What has no scope among its arguments reads what a scope has let through before.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, FromClause, Integer, Select, and_, bindparam, func, select

from storage.engine import Tx
from storage.schema import accounts, ticket_replies, tickets
from storage.scope import Scope, sees_ticket
from storage.tickets.tickets import TRASH
from storage.timeline.things import REPLIES, ReplyRow


class CountRow(NamedTuple):
    """How many tickets there are of a customer, and the date of the newest of them and of what was said on them."""

    tickets: int
    last_at: datetime | None


class TitleRow(NamedTuple):
    """A ticket in a list; `replies` is how many the shop counts."""

    shop: str
    ticket_id: str
    title: str
    status: str
    state: str
    replies: int
    created_at: datetime | None


class MessageRow(NamedTuple):
    """When something was said on a ticket, and whether the customer said it."""

    at: datetime | None
    is_hers: bool


class FoundRow(NamedTuple):
    """A ticket or a reply that a search found: `reply` None for the ticket itself."""

    shop: str
    ticket_id: str
    title: str
    body: str
    at: datetime | None
    reply: ReplyRow | None = None


def owner(tx: Tx, shop: str, ticket_id: str, scope: Scope) -> tuple[int, int] | None:
    """(account id, customer id) of whoever opened a ticket."""
    row = tx.execute(
        select(accounts.c.id, accounts.c.customer_id)
        .join(tickets, tickets.c.account_id == accounts.c.id)
        .where(tickets.c.shop == shop, tickets.c.ticket_id == ticket_id, sees_ticket(scope))
    ).first()
    return (row[0], row[1]) if row else None


def counts(tx: Tx, customer_ids: Collection[int], scope: Scope) -> dict[int, CountRow]:
    """What there is of these customers; who has no ticket is absent. Deleted and trashed ones do not count."""
    if not customer_ids or not scope.sees_tickets:
        return {}
    return {
        customer_id: CountRow(number, max((at for at in dates if at), default=None))
        for customer_id, number, *dates in tx.execute(_counts(scope), {"customers": list(customer_ids)})
    }


@lru_cache(maxsize=256)  # as below: making a statement costs more than running it, and each page asks these
def _counts(scope: Scope) -> Select[Any]:
    said = and_(_of_ticket(), ticket_replies.c.gone_at.is_(None))
    return (
        select(
            accounts.c.customer_id,
            func.count(tickets.c.id.distinct()),
            func.max(tickets.c.created_at),
            func.max(ticket_replies.c.created_at),
        )
        .select_from(_placed().outerjoin(ticket_replies, said))
        .where(accounts.c.customer_id.in_(bindparam("customers", expanding=True)), _stands(), sees_ticket(scope))
        .group_by(accounts.c.customer_id)
    )


def titles(tx: Tx, customer_id: int, scope: Scope, *, limit: int) -> list[TitleRow]:
    """A customer's newest tickets, the newest first."""
    return [TitleRow(*row) for row in tx.execute(_newest_titles(scope), {"customer": customer_id, "most": limit})]


@lru_cache(maxsize=256)
def _newest_titles(scope: Scope) -> Select[Any]:
    newest_first = (tickets.c.created_at.desc().nulls_last(), tickets.c.id.desc())
    return _titles(scope).order_by(*newest_first).limit(bindparam("most", type_=Integer))


def open_tickets(tx: Tx, customer_id: int, scope: Scope) -> list[tuple[TitleRow, list[MessageRow]]]:
    """A customer's open tickets, each with what was said on it."""
    found = [TitleRow(*row) for row in tx.execute(_open_titles(scope), {"customer": customer_id})]
    if not found:
        return []
    said: dict[tuple[str, str], list[MessageRow]] = {}
    for shop, ticket_id, at, is_hers in tx.execute(_said_on_open(scope), {"customer": customer_id}):
        said.setdefault((shop, ticket_id), []).append(MessageRow(at, is_hers))
    return [(row, said.get((row.shop, row.ticket_id), [])) for row in found]


@lru_cache(maxsize=256)
def _open_titles(scope: Scope) -> Select[Any]:
    return _titles(scope).where(tickets.c.state == "open")


@lru_cache(maxsize=256)
def _said_on_open(scope: Scope) -> Select[Any]:
    """When what was said on her open tickets, and by whom."""
    is_open = _open_titles(scope).with_only_columns(tickets.c.id).correlate(None)
    messages = REPLIES.where(tickets.c.id.in_(is_open), ticket_replies.c.gone_at.is_(None)).subquery()
    return select(messages.c.shop, messages.c.ticket_id, messages.c.created_at, messages.c.is_hers)


def newest(tx: Tx, scope: Scope, *, limit: int) -> list[tuple[int, datetime]]:
    """(customer id, when) of the newest `limit` tickets and of as many of the newest replies, in no order."""
    found: list[tuple[int, datetime]] = []
    if not scope.sees_tickets:
        return found
    for statement in _newest(scope):
        found += [(customer_id, instant) for customer_id, instant in tx.execute(statement, {"most": limit})]
    return found


@lru_cache(maxsize=256)
def _newest(scope: Scope) -> tuple[Select[Any], ...]:
    return tuple(
        select(accounts.c.customer_id, at)
        .select_from(rows)
        .where(at.is_not(None), _stands(), sees_ticket(scope))
        .order_by(at.desc())
        .limit(bindparam("most", type_=Integer))
        for at, rows in (
            (tickets.c.created_at, _placed()),
            (ticket_replies.c.created_at, _placed().join(ticket_replies, _of_ticket())),
        )
    )


def replies_of(tx: Tx, shop: str, ticket_id: str, *, limit: int) -> list[ReplyRow]:
    """The newest replies to a ticket, in the order in which they were written."""
    newest = (ticket_replies.c.created_at.desc().nulls_last(), ticket_replies.c.id.desc())
    statement = REPLIES.where(_is_on(shop, ticket_id)).order_by(*newest).limit(limit)
    return [ReplyRow(*row) for row in tx.execute(statement)][::-1]


def found_tickets(tx: Tx, ids: Collection[int]) -> dict[int, FoundRow]:
    """The tickets with these ids of ours."""
    if not ids:
        return {}
    columns = (tickets.c.shop, tickets.c.ticket_id, tickets.c.title, tickets.c.body, tickets.c.created_at)
    rows = tx.execute(select(tickets.c.id, *columns).where(tickets.c.id.in_(ids)))
    return {row[0]: FoundRow(*row[1:]) for row in rows}


def found_replies(tx: Tx, ids: Collection[int]) -> dict[int, FoundRow]:
    """The replies with these ids of ours."""
    if not ids:
        return {}
    rows = tx.execute(REPLIES.add_columns(ticket_replies.c.id).where(ticket_replies.c.id.in_(ids)))
    told = ((row[-1], ReplyRow(*row[:-1])) for row in rows)
    return {
        own_id: FoundRow(reply.shop, reply.ticket_id, reply.title, reply.body, reply.created_at, reply)
        for own_id, reply in told
    }


def _placed() -> FromClause:
    return tickets.join(accounts, accounts.c.id == tickets.c.account_id)


def _stands() -> ColumnElement[bool]:
    return and_(tickets.c.gone_at.is_(None), tickets.c.status != TRASH)


def _titles(scope: Scope) -> Select[Any]:
    columns = (tickets.c[name] for name in TitleRow._fields)
    return (
        select(*columns)
        .select_from(_placed())
        .where(accounts.c.customer_id == bindparam("customer", type_=BigInteger), _stands(), sees_ticket(scope))
    )


def _of_ticket() -> ColumnElement[bool]:
    return and_(tickets.c.shop == ticket_replies.c.shop, tickets.c.ticket_id == ticket_replies.c.ticket_id)


def _is_on(shop: str, ticket_id: str) -> ColumnElement[bool]:
    return and_(ticket_replies.c.shop == shop, ticket_replies.c.ticket_id == ticket_id)
