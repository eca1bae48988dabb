"""Links: rows that say of two accounts that they are one person's, perhaps so, or not. Never deleted, but withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, insert, select, text, union, update

from storage.engine import Tx
from storage.given import is_among
from storage.schema import links

_UNITING = 0x756E6974  # names our advisory lock on PostgreSQL

Pair = tuple[int, int]
"""Two accounts' ids, the smaller one first."""


class LinkRow(NamedTuple):
    """One link, be it withdrawn or not."""

    id: int
    pair: Pair
    verdict: str
    origin: str
    strength: int
    evidence: Mapping[str, Any]
    passed_over: str
    is_withdrawn: bool


class EvidenceRow(NamedTuple):
    """What evidence says of two accounts now."""

    pair: Pair
    verdict: str
    strength: int
    evidence: Mapping[str, Any]


def alone(tx: Tx) -> None:
    """Let no other transaction unite accounts until this one ends; call it before anything is written to accounts that
    may be united, so that two never wait for each other. On SQLite every writer is alone anyway.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:room)"), {"room": _UNITING})


_COLUMNS = (
    links.c.id,
    links.c.account_a,
    links.c.account_b,
    links.c.verdict,
    links.c.origin,
    links.c.strength,
    links.c.evidence,
    links.c.passed_over,
    links.c.withdrawn_at,
)


def _touching(*conditions: Any) -> Select[Any]:
    """Links with an end among `ids`; one query an end, so that each goes by its index."""
    found = union(*(select(links.c.id).where(is_among(end, "ids")) for end in (links.c.account_a, links.c.account_b)))
    return select(*_COLUMNS).where(links.c.id.in_(found.scalar_subquery()), *conditions).order_by(links.c.id)


_EVIDENCE = _touching(links.c.origin == "evidence")
_STANDING = _touching(links.c.withdrawn_at.is_(None), links.c.verdict != "likely")


def evidence(tx: Tx, account_ids: Collection[int]) -> dict[Pair, LinkRow]:
    """What evidence said and says of these accounts and any others, by pair."""
    return {row.pair: row for row in _read(tx, _EVIDENCE, account_ids)}


def standing(tx: Tx, account_ids: Collection[int]) -> list[LinkRow]:
    """The links in force, by evidence and by hand, that unite these accounts with any others or keep them apart."""
    return _read(tx, _STANDING, account_ids)


def _read(tx: Tx, statement: Select[Any], account_ids: Collection[int]) -> list[LinkRow]:
    if not account_ids:
        return []
    return [
        LinkRow(row[0], (row[1], row[2]), row[3], row[4], row[5], row[6], row[7], row[8] is not None)
        for row in tx.execute(statement, {"ids": list(account_ids)})
    ]


def tell(tx: Tx, rows: Sequence[EvidenceRow], known: Mapping[Pair, LinkRow], *, now: datetime) -> None:
    """Writes what evidence says now, into the row of the pair where there is one (`known`)."""
    new = [row for row in rows if row.pair not in known]
    if new:
        tx.execute(
            insert(links),
            [
                {
                    "account_a": row.pair[0],
                    "account_b": row.pair[1],
                    "verdict": row.verdict,
                    "origin": "evidence",
                    "strength": row.strength,
                    "evidence": row.evidence,
                    "made_at": now,
                }
                for row in new
            ],
        )
    old = [row for row in rows if row.pair in known]
    if old:
        tx.execute(
            update(links)
            .where(links.c.id == bindparam("b_id"))
            .values(
                verdict=bindparam("b_verdict"),
                strength=bindparam("b_strength"),
                evidence=bindparam("b_evidence"),
                passed_over="",
                withdrawn_at=None,
            ),
            [
                {
                    "b_id": known[row.pair].id,
                    "b_verdict": row.verdict,
                    "b_strength": row.strength,
                    "b_evidence": row.evidence,
                }
                for row in old
            ],
        )


def withdraw(tx: Tx, link_ids: Collection[int], *, now: datetime) -> None:
    """These hold no more."""
    if link_ids:
        tx.execute(update(links).where(links.c.id.in_(link_ids)).values(withdrawn_at=now, passed_over=""))


def pass_over(tx: Tx, reasons: Mapping[int, str]) -> None:
    """Notes, by link id, why it unites nobody; "" where it does, or is not asked to."""
    if reasons:
        tx.execute(
            update(links).where(links.c.id == bindparam("b_id")).values(passed_over=bindparam("b_reason")),
            [{"b_id": link_id, "b_reason": reason} for link_id, reason in reasons.items()],
        )


def is_refused(tx: Tx, pair: Pair) -> bool:
    """Whether somebody said of these very two, the smaller id first, that they are different people."""
    statement = select(links.c.id).where(
        links.c.account_a == pair[0],
        links.c.account_b == pair[1],
        links.c.verdict == "different",
        links.c.withdrawn_at.is_(None),
    )
    return tx.execute(statement.limit(1)).first() is not None


def reason_of(tx: Tx, decision_id: int) -> str:
    """Why a decision unites nobody; "" where it does."""
    statement = select(links.c.passed_over).where(links.c.decision_id == decision_id, links.c.passed_over != "")
    return tx.execute(statement.limit(1)).scalar() or ""
