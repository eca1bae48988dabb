"""Whose the rows of the search index are, and which of them a reader may see: the columns of every candidate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, exists, false, select

from storage.schema import accounts, notes, order_notes, orders, search_rows, segments, ticket_replies, tickets
from storage.scope import Scope, notes_with_owner, sees_account, sees_note, sees_order, sees_ticket
from storage.search.index import Kind


@dataclass(frozen=True)
class Filter:
    """What is asked for besides the words; None and "" leave it open. Times are [since, until)."""

    shop: str = ""
    segment: str = ""
    agent_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


ANYTHING = Filter()


@lru_cache(maxsize=512)
def rows_of(kind: Kind, scope: Scope, only: Filter, *, is_begun: bool = False) -> Select[Any]:
    """The index rows of a kind that are in scope, with whom they are about: the columns of a Candidate but its kind."""
    owned = _OWNERS[kind](scope)
    wanted = _wanted(owned, only)
    if is_begun:
        wanted.append(search_rows.c.folded.like(bindparam("begun")))
    if only.agent_id is not None:
        wanted.append(notes.c.author_id == only.agent_id if kind == "note" else false())
    columns = (search_rows.c.owner_id, owned.customer, search_rows.c.folded, owned.at)
    return select(*columns, search_rows.c.shop, search_rows.c.thing).select_from(owned.rows).where(*wanted)


def people(scope: Scope, only: Filter) -> Select[Any]:
    """The accounts in scope as (id, customer, date of the newest facts), without their texts."""
    owned = _people(scope)
    columns = (accounts.c.id, accounts.c.customer_id, accounts.c.facts_at)
    nobody = [false()] if only.agent_id is not None else []
    return select(*columns).select_from(accounts).where(*_wanted(owned, only), *nobody)


class _Owned(NamedTuple):
    """Index rows with their owners, whose they are, when they were written, whether one sees them, and their shop."""

    rows: FromClause
    customer: ColumnElement[int]
    at: ColumnElement[Any]
    seen: ColumnElement[bool]
    shop: ColumnElement[str]


def _wanted(owned: _Owned, only: Filter) -> list[ColumnElement[bool]]:
    hers = and_(segments.c.customer_id == owned.customer, segments.c.segment == only.segment)
    return [
        owned.seen,
        *([owned.shop == only.shop] if only.shop else []),
        *([owned.at >= only.since] if only.since else []),
        *([owned.at < only.until] if only.until else []),
        *([exists().where(hers)] if only.segment else []),
    ]


def _people(scope: Scope) -> _Owned:
    owned = search_rows.join(accounts, accounts.c.id == search_rows.c.owner_id)
    return _Owned(owned, accounts.c.customer_id, accounts.c.facts_at, sees_account(scope), accounts.c.shop)


def _notes(scope: Scope) -> _Owned:
    owned = search_rows.join(notes_with_owner(), notes.c.id == search_rows.c.owner_id)
    seen = and_(notes.c.deleted_at.is_(None), sees_note(scope))
    return _Owned(owned, notes.c.customer_id, notes.c.created_at, seen, notes.c.shop)


def _orders(scope: Scope) -> _Owned:
    named = and_(orders.c.shop == search_rows.c.shop, orders.c.order_id == search_rows.c.thing)
    owned = search_rows.join(orders, named).join(accounts, accounts.c.id == orders.c.account_id)
    seen = and_(orders.c.gone_at.is_(None), sees_order(scope))
    return _Owned(owned, accounts.c.customer_id, orders.c.created_at, seen, orders.c.shop)


def _order_notes(scope: Scope) -> _Owned:
    named = and_(order_notes.c.shop == search_rows.c.shop, order_notes.c.order_note_id == search_rows.c.thing)
    of_order = and_(orders.c.shop == order_notes.c.shop, orders.c.order_id == order_notes.c.order_id)
    owned = search_rows.join(order_notes, named).join(orders, of_order)
    owned = owned.join(accounts, accounts.c.id == orders.c.account_id)
    seen = and_(order_notes.c.gone_at.is_(None), orders.c.gone_at.is_(None), sees_order(scope))
    return _Owned(owned, accounts.c.customer_id, order_notes.c.created_at, seen, order_notes.c.shop)


def _tickets(scope: Scope) -> _Owned:
    owned = search_rows.join(tickets, tickets.c.id == search_rows.c.owner_id)
    owned = owned.join(accounts, accounts.c.id == tickets.c.account_id)
    seen = and_(tickets.c.gone_at.is_(None), sees_ticket(scope))
    return _Owned(owned, accounts.c.customer_id, tickets.c.created_at, seen, tickets.c.shop)


def _replies(scope: Scope) -> _Owned:
    of_ticket = and_(tickets.c.shop == ticket_replies.c.shop, tickets.c.ticket_id == ticket_replies.c.ticket_id)
    owned = search_rows.join(ticket_replies, ticket_replies.c.id == search_rows.c.owner_id).join(tickets, of_ticket)
    owned = owned.join(accounts, accounts.c.id == tickets.c.account_id)
    seen = and_(tickets.c.gone_at.is_(None), ticket_replies.c.gone_at.is_(None), sees_ticket(scope))
    return _Owned(owned, accounts.c.customer_id, ticket_replies.c.created_at, seen, tickets.c.shop)


_OWNERS = {
    "account": _people,
    "note": _notes,
    "order_note": _order_notes,
    "order": _orders,
    "ticket": _tickets,
    "reply": _replies,
}
