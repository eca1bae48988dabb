"""How often a day something befell a thing that should hardly ever befall it: something else wrote over our summary and
we put it back (more than a few times is a quarrel), or its date in the shop went backwards.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, tuple_

from storage.engine import Tx
from storage.schema import corrections
from storage.upsert import insert

_KEPT = timedelta(days=7)


def count(tx: Tx, shop: str, kind: str, ref_id: str, *, now: datetime) -> int:
    """Count one more correction of the thing, and return how many there are today (UTC), this one included."""
    key = {"shop": shop, "kind": kind, "ref_id": ref_id, "day": _start(now)}
    tx.execute(
        insert(tx, corrections)
        .values(**key, count=1)
        .on_conflict_do_update(index_elements=list(key), set_={"count": corrections.c.count + 1})
    )
    today = select(corrections.c.count).where(*(corrections.c[name] == value for name, value in key.items()))
    return int(tx.execute(today).scalar_one())


def things(tx: Tx, shop: str, kind: str, *, now: datetime) -> int:
    """How many things of this kind were counted today."""
    today = (corrections.c.shop == shop, corrections.c.kind == kind, corrections.c.day == _start(now))
    return int(tx.execute(select(func.count()).select_from(corrections).where(*today)).scalar_one())


def forget(tx: Tx, refs: Collection[tuple[str, str, str]]) -> None:
    """Begin the counts of these things (shop, kind, id) anew: a person has seen to what wrote over our summary."""
    if refs:
        key = tuple_(corrections.c.shop, corrections.c.kind, corrections.c.ref_id)
        tx.execute(delete(corrections).where(key.in_(sorted(refs))))


def forget_old(tx: Tx, *, now: datetime) -> int:
    """Remove the counts of days that nobody asks for any more; returns how many."""
    return tx.execute(delete(corrections).where(corrections.c.day < now - _KEPT)).rowcount


def _start(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
