"""Which accounts are which customer's: whole groups are read, and accounts move between customers with their notes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, select, update

from storage.engine import Tx
from storage.given import is_among
from storage.schema import accounts, customers, notes


class MemberRow(NamedTuple):
    """An account, whose it is now, and the customer that was made together with it."""

    id: int
    customer_id: int
    own_customer_id: int
    key: tuple[str, str, str]
    """What names it wherever it is stored: shop, kind, key."""


_HERS = select(accounts.c.customer_id).where(is_among(accounts.c.id, "ids"))
_BESIDE = select(
    accounts.c.id,
    accounts.c.customer_id,
    accounts.c.own_customer_id,
    accounts.c.shop,
    accounts.c.kind,
    accounts.c.key,
).where(accounts.c.customer_id.in_(_HERS))


def beside(tx: Tx, account_ids: Collection[int]) -> list[MemberRow]:
    """These accounts, and all others of their customers."""
    if not account_ids:
        return []
    return [
        MemberRow(row[0], row[1], row[2], (row[3], row[4], row[5]))
        for row in tx.execute(_BESIDE, {"ids": list(account_ids)})
    ]


def owners(tx: Tx, account_ids: Collection[int]) -> dict[int, int]:
    """The customers of these accounts, by account id; an account that is not there is absent."""
    if not account_ids:
        return {}
    statement = select(accounts.c.id, accounts.c.customer_id).where(accounts.c.id.in_(account_ids))
    return {row[0]: row[1] for row in tx.execute(statement)}


def move(tx: Tx, customer_of: Mapping[int, int]) -> None:
    """Gives accounts, by id, to other customers; the notes that were written at them go with them."""
    if not customer_of:
        return
    moves = [{"b_account": account_id, "b_customer": its} for account_id, its in customer_of.items()]
    owner: BindParameter[int] = bindparam("b_customer")
    tx.execute(update(accounts).where(accounts.c.id == bindparam("b_account")).values(customer_id=owner), moves)
    tx.execute(update(notes).where(notes.c.account_id == bindparam("b_account")).values(customer_id=owner), moves)


def redirects(tx: Tx, customer_ids: Collection[int]) -> dict[int, int | None]:
    """Where each of these customers leads to; None: she stands for herself."""
    statement = select(customers.c.id, customers.c.merged_into).where(customers.c.id.in_(customer_ids))
    return {row[0]: row[1] for row in tx.execute(statement)} if customer_ids else {}


def redirect(tx: Tx, survivor_of: Mapping[int, int | None]) -> None:
    """Lets customers, by id, lead to the one they were united with; None: they stand for themselves again.

    A note that was written at no account goes with her, and stays there.
    """
    if not survivor_of:
        return
    tx.execute(
        update(customers).where(customers.c.id == bindparam("b_id")).values(merged_into=bindparam("b_survivor")),
        [{"b_id": customer_id, "b_survivor": survivor} for customer_id, survivor in survivor_of.items()],
    )
    merged = [{"b_id": its, "b_survivor": survivor} for its, survivor in survivor_of.items() if survivor is not None]
    if merged:
        tx.execute(
            update(notes)
            .where(notes.c.customer_id == bindparam("b_id"), notes.c.account_id.is_(None))
            .values(customer_id=bindparam("b_survivor")),
            merged,
        )
