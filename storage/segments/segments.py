"""What kind of customer each is: sorted by the program, or said by hand; and whom something happened to since.

Where the rules come from, and what they say, is no affair of this module. A choice by hand stands at the account where
it was made, so that it follows that account when customers are united or split.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    Select,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.sqlite import Insert

from storage import json
from storage.at_once import rows_at_once
from storage.engine import Tx
from storage.given import is_among
from storage.schema import accounts, agents, customers, orders, segment_choices, segment_marks, segments
from storage.upsert import insert_for

_WRITTEN = ("segment", "computed", "terms", "computed_at", "choice_id", "until_at")

_CHOICE = (
    segment_choices.c.id,
    segment_choices.c.segment,
    segment_choices.c.reason,
    segment_choices.c.until_at,
    segment_choices.c.made_at,
    segment_choices.c.made_by,
    agents.c.name,
)


@dataclass(frozen=True)
class ChoiceRow:
    """What somebody said by hand. `until_at` None: until it is taken back."""

    id: int
    segment: str
    reason: str
    until_at: datetime | None
    made_at: datetime
    made_by: int
    author_name: str


@dataclass(frozen=True)
class SegmentRow:
    """A customer's segment in force, "" for none; `computed` and `terms` by the rules, whatever was said by hand."""

    customer_id: int
    segment: str
    computed: str
    terms: tuple[Mapping[str, Any], ...]
    computed_at: datetime
    choice: ChoiceRow | None


class ReasonRow(NamedTuple):
    """Why somebody is of her kind: the rules' terms, unless it was said by hand."""

    terms: tuple[Mapping[str, Any], ...]
    is_by_hand: bool


# --- reading ------------------------------------------------------------------------------------------------------


def of(tx: Tx, customer_id: int) -> SegmentRow | None:
    """A customer's segment with its reasons; None until she was sorted for the first time."""
    row = tx.execute(_of(), {"customer": customer_id}).first()
    if row is None:
        return None
    segment, computed, terms, computed_at, *choice = row
    said = ChoiceRow(*choice) if choice[0] is not None else None
    return SegmentRow(customer_id, segment, computed, tuple(terms), computed_at, said)


@cache
def _of() -> Select[Any]:
    """Her segment beside the choice by which she is of it, if it is one."""
    chosen = segments.outerjoin(segment_choices, segment_choices.c.id == segments.c.choice_id)
    return (
        select(segments.c.segment, segments.c.computed, segments.c.terms, segments.c.computed_at, *_CHOICE)
        .select_from(chosen.outerjoin(agents, agents.c.id == segment_choices.c.made_by))
        .where(segments.c.customer_id == bindparam("customer", type_=BigInteger))
    )


def of_many(tx: Tx, customer_ids: Collection[int]) -> dict[int, str]:
    """The segments in force, by customer; who has none is absent."""
    if not customer_ids:
        return {}
    return {row[0]: row[1] for row in rows_at_once(tx, _OF_MANY, {"customers": customer_ids})}


_OF_MANY = select(segments.c.customer_id, segments.c.segment).where(
    is_among(segments.c.customer_id, "customers"), segments.c.segment != ""
)


def reasons(tx: Tx, customer_ids: Collection[int]) -> dict[int, ReasonRow]:
    """Why these customers are of their kinds, by customer; who was not sorted yet is absent."""
    if not customer_ids:
        return {}
    statement = select(segments.c.customer_id, segments.c.terms, segments.c.choice_id.is_not(None)).where(
        segments.c.customer_id.in_(customer_ids)
    )
    return {row[0]: ReasonRow(tuple(row[1]), bool(row[2])) for row in tx.execute(statement)}


def counts(tx: Tx) -> dict[str, int]:
    """How many customers each segment has, "" for none; for the program itself, as it asks nobody's scope."""
    statement = select(segments.c.segment, func.count()).group_by(segments.c.segment)
    return {row[0]: row[1] for row in tx.execute(statement)}


# --- marks --------------------------------------------------------------------------------------------------------


def mark(tx: Tx, customer_ids: Collection[int]) -> None:
    """Something changed of these customers: they are sorted anew soon. In the transaction of what changed."""
    if customer_ids:
        tx.execute(_mark(tx.dialect.name), {"ids": json.dumps(sorted(customer_ids))})


def mark_accounts(tx: Tx, account_ids: Collection[int]) -> None:
    """The same of whoever these accounts are."""
    if account_ids:
        hers = select(accounts.c.customer_id).where(accounts.c.id.in_(account_ids)).distinct()
        mark(tx, set(tx.execute(hers).scalars()))


def mark_orders(tx: Tx, shop: str, order_ids: Collection[str]) -> None:
    """The same of whoever placed these orders, as far as they are known."""
    hers = (
        select(accounts.c.customer_id)
        .join(orders, orders.c.account_id == accounts.c.id)
        .where(orders.c.shop == shop, orders.c.order_id.in_(order_ids))
    )
    mark(tx, set(tx.execute(hers).scalars()))


@cache
def _mark(dialect: str) -> Insert:
    """One statement for a whole page of a backfill; the ids as a JSON list."""
    taken_apart = func.json_array_elements_text if dialect == "postgresql" else func.json_each
    given = bindparam("ids", type_=Text)
    rows = taken_apart(cast(given, JSON) if dialect == "postgresql" else given).table_valued("value")
    among = select(cast(rows.c.value, segment_marks.c.customer_id.type), literal(1)).where(true())
    statement = insert_for(dialect, segment_marks).from_select(["customer_id", "times"], among)
    # Counted, and not passed over where one stands already: so it waits for whoever is about to clear that one.
    return statement.on_conflict_do_update(
        index_elements=[segment_marks.c.customer_id], set_={"times": segment_marks.c.times + 1}
    )


