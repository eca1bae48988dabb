"""Leases: a periodic job runs in one process at a time, however many workers there are.

A lease is a courtesy, not a lock: whoever stalls past its end may find another at work, so what it guards must bear
being done twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from storage.engine import Tx
from storage.schema import leases
from storage.upsert import insert


def acquire(tx: Tx, name: str, owner: str, *, now: datetime, seconds: float) -> bool:
    """Take the lease `name` for `owner`, or prolong it if it is theirs already; False while another holds it."""
    until = now + timedelta(seconds=seconds)
    statement = insert(tx, leases).values(name=name, owner=owner, until=until)
    is_free = or_(leases.c.until <= now, leases.c.owner == owner)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[leases.c.name],
            set_={"owner": statement.excluded.owner, "until": statement.excluded.until},
            where=is_free,
        )
    )
    holder: str = tx.execute(select(leases.c.owner).where(leases.c.name == name)).scalar_one()
    return holder == owner


def renew(tx: Tx, name: str, owner: str, *, now: datetime, seconds: float) -> bool:
    """Prolong the lease; False if it is another's by now: then stop."""
    held = update(leases).where(leases.c.name == name, leases.c.owner == owner)
    return tx.execute(held.values(until=now + timedelta(seconds=seconds))).rowcount == 1


def release(tx: Tx, name: str, owner: str) -> None:
    """Give the lease back before its time, if it is still the owner's."""
    tx.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))


def until(tx: Tx, name: str) -> datetime | None:
    """When the lease ends unless it is prolonged; None where nobody has it."""
    return tx.execute(select(leases.c.until).where(leases.c.name == name)).scalar_one_or_none()
