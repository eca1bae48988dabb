"""The search index: one row of folded text for each account, note, ticket and reply, found by any part of it.

The caller folds; here text is only kept and compared. Written in the record's own transaction, and only where the text
changed. SQLite's index is an external-content FTS5 table of trigrams, which must be told the old text of a row that
changes; PostgreSQL's is a GIN index of pg_trgm, which looks after itself.

Each text begins with the sign of its kind, a trigram that no folded text holds: the index itself leaves out the other
kinds, so that looking for a person never wades through all replies that hold a frequent word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from sqlalchemy import (
    Column,
    FromClause,
    Select,
    Table,
    and_,
    column,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError

from storage.engine import Tx
from storage.errors import Corrupt
from storage.schema import accounts, notes, orders, search_rows, ticket_replies, tickets
from storage.scope import Scope, notes_with_owner, sees_account, sees_note, sees_order, sees_ticket

Kind = Literal["account", "note", "ticket", "reply"]

_OWNERS: Mapping[Kind, Table] = {"account": accounts, "note": notes, "ticket": tickets, "reply": ticket_replies}

_trigrams = table("search_trigram", column("rowid"), column("folded"))
_FORGET = "INSERT INTO search_trigram (search_trigram, rowid, folded) VALUES ('delete', ?, ?)"
_LEARN = "INSERT INTO search_trigram (rowid, folded) VALUES (?, ?)"
_CHANGE = "UPDATE search_rows SET folded = ? WHERE id = ?"

# Bound variables in one statement: far below SQLite's 32,766 and PostgreSQL's 65,535.
_AT_ONCE = 1000
_TRIGRAM = 3
_WILDCARDS = re.compile("[%_]")

# The fold makes spaces of braces, and other letters of these: no text and no query holds them. Letters they must be,
# since pg_trgm looks at nothing else.
_SIGNS: Mapping[Kind, str] = {"account": "{\u064a}", "note": "{\u0643}", "ticket": "{\u0629}", "reply": "{\u0649}"}
_SIGN = len("{x} ")
_POSTGRESQL_LOOKED_AT = 10
"""PostgreSQL's index gives no order: so many times the limit are looked at for the newest."""


@dataclass(frozen=True)
class Candidate:
    """A row that holds every word. `owner_id` is the thing of that kind; `folded` is the text as it was put."""

    kind: Kind
    owner_id: int
    customer_id: int
    folded: str


@dataclass(frozen=True)
class NumberedOrder:
    """An order found by its number, and the customer who placed it."""

    shop: str
    order_id: str
    number: str
    customer_id: int
    created_at: datetime | None


def put(tx: Tx, kind: Kind, texts: Mapping[int, str]) -> int:
    """Keep these folded texts by owner; returns how many were new or had changed. Made for hundreds at once."""
    changed = 0
    # The space after the sign lets the first word's start be looked up like any other part: " mar".
    rows = ((owner_id, f"{_SIGNS[kind]} {folded}") for owner_id, folded in texts.items())
    while batch := dict(islice(rows, _AT_ONCE)):
        changed += _put_sqlite(tx, kind, batch) if tx.dialect.name == "sqlite" else _put_postgresql(tx, kind, batch)
    return changed


def remove(tx: Tx, kind: Kind, owner_ids: Collection[int]) -> None:
    """Forget the texts of these owners."""
    ids = iter(owner_ids)
    while batch := list(islice(ids, _AT_ONCE)):
        statement = delete(search_rows).where(search_rows.c.kind == kind, search_rows.c.owner_id.in_(batch))
        removed = tx.execute(statement.returning(search_rows.c.id, search_rows.c.folded)).all()
        if tx.dialect.name == "sqlite":
            _tell(tx, _FORGET, [tuple(row) for row in removed])


def remove_ownerless(tx: Tx) -> int:
    """Forget the texts of up to a thousand owners that are not there any more; returns how many it were."""
    removed = 0
    for kind, owners in _OWNERS.items():
        nobody = ~exists().where(owners.c.id == search_rows.c.owner_id)
        found = select(search_rows.c.owner_id).where(search_rows.c.kind == kind, nobody).limit(_AT_ONCE)
        ids = list(tx.execute(found).scalars())
        remove(tx, kind, ids)
        removed += len(ids)
    return removed


