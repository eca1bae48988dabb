"""The outbox: which things of a shop must be looked at, never what to say there.

A mark raises the version of its row; whoever worked on a claim clears the row only if it is still at the version
claimed, so a mark made meanwhile is never lost. Parked refs wait for the next mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, tuple_, update

from storage.engine import Tx
from storage.schema import outbox
from storage.upsert import insert

Ref = tuple[str, str, str]
"""Shop, kind, id: a thing of a shop."""

AT_ONCE, SLOW = 0, 1
"""The lanes, the faster one first."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A ref to look at. `attempts` counts earlier ones that failed since the last mark."""

    kind: str
    ref_id: str
    version: int
    attempts: int
    lane: int


@dataclass(frozen=True, slots=True)
class Count:
    """How much of a shop waits, and how much is parked; `oldest_at` is when the longest waiting was last marked."""

    shop: str
    waiting: int
    parked: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class ParkedRef:
    """A ref that nobody looks at until its next mark, and why."""

    shop: str
    kind: str
    ref_id: str
    reason: str


def mark(tx: Tx, refs: Sequence[Ref], *, lane: int, now: datetime) -> None:
    """Have these looked at from now on. One that waits keeps the faster lane, a parked one is taken up again."""
    if not refs:
        return
    ordered = sorted(set(refs))  # alike for all, so that two transactions cannot each wait for the other
    rows = [
        {"shop": shop, "kind": kind, "ref_id": ref_id, "lane": lane, "marked_at": now, "next_at": now}
        for shop, kind, ref_id in ordered
    ]
    statement = insert(tx, outbox)
    new = statement.excluded
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[outbox.c.shop, outbox.c.kind, outbox.c.ref_id],
            set_={
                "version": outbox.c.version + 1,
                "lane": case((outbox.c.lane < new.lane, outbox.c.lane), else_=new.lane),
                "marked_at": new.marked_at,
                "next_at": new.next_at,
                "attempts": 0,
                "failure": "",
                "parked": "",
            },
        ),
        rows,
    )


