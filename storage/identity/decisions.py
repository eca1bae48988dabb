"""What people decided of accounts: united, kept apart, split; undone, never deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import BindParameter, Integer, Select, bindparam, func, insert, or_, select, update

from storage.engine import Tx
from storage.identity.links import Pair
from storage.schema import accounts, agents, decisions, links
from storage.scope import Scope, sees_shop

Kind = Literal["unite", "refuse", "split"]


class DecisionRow(NamedTuple):
    """One decision; `undone_by` is a name, "" while it holds."""

    id: int
    kind: Kind
    made_at: datetime
    made_by: str
    undone_at: datetime | None
    undone_by: str


def make(
    tx: Tx,
    kind: Kind,
    *,
    same: Iterable[Pair] = (),
    different: Iterable[Pair] = (),
    agent_id: int,
    now: datetime,
) -> int:
    """Keeps a decision with its links; returns its id."""
    statement = insert(decisions).values(kind=kind, made_at=now, made_by=agent_id).returning(decisions.c.id)
    decision_id = int(tx.execute(statement).scalar_one())
    add(tx, decision_id, same=same, different=different, now=now)
    return decision_id


def add(tx: Tx, decision_id: int, *, same: Iterable[Pair] = (), different: Iterable[Pair] = (), now: datetime) -> None:
    """Adds links to a decision."""
    said = [("same", pair) for pair in same] + [("different", pair) for pair in different]
    if said:
        tx.execute(
            insert(links),
            [
                {
                    "account_a": min(pair),
                    "account_b": max(pair),
                    "verdict": verdict,
                    "origin": "hand",
                    "decision_id": decision_id,
                    "made_at": now,
                }
                for verdict, pair in said
            ],
        )


def undo(tx: Tx, decision_id: int, *, agent_id: int, now: datetime) -> bool:
    """Takes a decision back with its links; False when that was done already."""
    changed = tx.execute(
        update(decisions)
        .where(decisions.c.id == decision_id, decisions.c.undone_at.is_(None))
        .values(undone_at=now, undone_by=agent_id)
    )
    if changed.rowcount != 1:
        return False
    tx.execute(update(links).where(links.c.decision_id == decision_id).values(withdrawn_at=now, passed_over=""))
    return True


def accounts_in(tx: Tx, decision_ids: Collection[int]) -> dict[int, set[int]]:
    """The accounts that each of these decisions is about."""
    found: dict[int, set[int]] = {}
    statement = select(links.c.decision_id, links.c.account_a, links.c.account_b).where(
        links.c.decision_id.in_(decision_ids)
    )
    for decision_id, one, other in tx.execute(statement) if decision_ids else ():
        found.setdefault(decision_id, set()).update((one, other))
    return found


def of(tx: Tx, scope: Scope, *, account_ids: Collection[int] | None = None, limit: int = 20) -> list[DecisionRow]:
    """The newest decisions, if given about these accounts, of which every account is in scope."""
    asked: dict[str, Any] = {"most": limit}
    if account_ids is not None:
        asked |= {"accounts": list(account_ids)}
    return [_row(row) for row in tx.execute(_newest(scope, are_named=account_ids is not None), asked)]


@lru_cache(maxsize=256)  # made once for each reader: every customer's page asks it
def _newest(scope: Scope, *, are_named: bool) -> Select[Any]:
    mine, hidden = links.alias(), links.alias()
    statement = _select().order_by(decisions.c.id.desc()).limit(bindparam("most", type_=Integer))
    if are_named:
        named: BindParameter[int] = bindparam("accounts", expanding=True)
        ends = or_(mine.c.account_a.in_(named), mine.c.account_b.in_(named))
        statement = statement.where(decisions.c.id.in_(select(mine.c.decision_id).where(ends)))
    if scope.shops is not None:
        ends = or_(accounts.c.id == hidden.c.account_a, accounts.c.id == hidden.c.account_b)
        unseen = (
            select(hidden.c.id)
            .join(accounts, ends)
            .where(hidden.c.decision_id == decisions.c.id, ~sees_shop(scope, accounts.c.shop))
        )
        statement = statement.where(~unseen.exists())
    return statement


def get(tx: Tx, decision_id: int) -> DecisionRow | None:
    """One decision."""
    row = tx.execute(_select().where(decisions.c.id == decision_id)).first()
    return _row(row) if row else None


def _select() -> Select[Any]:
    makers, undoers = agents.alias(), agents.alias()
    return (
        select(
            decisions.c.id,
            decisions.c.kind,
            decisions.c.made_at,
            makers.c.name,
            decisions.c.undone_at,
            func.coalesce(undoers.c.name, ""),
        )
        .select_from(decisions)
        .join(makers, makers.c.id == decisions.c.made_by)
        .outerjoin(undoers, undoers.c.id == decisions.c.undone_by)
    )


def _row(row: Any) -> DecisionRow:
    return DecisionRow(*row)
