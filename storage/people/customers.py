"""Customers as people look at them: their accounts, how much they bought, when they were last heard of.

Reads only, all through a scope. A customer is seen by whoever sees one of her accounts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    bindparam,
    cast,
    func,
    literal,
    select,
)

from storage.at_once import rows_at_once
from storage.engine import Tx
from storage.given import is_among
from storage.schema import accounts, customers, notes, orders, refunds
from storage.scope import Scope, notes_with_owner, sees_account, sees_note, sees_order
from storage.tickets import conversations
from storage.types import Instant

# Merges are chained only while one is under way; a longer chain is a fault of ours, not to be walked for ever.
_LONGEST_CHAIN = 16

WITHIN = 5_000
"""Whoever sees some shops only is shown recent customers from among so many newest things of each kind."""
_BEFORE_ALL = literal(datetime(1900, 1, 1, tzinfo=UTC), Instant())


@dataclass(frozen=True)
class AccountRow:
    """The customer as one shop knows her; `shop` is "" for a person whom no shop knows. Text as it came."""

    id: int
    customer_id: int
    shop: str
    kind: str
    key: str
    username: str
    first_name: str
    last_name: str
    company: str
    email: str
    phone: str
    role: str
    billing: Mapping[str, str]
    shipping: Mapping[str, str]
    created_at: datetime | None
    facts_at: datetime | None
    gone_at: datetime | None
    reference: str = ""


class PurchaseRow(NamedTuple):
    """An order by its head, money in 1/10,000 of its currency; `refunded` is what went back on it so far,
    `has_paid_date`: the shop told when it was paid, `manner` by what, as the shop names that.
    """

    shop: str
    order_id: str
    number: str
    status: str
    currency: str
    total: int
    refunded: int
    has_paid_date: bool
    created_at: datetime | None
    manner: str


@dataclass(frozen=True)
class ContactRow:
    """How much there is of a customer, and when she was last heard of."""

    orders: int = 0
    last_order_at: datetime | None = None
    last_note_at: datetime | None = None
    last_ticket_at: datetime | None = None

    @property
    def last_contact_at(self) -> datetime | None:
        """The latest of her newest order, newest note, and newest ticket or reply."""
        return max((at for at in (self.last_order_at, self.last_note_at, self.last_ticket_at) if at), default=None)


def resolve(tx: Tx, customer_id: int) -> int | None:
    """The customer's id, or that of the one she was united with; None when there is no such customer."""
    for _ in range(_LONGEST_CHAIN):
        row = tx.execute(select(customers.c.merged_into).where(customers.c.id == customer_id)).first()
        if row is None:
            return None
        if row.merged_into is None:
            return customer_id
        customer_id = row.merged_into
    return None


def accounts_of(tx: Tx, customer_ids: Collection[int], scope: Scope) -> dict[int, list[AccountRow]]:
    """The accounts of these customers, the one last heard of first, gone ones at the end. None: absent."""
    found: dict[int, list[AccountRow]] = {}
    if not customer_ids:
        return found
    for values in rows_at_once(tx, _accounts(scope), {"customers": customer_ids}):
        row = AccountRow(*values)
        found.setdefault(row.customer_id, []).append(row)
    return found


_LAST_HEARD_OF_FIRST = (accounts.c.gone_at.is_not(None), accounts.c.facts_at.desc().nulls_last(), accounts.c.id.desc())


@lru_cache(maxsize=256)
def _accounts(scope: Scope) -> Select[Any]:
    return (
        select(*(accounts.c[name] for name in AccountRow.__dataclass_fields__))
        .where(is_among(accounts.c.customer_id, "customers"), sees_account(scope))
        .order_by(*_LAST_HEARD_OF_FIRST)
    )


def newest_account(tx: Tx, customer_id: int, scope: Scope, *, shop: str | None = None) -> int | None:
    """The id of her account that was last heard of, if given in that shop: where a note is written."""
    statement = select(accounts.c.id).where(accounts.c.customer_id == customer_id, sees_account(scope))
    if shop is not None:
        statement = statement.where(accounts.c.shop == shop)
    return tx.execute(statement.order_by(*_LAST_HEARD_OF_FIRST).limit(1)).scalar()


def of_order(tx: Tx, shop: str, order_id: str, scope: Scope) -> tuple[int, int] | None:
    """(account id, customer id) of whoever placed an order."""
    row = tx.execute(
        select(accounts.c.id, accounts.c.customer_id)
        .join(orders, orders.c.account_id == accounts.c.id)
        .where(orders.c.shop == shop, orders.c.order_id == order_id, sees_order(scope))
    ).first()
    return (row[0], row[1]) if row else None


def purchases(tx: Tx, customer_id: int, scope: Scope) -> list[PurchaseRow]:
    """Her orders that were not deleted for good, the newest first."""
    return [PurchaseRow(*row) for row in tx.execute(_purchases(scope), {"customer": customer_id})]


