"""Groups of one's own: their names and conditions. Who belongs to one is asked of `storage.segments.members`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from storage.engine import Tx
from storage.schema import agents, customer_groups


@dataclass(frozen=True)
class GroupRow:
    """A group beside the name of whoever made it."""

    id: int
    name: str
    conditions: Mapping[str, Any]
    made_at: datetime
    author_name: str
    changed_at: datetime


_SELECT = select(
    customer_groups.c.id,
    customer_groups.c.name,
    customer_groups.c.conditions,
    customer_groups.c.made_at,
    agents.c.name,
    customer_groups.c.changed_at,
).join(agents, agents.c.id == customer_groups.c.made_by)


def every(tx: Tx) -> tuple[GroupRow, ...]:
    """All groups, by name."""
    rows = tx.execute(_SELECT.order_by(customer_groups.c.name, customer_groups.c.id))
    return tuple(GroupRow(*row) for row in rows)


def get(tx: Tx, group_id: int) -> GroupRow | None:
    """One group."""
    row = tx.execute(_SELECT.where(customer_groups.c.id == group_id)).first()
    return GroupRow(*row) if row else None


def add(tx: Tx, name: str, conditions: Mapping[str, Any], *, agent_id: int, now: datetime) -> int:
    """A new group; returns its id."""
    made = insert(customer_groups).values(
        name=name, conditions=conditions, made_at=now, made_by=agent_id, changed_at=now
    )
    return int(tx.execute(made.returning(customer_groups.c.id)).scalar_one())


def change(tx: Tx, group_id: int, name: str, conditions: Mapping[str, Any], *, now: datetime) -> bool:
    """Gives a group another name and other conditions; False where there is none."""
    found = update(customer_groups).where(customer_groups.c.id == group_id)
    return tx.execute(found.values(name=name, conditions=conditions, changed_at=now)).rowcount == 1


def remove(tx: Tx, group_id: int) -> bool:
    """Removes a group, not its members; False where there is none."""
    return tx.execute(delete(customer_groups).where(customer_groups.c.id == group_id)).rowcount == 1
