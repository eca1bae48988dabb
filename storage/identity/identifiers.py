"""What identifies each account, in one spelling, and who else bears it. What that means is not decided here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, union_all

from storage.engine import Tx
from storage.given import is_among
from storage.many import execute_many
from storage.schema import accounts, identifiers

Key = tuple[str, str]
"""Kind and key of an identifier."""

KINDS = ("email", "phone", "postcode")
"""The kinds whose bearers are asked for together; those of a name are asked for by `of_name`."""


class FactsRow(NamedTuple):
    """An account's facts, as far as they identify anybody."""

    id: int
    kind: str
    key: str
    is_gone: bool
    facts: Mapping[str, str]
    billing: Mapping[str, str]


_FACTS = ("first_name", "last_name", "email", "phone", "username", "role", "company")

# Made once: these are asked for every page of a backfill, and building a statement costs more than running it.
_FACTS_OF = select(
    *(accounts.c[name] for name in ("id", "kind", "key", "gone_at", "billing")), *(accounts.c[name] for name in _FACTS)
).where(is_among(accounts.c.id, "ids"))
_ADD = insert(identifiers).values(account_id=bindparam("b_id"), kind=bindparam("b_kind"), key=bindparam("b_key"))
_REMOVE = delete(identifiers).where(
    identifiers.c.account_id == bindparam("b_id"),
    identifiers.c.kind == bindparam("b_kind"),
    identifiers.c.key == bindparam("b_key"),
)
_OF = select(identifiers.c.account_id, identifiers.c.kind, identifiers.c.key).where(
    is_among(identifiers.c.account_id, "ids")
)
_BEARERS = union_all(
    *(
        select(identifiers.c.kind, identifiers.c.key, identifiers.c.account_id).where(
            identifiers.c.kind == kind, is_among(identifiers.c.key, kind)
        )
        for kind in KINDS
    )
)


def facts(tx: Tx, account_ids: Collection[int]) -> list[FactsRow]:
    """The facts of these accounts."""
    if not account_ids:
        return []
    return [
        FactsRow(row[0], row[1], row[2], row[3] is not None, dict(zip(_FACTS, row[5:], strict=True)), row[4])
        for row in tx.execute(_FACTS_OF, {"ids": list(account_ids)})
    ]


def of(tx: Tx, account_ids: Collection[int]) -> dict[int, set[Key]]:
    """What is kept of these accounts; those of which nothing is are absent."""
    found: dict[int, set[Key]] = {}
    if account_ids:
        for account_id, kind, key in tx.execute(_OF, {"ids": list(account_ids)}):
            found.setdefault(account_id, set()).add((kind, key))
    return found


def change(tx: Tx, *, added: Collection[tuple[int, Key]], removed: Collection[tuple[int, Key]]) -> None:
    """Writes what accounts are identified by now, and no more."""
    for statement, pairs in ((_REMOVE, removed), (_ADD, added)):
        execute_many(tx, statement, [{"b_id": its, "b_kind": kind, "b_key": key} for its, (kind, key) in pairs])


def bearers(tx: Tx, keys: Collection[Key]) -> dict[Key, set[int]]:
    """Every account that bears one of these (of KINDS)."""
    if not keys:
        return {}
    asked = {kind: [key for its_kind, key in keys if its_kind == kind] for kind in KINDS}
    found: dict[Key, set[int]] = {}
    for kind, key, account_id in tx.execute(_BEARERS, asked):
        found.setdefault((kind, key), set()).add(account_id)
    return found


def of_name(tx: Tx, keys: Collection[str], *, limit: int) -> set[int]:
    """Some accounts whose names sound so, at most `limit` for all `keys` together."""
    statement = (
        select(identifiers.c.account_id)
        .where(identifiers.c.kind == "name", identifiers.c.key.in_(keys))
        .order_by(identifiers.c.account_id.desc())
        .limit(limit)
    )
    return set(tx.execute(statement).scalars()) if keys else set()
