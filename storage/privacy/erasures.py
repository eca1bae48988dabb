"""People who are to be forgotten: the jobs that forget them, their accounts, and the do-not-import list.

What is erased in which table is `erasing`'s. Hashes are made by the caller: no match key of a person comes here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from storage.engine import Tx
from storage.schema import accounts, agents, customers, erased_accounts, erased_keys, erasures, orders, tickets
from storage.upsert import insert as insert_or

_AT_ONCE = 900


class ErasureRow(NamedTuple):
    """One person who is, or was, erased. `asked_by` is the agent's name, "" at the command line."""

    id: int
    customer_id: int
    asked_by: str
    asked_at: datetime
    step: str
    counts: Mapping[str, int]
    finished_at: datetime | None


class ErasedAccount(NamedTuple):
    """An account of an erased person."""

    id: int
    customer_id: int
    shop: str
    kind: str
    key: str


def begin(tx: Tx, customer_id: int, *, asked_by: int | None, step: str, now: datetime) -> int:
    """Write down that a customer is to be erased; returns the job's id."""
    made = insert(erasures).values(customer_id=customer_id, asked_by=asked_by, asked_at=now, step=step)
    return int(tx.execute(made.returning(erasures.c.id)).scalar_one())


def take_step(tx: Tx, erasure_id: int, step: str, counts: Mapping[str, int]) -> None:
    """The step before is done: `step` is next, and `counts` is what was erased until now."""
    tx.execute(update(erasures).where(erasures.c.id == erasure_id).values(step=step, counts=dict(counts)))


def finish(tx: Tx, erasure_id: int, *, now: datetime) -> None:
    """Nothing is left to do."""
    tx.execute(update(erasures).where(erasures.c.id == erasure_id).values(finished_at=now))


def begin_again(tx: Tx, erasure_ids: Collection[int], *, step: str) -> None:
    """More of these people came to light: everything is gone through once more."""
    if erasure_ids:
        tx.execute(update(erasures).where(erasures.c.id.in_(erasure_ids)).values(step=step, finished_at=None))


def get(tx: Tx, erasure_id: int) -> ErasureRow | None:
    """One job."""
    return next(iter(_read(tx, erasures.c.id == erasure_id)), None)


def unfinished(tx: Tx) -> list[ErasureRow]:
    """The jobs that are not done yet, the oldest first."""
    return _read(tx, erasures.c.finished_at.is_(None))


def of_customer(tx: Tx, customer_id: int) -> ErasureRow | None:
    """The job by which this customer, or an account of hers, was erased last; None where she never was."""
    row = tx.execute(_of_customer(), {"customer": customer_id}).first()
    return ErasureRow(*row) if row else None


@cache
def _of_customer() -> Select[Any]:
    """Made once: each customer's page asks it."""
    customer = bindparam("customer", type_=BigInteger)
    hers = (
        select(erased_accounts.c.erasure_id)
        .join(accounts, accounts.c.id == erased_accounts.c.account_id)
        .where(accounts.c.customer_id == customer)
    )
    mine = or_(erasures.c.customer_id == customer, erasures.c.id.in_(hers))
    return _select().where(mine).order_by(erasures.c.id.desc()).limit(1)


def newest(tx: Tx, *, limit: int) -> list[ErasureRow]:
    """The jobs asked for last, the newest first."""
    return _read(tx, literal(value=True), limit=limit)[::-1]


def _select() -> Select[Any]:
    return select(
        erasures.c.id,
        erasures.c.customer_id,
        func.coalesce(agents.c.name, ""),
        erasures.c.asked_at,
        erasures.c.step,
        erasures.c.counts,
        erasures.c.finished_at,
    ).select_from(erasures.outerjoin(agents, agents.c.id == erasures.c.asked_by))


def _read(tx: Tx, which: ColumnElement[bool], *, limit: int | None = None) -> list[ErasureRow]:
    found = _select().where(which).order_by(erasures.c.id.desc() if limit else erasures.c.id)
    rows = [ErasureRow(*row) for row in tx.execute(found.limit(limit) if limit else found)]
    return rows[::-1] if limit else rows


# --- whose --------------------------------------------------------------------------------------------------------


def add_accounts(tx: Tx, erasure_id: int, account_ids: Collection[int]) -> None:
    """These accounts are the erased person's."""
    if account_ids:
        rows = [{"account_id": each, "erasure_id": erasure_id} for each in sorted(account_ids)]
        tx.execute(insert_or(tx, erased_accounts).on_conflict_do_nothing(), rows)


