"""Everything that is kept about a customer, for whoever asks for it: rows as they stand, by the account they belong to.

Reads only, all through a scope; hashes and other marks of the program's own are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Column, FromClause, Select, Table, and_, func, or_, select, tuple_

from storage.engine import Tx
from storage.schema import (
    accounts,
    activity,
    agents,
    decisions,
    facts_by_hand,
    facts_told,
    identifiers,
    important_dates,
    links,
    note_kinds,
    note_versions,
    notes,
    order_lines,
    order_notes,
    orders,
    refunds,
    segment_choices,
    segments,
    shop_agents,
    ticket_replies,
    tickets,
)
from storage.scope import Scope, notes_with_owner, sees_account, sees_note, sees_order, sees_shop, sees_ticket

Row = dict[str, Any]

_OWN = frozenset(
    {
        "raw_hash",
        "content_hash",
        "read_seq",
        "missing_since",
        "notes_due_at",
        "notes_read_at",
        "care_due_at",
        "replies_due_at",
        "summary_written",
        "takes_summary",
        "form_key",
        "facts_at",
        "own_customer_id",
    }
)
"""Columns by which the program keeps its own books."""


def account_rows(tx: Tx, customer_id: int, scope: Scope) -> list[Row]:
    """Her accounts as they are in force."""
    mine = (accounts.c.customer_id == customer_id, sees_account(scope))
    return _rows(tx, select(*_told(accounts)).where(*mine).order_by(accounts.c.id))


def by_hand(tx: Tx, account_ids: Collection[int]) -> list[Row]:
    """What agents set by hand, and who."""
    found = select(*_told(facts_by_hand), agents.c.name.label("set_by_name")).join(
        agents, agents.c.id == facts_by_hand.c.set_by
    )
    return _rows(tx, found.where(facts_by_hand.c.account_id.in_(account_ids)).order_by(facts_by_hand.c.set_at))


def told_by_shops(tx: Tx, account_ids: Collection[int]) -> list[Row]:
    """What the shops say where something else was set by hand."""
    return _rows(tx, select(*_told(facts_told)).where(facts_told.c.account_id.in_(account_ids)))


def dates(tx: Tx, account_ids: Collection[int]) -> list[Row]:
    """Her important dates, those that were removed too."""
    mine = important_dates.c.account_id.in_(account_ids)
    return _rows(tx, select(*_told(important_dates)).where(mine).order_by(important_dates.c.id))


def identifier_rows(tx: Tx, account_ids: Collection[int]) -> list[Row]:
    """By what her accounts are recognised."""
    mine = identifiers.c.account_id.in_(account_ids)
    return _rows(tx, select(*_told(identifiers)).where(mine).order_by(*identifiers.primary_key))


def link_rows(tx: Tx, account_ids: Collection[int]) -> list[Row]:
    """What links her own accounts, and who decided it; what concerns other people's accounts is theirs."""
    found = (
        select(*_told(links), decisions.c.kind.label("decision"), agents.c.name.label("decided_by"))
        .outerjoin(decisions, decisions.c.id == links.c.decision_id)
        .outerjoin(agents, agents.c.id == decisions.c.made_by)
        .where(links.c.account_a.in_(account_ids), links.c.account_b.in_(account_ids))
    )
    return _rows(tx, found.order_by(links.c.id))


def segment_rows(tx: Tx, customer_id: int, account_ids: Collection[int]) -> tuple[list[Row], list[Row]]:
    """What kind of customer she is, and what was said of that by hand."""
    sorted_as = _rows(tx, select(*_told(segments)).where(segments.c.customer_id == customer_id))
    said = select(*_told(segment_choices), agents.c.name.label("made_by_name")).join(
        agents, agents.c.id == segment_choices.c.made_by
    )
    return sorted_as, _rows(
        tx, said.where(segment_choices.c.account_id.in_(account_ids)).order_by(segment_choices.c.id)
    )


