"""The search index: one row of folded text for each account, note, order note, order, ticket and reply.

The caller folds; here text is only kept and compared. Written in the record's own transaction, and only where the text
changed; `storage.search.candidates` asks. SQLite has three FTS5 tables beside the rows: the trigrams of every text,
the words of people with short beginnings, and the words of all that is written. PostgreSQL's GIN indexes of pg_trgm
look after themselves.

A row's id is its kind's number and its owner's id in one. So a kind is a range of ids, which FTS5 can begin in the
middle of: looking for a person never wades through all replies that hold a frequent word. Orders and order notes have
no number of their own; the row keeps which they are, and takes the next free number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

from sqlalchemy import Table, and_, delete, exists, func, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError

from storage import json
from storage.engine import Tx
from storage.errors import Corrupt
from storage.given import is_among
from storage.schema import accounts, notes, order_notes, orders, search_rows, ticket_replies, tickets
from storage.search import vocabulary

Kind = Literal["account", "note", "order_note", "order", "ticket", "reply"]
Thing = Literal["order_note", "order"]
"""The kinds that a shop names: (shop, id as text)."""

KINDS: tuple[Kind, ...] = ("account", "note", "order_note", "order", "ticket", "reply")
"""In the order of their numbers, which stand in every row's id: new ones go to the end."""

SPAN = 1 << 40
"""Owners of a kind: far more than there will ever be."""

_OWNERS: Mapping[Kind, Table] = {"account": accounts, "note": notes, "ticket": tickets, "reply": ticket_replies}
_THINGS: Mapping[Kind, tuple[Table, str]] = {
    "order_note": (order_notes, "order_note_id"),
    "order": (orders, "order_id"),
}

FTS_TABLES = ("search_trigram", "search_people", "search_texts")
"""SQLite's indexes. That of trigrams reads its texts from the rows, the others keep none."""

# A null for the first column writes, 'delete' takes away what was written: one statement, so that the rows come in the
# order of their ids. FTS5 would otherwise end a segment of its index at each.
_TELL = {name: f"INSERT INTO {name} ({name}, rowid, folded) VALUES (?, ?, ?)" for name in FTS_TABLES}  # noqa: S608
_SAID = (
    "SELECT value FROM json_each(?)"
    " WHERE EXISTS (SELECT 1 FROM search_people WHERE search_people MATCH '\"' || value || '\"')"
)
_CHANGE = "UPDATE search_rows SET folded = ? WHERE id = ?"

# Made once: these are asked for every page of a backfill, and building a statement costs more than running it.
_STORED = select(search_rows.c.id, search_rows.c.folded).where(is_among(search_rows.c.id, "ids"))
_ADD = insert(search_rows)

# Bound variables in one statement: far below SQLite's 32,766 and PostgreSQL's 65,535.
_AT_ONCE = 1000
_TOKEN = re.compile(r"[^\W_]+")

Told = tuple[str | None, int, str]


def row_id(kind: Kind, owner_id: int) -> int:
    """The id of the index row of an owner."""
    return KINDS.index(kind) * SPAN + owner_id


def tokens(folded: str) -> tuple[str, ...]:
    """The words that the index of words holds of a folded text: runs of letters and digits, each once."""
    return tuple(dict.fromkeys(_TOKEN.findall(folded)))


def put(tx: Tx, kind: Kind, texts: Mapping[int, str]) -> int:
    """Keep these folded texts by owner; returns how many were new or had changed. Made for hundreds at once."""
    first = row_id(kind, 0)
    rows = (
        {"id": first + owner_id, "kind": kind, "owner_id": owner_id, "folded": f" {folded} "}
        for owner_id, folded in sorted(texts.items())
    )
    return _put(tx, kind, rows)


def put_things(tx: Tx, kind: Thing, shop: str, texts: Mapping[str, str]) -> int:
    """The same for what the shop names: folded texts by its id there; those that are empty are forgotten."""
    remove_things(tx, kind, shop, [thing for thing, folded in texts.items() if not folded])
    spoken = {thing: folded for thing, folded in texts.items() if folded}
    if not spoken:
        return 0
    known = _owners_of_things(tx, kind, shop, spoken)
    fresh = iter(_next_owners(tx, kind, len(spoken) - len(known)))
    rows = sorted((known.get(thing) or next(fresh), thing) for thing in spoken)
    first = row_id(kind, 0)
    return _put(
        tx,
        kind,
        (
            {"id": first + owner_id, "kind": kind, "owner_id": owner_id, "folded": f" {spoken[thing]} "}
            | {"shop": shop, "thing": thing}
            for owner_id, thing in rows
        ),
    )


