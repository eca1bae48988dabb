"""The notes that summaries are made of: of each customer the newest that may stand in a given shop."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, exists, func, or_, select, union

from storage.engine import Tx
from storage.given import is_among
from storage.schema import accounts, agents, erased_accounts, note_kinds, notes, orders, tickets


class LatestRow(NamedTuple):
    """A customer's newest pushable note in one shop, and how many such notes she has there."""

    customer_id: int
    note_id: int
    created_at: datetime
    author: str
    kind_fa: str
    kind_en: str
    body: str
    order_id: str  # of the order it points at in that shop, else ""
    ticket_id: str  # of the ticket it points at in that shop, else ""
    how_many: int
    outcome: str = ""  # of the contact that it records


def latest(tx: Tx, shop: str, customer_ids: Collection[int]) -> dict[int, LatestRow]:
    """By customer: the newest note written at an account of `shop` or at a manual one that is neither deleted, nor
    internal, nor of a kind that is internal or not pushed. Customers without such a note are absent, and so is
    whoever was erased.
    """
    hers = accounts.c.customer_id
    ranked = (
        select(
            accounts.c.customer_id,
            notes.c.id,
            notes.c.created_at,
            agents.c.name,
            note_kinds.c.name_fa,
            note_kinds.c.name_en,
            notes.c.body,
            notes.c.outcome,
            notes.c.shop,
            notes.c.ref_kind,
            notes.c.ref_id,
            func.count().over(partition_by=hers).label("how_many"),
            func.row_number()
            .over(partition_by=hers, order_by=(notes.c.created_at.desc(), notes.c.id.desc()))
            .label("place"),
        )
        .join(accounts, accounts.c.id == notes.c.account_id)
        .join(note_kinds, note_kinds.c.kind == notes.c.kind)
        .join(agents, agents.c.id == notes.c.author_id)
        .where(
            accounts.c.customer_id.in_(customer_ids),
            or_(accounts.c.shop == shop, accounts.c.kind == "manual"),
            notes.c.deleted_at.is_(None),
            notes.c.is_internal.is_(False),
            note_kinds.c.is_pushed.is_(True),
            note_kinds.c.is_internal.is_(False),
            ~exists().where(erased_accounts.c.account_id == accounts.c.id),
        )
        .subquery()
    )
    found = {}
    for row in tx.execute(select(ranked).where(ranked.c.place == 1)):
        points_at = row.ref_id if row.shop == shop else ""
        found[row.customer_id] = LatestRow(
            customer_id=row.customer_id,
            note_id=row.id,
            created_at=row.created_at,
            author=row.name,
            kind_fa=row.name_fa,
            kind_en=row.name_en,
            body=row.body,
            order_id=points_at if row.ref_kind == "order" else "",
            ticket_id=points_at if row.ref_kind == "ticket" else "",
            how_many=row.how_many,
            outcome=row.outcome,
        )
    return found


# Made once: this is asked for every page of a backfill.
_HERS = is_among(accounts.c.customer_id, "ids")
_CONCERNED = union(
    select(accounts.c.customer_id).join(notes, notes.c.account_id == accounts.c.id).where(_HERS),
    select(accounts.c.customer_id)
    .join(orders, orders.c.account_id == accounts.c.id)
    .where(_HERS, orders.c.shop == bindparam("in_shop"), orders.c.summary.is_not(None)),
    select(accounts.c.customer_id)
    .join(tickets, tickets.c.account_id == accounts.c.id)
    .where(_HERS, tickets.c.shop == bindparam("in_shop"), tickets.c.summary.is_not(None)),
)


def concerned(tx: Tx, shop: str, customer_ids: Collection[int]) -> set[int]:
    """Those of the customers who have any note, or an order or ticket in `shop` that carries a summary."""
    if not customer_ids:
        return set()
    return set(tx.execute(_CONCERNED, {"in_shop": shop, "ids": list(customer_ids)}).scalars())


def erased(tx: Tx, customer_ids: Collection[int]) -> set[int]:
    """Those of the customers who were erased."""
    if not customer_ids:
        return set()
    hers = select(accounts.c.customer_id).join(erased_accounts, erased_accounts.c.account_id == accounts.c.id)
    return set(tx.execute(hers.where(accounts.c.customer_id.in_(customer_ids))).scalars())


def shops_of(tx: Tx, *customer_ids: int) -> list[str]:
    """The shops that know one of the customers."""
    statement = (
        select(accounts.c.shop).distinct().where(accounts.c.customer_id.in_(customer_ids), accounts.c.shop != "")
    )
    return sorted(tx.execute(statement).scalars())