def empty(tx: Tx) -> None:
    """Forget every text, and make SQLite's index anew, be it damaged or out of step with its rows.

    The two go together: that index cannot be asked whether it holds a row, and forgetting one that it does not hold
    damages it. PostgreSQL's follows its rows by itself.
    """
    tx.execute(delete(search_rows))
    if tx.dialect.name != "sqlite":
        return
    definition = tx.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE name = 'search_trigram'").scalar_one()
    try:
        with tx.begin_nested():
            tx.exec_driver_sql("DROP TABLE search_trigram")
    except (Corrupt, OperationalError):  # so damaged that it cannot even be opened
        _forget_definition(tx)
    tx.exec_driver_sql(definition)


def _forget_definition(tx: Tx) -> None:
    """Take away a virtual table that cannot be opened, and the tables it kept its content in."""
    # https://www.sqlite.org/pragma.html#pragma_writable_schema: the one way; RESET has the schema read again.
    tx.exec_driver_sql("PRAGMA writable_schema = ON")
    tx.exec_driver_sql("DELETE FROM sqlite_schema WHERE name = 'search_trigram'")
    tx.exec_driver_sql("PRAGMA writable_schema = RESET")
    for part in ("data", "idx", "docsize", "config"):  # https://www.sqlite.org/fts5.html#data_format
        tx.exec_driver_sql(f"DROP TABLE IF EXISTS search_trigram_{part}")


def candidates(
    tx: Tx, words: Sequence[str], scope: Scope, *, kind: Kind, limit: int, at_word_start: bool = False
) -> list[Candidate]:
    """The newest rows in scope that contain every one of the folded `words`, if wanted at the start of a word.

    `newest` is by the order of their coming into the index. Deleted notes are left out, and what the shop deleted of
    its tickets and replies.
    """
    patterns = [_pattern(word, at_word_start=at_word_start) for word in words]
    narrowed = _sqlite if tx.dialect.name == "sqlite" else _postgresql
    rows = tx.execute(narrowed(_rows(kind, scope), kind, patterns, limit)).all()
    return [Candidate(kind, owner_id, customer_id, folded[_SIGN:]) for owner_id, customer_id, folded in rows]


def orders_numbered(tx: Tx, number: str, scope: Scope) -> list[NumberedOrder]:
    """The orders, in any shop, that people or the shop call by this number; newest first."""
    found: dict[tuple[str, str], NumberedOrder] = {}
    within = _shops_with(tx, orders.c.shop)
    for name in (orders.c.number, orders.c.order_id):  # apart, since each has an index of its own
        statement = (
            select(orders.c.shop, orders.c.order_id, orders.c.number, accounts.c.customer_id, orders.c.created_at)
            .join(accounts, accounts.c.id == orders.c.account_id)
            .where(orders.c.shop.in_(within), name == number, orders.c.gone_at.is_(None), sees_order(scope))
        )
        found.update({(row.shop, row.order_id): NumberedOrder(*row) for row in tx.execute(statement)})
    return sorted(found.values(), key=lambda order: (order.created_at is not None, order.created_at), reverse=True)


def tickets_numbered(tx: Tx, number: str, scope: Scope) -> list[tuple[int, int]]:
    """The tickets, in any shop, that have this number: (our id, the customer who opened it)."""
    if not scope.sees_tickets:
        return []
    statement = (
        select(tickets.c.id, accounts.c.customer_id)
        .join(accounts, accounts.c.id == tickets.c.account_id)
        .where(
            tickets.c.shop.in_(_shops_with(tx, tickets.c.shop)),
            tickets.c.ticket_id == number,
            tickets.c.gone_at.is_(None),
            sees_ticket(scope),
        )
    )
    return [(ticket_id, customer_id) for ticket_id, customer_id in tx.execute(statement)]


def _shops_with(tx: Tx, shop: Column[str]) -> list[str]:
    """Keys of shops, hopping through the index from one to the next: DISTINCT would read every row."""
    found: list[str] = []
    while key := tx.execute(select(func.min(shop)).where(shop > (found or [""])[-1])).scalar():
        found.append(key)
    return found


def _put_sqlite(tx: Tx, kind: Kind, texts: Mapping[int, str]) -> int:
    stored = {
        owner_id: (row_id, folded)
        for owner_id, row_id, folded in tx.execute(
            select(search_rows.c.owner_id, search_rows.c.id, search_rows.c.folded).where(
                search_rows.c.kind == kind, search_rows.c.owner_id.in_(texts)
            )
        )
    }
    new = [
        {"kind": kind, "owner_id": owner_id, "folded": folded}
        for owner_id, folded in texts.items()
        if owner_id not in stored
    ]
    changed = [(*stored[owner_id], folded) for owner_id, folded in texts.items() if owner_id in stored]
    changed = [(row_id, old, folded) for row_id, old, folded in changed if old != folded]
    if changed:
        _tell(tx, _FORGET, [(row_id, old) for row_id, old, _ in changed])
        _tell(tx, _CHANGE, [(folded, row_id) for row_id, _, folded in changed])
        _tell(tx, _LEARN, [(row_id, folded) for row_id, _, folded in changed])
    if new:
        ids = tx.execute(insert(search_rows).returning(search_rows.c.id, sort_by_parameter_order=True), new).scalars()
        _tell(tx, _LEARN, [(row_id, row["folded"]) for row_id, row in zip(ids, new, strict=True)])
    return len(new) + len(changed)


