"""The inbox: what shops delivered, until each delivery is applied, ignored or given up.

A delivery is a row before the shop is answered; that is `inbox_writer`'s part. Those about one thing of a shop are
claimed together, by one worker at a time. Nothing here looks into a body.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, FromClause, and_, case, func, literal_column, or_, select, update

from storage.engine import Tx
from storage.schema import inbox
from storage.upsert import insert

_MOST_ROWS = 2_000  # of one claim: one thing may have any number of deliveries, and their bodies are held in memory
_ONE_AT_A_TIME = 0x696E626F  # names our advisory locks on PostgreSQL, one for each shop

# Written out, not bound: only so do both planners see that the partial indexes serve.
_WAITING: ColumnElement[str] = literal_column("'waiting'")
_DEAD: ColumnElement[str] = literal_column("'dead'")


Settled = Literal["applied", "ignored", "dead"]
"""How a delivery ends."""

Thing = tuple[str, str]
"""Kind and id of a thing of one shop."""

CHANGE = "change."
"""How the topics begin of what was `add`ed: no delivery told of it."""

HELD_BACK = "many deliveries about one thing are worked together"
"""Why a delivery waits that was held back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted delivery. `attempts` counts earlier ones that failed, `reason` is why it still waits ("" at first);
    `body` is None once it was dropped.
    """

    id: int
    shop: str
    topic: str
    resource_id: str
    delivery_id: str
    body: bytes | None
    attempts: int
    received_at: datetime
    reason: str


class Told(NamedTuple):
    """Something to look at that no delivery said; `delivery_id` tells it from others of its topic."""

    topic: str
    kind: str
    resource_id: str
    delivery_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Count:
    """Of one shop: deliveries that wait, since when the oldest does, and how many were given up."""

    shop: str
    waiting: int
    oldest_at: datetime | None
    dead: int


def add(tx: Tx, shop: str, told: Sequence[Told], *, now: datetime) -> None:
    """Has things looked at as if a delivery had told of them."""
    rows = [
        {
            "shop": shop,
            "topic": one.topic,
            "kind": one.kind,
            "resource_id": one.resource_id,
            "delivery_id": one.delivery_id,
            "body_hash": blake2b(one.body, digest_size=16).digest(),
            "body": one.body,
            "received_at": now,
            "next_at": now,
            "state": "waiting",
        }
        for one in told
    ]
    if rows:
        tx.execute(insert(tx, inbox).on_conflict_do_nothing(), rows)


def claim(tx: Tx, *, shop: str, now: datetime, token: str, lease_seconds: float, limit: int) -> tuple[Entry, ...]:
    """Take the shop's things with the oldest due deliveries, at most `limit`, each with all that wait about it, by age.

    A thing is one (kind, id); a delivery without an id is a thing of its own. They are the token's for
    `lease_seconds`; until then no other claim gets a delivery about these things, not even one that arrives later.
    """
    if tx.dialect.name == "postgresql":
        # Another's uncommitted claim cannot be seen, so a shop's claims take turns, as all writers do on SQLite.
        tx.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME, func.hashtext(shop))))
    held, also = inbox.alias("held"), inbox.alias("also")
    is_held = select(held.c.id).where(_same_thing(held, inbox), held.c.claimed_until > now).exists()
    due = (
        select(inbox.c.id, inbox.c.shop, inbox.c.kind, inbox.c.resource_id)
        .where(inbox.c.state == _WAITING, inbox.c.shop == shop, inbox.c.next_at <= now, ~is_held)
        .order_by(inbox.c.next_at, inbox.c.id)
        .limit(limit)
        .cte("due")
    )
    found = select(also.c.id).distinct().join_from(due, also, _same_thing(also, due)).order_by(also.c.id)
    ids = tx.execute(found.limit(_MOST_ROWS)).scalars().all()
    if not ids:
        return ()
    # Asked again: a worker whose lease ran out may have settled its deliveries a moment ago.
    is_free = and_(inbox.c.state == _WAITING, or_(inbox.c.claimed_until.is_(None), inbox.c.claimed_until <= now))
    until = now + timedelta(seconds=lease_seconds)
    tx.execute(update(inbox).where(inbox.c.id.in_(ids), is_free).values(token=token, claimed_until=until))
    rows = select(
        inbox.c.id,
        inbox.c.shop,
        inbox.c.topic,
        inbox.c.resource_id,
        inbox.c.delivery_id,
        inbox.c.body,
        inbox.c.attempts,
        inbox.c.received_at,
        inbox.c.reason,
    ).where(inbox.c.id.in_(ids), inbox.c.token == token)
    return tuple(Entry(*row) for row in tx.execute(rows.order_by(inbox.c.id)))


def settle(
    tx: Tx,
    ids: Sequence[int],
    token: str,
    *,
    state: Settled,
    reason: str,
    now: datetime,
) -> int:
    """These deliveries are done with. Returns how many were still the token's; the others are left alone."""
    done = {"state": state, "reason": reason, "finished_at": now, "token": None, "claimed_until": None}
    return tx.execute(update(inbox).where(_is_held(ids, token)).values(**done)).rowcount


