"""Parked records: what a shop sent and we cannot read, kept as it came, with the reason, until the thing changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select

from storage.engine import Tx
from storage.schema import parked
from storage.upsert import insert


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """One record that could not be read, and why not."""

    shop: str
    kind: str
    ref_id: str
    reason: str
    parked_at: datetime
    raw: bytes


def put(tx: Tx, *, shop: str, kind: str, ref_id: str, raw_hash: bytes, raw: bytes, reason: str, now: datetime) -> None:
    """Set the record aside; one of the same thing that was parked before is replaced, its date only if it changed."""
    statement = insert(tx, parked).values(
        shop=shop, kind=kind, ref_id=ref_id, raw_hash=raw_hash, raw=raw, reason=reason, parked_at=now
    )
    new = statement.excluded
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[parked.c.shop, parked.c.kind, parked.c.ref_id],
            set_={"raw_hash": new.raw_hash, "raw": new.raw, "reason": new.reason, "parked_at": new.parked_at},
            where=(parked.c.raw_hash != new.raw_hash) | (parked.c.reason != new.reason),
        )
    )


def release(tx: Tx, shop: str, kind: str, ref_ids: Sequence[str]) -> int:
    """Forget those of the things that were parked, because they can be read now; returns how many."""
    if tx.execute(_ANY, {"shop": shop, "kind": kind}).first() is None:
        return 0  # nearly always, and this is asked for every page
    ours = (parked.c.shop == shop, parked.c.kind == kind, parked.c.ref_id.in_(ref_ids))
    return tx.execute(delete(parked).where(*ours)).rowcount


_ANY = select(parked.c.ref_id).where(parked.c.shop == bindparam("shop"), parked.c.kind == bindparam("kind")).limit(1)


def newest(tx: Tx, *, limit: int, shop: str | None = None) -> list[ParkedRow]:
    """What was parked last, of one shop or of all."""
    found = select(
        parked.c.shop, parked.c.kind, parked.c.ref_id, parked.c.reason, parked.c.parked_at, parked.c.raw
    ).order_by(parked.c.parked_at.desc(), parked.c.shop, parked.c.kind, parked.c.ref_id)
    if shop is not None:
        found = found.where(parked.c.shop == shop)
    return [ParkedRow(*row) for row in tx.execute(found.limit(limit))]


def counts(tx: Tx) -> dict[str, int]:
    """How many records are parked, by shop."""
    found = select(parked.c.shop, func.count().label("parked")).group_by(parked.c.shop)
    return {row.shop: row.parked for row in tx.execute(found)}
