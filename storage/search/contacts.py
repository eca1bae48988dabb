"""When customers that a search found were last heard of, and how much they ordered: one question for all of them.

What `storage.people.customers.contacts` tells of each, as far as a list of hits shows it; asked at every keystroke.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, and_, func, null, select, union_all

from storage.at_once import rows_at_once
from storage.engine import Tx
from storage.given import is_among
from storage.schema import accounts, notes, orders, ticket_replies, tickets
from storage.scope import Scope, notes_with_owner, sees_note, sees_order, sees_ticket

_TRASH = "trash"


class Heard(NamedTuple):
    """Of a customer: her orders, the date of the newest, and of whatever is newest of order, note, ticket and reply."""

    orders: int = 0
    last_order_at: datetime | None = None
    last_at: datetime | None = None


NOTHING = Heard()


def last_heard(tx: Tx, customer_ids: Collection[int], scope: Scope) -> dict[int, Heard]:
    """What the scope shows of these customers; who has nothing is absent. Deleted and trashed things do not count."""
    found: dict[int, Heard] = {}
    if not customer_ids:
        return found
    for customer_id, count, at in rows_at_once(tx, _statement(scope), {"customers": customer_ids}):
        known = found.get(customer_id, NOTHING)
        last_at = max((each for each in (known.last_at, at) if each), default=None)
        found[customer_id] = known._replace(last_at=last_at) if count is None else Heard(count, at, last_at)
    return found


@lru_cache(maxsize=256)
def _statement(scope: Scope) -> CompoundSelect[Any]:
    nothing = null()
    placed = (
        select(accounts.c.customer_id, func.count(), func.max(orders.c.created_at))
        .join(orders, orders.c.account_id == accounts.c.id)
        .where(orders.c.gone_at.is_(None), orders.c.status != _TRASH, sees_order(scope))
    )
    asked = (
        select(accounts.c.customer_id, nothing, func.max(tickets.c.created_at))
        .join(tickets, tickets.c.account_id == accounts.c.id)
        .where(tickets.c.gone_at.is_(None), tickets.c.status != _TRASH, sees_ticket(scope))
    )
    of_ticket = and_(ticket_replies.c.shop == tickets.c.shop, ticket_replies.c.ticket_id == tickets.c.ticket_id)
    said = (
        select(accounts.c.customer_id, nothing, func.max(ticket_replies.c.created_at))
        .join(tickets, tickets.c.account_id == accounts.c.id)
        .join(ticket_replies, of_ticket)
        .where(tickets.c.gone_at.is_(None), tickets.c.status != _TRASH, sees_ticket(scope))
        .where(ticket_replies.c.gone_at.is_(None))
    )
    written = (
        select(notes.c.customer_id, nothing, func.max(notes.c.created_at))
        .select_from(notes_with_owner())
        .where(is_among(notes.c.customer_id, "customers"), notes.c.deleted_at.is_(None), sees_note(scope))
        .group_by(notes.c.customer_id)
    )
    hers = is_among(accounts.c.customer_id, "customers")
    by_account = [each.where(hers).group_by(accounts.c.customer_id) for each in (placed, asked, said)]
    return union_all(*by_account, written)
