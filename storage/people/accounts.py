"""Accounts: a person as one shop knows her. Each belongs to exactly one customer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Update, bindparam, exists, func, insert, select, update

from storage import ids
from storage.engine import Tx
from storage.given import is_among
from storage.many import execute_many
from storage.schema import accounts, customers, facts_told, notes, orders

FACT_COLUMNS = (
    "first_name",
    "last_name",
    "company",
    "email",
    "phone",
    "username",
    "role",
    "billing",
    "shipping",
    "reference",
)
"""The columns that tell of the person, in the order in which AccountState holds them."""


class AccountState(NamedTuple):
    """A stored account: its facts in force, in the order of FACT_COLUMNS, addresses as mappings. `told` is what the
    shop tells, by column, where agents set something by hand; None where the two are the same.
    """

    id: int
    customer_id: int
    facts: tuple[Any, ...]
    facts_at: datetime | None
    read_seq: int
    raw_hash: bytes | None
    content_hash: bytes | None
    modified_at: datetime | None
    gone_at: datetime | None
    told: dict[str, Any] | None = None


# Made once: this is asked for every page of a backfill, and building a statement costs more than running it.
_STATES = select(
    accounts.c.key,
    accounts.c.id,
    accounts.c.customer_id,
    accounts.c.facts_at,
    accounts.c.read_seq,
    accounts.c.raw_hash,
    accounts.c.content_hash,
    accounts.c.modified_at,
    accounts.c.gone_at,
    select(facts_told.c.facts).where(facts_told.c.account_id == accounts.c.id).scalar_subquery(),
    *(accounts.c[name] for name in FACT_COLUMNS),
).where(
    accounts.c.shop == bindparam("shop"),
    accounts.c.kind == bindparam("kind"),
    is_among(accounts.c.key, "keys"),
)

_NEW_CUSTOMERS = insert(customers)
_NEW_ACCOUNTS = insert(accounts)


def states(tx: Tx, shop: str, kind: str, keys: Collection[str]) -> dict[str, AccountState]:
    """The stored accounts of one kind among `keys`, by key."""
    if not keys:
        return {}
    rows = tx.execute(_STATES, {"shop": shop, "kind": kind, "keys": list(keys)})
    return {row[0]: AccountState(row[1], row[2], tuple(row[10:]), *row[3:10]) for row in rows}


def create(tx: Tx, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> list[tuple[int, int]]:
    """Stores new accounts, each with a new customer of its own; returns (account id, customer id) in order."""
    if not rows:
        return []
    made = list(zip(ids.take(tx, accounts, len(rows)), ids.take(tx, customers, len(rows)), strict=True))
    execute_many(tx, _NEW_CUSTOMERS, [{"id": customer_id, "created_at": now} for _, customer_id in made])
    owned = [
        {**row, "id": account_id, "customer_id": customer_id, "own_customer_id": customer_id}
        for row, (account_id, customer_id) in zip(rows, made, strict=True)
    ]
    execute_many(tx, _NEW_ACCOUNTS, owned)
    return made


def change(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes columns of existing accounts; every row has `id` and the same other columns."""
    if rows:
        changed = _change(tuple(name for name in rows[0] if name != "id"))
        execute_many(tx, changed, [{f"b_{name}": value for name, value in row.items()} for row in rows])


@cache
def _change(names: tuple[str, ...]) -> Update:
    statement = update(accounts).where(accounts.c.id == bindparam("b_id"))
    return statement.values({name: bindparam(f"b_{name}") for name in names})


def touch(tx: Tx, account_ids: Collection[int], read_seq: int) -> None:
    """Notes that a later read found these accounts unchanged."""
    if account_ids:
        tx.execute(
            update(accounts)
            .where(accounts.c.id.in_(account_ids), accounts.c.read_seq < read_seq)
            .values(read_seq=read_seq)
        )


class AccountFacts(NamedTuple):
    """An account as the search index needs it: its facts by column."""

    id: int
    shop: str
    kind: str
    has_orders: bool
    is_gone: bool
    facts: dict[str, Any]


def count(tx: Tx) -> tuple[int, int]:
    """How many accounts there are, and the last id."""
    found, last = tx.execute(select(func.count(), func.coalesce(func.max(accounts.c.id), 0))).one()
    return found, last


def among(tx: Tx, first: int, last: int) -> list[int]:
    """The accounts that are there with these ids."""
    return list(tx.execute(select(accounts.c.id).where(accounts.c.id.between(first, last))).scalars())


def between(tx: Tx, first: int, last: int) -> list[AccountFacts]:
    """The accounts with these ids. Until the transaction ends nobody changes them."""
    has_orders = exists().where(orders.c.account_id == accounts.c.id)
    statement = (
        select(
            accounts.c.id,
            accounts.c.shop,
            accounts.c.kind,
            has_orders,
            accounts.c.gone_at,
            *(accounts.c[name] for name in FACT_COLUMNS),
        )
        .where(accounts.c.id.between(first, last))
        .order_by(accounts.c.id)
        .with_for_update(read=True, of=accounts)  # SQLite has no such words and needs none: it has one writer
    )
    return [
        AccountFacts(
            row[0], row[1], row[2], bool(row[3]), row[4] is not None, dict(zip(FACT_COLUMNS, row[5:], strict=True))
        )
        for row in tx.execute(statement)
    ]


def abandoned(tx: Tx, account_ids: Collection[int]) -> list[int]:
    """Those guests among these to whom nothing belongs any more: no order, no note."""
    if not account_ids:
        return []
    statement = select(accounts.c.id).where(
        accounts.c.id.in_(account_ids),
        accounts.c.kind == "guest",
        ~exists().where(orders.c.account_id == accounts.c.id),
        ~exists().where(notes.c.account_id == accounts.c.id),
        ~exists().where(notes.c.customer_id == accounts.c.customer_id),
    )
    return list(tx.execute(statement).scalars())