def order_rows(tx: Tx, account_ids: Collection[int], scope: Scope) -> list[Row]:
    """Her orders, oldest first, each with its `lines`, `refunds` and `order_notes`."""
    mine = (orders.c.account_id.in_(account_ids), sees_order(scope))
    found = _rows(tx, select(*_told(orders)).where(*mine).order_by(orders.c.created_at, orders.c.order_id))
    hers = [(row["shop"], row["order_id"]) for row in found]
    for name, table in (("lines", order_lines), ("refunds", refunds), ("order_notes", order_notes)):
        parts = _by_thing(tx, table, table.c.order_id, hers)
        for row in found:
            row[name] = parts.get((row["shop"], row["order_id"]), [])
    return found


def ticket_rows(tx: Tx, account_ids: Collection[int], scope: Scope) -> list[Row]:
    """Her tickets, oldest first, each with its `replies` and their authors' names as `said`."""
    mine = (tickets.c.account_id.in_(account_ids), sees_ticket(scope))
    found = _rows(tx, select(*_told(tickets)).where(*mine).order_by(tickets.c.created_at, tickets.c.id))
    hers = [(row["shop"], row["ticket_id"]) for row in found]
    author = and_(shop_agents.c.shop == ticket_replies.c.shop, shop_agents.c.user_id == ticket_replies.c.author_id)
    replies = ticket_replies.outerjoin(shop_agents, author)
    said = _by_thing(tx, ticket_replies, ticket_replies.c.ticket_id, hers, replies, shop_agents.c.name.label("author"))
    for row in found:
        row["said"] = said.get((row["shop"], row["ticket_id"]), [])
    return found


def note_rows(tx: Tx, customer_id: int, scope: Scope) -> list[Row]:
    """The notes about her that are in scope, those in the bin too, each with its earlier `versions`."""
    found = _rows(
        tx,
        select(*_told(notes), agents.c.name.label("author"), note_kinds.c.name_fa, note_kinds.c.name_en)
        .select_from(notes_with_owner().join(agents, agents.c.id == notes.c.author_id))
        .where(or_(accounts.c.customer_id == customer_id, notes.c.customer_id == customer_id), sees_note(scope))
        .order_by(notes.c.created_at, notes.c.id),
    )
    ids = [row["id"] for row in found]
    versions: dict[int, list[Row]] = {}
    mine = note_versions.c.note_id.in_(ids)
    for row in _rows(tx, select(*_told(note_versions)).where(mine).order_by(*note_versions.primary_key)):
        versions.setdefault(row["note_id"], []).append(row)
    for row in found:
        row["versions"] = versions.get(row["id"], [])
    return found


def activity_rows(tx: Tx, customer_id: int, scope: Scope, note_ids: Collection[int]) -> list[Row]:
    """What was done about her, by whom; what concerns a note out of scope is left out."""
    found = (
        select(*_told(activity), func.coalesce(agents.c.name, "").label("agent"))
        .outerjoin(agents, agents.c.id == activity.c.agent_id)
        .where(
            activity.c.customer_id == customer_id,
            sees_shop(scope, activity.c.shop),
            or_(activity.c.note_id.is_(None), activity.c.note_id.in_(note_ids)),
        )
        .order_by(activity.c.at, activity.c.id)
    )
    return _rows(tx, found)


def _told(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if column.name not in _OWN]


def _rows(tx: Tx, found: Select[Any]) -> list[Row]:
    return [dict(row) for row in tx.execute(found).mappings()]


def _by_thing(
    tx: Tx,
    table: Table,
    key: Column[Any],
    hers: Collection[tuple[str, str]],
    source: FromClause | None = None,
    *more: Any,
) -> Mapping[tuple[str, str], list[Row]]:
    """The rows of `table` by (shop, `key`), a few hundred things at a time."""
    by_thing: dict[tuple[str, str], list[Row]] = {}
    things = sorted(hers)
    for start in range(0, len(things), 300):
        mine = tuple_(table.c.shop, key).in_(things[start : start + 300])
        found = select(*_told(table), *more).select_from(source if source is not None else table).where(mine)
        for row in _rows(tx, found.order_by(*table.primary_key)):
            by_thing.setdefault((row["shop"], row[key.name]), []).append(row)
    return by_thing