def mark_between(tx: Tx, first: int, last: int) -> None:
    """Marks every customer with an id among these who is one."""
    among = select(customers.c.id, literal(1)).where(
        customers.c.id.between(first, last), customers.c.merged_into.is_(None)
    )
    statement = insert_for(tx.dialect.name, segment_marks).from_select(["customer_id", "times"], among.order_by("id"))
    tx.execute(statement.on_conflict_do_nothing())


def run_out(tx: Tx, *, now: datetime) -> list[int]:
    """Those whose choice by hand has run out since they were sorted."""
    return list(tx.execute(select(segments.c.customer_id).where(segments.c.until_at <= now)).scalars())


def take_marks(tx: Tx, *, limit: int) -> list[int]:
    """Clears up to `limit` marks; returns whose they were, who are then sorted in this very transaction.

    What is marked after that is seen by the next one: whoever marks waits for this transaction, or this passes over it.
    """
    due = select(segment_marks.c.customer_id).order_by(segment_marks.c.customer_id).limit(limit)
    taken = list(tx.execute(due.with_for_update(skip_locked=True)).scalars())
    if taken:
        tx.execute(delete(segment_marks).where(segment_marks.c.customer_id.in_(taken)))
    return taken


def count_marks(tx: Tx) -> int:
    """How many customers wait to be sorted."""
    return int(tx.execute(select(func.count()).select_from(segment_marks)).scalar_one())


def last_customer(tx: Tx) -> int:
    """The highest id of a customer; 0 for none."""
    return int(tx.execute(select(func.coalesce(func.max(customers.c.id), 0))).scalar_one())


def count_sorted(tx: Tx) -> int:
    """How many customers were sorted."""
    return int(tx.execute(select(func.count()).select_from(segments)).scalar_one())


# --- writing ------------------------------------------------------------------------------------------------------


def put(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes what customers were sorted to. Each row: customer_id, segment, computed, terms, computed_at, choice_id,
    until_at.
    """
    if rows:
        tx.execute(_put(tx.dialect.name), list(rows))


@cache
def _put(dialect: str) -> Insert:
    statement = insert_for(dialect, segments)
    return statement.on_conflict_do_update(
        index_elements=[segments.c.customer_id], set_={name: statement.excluded[name] for name in _WRITTEN}
    )


def as_written(tx: Tx, customer_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What `put` wrote of these customers, by id, but for when."""
    columns = [segments.c[name] for name in _WRITTEN if name != "computed_at"]
    rows = tx.execute(select(segments.c.customer_id, *columns).where(segments.c.customer_id.in_(customer_ids)))
    return {int(row.pop("customer_id")): row for row in map(dict, rows.mappings())}


def remove(tx: Tx, customer_ids: Collection[int]) -> None:
    """These are customers no more: they were united with others."""
    if customer_ids:
        tx.execute(delete(segments).where(segments.c.customer_id.in_(customer_ids)))


# --- by hand ------------------------------------------------------------------------------------------------------


def standing(tx: Tx, customer_ids: Collection[int], *, now: datetime) -> dict[int, ChoiceRow]:
    """Of each customer the newest choice by hand at any of her accounts that was neither taken back nor has run out."""
    statement = (
        _choices()
        .where(
            accounts.c.customer_id.in_(customer_ids),
            segment_choices.c.withdrawn_at.is_(None),
            or_(segment_choices.c.until_at.is_(None), segment_choices.c.until_at > now),
        )
        .order_by(segment_choices.c.made_at, segment_choices.c.id)
    )
    return {row[0]: ChoiceRow(*row[1:]) for row in tx.execute(statement)}  # the last of hers stays


def choose(
    tx: Tx, account_id: int, segment: str, *, reason: str, until_at: datetime | None, agent_id: int, now: datetime
) -> None:
    """Says by hand what kind of customer the owner of the account is."""
    tx.execute(
        insert(segment_choices).values(
            account_id=account_id, segment=segment, reason=reason, until_at=until_at, made_at=now, made_by=agent_id
        )
    )


def withdraw(tx: Tx, customer_id: int, *, now: datetime) -> int:
    """Takes back all that was said of her by hand; returns how much that was."""
    hers = select(accounts.c.id).where(accounts.c.customer_id == customer_id)
    return tx.execute(
        update(segment_choices)
        .where(segment_choices.c.account_id.in_(hers), segment_choices.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    ).rowcount


def forget(tx: Tx, customer_id: int) -> None:
    """Removes all that is kept here of a customer who is erased, her accounts still being hers."""
    hers = select(accounts.c.id).where(accounts.c.customer_id == customer_id)
    tx.execute(delete(segments).where(segments.c.customer_id == customer_id))
    tx.execute(delete(segment_marks).where(segment_marks.c.customer_id == customer_id))
    # Another customer may be sorted by one of them, if she was split from this one and not sorted since.
    mine = select(segment_choices.c.id).where(segment_choices.c.account_id.in_(hers))
    tx.execute(update(segments).where(segments.c.choice_id.in_(mine)).values(choice_id=None, until_at=None))
    tx.execute(delete(segment_choices).where(segment_choices.c.account_id.in_(hers)))


def _choices() -> Any:
    return (
        select(accounts.c.customer_id, *_CHOICE)
        .join(accounts, accounts.c.id == segment_choices.c.account_id)
        .join(agents, agents.c.id == segment_choices.c.made_by)
    )