def accounts_of(tx: Tx, erasure_id: int) -> list[ErasedAccount]:
    """Her accounts, with the customers that they belong to now."""
    found = (
        select(accounts.c.id, accounts.c.customer_id, accounts.c.shop, accounts.c.kind, accounts.c.key)
        .join(erased_accounts, erased_accounts.c.account_id == accounts.c.id)
        .where(erased_accounts.c.erasure_id == erasure_id)
        .order_by(accounts.c.id)
    )
    return [ErasedAccount(*row) for row in tx.execute(found)]


def erased_among(tx: Tx, account_ids: Collection[int]) -> dict[int, int]:
    """The job of each of these accounts that is an erased person's, by account."""
    if not account_ids:
        return {}
    found = select(erased_accounts.c.account_id, erased_accounts.c.erasure_id)
    return {row[0]: row[1] for row in tx.execute(found.where(erased_accounts.c.account_id.in_(account_ids)))}


def keys_of(tx: Tx, account_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Kind and key of these accounts."""
    found = select(accounts.c.id, accounts.c.kind, accounts.c.key).where(accounts.c.id.in_(account_ids))
    return {row.id: (row.kind, row.key) for row in tx.execute(found)}


def account_ids(tx: Tx, customer_id: int) -> list[int]:
    """All accounts of a customer, in whatever shop."""
    return list(tx.execute(select(accounts.c.id).where(accounts.c.customer_id == customer_id)).scalars())


def hidden_shops(tx: Tx, customer_id: int, shops: frozenset[str] | None) -> bool:
    """Whether she has an account outside these shops (None is all)."""
    if shops is None:
        return False
    outside = and_(accounts.c.customer_id == customer_id, accounts.c.shop.not_in(["", *sorted(shops)]))
    return bool(tx.execute(select(exists().where(outside))).scalar())


# --- the list -----------------------------------------------------------------------------------------------------


def is_anybody_listed(tx: Tx) -> bool:
    """Whether anybody was ever erased; asked for every page, and nearly always that is all."""
    return tx.execute(_ANYBODY).first() is not None


_ANYBODY = select(erased_keys.c.erasure_id).limit(1)


def list_keys(tx: Tx, erasure_id: int, keys: Collection[bytes]) -> None:
    """Put hashes on the list; one that stands there already stays the earlier job's."""
    if keys:
        rows = [{"key": key, "erasure_id": erasure_id} for key in sorted(keys)]
        tx.execute(insert_or(tx, erased_keys).on_conflict_do_nothing(), rows)


def listed(tx: Tx, keys: Collection[bytes]) -> dict[bytes, int]:
    """The job of each of these hashes that is on the list."""
    found: dict[bytes, int] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), _AT_ONCE):
        part = erased_keys.c.key.in_(wanted[start : start + _AT_ONCE])
        found.update((bytes(row[0]), row[1]) for row in tx.execute(select(erased_keys).where(part)))
    return found


# --- what hangs on them -------------------------------------------------------------------------------------------


def erased_orders(tx: Tx, shop: str, order_ids: Collection[str]) -> set[str]:
    """Those of the orders that are an erased person's."""
    found = select(orders.c.order_id).join(erased_accounts, erased_accounts.c.account_id == orders.c.account_id)
    return set(tx.execute(found.where(orders.c.shop == shop, orders.c.order_id.in_(order_ids))).scalars())


def is_erased_ticket(tx: Tx, shop: str, ticket_id: str) -> bool:
    """Whether the ticket is an erased person's."""
    found = select(tickets.c.id).join(erased_accounts, erased_accounts.c.account_id == tickets.c.account_id)
    mine = (tickets.c.shop == shop, tickets.c.ticket_id == ticket_id)
    return tx.execute(found.where(*mine).limit(1)).first() is not None


def still_shown(tx: Tx, erasure_id: int) -> list[tuple[str, str, str]]:
    """Her orders and tickets that carry a summary in their shop, as far as was last seen: (shop, kind, id)."""
    hers = select(erased_accounts.c.account_id).where(erased_accounts.c.erasure_id == erasure_id).scalar_subquery()
    found: list[tuple[str, str, str]] = []
    for kind, table, key in (("order", orders, orders.c.order_id), ("ticket", tickets, tickets.c.ticket_id)):
        carries = (table.c.account_id.in_(hers), table.c.summary.is_not(None), table.c.gone_at.is_(None))
        rows = tx.execute(select(table.c.shop, key).where(*carries).order_by(table.c.shop, key))
        found += [(shop, kind, ref_id) for shop, ref_id in rows]
    return found


def merged_ids(tx: Tx, customer_ids: Collection[int]) -> list[int]:
    """These customers, and those that were united into them."""
    found = select(customers.c.id).where(
        or_(customers.c.id.in_(customer_ids), customers.c.merged_into.in_(customer_ids))
    )
    return list(tx.execute(found).scalars())
