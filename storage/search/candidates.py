"""Asks the search index: which texts hold the words, in a reader's scope, newest first.

By the beginnings of words (`starting`), and by any part of them (`holding`). Both take the words folded. What is out of
scope or filtered out never leaves the database, so that nothing is ranked, counted or shown for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    TableClause,
    and_,
    bindparam,
    column,
    literal_column,
    or_,
    select,
    table,
)

from storage.at_once import rows_at_once
from storage.engine import Tx
from storage.given import is_among
from storage.schema import accounts, search_rows
from storage.scope import Scope
from storage.search.index import FTS_TABLES, SPAN, Kind, row_id, tokens
from storage.search.owners import ANYTHING, Filter, people, rows_of

Way = Sequence[Sequence[str]]
"""One way to match: of every group one word must stand in the text. "ahm*" is the beginning of a word, "ahm" a whole
one. Words are folded, so none holds a star of its own.
"""

_TRIGRAM = 3
_TRIGRAMS = 6
"""Asked for of one word at most."""
_LOOKED_AT = 500
"""People looked at for those who were heard of last. On PostgreSQL texts too, since its index gives no order."""


class Candidate(NamedTuple):
    """A row that matches. `owner_id` is the thing of that kind, or the index's own number of what the shop names (then
    `shop` and `thing` tell which it is); `at` is when it was written, or the newest date of a person's facts.
    """

    kind: Kind
    owner_id: int
    customer_id: int
    folded: str
    at: datetime | None
    shop: str | None = None
    thing: str | None = None


def starting(
    tx: Tx,
    ways: Sequence[Way],
    scope: Scope,
    *,
    kinds: Sequence[Kind],
    limit: int,
    only: Filter = ANYTHING,
    begun: str = "",
) -> list[Candidate]:
    """The newest rows in scope, up to `limit` of each kind, that match one of the ways, and hold a word with the
    beginning `begun`, which may be too short for the index of texts. Later `kinds` may be left out once there are
    `limit` rows. Of people, who are asked for alone, those last heard of among the newest.
    """
    given = {"begun": f"% {begun}%"} if begun else {}
    if tx.dialect.name != "sqlite":
        return _newest_on_postgresql(tx, kinds, scope, only, or_(*(_likes(way) for way in ways)), given, limit)
    match = " OR ".join(f"({expression})" for way in ways if (expression := _expression(way)))
    if not match:
        return []
    given["match"] = match
    if tuple(kinds) == ("account",):
        return _read(tx, "account", _heard_of(scope, only), {**given, "limit": limit, "looked_at": _LOOKED_AT})
    return _newest(tx, kinds, scope, only, _Asked("search_texts"), given, limit)


def holding(
    tx: Tx, words: Sequence[str], scope: Scope, *, kinds: Sequence[Kind], limit: int, only: Filter = ANYTHING
) -> list[Candidate]:
    """The newest rows in scope, up to `limit` of each kind, that contain every one of the words, anywhere. None where
    all words are shorter than what the index holds, three letters.
    """
    if max(map(len, words)) < _TRIGRAM:
        return []
    given = {f"word{place}": f"%{word}%" for place, word in enumerate(words)}
    if tx.dialect.name != "sqlite":
        return _newest_on_postgresql(tx, kinds, scope, only, and_(*_held(len(words))), given, limit)
    trigrams = " AND ".join(f'"{trigram}"' for word in words for trigram in _some_of(word))
    asked = _Asked("search_trigram", words=len(words))
    return _newest(tx, kinds, scope, only, asked, {**given, "match": trigrams}, limit) if trigrams else []


def _read(tx: Tx, kind: Kind, statement: Select[Any], given: Mapping[str, object]) -> list[Candidate]:
    return [
        Candidate(kind, owner_id, customer_id, folded.strip(), at, shop, thing)
        for owner_id, customer_id, folded, at, shop, thing in rows_at_once(tx, statement, given)
    ]


def _of_ids(
    tx: Tx, kinds: Sequence[Kind], scope: Scope, only: Filter, ids: Sequence[int], given: Mapping[str, str]
) -> list[Candidate]:
    """Those of these rows that are in scope."""
    found = []
    for kind in kinds:
        first = row_id(kind, 0)
        if of_kind := [each for each in ids if first <= each < first + SPAN]:
            statement = _among(kind, scope, only, is_begun="begun" in given)
            found += _read(tx, kind, statement, {"begun": given.get("begun", ""), "ids": of_kind})
    return found


@lru_cache(maxsize=512)
def _among(kind: Kind, scope: Scope, only: Filter, *, is_begun: bool) -> Select[Any]:
    return rows_of(kind, scope, only, is_begun=is_begun).where(is_among(search_rows.c.id, "ids"))


# --- SQLite -------------------------------------------------------------------------------------------------------

_INDEXES = {name: table(name, column("rowid"), column("folded"), column(name)) for name in FTS_TABLES}


class _Asked(NamedTuple):
    """What is asked of which index; of so many `words` the texts themselves are asked too."""

    table: str
    words: int = 0


def _newest(
    tx: Tx, kinds: Sequence[Kind], scope: Scope, only: Filter, asked: _Asked, given: Mapping[str, str], limit: int
) -> list[Candidate]:
    if len(kinds) > 1:
        # Rows of all kinds at once: mostly there are few, and then this one question is enough.
        ids = list(tx.execute(_ids(asked), {**given, "first": SPAN, "limit": limit}).scalars())
        if len(ids) < limit:
            return _of_ids(tx, kinds, scope, only, ids, given)
    found: list[Candidate] = []
    for kind in kinds:
        if len(found) >= limit:
            break
        first = row_id(kind, 0)
        statement = _of_kind(kind, scope, only, asked, is_begun="begun" in given)
        found += _read(tx, kind, statement, {**given, "first": first, "end": first + SPAN, "limit": limit})
    return found


@lru_cache(maxsize=512)
def _heard_of(scope: Scope, only: Filter) -> Select[Any]:
    """Of the newest people who match, those who were heard of last: only their texts are read."""
    index = _INDEXES["search_people"]
    looked_at = (
        people(scope, only)
        .join(index, accounts.c.id == literal_column(f"+{index.name}.rowid"))
        .where(_matches(index))
        .order_by(index.c.rowid.desc())
        .limit(bindparam("looked_at"))
        .subquery()
    )
    newest = looked_at.c.facts_at.desc().nulls_last(), looked_at.c.id.desc()
    chosen = select(looked_at).order_by(*newest).limit(bindparam("limit")).subquery()
    columns = (chosen.c.id, chosen.c.customer_id, search_rows.c.folded, chosen.c.facts_at)
    return select(*columns, search_rows.c.shop, search_rows.c.thing).join(search_rows, search_rows.c.id == chosen.c.id)


@lru_cache(maxsize=64)
def _ids(asked: _Asked) -> Select[Any]:
    """The newest rows of every kind but people."""
    index = _INDEXES[asked.table]
    looked_at: FromClause = index
    if asked.words:
        looked_at = index.join(search_rows, search_rows.c.id == literal_column(f"+{index.name}.rowid"))
    found = select(index.c.rowid).select_from(looked_at)
    found = found.where(index.c.rowid >= bindparam("first"), _matches(index), *_held(asked.words))
    return found.order_by(index.c.rowid.desc()).limit(bindparam("limit"))


@lru_cache(maxsize=512)
def _of_kind(kind: Kind, scope: Scope, only: Filter, asked: _Asked, *, is_begun: bool) -> Select[Any]:
    found = rows_of(kind, scope, only, is_begun=is_begun).where(*_held(asked.words))
    index = _INDEXES[asked.table]
    # The index gives its rows in their order, so that LIMIT ends the reading of a frequent word early. The plus keeps
    # the planner from asking it once for every owner instead.
    return (
        found.join(index, search_rows.c.id == literal_column(f"+{index.name}.rowid"))
        .where(index.c.rowid >= bindparam("first"), index.c.rowid < bindparam("end"), _matches(index))
        .order_by(index.c.rowid.desc())
        .limit(bindparam("limit"))
    )


def _matches(index: TableClause) -> ColumnElement[bool]:
    return index.c[index.name].bool_op("MATCH")(bindparam("match"))


def _held(words: int) -> list[ColumnElement[bool]]:
    """Trigrams tell that a row may hold the words; its text tells whether it does."""
    return [_like(f"word{place}") for place in range(words)]


def _some_of(word: str) -> list[str]:
    """Trigrams of a word: all of a short one, of a long one some from its beginning to its end. Each that is asked for
    takes its time, and these leave few rows that do not hold the word.
    """
    every = [
        part[place : place + _TRIGRAM].replace('"', '""')
        for part in word.replace("_", "%").split("%")
        for place in range(len(part) - _TRIGRAM + 1)
    ]
    if len(every) <= _TRIGRAMS:
        return every
    return [every[place * (len(every) - 1) // (_TRIGRAMS - 1)] for place in range(_TRIGRAMS)]


def _expression(way: Way) -> str:
    """FTS5's words for it; nothing where a group has no word that the index could hold."""
    groups = [" OR ".join(filter(None, map(_term, group))) for group in way]
    return " AND ".join(f"({group})" for group in groups) if all(groups) else ""