def remove(tx: Tx, kind: Kind, owner_ids: Collection[int]) -> None:
    """Forget the texts of these owners."""
    ids = iter(sorted(owner_ids))
    while batch := [row_id(kind, owner_id) for owner_id in islice(ids, _AT_ONCE)]:
        statement = delete(search_rows).where(search_rows.c.id.in_(batch))
        removed = sorted(tx.execute(statement.returning(search_rows.c.id, search_rows.c.folded)).all())
        if tx.dialect.name == "sqlite":
            _tell(tx, kind, [("delete", row, folded) for row, folded in removed])
        if kind == "account":
            _forget_words(tx, {word for _, folded in removed for word in tokens(folded)})


def remove_things(tx: Tx, kind: Thing, shop: str, things: Collection[str]) -> None:
    """Forget the texts of these orders or order notes of a shop."""
    ids = iter(things)
    while batch := list(islice(ids, _AT_ONCE)):
        remove(tx, kind, _owners_of_things(tx, kind, shop, batch).values())


def remove_ownerless(tx: Tx) -> int:
    """Forget the texts of up to a thousand owners that are not there any more; returns how many it were."""
    removed = 0
    for kind in KINDS:
        if kind in _OWNERS:
            nobody = ~exists().where(_OWNERS[kind].c.id == search_rows.c.owner_id)
        else:
            things, name = _THINGS[kind]
            nobody = ~exists().where(things.c.shop == search_rows.c.shop, things.c[name] == search_rows.c.thing)
        found = select(search_rows.c.owner_id).where(_is_of(kind), nobody).limit(_AT_ONCE)
        ids = list(tx.execute(found).scalars())
        remove(tx, kind, ids)
        removed += len(ids)
    return removed


def empty(tx: Tx) -> None:
    """Forget every text, and make SQLite's indexes anew, be they damaged or out of step with their rows.

    The two go together: such an index cannot be asked whether it holds a row, and forgetting one that it does not hold
    damages it. PostgreSQL's follow their rows by themselves.
    """
    tx.execute(delete(search_rows))
    vocabulary.empty(tx)
    if tx.dialect.name != "sqlite":
        return
    for name in FTS_TABLES:
        definition = tx.execute(text("SELECT sql FROM sqlite_schema WHERE name = :name"), {"name": name}).scalar_one()
        try:
            with tx.begin_nested():
                tx.exec_driver_sql(f"DROP TABLE {name}")
        except (Corrupt, OperationalError):  # so damaged that it cannot even be opened
            _forget_definition(tx, name)
        tx.exec_driver_sql(definition)


def _forget_definition(tx: Tx, name: str) -> None:
    """Take away a virtual table that cannot be opened, and the tables it kept its content in."""
    # https://www.sqlite.org/pragma.html#pragma_writable_schema: the one way; RESET has the schema read again.
    tx.exec_driver_sql("PRAGMA writable_schema = ON")
    tx.execute(text("DELETE FROM sqlite_schema WHERE name = :name"), {"name": name})
    tx.exec_driver_sql("PRAGMA writable_schema = RESET")
    for part in ("data", "idx", "docsize", "config", "content"):  # https://www.sqlite.org/fts5.html#data_format
        tx.exec_driver_sql(f"DROP TABLE IF EXISTS {name}_{part}")


def _put(tx: Tx, kind: Kind, rows: Iterable[dict[str, Any]]) -> int:
    changed = 0
    rows = iter(rows)
    while batch := list(islice(rows, _AT_ONCE)):
        changed += _put_sqlite(tx, kind, batch) if tx.dialect.name == "sqlite" else _put_postgresql(tx, kind, batch)
    return changed


