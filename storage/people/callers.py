"""Who has a phone number: the question of somebody whose phone is ringing."""

from __future__ import annotations

from sqlalchemy import select

from storage.engine import Tx
from storage.schema import accounts, identifiers
from storage.scope import Scope, sees_account


def with_phone(tx: Tx, key: str, scope: Scope, *, limit: int) -> list[int]:
    """The customers in scope one of whose accounts has this number (E.164)."""
    statement = (
        select(accounts.c.customer_id)
        .distinct()
        .join(identifiers, identifiers.c.account_id == accounts.c.id)
        .where(identifiers.c.kind == "phone", identifiers.c.key == key, sees_account(scope))
        .limit(limit)
    )
    return list(tx.execute(statement).scalars())
