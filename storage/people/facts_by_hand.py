"""Facts of accounts that agents set by hand, and what the shop tells in their place.

`accounts` holds what is in force, so that nothing that reads it needs to know of these. Whoever writes facts of an
account asks here what is held, and keeps the shop's word in `facts_told`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select

from storage.engine import Tx
from storage.schema import agents, facts_by_hand, facts_told
from storage.upsert import insert


@dataclass(frozen=True)
class HandRow:
    """One field as an agent set it."""

    account_id: int
    field: str
    value: str
    set_by: str
    set_at: datetime


def of(tx: Tx, account_ids: Collection[int]) -> list[HandRow]:
    """What was set by hand of these accounts, the latest first, beside the agents' names."""
    if not account_ids:
        return []
    return [HandRow(*row) for row in tx.execute(_OF, {"accounts": list(account_ids)})]


_OF = (
    select(
        facts_by_hand.c.account_id,
        facts_by_hand.c.field,
        facts_by_hand.c.value,
        agents.c.name,
        facts_by_hand.c.set_at,
    )
    .select_from(facts_by_hand.join(agents, agents.c.id == facts_by_hand.c.set_by))
    .where(facts_by_hand.c.account_id.in_(bindparam("accounts", expanding=True)))
    .order_by(facts_by_hand.c.set_at.desc(), facts_by_hand.c.account_id, facts_by_hand.c.field)
)


def values(tx: Tx, account_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """By account, the fields that are set by hand. Accounts without any are absent."""
    found: dict[int, dict[str, str]] = {}
    if not account_ids:
        return found
    statement = select(facts_by_hand.c.account_id, facts_by_hand.c.field, facts_by_hand.c.value).where(
        facts_by_hand.c.account_id.in_(account_ids)
    )
    for account_id, field, value in tx.execute(statement):
        found.setdefault(account_id, {})[field] = value
    return found


def told(tx: Tx, account_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """By account, what the shop tells of it, by column of `accounts`, where that is not what is in force."""
    if not account_ids:
        return {}
    statement = select(facts_told.c.account_id, facts_told.c.facts).where(facts_told.c.account_id.in_(account_ids))
    return {row.account_id: row.facts for row in tx.execute(statement)}


def put(tx: Tx, account_id: int, fields: Mapping[str, str], *, agent_id: int, now: datetime) -> None:
    """Set these fields by hand."""
    for field, value in fields.items():
        row = {"account_id": account_id, "field": field, "value": value, "set_by": agent_id, "set_at": now}
        statement = insert(tx, facts_by_hand).values(row)
        changed = {name: statement.excluded[name] for name in ("value", "set_by", "set_at")}
        tx.execute(statement.on_conflict_do_update(index_elements=["account_id", "field"], set_=changed))


def remove(tx: Tx, account_id: int, fields: Collection[str]) -> None:
    """Let these fields be the shop's again."""
    tx.execute(delete(facts_by_hand).where(facts_by_hand.c.account_id == account_id, facts_by_hand.c.field.in_(fields)))


def tell(tx: Tx, facts: Mapping[int, Mapping[str, Any]]) -> None:
    """Keep what the shop tells of accounts of which something is set by hand."""
    if not facts:
        return
    rows = [{"account_id": account_id, "facts": dict(known)} for account_id, known in facts.items()]
    statement = insert(tx, facts_told).values(rows)
    tx.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_={"facts": statement.excluded.facts}))


def forget_told(tx: Tx, account_id: int) -> None:
    """Nothing of the account is set by hand any more: what the shop tells is in force."""
    tx.execute(delete(facts_told).where(facts_told.c.account_id == account_id))