def _term(word: str) -> str:
    """One word, which the index may hold as several (an e-mail address): then the star is the last one's."""
    parts = [f'"{token}"' for token in tokens(word)]
    if not parts:
        return ""
    if word.endswith("*"):
        parts[-1] += " *"
    return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


def _newest_on_postgresql(
    tx: Tx,
    kinds: Sequence[Kind],
    scope: Scope,
    only: Filter,
    held: ColumnElement[bool],
    given: Mapping[str, str],
    limit: int,
) -> list[Candidate]:
    values = {**given, "limit": limit, "looked_at": _LOOKED_AT}
    if len(kinds) > 1:  # as on SQLite
        is_text = search_rows.c.kind != literal_column("'account'")
        asked = select(search_rows.c.id).where(is_text, held).limit(bindparam("looked_at"))
        ids = list(tx.execute(asked, values).scalars())
        if len(ids) < _LOOKED_AT:
            return _of_ids(tx, kinds, scope, only, ids, given)
    found: list[Candidate] = []
    for kind in kinds:
        rows = rows_of(kind, scope, only, is_begun="begun" in given).where(held)
        found += _read(tx, kind, _postgresql(rows, kind), values)
    return found


def _postgresql(found: Select[Any], kind: Kind) -> Select[Any]:
    # With ORDER BY beside LIKE the planner may walk the primary key; a limited inner query keeps it at the trigrams.
    # The kind stands in the statement itself: the planner must see which of the indexes holds it.
    inner = (
        found.where(search_rows.c.kind == literal_column(f"'{kind}'"))
        .add_columns(search_rows.c.id)
        .limit(bindparam("looked_at"))
        .subquery()
    )
    first = (inner.c.facts_at.desc().nulls_last(),) if kind == "account" else ()
    return select(*list(inner.c)[:-1]).order_by(*first, inner.c.id.desc()).limit(bindparam("limit"))


def _like(name: str) -> ColumnElement[bool]:
    return search_rows.c.folded.like(bindparam(name))


def _likes(way: Way) -> ColumnElement[bool]:
    return and_(
        *(
            or_(
                *(
                    search_rows.c.folded.like(f"% {word[:-1]}%" if word.endswith("*") else f"% {word} %")
                    for word in group
                )
            )
            for group in way
        )
    )
