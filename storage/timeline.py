"""Everything that happened with a customer, in order of time, a page at a time.

A page is found by keys alone, from each kind of thing in order; `storage.timeline_rows` reads what they name. Keys are
compared as the database compares them, so that a page never repeats or skips one.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, cast, func, literal, or_, select, tuple_
from sqlalchemy.types import BigInteger, Integer, Text

from storage.engine import Tx
from storage.schema import accounts, notes, order_notes, orders, refunds, ticket_replies, tickets
from storage.scope import Scope, notes_with_owner, sees_note, sees_order, sees_ticket
from storage.types import Instant

Kind = Literal["order", "refund", "order_note", "ticket", "reply", "note"]

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


def page(
    tx: Tx,
    customer_id: int,
    scope: Scope,
    *,
    kinds: Collection[Kind],
    newest_first: bool,
    after: Key | None,
    limit: int,
) -> list[Key]:
    """The keys of the next `limit` things behind `after`, deleted notes left out."""
    chosen = [kind for kind in (reversed(KINDS) if newest_first else KINDS) if kind in kinds]
    sources = [
        _keys(tx, kind, customer_id, scope, newest_first=newest_first, after=after, limit=limit) for kind in chosen
    ]
    # Merging is stable: what shares an instant keeps the order of `chosen`, and within a kind the database's.
    merged: Iterable[Key] = heapq.merge(*sources, key=lambda key: key.at or _NO_DATE, reverse=newest_first)
    return [key for key, _ in zip(merged, range(limit), strict=False)]


class _Source(NamedTuple):
    """One kind's rows of a customer, and the columns that place them."""

    rows: Select[Any]
    at: ColumnElement[datetime | None]
    shop: ColumnElement[str]
    id: ColumnElement[Any]


def _keys(
    tx: Tx, kind: Kind, customer_id: int, scope: Scope, *, newest_first: bool, after: Key | None, limit: int
) -> Iterator[Key]:
    asked: dict[str, Any] = {"customer": customer_id, "most": limit}
    if after is not None:
        asked |= {"place": after.at or _NO_DATE}
        if kind == after.kind:
            asked |= {"own": int(after.id)} if kind == "note" else {"own_shop": after.shop, "own": after.id}
    statement = _statement(kind, scope, after.kind if after else None, newest_first=newest_first)
    return (Key(at, kind, shop, thing) for at, shop, thing in tx.execute(statement, asked).all())


@lru_cache(maxsize=1024)
def _statement(kind: Kind, scope: Scope, after: Kind | None, *, newest_first: bool) -> Select[Any]:
    """Made once for each reader: building the statements of a page costs more than running them."""
    source = _source(kind, scope)
    at = func.coalesce(source.at, literal(_NO_DATE, Instant()), type_=Instant())
    statement = source.rows
    if after is not None:
        statement = statement.where(_behind(source, at, kind, after, newest_first=newest_first))
    order = (at, source.shop, source.id) if kind != "note" else (at, source.id)
    return statement.order_by(*(part.desc() if newest_first else part.asc() for part in order)).limit(
        bindparam("most", type_=Integer)
    )


def _source(kind: Kind, scope: Scope) -> _Source:
    customer = bindparam("customer", type_=BigInteger)
    if kind == "note":
        no_shop = literal("", Text)
        mine = (
            select(notes.c.created_at, no_shop, cast(notes.c.id, Text))
            .select_from(notes_with_owner())
            .where(notes.c.customer_id == customer, notes.c.deleted_at.is_(None), sees_note(scope))
        )
        return _Source(mine, notes.c.created_at, no_shop, notes.c.id)
    if kind in {"ticket", "reply"}:
        hers = and_(accounts.c.customer_id == customer, sees_ticket(scope))
        placed = tickets.join(accounts, accounts.c.id == tickets.c.account_id)
        if kind == "ticket":
            columns = (tickets.c.created_at, tickets.c.shop, tickets.c.ticket_id)
        else:
            columns = (ticket_replies.c.created_at, ticket_replies.c.shop, ticket_replies.c.reply_id)
            placed = placed.join(ticket_replies, _of_ticket())
        return _Source(select(*columns).select_from(placed).where(hers), *columns)
    hers = and_(accounts.c.customer_id == customer, sees_order(scope))
    placed = orders.join(accounts, accounts.c.id == orders.c.account_id)
    if kind == "order":
        columns = (orders.c.created_at, orders.c.shop, orders.c.order_id)
        return _Source(select(*columns).select_from(placed).where(hers), *columns)
    table, own_id = (refunds, "refund_id") if kind == "refund" else (order_notes, "order_note_id")
    columns = (table.c.created_at, table.c.shop, table.c[own_id])
    return _Source(select(*columns).select_from(placed.join(table, _of_order(table))).where(hers), *columns)


def _behind(
    source: _Source, at: ColumnElement[datetime | None], kind: Kind, after: Kind, *, newest_first: bool
) -> ColumnElement[bool]:
    """The rows that come after a key of any kind, in the direction of reading."""
    place = bindparam("place", type_=Instant())
    beyond = at < place if newest_first else at > place
    if kind == after:
        mine: ColumnElement[Any] = source.id if kind == "note" else tuple_(source.shop, source.id)
        own = bindparam("own", type_=source.id.type)
        theirs: ColumnElement[Any] = own if kind == "note" else tuple_(bindparam("own_shop", type_=Text), own)
        return or_(beyond, and_(at == place, mine < theirs if newest_first else mine > theirs))
    later_within_instant = KINDS.index(kind) > KINDS.index(after)
    return or_(beyond, at == place) if later_within_instant != newest_first else beyond


def _of_order(table: Any) -> ColumnElement[bool]:
    return and_(orders.c.shop == table.c.shop, orders.c.order_id == table.c.order_id)


def _of_ticket() -> ColumnElement[bool]:
    return and_(tickets.c.shop == ticket_replies.c.shop, tickets.c.ticket_id == ticket_replies.c.ticket_id)
