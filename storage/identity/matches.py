"""Pairs of accounts that may be one person's, for people to look at; only those of which both are in scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
)

from storage.engine import Tx
from storage.schema import accounts, links
from storage.scope import Scope, sees_shop


class PairRow(NamedTuple):
    """Two accounts of two customers. `passed_over`: why they were not united, though they seem to be one for certain
    (refused, crowded); "" where evidence is not enough.
    """

    account_a: int
    account_b: int
    customer_a: int
    customer_b: int
    strength: int
    evidence: Mapping[str, Any]
    passed_over: str


_ONE, _OTHER = accounts.alias("one"), accounts.alias("other")

# Made once, and whole: where the library has to find out by itself what is joined to what, two threads that ask for the
# first time at the same moment can find it ambiguous.
_PAIRS = links.join(_ONE, _ONE.c.id == links.c.account_a).join(_OTHER, _OTHER.c.id == links.c.account_b)

# Word for word as in the index `ix_links_open`, else SQLite would not use it.
_IS_OPEN = text("links.withdrawn_at is null and (links.verdict = 'likely' or links.passed_over <> '')")

# Written into the statement and not bound: where SQLite may compare what is bound with the condition of a partial
# index, it prepares the statement anew each time it is asked, and these are long.
_LIKELY, _DIFFERENT, _EVIDENCE = (literal_column(f"'{word}'", Text) for word in ("likely", "different", "evidence"))


def open_pairs(tx: Tx, scope: Scope, *, limit: int, offset: int = 0) -> list[PairRow]:
    """What is to be looked at, the strongest evidence first; of two customers only their strongest pair."""
    ranked = _open(scope).add_columns(
        func.row_number().over(partition_by=_customers(), order_by=(links.c.strength.desc(), links.c.id)).label("place")
    )
    found = ranked.subquery()
    statement = (
        select(*(found.c[name] for name in PairRow._fields))
        .where(found.c.place == 1)
        .order_by(found.c.strength.desc(), found.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [PairRow(*row) for row in tx.execute(statement)]


def count_open(tx: Tx, scope: Scope, *, most: int) -> int:
    """About how many are to be looked at, counted up to `most`."""
    return int(tx.execute(_counted(scope), {"most": most}).scalar_one())


@lru_cache(maxsize=256)  # made once for each reader: every page asks these two, and making them is the dearer part
def _counted(scope: Scope) -> Select[Any]:
    # In the order of `ix_links_open`, else SQLite may begin at every account there is.
    first = _open(scope).order_by(links.c.strength, links.c.id).limit(bindparam("most", type_=Integer))
    return select(func.count()).select_from(first.subquery())


def of_accounts(tx: Tx, account_ids: Collection[int], scope: Scope) -> list[PairRow]:
    """The same of these accounts and any others, the strongest first."""
    return [PairRow(*row) for row in tx.execute(_of_accounts(scope), {"accounts": list(account_ids)})]


@lru_cache(maxsize=256)
def _of_accounts(scope: Scope) -> Select[Any]:
    named: BindParameter[int] = bindparam("accounts", expanding=True)
    ends = or_(links.c.account_a.in_(named), links.c.account_b.in_(named))
    found = _open(scope).where(ends).order_by(links.c.strength.desc(), links.c.id.desc()).subquery()
    return select(*(found.c[name] for name in PairRow._fields))


def refused(tx: Tx, account_ids: Collection[int]) -> set[tuple[int, int]]:
    """The pairs of customers, the smaller id first, of whom somebody said that they are two, where one of these
    accounts is among theirs.
    """
    apart = (
        select(_ONE.c.customer_id, _OTHER.c.customer_id)
        .select_from(_PAIRS)
        .where(
            links.c.verdict == "different",
            links.c.withdrawn_at.is_(None),
            or_(links.c.account_a.in_(account_ids), links.c.account_b.in_(account_ids)),
        )
    )
    return {(min(row[0], row[1]), max(row[0], row[1])) for row in tx.execute(apart)}


def _open(scope: Scope) -> Select[Any]:
    return (
        select(
            links.c.id,
            links.c.account_a,
            links.c.account_b,
            _ONE.c.customer_id.label("customer_a"),
            _OTHER.c.customer_id.label("customer_b"),
            links.c.strength,
            links.c.evidence,
            links.c.passed_over,
        )
        .select_from(_PAIRS)
        .where(
            _IS_OPEN,
            links.c.origin == _EVIDENCE,
            _ONE.c.customer_id != _OTHER.c.customer_id,
            sees_shop(scope, _ONE.c.shop),
            sees_shop(scope, _OTHER.c.shop),
            ~_is_refused(),
        )
    )


def _is_refused() -> ColumnElement[bool]:
    """Somebody said of these very two that they are different; or, where it is only likely that they are one, of any
    two of their customers' accounts.
    """
    said, its, others = links.alias(), accounts.alias(), accounts.alias()
    stands = and_(said.c.verdict == _DIFFERENT, said.c.withdrawn_at.is_(None))
    of_these = exists().where(stands, said.c.account_a == links.c.account_a, said.c.account_b == links.c.account_b)
    # Correlated by hand: from within two queries SQLAlchemy would take every account for hers.
    hers = select(its.c.id).where(its.c.customer_id == _ONE.c.customer_id).correlate(_ONE).scalar_subquery()
    of_the_other = (
        select(others.c.id).where(others.c.customer_id == _OTHER.c.customer_id).correlate(_OTHER).scalar_subquery()
    )
    of_any = (
        select(said.c.id)
        .where(
            stands,
            or_(
                and_(said.c.account_a.in_(hers), said.c.account_b.in_(of_the_other)),
                and_(said.c.account_b.in_(hers), said.c.account_a.in_(of_the_other)),
            ),
        )
        .correlate(_ONE, _OTHER)
        .exists()
    )
    return or_(of_these, and_(links.c.verdict == _LIKELY, of_any))


def _customers() -> list[ColumnElement[int]]:
    """The two customers of a pair, whichever account comes first."""
    one, other = _ONE.c.customer_id, _OTHER.c.customer_id
    return [case((one < other, one), else_=other), case((one < other, other), else_=one)]
