"""The trail of who did what and when: ids only, never text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert

from storage.engine import Tx
from storage.schema import activity


def record(
    tx: Tx,
    action: str,
    *,
    at: datetime,
    agent_id: int | None,
    customer_id: int | None = None,
    note_id: int | None = None,
    ref: tuple[str, str, str] = ("", "", ""),
) -> None:
    """Add a line, in the transaction of what it tells.

    `action` is a noun and what was done to it (note.written); `agent_id` None is the program itself; `ref` is the thing
    of a shop that it was about, as (shop, kind, id).
    """
    shop, ref_kind, ref_id = ref
    tx.execute(
        insert(activity).values(
            at=at,
            agent_id=agent_id,
            action=action,
            customer_id=customer_id,
            note_id=note_id,
            shop=shop,
            ref_kind=ref_kind,
            ref_id=ref_id,
        )
    )