def _put_postgresql(tx: Tx, kind: Kind, texts: Mapping[int, str]) -> int:
    statement = postgresql.insert(search_rows).values(
        [{"kind": kind, "owner_id": owner_id, "folded": folded} for owner_id, folded in texts.items()]
    )
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "owner_id"],
        set_={"folded": statement.excluded.folded},
        where=search_rows.c.folded != statement.excluded.folded,
    )
    return len(tx.execute(statement.returning(search_rows.c.id)).all())


def _tell(tx: Tx, statement: str, rows: Sequence[tuple[int | str, ...]]) -> None:
    if rows:
        tx.exec_driver_sql(statement, list(rows))


def _pattern(word: str, *, at_word_start: bool) -> str:
    """Any part that contains the word. Folded words hold no LIKE wildcard; one that did would only match too much,
    and SQLite uses the trigrams for a LIKE without ESCAPE alone.
    """
    return f"% {word}%" if at_word_start else f"%{word}%"


def _rows(kind: Kind, scope: Scope) -> Select[Any]:
    """The index rows of a kind that are in scope, with whom they are about."""
    owner = search_rows.c.owner_id
    if kind == "account":
        owned: FromClause = search_rows.join(accounts, accounts.c.id == owner)
        customer, seen = accounts.c.customer_id, sees_account(scope)
    elif kind == "note":
        owned = search_rows.join(notes_with_owner(), notes.c.id == owner)
        customer, seen = notes.c.customer_id, and_(notes.c.deleted_at.is_(None), sees_note(scope))
    else:
        if kind == "ticket":
            owned = search_rows.join(tickets, tickets.c.id == owner)
            seen = and_(tickets.c.gone_at.is_(None), sees_ticket(scope))
        else:
            of_ticket = and_(tickets.c.shop == ticket_replies.c.shop, tickets.c.ticket_id == ticket_replies.c.ticket_id)
            owned = search_rows.join(ticket_replies, ticket_replies.c.id == owner).join(tickets, of_ticket)
            seen = and_(tickets.c.gone_at.is_(None), ticket_replies.c.gone_at.is_(None), sees_ticket(scope))
        owned, customer = owned.join(accounts, accounts.c.id == tickets.c.account_id), accounts.c.customer_id
    return select(owner, customer, search_rows.c.folded).select_from(owned).where(search_rows.c.kind == kind, seen)


def _sqlite(found: Select[Any], kind: Kind, patterns: Sequence[str], limit: int) -> Select[Any]:
    # SQLite 3.40 crashes where the index is asked for something shorter than a trigram beside something longer.
    asked = [pattern for pattern in patterns if max(map(len, _WILDCARDS.split(pattern))) >= _TRIGRAM]
    found = found.where(*(search_rows.c.folded.like(pattern) for pattern in patterns if pattern not in asked))
    if not asked:
        # Too short for the index: rows of the kind are looked at, newest first, until there are enough.
        return found.order_by(search_rows.c.owner_id.desc()).limit(limit)
    # The index gives its rows in their order, so that LIMIT ends the reading of a frequent word early. The plus keeps
    # the planner from asking it once for every account instead.
    return (
        found.join(_trigrams, search_rows.c.id == literal_column("+search_trigram.rowid"))
        .where(*(_trigrams.c.folded.like(pattern) for pattern in (f"%{_SIGNS[kind]}%", *asked)))
        .order_by(_trigrams.c.rowid.desc())
        .limit(limit)
    )


def _postgresql(found: Select[Any], kind: Kind, patterns: Sequence[str], limit: int) -> Select[Any]:
    # With ORDER BY beside LIKE the planner may walk the primary key; a limited inner query keeps it at the trigrams.
    inner = (
        found.add_columns(search_rows.c.id)
        .where(*(search_rows.c.folded.like(pattern) for pattern in (f"%{_SIGNS[kind]}%", *patterns)))
        .limit(limit * _POSTGRESQL_LOOKED_AT)
        .subquery()
    )
    return select(*list(inner.c)[:3]).order_by(inner.c.id.desc()).limit(limit)
