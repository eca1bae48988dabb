"""What people set on pages, each under its name, as JSON; what is not set is not here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage.engine import Tx
from storage.schema import settings
from storage.upsert import insert


def get(tx: Tx, name: str) -> Any:
    """What is set under the name; None for nothing."""
    return tx.execute(select(settings.c.value).where(settings.c.name == name)).scalar()


def put(tx: Tx, name: str, value: Any, *, now: datetime, agent_id: int | None) -> None:
    """Set it; `agent_id` None is the program itself."""
    statement = insert(tx, settings).values(name=name, value=value, changed_at=now, changed_by=agent_id)
    new = statement.excluded
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[settings.c.name],
            set_={"value": new.value, "changed_at": new.changed_at, "changed_by": new.changed_by},
        )
    )