def claim(
    tx: Tx,
    *,
    shop: str,
    now: datetime,
    token: str,
    lease_seconds: float,
    limit: int,
    lanes: Sequence[int] = (AT_ONCE, SLOW),
) -> tuple[Claim, ...]:
    """Take up to `limit` refs of the shop that are due and nobody else's, the faster lane first, then the oldest.

    They are the token's for `lease_seconds`; later anyone may take them.
    """
    due = (
        select(outbox.c.kind, outbox.c.ref_id, outbox.c.version, outbox.c.attempts, outbox.c.lane)
        .where(outbox.c.shop == shop, outbox.c.lane.in_(lanes), _is_due(now))
        .order_by(outbox.c.lane, outbox.c.next_at, outbox.c.kind, outbox.c.ref_id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # several workers share PostgreSQL; on SQLite the writer is alone
    )
    claims = tuple(Claim(*row) for row in tx.execute(due))
    if claims:
        until = now + timedelta(seconds=lease_seconds)
        tx.execute(update(outbox).where(outbox.c.shop == shop, _among(claims)).values(token=token, claimed_until=until))
    return claims


def clear(tx: Tx, shop: str, claims: Sequence[Claim], token: str) -> int:
    """The shop shows what it should: forget those that are still the token's; returns how many.

    One that was marked since it was claimed is let go instead, to be looked at again.
    """
    if not claims:
        return 0
    cleared = tx.execute(delete(outbox).where(_is_held(shop, claims, token), _is_same_version(claims))).rowcount
    _let_go(tx, shop, claims, token)
    return cleared


def retry(tx: Tx, shop: str, claims: Sequence[Claim], token: str, *, next_at: datetime, reason: str) -> int:
    """The attempt failed: try again at `next_at`, or at once what was marked since; returns how many were put off."""
    return _settle(tx, shop, claims, token, {"attempts": outbox.c.attempts + 1, "next_at": next_at, "failure": reason})


def park(tx: Tx, shop: str, claims: Sequence[Claim], token: str, *, reason: str) -> int:
    """Trying again is of no use: wait for the next mark, if it was not made already; returns how many are parked."""
    return _settle(tx, shop, claims, token, {"parked": reason, "failure": reason})


def release(tx: Tx, shop: str, claims: Sequence[Claim], token: str) -> None:
    """Nothing was tried: let them go, to be claimed by anyone."""
    if claims:
        _let_go(tx, shop, claims, token)


def is_marked(tx: Tx, ref: Ref) -> bool:
    """Whether the ref waits to be looked at, or is parked."""
    shop, kind, ref_id = ref
    mine = (outbox.c.shop == shop, outbox.c.kind == kind, outbox.c.ref_id == ref_id)
    return tx.execute(select(outbox.c.version).where(*mine)).first() is not None


def waiting(tx: Tx, shop: str, *, limit: int) -> list[tuple[str, str]]:
    """Kind and id of what waits, in the order it would be claimed, due or not."""
    found = (
        select(outbox.c.kind, outbox.c.ref_id)
        .where(outbox.c.shop == shop, outbox.c.parked == "")
        .order_by(outbox.c.lane, outbox.c.next_at, outbox.c.kind, outbox.c.ref_id)
    )
    return [(row.kind, row.ref_id) for row in tx.execute(found.limit(limit))]


def parked(tx: Tx, shop: str, *, limit: int) -> list[ParkedRef]:
    """What is parked, by id."""
    found = select(outbox.c.shop, outbox.c.kind, outbox.c.ref_id, outbox.c.parked).where(
        outbox.c.shop == shop, outbox.c.parked != ""
    )
    return [ParkedRef(*row) for row in tx.execute(found.order_by(outbox.c.kind, outbox.c.ref_id).limit(limit))]


def shops_with_work(tx: Tx, now: datetime) -> list[str]:
    """The shops that have something due."""
    return list(tx.execute(select(outbox.c.shop).where(_is_due(now)).distinct().order_by(outbox.c.shop)).scalars())


def counts(tx: Tx) -> list[Count]:
    """What waits and what is parked, by shop."""
    is_waiting = outbox.c.parked == ""
    found = (
        select(
            outbox.c.shop,
            func.count().filter(is_waiting),
            func.count().filter(~is_waiting),
            func.min(outbox.c.marked_at).filter(is_waiting),
        )
        .group_by(outbox.c.shop)
        .order_by(outbox.c.shop)
    )
    return [Count(*row) for row in tx.execute(found)]


def _settle(tx: Tx, shop: str, claims: Sequence[Claim], token: str, values: dict[str, object]) -> int:
    if not claims:
        return 0
    settled = tx.execute(
        update(outbox)
        .where(_is_held(shop, claims, token), _is_same_version(claims))
        .values(token=None, claimed_until=None, **values)
    ).rowcount
    _let_go(tx, shop, claims, token)
    return settled


def _let_go(tx: Tx, shop: str, claims: Sequence[Claim], token: str) -> None:
    tx.execute(update(outbox).where(_is_held(shop, claims, token)).values(token=None, claimed_until=None))


def _is_due(now: datetime) -> ColumnElement[bool]:
    is_free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now)
    return and_(outbox.c.parked == "", outbox.c.next_at <= now, is_free)


def _is_held(shop: str, claims: Sequence[Claim], token: str) -> ColumnElement[bool]:
    return and_(outbox.c.shop == shop, outbox.c.token == token, _among(claims))


def _among(claims: Sequence[Claim]) -> ColumnElement[bool]:
    return tuple_(outbox.c.kind, outbox.c.ref_id).in_([(claim.kind, claim.ref_id) for claim in claims])


def _is_same_version(claims: Sequence[Claim]) -> ColumnElement[bool]:
    keys = [(claim.kind, claim.ref_id, claim.version) for claim in claims]
    return tuple_(outbox.c.kind, outbox.c.ref_id, outbox.c.version).in_(keys)