def retry(tx: Tx, ids: Sequence[int], token: str, *, next_at: datetime, reason: str) -> int:
    """The attempt failed for now: let go, and due again at `next_at`. Returns how many were still the token's."""
    put_off = {"attempts": inbox.c.attempts + 1, "next_at": next_at, "reason": reason}
    return tx.execute(
        update(inbox).where(_is_held(ids, token)).values(token=None, claimed_until=None, **put_off)
    ).rowcount


def release(tx: Tx, ids: Sequence[int], token: str, *, next_at: datetime) -> int:
    """Nothing was tried: let go, and due again at `next_at`, with as many attempts as before. Returns how many were
    still the token's.
    """
    put_back = {"next_at": next_at, "token": None, "claimed_until": None}
    return tx.execute(update(inbox).where(_is_held(ids, token)).values(**put_back)).rowcount


def hold_back(tx: Tx, ids: Sequence[int], token: str, *, until: datetime) -> int:
    """Nobody works on their thing before `until`, nor on what arrives about it meanwhile; then they are due, with the
    reason `HELD_BACK`. Returns how many were still the token's.
    """
    held = {"next_at": until, "token": None, "claimed_until": until, "reason": HELD_BACK}
    return tx.execute(update(inbox).where(_is_held(ids, token)).values(**held)).rowcount


def arrived(tx: Tx, shop: str, topics: Collection[str], ids: Collection[str], *, since: datetime) -> dict[Thing, int]:
    """How many deliveries of these topics about these ids arrived since then, by (kind, id), whatever became of them.
    What was `add`ed under another topic is not counted.
    """
    # Wrapped, so that the index by id is taken: after a bulk edit the one by date would read the whole shop's.
    received_at = func.coalesce(inbox.c.received_at, since)
    found = (
        select(inbox.c.kind, inbox.c.resource_id, func.count())
        .where(inbox.c.shop == shop, inbox.c.topic.in_(topics), inbox.c.resource_id.in_(ids))
        .where(received_at > since)
        .group_by(inbox.c.kind, inbox.c.resource_id)
    )
    return {(kind, thing): count for kind, thing, count in tx.execute(found)}


def shops_waiting(tx: Tx) -> list[str]:
    """The shops of which something waits, due or not."""
    return list(tx.execute(select(inbox.c.shop).where(inbox.c.state == _WAITING).distinct()).scalars())


def replay(tx: Tx, ids: Sequence[int], now: datetime) -> int:
    """Take up again those of these deliveries that were given up, each with all its tries anew; returns how many were.

    Done twice, the second time finds none of them dead. What was applied or ignored is left alone.
    """
    again = {"state": "waiting", "attempts": 0, "next_at": now, "finished_at": None, "reason": ""}
    return tx.execute(update(inbox).where(inbox.c.id.in_(ids), inbox.c.state == _DEAD).values(**again)).rowcount


def counts(tx: Tx) -> list[Count]:
    """What waits and what was given up, of every shop that has either. What is applied is not counted."""
    waiting = {
        row.shop: row
        for row in tx.execute(
            select(inbox.c.shop, func.count().label("n"), func.min(inbox.c.received_at).label("oldest_at"))
            .where(inbox.c.state == _WAITING)
            .group_by(inbox.c.shop)
        )
    }
    given_up = {
        row.shop: row.n
        for row in tx.execute(
            select(inbox.c.shop, func.count().label("n")).where(inbox.c.state == _DEAD).group_by(inbox.c.shop)
        )
    }
    return [
        Count(
            shop=shop,
            waiting=waiting[shop].n if shop in waiting else 0,
            oldest_at=waiting[shop].oldest_at if shop in waiting else None,
            dead=given_up.get(shop, 0),
        )
        for shop in sorted(waiting.keys() | given_up.keys())
    ]


def drop_old_bodies(
    tx: Tx,
    *,
    now: datetime,
    applied_after: timedelta = timedelta(days=7),
    dead_after: timedelta = timedelta(days=30),
    limit: int = 1_000,
) -> int:
    """Drop the bodies of what was finished so long ago; hash and facts stay, so that a late copy is known again. What
    was given up is nobody's concern any more then: its thing was compared with the shop many times since.

    Returns how many: call it again, in another transaction, until there are none.
    """
    is_old = or_(
        and_(inbox.c.state != _DEAD, inbox.c.finished_at < now - applied_after),
        and_(inbox.c.state == _DEAD, inbox.c.finished_at < now - dead_after),
    )
    has_body = and_(inbox.c.body.is_not(None), inbox.c.finished_at.is_not(None))
    old = select(inbox.c.id).where(has_body, is_old).order_by(inbox.c.finished_at).limit(limit)
    state = case((inbox.c.state == _DEAD, "ignored"), else_=inbox.c.state)
    dropped = update(inbox).where(inbox.c.id.in_(old.scalar_subquery())).values(body=None, state=state)
    return tx.execute(dropped).rowcount


def _same_thing(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """`one` waits and is about the same thing as `other`."""
    return and_(
        one.c.state == _WAITING,
        one.c.shop == other.c.shop,
        one.c.kind == other.c.kind,
        one.c.resource_id == other.c.resource_id,
        or_(one.c.resource_id != "", one.c.id == other.c.id),
    )


def _is_held(ids: Sequence[int], token: str) -> ColumnElement[bool]:
    return and_(inbox.c.id.in_(ids), inbox.c.token == token, inbox.c.state == _WAITING)
