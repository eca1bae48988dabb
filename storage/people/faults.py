"""What is wrong with accounts, and who shares an e-mail address or a phone with many.

Faults are written in the transaction in which an account's facts changed; what they are is decided by the caller. Read
through a scope, without accounts that are gone and without people who were erased.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, select, true, tuple_

from storage.engine import Tx
from storage.given import is_among
from storage.many import execute_many
from storage.people.customers import AccountRow
from storage.schema import accounts, erased_accounts, faults, identifiers, links
from storage.scope import Scope, sees_account


class SharedRow(NamedTuple):
    """An e-mail address or phone, as it is compared, and how many customers bear it."""

    key: str
    customers: int


_AT_ONCE = 500

# Made once: these are asked for every page of a backfill.
_KNOWN = select(faults.c.account_id, faults.c.fault).where(is_among(faults.c.account_id, "ids"))
_ADD = insert(faults)


def keep(tx: Tx, found: Mapping[int, Collection[str]]) -> None:
    """These accounts have these faults now, and no others."""
    if not found:
        return
    known = {(account_id, fault) for account_id, fault in tx.execute(_KNOWN, {"ids": list(found)})}
    wanted = {(account_id, str(fault)) for account_id, its in found.items() for fault in its}
    if mended := sorted(known - wanted):
        tx.execute(delete(faults).where(tuple_(faults.c.account_id, faults.c.fault).in_(mended)))
    if wanted - known:
        execute_many(tx, _ADD, [{"account_id": its, "fault": fault} for its, fault in sorted(wanted - known)])


def counts(tx: Tx, scope: Scope, *, only: str | None = None) -> dict[str, int]:
    """How many customers each fault concerns, or this one; those that concern nobody are absent."""
    found = (
        select(faults.c.fault, func.count(accounts.c.customer_id.distinct()))
        .join(accounts, accounts.c.id == faults.c.account_id)
        .where(_stands(scope), true() if only is None else faults.c.fault == only)
        .group_by(faults.c.fault)
    )
    return {fault: int(count) for fault, count in tx.execute(found)}


def customers_with(tx: Tx, fault: str, scope: Scope, *, after: int, limit: int) -> list[int]:
    """The customers with this fault whose ids follow `after`, in the order of their ids."""
    found = (
        select(accounts.c.customer_id)
        .distinct()
        .join(faults, faults.c.account_id == accounts.c.id)
        .where(faults.c.fault == fault, accounts.c.customer_id > after, _stands(scope))
    )
    return list(tx.execute(found.order_by(accounts.c.customer_id).limit(limit)).scalars())


def accounts_with(tx: Tx, fault: str, customer_ids: Collection[int], scope: Scope) -> list[AccountRow]:
    """The accounts of these customers that have it, by customer."""
    found = (
        select(*(accounts.c[name] for name in AccountRow.__dataclass_fields__))
        .join(faults, faults.c.account_id == accounts.c.id)
        .where(faults.c.fault == fault, accounts.c.customer_id.in_(customer_ids), _stands(scope))
    )
    return [AccountRow(*row) for row in tx.execute(found.order_by(accounts.c.customer_id, accounts.c.id))]


def shared(tx: Tx, kind: str, scope: Scope, *, at_least: int) -> list[SharedRow]:
    """The e-mail addresses or phones that so many customers bear, the one with the most bearers first."""
    # First by the index alone, so that the accounts of the few that are shared are all that is read; in two statements,
    # since SQLite would else begin with the accounts.
    often = (
        select(identifiers.c.key)
        .where(identifiers.c.kind == kind)
        .group_by(identifiers.c.key)
        .having(func.count() >= at_least)
    )
    keys = list(tx.execute(often).scalars())
    people = func.count(accounts.c.customer_id.distinct())
    found: list[SharedRow] = []
    for start in range(0, len(keys), _AT_ONCE):
        borne = (
            select(identifiers.c.key, people)
            .join(accounts, accounts.c.id == identifiers.c.account_id)
            .where(identifiers.c.kind == kind, identifiers.c.key.in_(keys[start : start + _AT_ONCE]), _stands(scope))
            .group_by(identifiers.c.key)
            .having(people >= at_least)
        )
        found += [SharedRow(*row) for row in tx.execute(borne)]
    return sorted(found, key=lambda row: (-row.customers, row.key))


def bearers(tx: Tx, kind: str, keys: Collection[str], scope: Scope) -> dict[str, list[AccountRow]]:
    """The accounts that bear each of these, by key."""
    found = (
        select(identifiers.c.key, *(accounts.c[name] for name in AccountRow.__dataclass_fields__))
        .join(accounts, accounts.c.id == identifiers.c.account_id)
        .where(identifiers.c.kind == kind, identifiers.c.key.in_(keys), _stands(scope))
        .order_by(accounts.c.customer_id, accounts.c.id)
    )
    by_key: dict[str, list[AccountRow]] = {}
    for row in tx.execute(found):
        by_key.setdefault(row[0], []).append(AccountRow(*row[1:]))
    return by_key


def count_likely(tx: Tx, scope: Scope) -> int:
    """How many pairs of accounts are likely one person's and nobody has said so or otherwise."""
    one, other = accounts.alias("one"), accounts.alias("other")
    found = (
        select(func.count())
        .select_from(links)
        .join(one, one.c.id == links.c.account_a)
        .join(other, other.c.id == links.c.account_b)
        .where(
            links.c.verdict == "likely",
            links.c.withdrawn_at.is_(None),
            one.c.customer_id != other.c.customer_id,
        )
    )
    if scope.shops is not None:
        seen = ["", *sorted(scope.shops)]
        found = found.where(one.c.shop.in_(seen), other.c.shop.in_(seen))
    return int(tx.execute(found).scalar_one())


def _stands(scope: Scope) -> ColumnElement[bool]:
    is_erased = exists().where(erased_accounts.c.account_id == accounts.c.id)
    return and_(accounts.c.gone_at.is_(None), ~is_erased, sees_account(scope))
