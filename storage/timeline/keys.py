"""Everything that happened with a customer, in order of time, a page at a time.

A page is found by keys alone, in one statement over all kinds; `storage.timeline.things` reads what they name. Keys are
ordered and compared by the database, so that a page never repeats or skips one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.types import BigInteger, Integer, Text

from storage.engine import Tx
from storage.schema import accounts, notes, order_notes, orders, refunds, ticket_replies, tickets
from storage.scope import Scope, notes_with_owner, sees_note, sees_order, sees_ticket
from storage.types import Instant

Kind = Literal["order", "refund", "order_note", "ticket", "reply", "note"]
"""The kinds of things, each of a table."""

Part = Literal["order", "status", "order_note", "refund", "ticket", "reply", "note", "contact"]
"""What a reader may choose. Order notes that tell of a status and notes that record a contact are parts of their own,
which leaves the others to `order_note` and `note`.
"""

PARTS: tuple[Part, ...] = get_args(Part)

KINDS: tuple[Kind, ...] = ("order", "order_note", "refund", "ticket", "reply", "note")
"""In the order in which they stand within one instant, oldest first: an order or a ticket comes before what hangs on
it.
"""

# What has no date counts as older than any shop.
_NO_DATE = datetime(1900, 1, 1, tzinfo=UTC)


class Key(NamedTuple):
    """Names a thing and its place. `shop` is "" for a note, whose `id` is its number as text."""

    at: datetime | None
    kind: Kind
    shop: str
    id: str


class Wanted(NamedTuple):
    """Which things, in which direction. An order note tells of a status if it holds one of `status_words`."""

    parts: frozenset[Part]
    newest_first: bool
    status_words: tuple[str, ...] = ()


def page(tx: Tx, customer_id: int, scope: Scope, wanted: Wanted, *, after: Key | None, limit: int) -> list[Key]:
    """The keys of the next `limit` things behind `after`, deleted notes left out."""
    asked: dict[str, Any] = {"customer": customer_id, "most": limit}
    if after is not None:
        is_note = after.kind == "note"
        asked |= {"place": after.at or _NO_DATE, "own_shop": after.shop}
        asked |= {"own": "" if is_note else after.id, "own_number": int(after.id) if is_note else 0}
    statement = _statement(scope, wanted, after.kind if after else None)
    if statement is None:
        return []
    return [
        Key(at, KINDS[rank], shop, str(number) if KINDS[rank] == "note" else thing)
        for at, rank, shop, thing, number in tx.execute(statement, asked)
    ]


class _Source(NamedTuple):
    """One kind's rows of a customer, and the columns that place them: shop and id, or a note's number."""

    rows: Select[Any]
    at: ColumnElement[datetime | None]
    shop: ColumnElement[str]
    id: ColumnElement[str]
    number: ColumnElement[int]


@lru_cache(maxsize=1024)
def _statement(scope: Scope, wanted: Wanted, after: Kind | None) -> Select[Any] | None:
    """Made once for each reader: building the statement of a page costs more than running it. None: nothing is wanted.

    Each kind gives its next rows by its own index, and the page is the next of them all.
    """
    chosen = [kind for kind in KINDS if _is_wanted(kind, wanted.parts)]
    parts = [_next_of(kind, scope, wanted, after).subquery() for kind in chosen]
    if not parts:
        return None
    merged = union_all(*(select(part) for part in parts)).subquery()
    turned = _turned(newest_first=wanted.newest_first)
    place = (merged.c.placed_at, merged.c.rank, merged.c.shop, merged.c.id, merged.c.number)
    return (
        select(merged.c.at, merged.c.rank, merged.c.shop, merged.c.id, merged.c.number)
        .order_by(*(turned(column) for column in place))
        .limit(bindparam("most", type_=Integer))
    )


def _is_wanted(kind: Kind, parts: frozenset[Part]) -> bool:
    return kind in parts or (kind == "order_note" and "status" in parts) or (kind == "note" and "contact" in parts)


def _next_of(kind: Kind, scope: Scope, wanted: Wanted, after: Kind | None) -> Select[Any]:
    source = _source(kind, scope, wanted)
    at = func.coalesce(source.at, literal(_NO_DATE, Instant()), type_=Instant())
    rows: Any = source.rows  # whatever it selects by now: the same columns of every kind are what is wanted
    statement: Select[Any] = rows.with_only_columns(
        source.at.label("at"),
        at.label("placed_at"),
        literal_column(str(KINDS.index(kind)), Integer).label("rank"),
        source.shop.label("shop"),
        source.id.label("id"),
        source.number.label("number"),
    )
    if after is not None:
        statement = statement.where(_behind(source, at, kind, after, newest_first=wanted.newest_first))
    order = (at, source.number) if kind == "note" else (at, source.shop, source.id)
    turned = _turned(newest_first=wanted.newest_first)
    return statement.order_by(*(turned(part) for part in order)).limit(bindparam("most", type_=Integer))


def _turned(*, newest_first: bool) -> Callable[[ColumnElement[Any]], ColumnElement[Any]]:
    return (lambda column: column.desc()) if newest_first else (lambda column: column.asc())


def _source(kind: Kind, scope: Scope, wanted: Wanted) -> _Source:
    customer = bindparam("customer", type_=BigInteger)
    nothing, no_number = literal_column("''", Text), literal_column("0", BigInteger)
    if kind == "note":
        mine = (
            select(notes.c.id)
            .select_from(notes_with_owner())
            .where(notes.c.customer_id == customer, notes.c.deleted_at.is_(None), sees_note(scope))
        )
        is_contact = notes.c.channel != ""
        mine = _narrowed(mine, is_contact, plain="note" in wanted.parts, special="contact" in wanted.parts)
        return _Source(mine, notes.c.created_at, nothing, nothing, cast(notes.c.id, BigInteger))
    if kind in {"ticket", "reply"}:
        hers = and_(accounts.c.customer_id == customer, sees_ticket(scope))
        placed = tickets.join(accounts, accounts.c.id == tickets.c.account_id)
        table, own_id = (tickets, "ticket_id") if kind == "ticket" else (ticket_replies, "reply_id")
        if kind == "reply":
            placed = placed.join(ticket_replies, _of_ticket())
    else:
        hers = and_(accounts.c.customer_id == customer, sees_order(scope))
        placed = orders.join(accounts, accounts.c.id == orders.c.account_id)
        table, own_id = {
            "order": (orders, "order_id"),
            "refund": (refunds, "refund_id"),
            "order_note": (order_notes, "order_note_id"),
        }[kind]
        if kind != "order":
            placed = placed.join(table, _of_order(table))
    rows = select(table.c.shop).select_from(placed).where(hers)
    if kind == "order_note":
        tells = or_(false(), *(order_notes.c.body.contains(words, autoescape=True) for words in wanted.status_words))
        rows = _narrowed(rows, tells, plain="order_note" in wanted.parts, special="status" in wanted.parts)
    return _Source(rows, table.c.created_at, table.c.shop, table.c[own_id], no_number)


def _narrowed(rows: Select[Any], is_special: ColumnElement[bool], *, plain: bool, special: bool) -> Select[Any]:
    if plain and special:
        return rows
    return rows.where(is_special if special else not_(is_special))


def _behind(
    source: _Source, at: ColumnElement[datetime | None], kind: Kind, after: Kind, *, newest_first: bool
) -> ColumnElement[bool]:
    """The rows that come after a key of any kind, in the direction of reading."""
    place = bindparam("place", type_=Instant())
    beyond = at < place if newest_first else at > place
    if kind == after:
        mine: ColumnElement[Any] = source.number if kind == "note" else tuple_(source.shop, source.id)
        theirs: ColumnElement[Any] = (
            bindparam("own_number", type_=BigInteger)
            if kind == "note"
            else tuple_(bindparam("own_shop", type_=Text), bindparam("own", type_=Text))
        )
        return or_(beyond, and_(at == place, mine < theirs if newest_first else mine > theirs))
    later_within_instant = KINDS.index(kind) > KINDS.index(after)
    return or_(beyond, at == place) if later_within_instant != newest_first else beyond


def _of_order(table: Any) -> ColumnElement[bool]:
    return and_(orders.c.shop == table.c.shop, orders.c.order_id == table.c.order_id)


def _of_ticket() -> ColumnElement[bool]:
    return and_(tickets.c.shop == ticket_replies.c.shop, tickets.c.ticket_id == ticket_replies.c.ticket_id)