def _put_sqlite(tx: Tx, kind: Kind, rows: Sequence[Mapping[str, Any]]) -> int:
    stored = _stored(tx, [row["id"] for row in rows])
    new = [row for row in rows if row["id"] not in stored]
    changed = [row for row in rows if stored.get(row["id"], row["folded"]) != row["folded"]]
    told: list[Told] = [(None, row["id"], row["folded"]) for row in new]
    for row in changed:
        told += (("delete", row["id"], stored[row["id"]]), (None, row["id"], row["folded"]))
    told.sort(key=lambda each: each[1])
    if new:
        tx.execute(_ADD, new)
    if changed:
        tx.exec_driver_sql(_CHANGE, [(row["folded"], row["id"]) for row in changed])
    said, unsaid = _tell(tx, kind, told)
    if kind == "account":
        _keep_words(tx, said, unsaid)
    return len(new) + len(changed)


def _put_postgresql(tx: Tx, kind: Kind, rows: Sequence[Mapping[str, Any]]) -> int:
    stored = _stored(tx, [row["id"] for row in rows]) if kind == "account" else {}
    statement = postgresql.insert(search_rows).values(list(rows))
    statement = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={"folded": statement.excluded.folded},
        where=search_rows.c.folded != statement.excluded.folded,
    )
    written = set(tx.execute(statement.returning(search_rows.c.id)).scalars())
    if kind == "account":
        _keep_words(
            tx,
            {word for row in rows if row["id"] in written for word in tokens(row["folded"])},
            {word for row, folded in stored.items() if row in written for word in tokens(folded)},
        )
    return len(written)


def _stored(tx: Tx, ids: Sequence[int]) -> dict[int, str]:
    return dict(tx.execute(_STORED, {"ids": list(ids)}).all())


def _tell(tx: Tx, kind: Kind, told: Sequence[Told]) -> tuple[set[str], set[str]]:
    """Writes to SQLite's indexes, or takes out of them; returns the words of what was written, and of the rest."""
    said: set[str] = set()
    unsaid: set[str] = set()
    if told:
        texts: list[Told] = []
        for what, row, folded in told:
            words = tokens(folded)
            (unsaid if what else said).update(words)
            texts.append((what, row, " ".join(words)))
        tx.exec_driver_sql(_TELL["search_trigram"], list(told))
        tx.exec_driver_sql(_TELL["search_people" if kind == "account" else "search_texts"], texts)
    return said, unsaid


def _keep_words(tx: Tx, said: Collection[str], unsaid: Collection[str]) -> None:
    """The vocabulary that misspelt words are compared with: words of people alone."""
    vocabulary.add(tx, said)
    _forget_words(tx, set(unsaid).difference(said))


def _forget_words(tx: Tx, words: Iterable[str]) -> None:
    """Those that no person is found by any more leave the vocabulary: a name that was erased must not stay in it."""
    kept = [word for word in words if vocabulary.is_kept(word)]
    vocabulary.remove(tx, set(kept).difference(_still_said(tx, kept)))


def _still_said(tx: Tx, words: Sequence[str]) -> set[str]:
    if tx.dialect.name == "sqlite":
        return set(tx.exec_driver_sql(_SAID, (json.dumps(words),)).scalars()) if words else set()
    one = select(search_rows.c.id).where(_is_of("account")).limit(1)
    return {word for word in words if tx.execute(one.where(search_rows.c.folded.regexp_match(rf"\m{word}\M"))).first()}


def _is_of(kind: Kind) -> Any:
    first = row_id(kind, 0)
    return and_(search_rows.c.id >= first, search_rows.c.id < first + SPAN)


def _owners_of_things(tx: Tx, kind: Thing, shop: str, things: Iterable[str]) -> dict[str, int]:
    statement = select(search_rows.c.thing, search_rows.c.owner_id).where(
        search_rows.c.kind == kind, search_rows.c.shop == shop, search_rows.c.thing.in_(list(things))
    )
    return dict(tx.execute(statement).all())


def _next_owners(tx: Tx, kind: Thing, count: int) -> list[int]:
    """Numbers for things that have none. SQLite's transaction is the only writer; PostgreSQL has a sequence."""
    if count <= 0:
        return []
    if tx.dialect.name == "postgresql":
        numbers = text("SELECT nextval(pg_get_serial_sequence('search_rows', 'id')) FROM generate_series(1, :count)")
        return [int(row[0]) for row in tx.execute(numbers, {"count": count})]
    first = row_id(kind, 0)
    last = tx.execute(select(func.coalesce(func.max(search_rows.c.id), first)).where(_is_of(kind))).scalar_one()
    return list(range(last - first + 1, last - first + 1 + count))
