"""Who has whose page open. Asked for a few times a minute by every open page, and forgotten within the hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select

from storage.engine import Tx
from storage.schema import agents, viewings
from storage.upsert import insert

_KEPT = timedelta(hours=1)


class ViewingRow(NamedTuple):
    """An agent who has the page open, by her name."""

    agent_id: int
    name: str


def renew(tx: Tx, customer_id: int, agent_id: int, *, now: datetime) -> None:
    """This agent has this customer's page in sight."""
    statement = insert(tx, viewings).values(customer_id=customer_id, agent_id=agent_id, seen_at=now)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[viewings.c.customer_id, viewings.c.agent_id], set_={"seen_at": statement.excluded.seen_at}
        )
    )


def others(tx: Tx, customer_id: int, agent_id: int, *, since: datetime) -> list[ViewingRow]:
    """Whoever else had the page in sight since then, by name; nobody who may not sign in any more."""
    statement = (
        select(viewings.c.agent_id, agents.c.name)
        .join(agents, agents.c.id == viewings.c.agent_id)
        .where(
            viewings.c.customer_id == customer_id,
            viewings.c.agent_id != agent_id,
            viewings.c.seen_at >= since,
            agents.c.is_active,
        )
        .order_by(agents.c.name, viewings.c.agent_id)
    )
    return [ViewingRow(*row) for row in tx.execute(statement)]


def forget_old(tx: Tx, *, now: datetime) -> None:
    """Remove what is long over."""
    tx.execute(delete(viewings).where(viewings.c.seen_at < now - _KEPT))