@lru_cache(maxsize=256)
def _purchases(scope: Scope) -> Select[Any]:
    refunded = (
        select(func.coalesce(func.sum(refunds.c.amount), 0))
        .where(refunds.c.shop == orders.c.shop, refunds.c.order_id == orders.c.order_id, refunds.c.gone_at.is_(None))
        .scalar_subquery()
    )
    told: dict[str, ColumnElement[Any]] = {
        "refunded": cast(refunded, BigInteger),  # PostgreSQL sums up to a decimal
        "has_paid_date": orders.c.paid_at.is_not(None),
        "manner": orders.c.payment_method_title,
    }
    return (
        select(*(told[name] if name in told else orders.c[name] for name in PurchaseRow._fields))
        .join(accounts, accounts.c.id == orders.c.account_id)
        .where(
            accounts.c.customer_id == bindparam("customer", type_=BigInteger),
            orders.c.gone_at.is_(None),
            sees_order(scope),
        )
        .order_by(orders.c.created_at.desc().nulls_last(), orders.c.shop, orders.c.order_id)
    )


def contacts(tx: Tx, customer_ids: Collection[int], scope: Scope) -> dict[int, ContactRow]:
    """How much there is of these customers and when they were last heard of; deleted things do not count."""
    if not customer_ids:
        return {}
    asked_for = {"customers": list(customer_ids)}
    placed, written = _contacts(scope)
    found = {customer_id: ContactRow(count, at) for customer_id, count, at in tx.execute(placed, asked_for)}
    for customer_id, at in tx.execute(written, asked_for):
        found[customer_id] = replace(found.get(customer_id, ContactRow()), last_note_at=at)
    for customer_id, asked in conversations.counts(tx, customer_ids, scope).items():
        found[customer_id] = replace(found.get(customer_id, ContactRow()), last_ticket_at=asked.last_at)
    return found


@lru_cache(maxsize=256)
def _contacts(scope: Scope) -> tuple[Select[Any], Select[Any]]:
    """How many orders there are and the newest date, and the date of the newest note."""
    placed = (
        select(accounts.c.customer_id, func.count(), func.max(orders.c.created_at))
        .join(orders, orders.c.account_id == accounts.c.id)
        .where(
            is_among(accounts.c.customer_id, "customers"),
            orders.c.gone_at.is_(None),
            orders.c.status != "trash",
            sees_order(scope),
        )
        .group_by(accounts.c.customer_id)
    )
    written = (
        select(notes.c.customer_id, func.max(notes.c.created_at))
        .select_from(notes_with_owner())
        .where(is_among(notes.c.customer_id, "customers"), notes.c.deleted_at.is_(None), sees_note(scope))
        .group_by(notes.c.customer_id)
    )
    return placed, written


def recent(tx: Tx, scope: Scope, *, limit: int) -> list[int]:
    """The customers of the newest orders, tickets, replies and notes. Looks at so many of each that a few busy ones do
    not fill them; for whoever sees some shops only, among the newest `WITHIN` of all shops: the home page is worth no
    search through years of other shops' things.
    """
    asked_for = {"most": limit * 10}
    placed, written = _newest(scope)
    asked = conversations.newest(tx, scope, limit=limit * 10)
    newest = sorted(
        (*tx.execute(placed, asked_for), *tx.execute(written, asked_for), *asked), key=lambda row: row[1], reverse=True
    )
    return list(dict.fromkeys(customer_id for customer_id, _ in newest))[:limit]


def _last_of(newest: Select[Any]) -> ScalarSelect[Any]:
    """The last of the newest `WITHIN`; null where there are fewer."""
    return newest.offset(WITHIN).limit(1).scalar_subquery()


@lru_cache(maxsize=256)
def _newest(scope: Scope) -> tuple[Select[Any], Select[Any]]:
    """(customer id, when) of the newest orders, and of the newest notes."""
    is_dated = orders.c.created_at.is_not(None)
    newest_order = select(orders.c.created_at).where(is_dated).order_by(orders.c.created_at.desc())
    placed = (
        select(accounts.c.customer_id, orders.c.created_at)
        .join(accounts, accounts.c.id == orders.c.account_id)
        .where(is_dated, orders.c.gone_at.is_(None), orders.c.status != "trash", sees_order(scope))
        .order_by(orders.c.created_at.desc())
        .limit(bindparam("most", type_=Integer))
    )
    newest_note = select(notes.c.id).order_by(notes.c.id.desc())
    written = (
        select(notes.c.customer_id, notes.c.created_at)
        .select_from(notes_with_owner())
        .where(notes.c.deleted_at.is_(None), sees_note(scope))
        .order_by(notes.c.id.desc())
        .limit(bindparam("most", type_=Integer))
    )
    if scope.shops is not None:
        placed = placed.where(
            orders.c.created_at >= func.coalesce(_last_of(newest_order), _BEFORE_ALL, type_=Instant())
        )
        written = written.where(notes.c.id >= func.coalesce(_last_of(newest_note), 0))
    return placed, written
