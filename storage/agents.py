"""Agents, the ways each is known (identities), and the shops each may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, delete, insert, select, update

from storage.engine import Tx
from storage.schema import agent_identities, agent_shops, agents

_HERE = ""
"""The `shop` of an identity that is a sign-in of companion's own."""


@dataclass(frozen=True)
class AgentRow:
    """An agent. `username` is "" for one without a sign-in here; `language` and `calendar` are "" where not chosen."""

    id: int
    name: str
    email: str
    role: str
    language: str
    calendar: str
    is_active: bool
    sees_all_shops: bool
    session_epoch: int
    created_at: datetime
    username: str
    shops: tuple[str, ...]


@dataclass(frozen=True)
class SignInRow:
    """What checking a sign-in needs. `password_hash` is kept out of reprs."""

    agent_id: int
    password_hash: str = field(repr=False)


def add(
    tx: Tx, *, name: str, email: str, role: str, sees_all_shops: bool, shops: Collection[str], now: datetime
) -> int:
    """Store a new agent; returns her id."""
    statement = insert(agents).values(name=name, email=email, role=role, sees_all_shops=sees_all_shops, created_at=now)
    agent_id = int(tx.execute(statement.returning(agents.c.id)).scalar_one())
    set_shops(tx, agent_id, shops)
    return agent_id


def set_shops(tx: Tx, agent_id: int, shops: Collection[str]) -> None:
    """Give her these shops in the place of those she had."""
    tx.execute(delete(agent_shops).where(agent_shops.c.agent_id == agent_id))
    if shops:
        tx.execute(insert(agent_shops), [{"agent_id": agent_id, "shop": shop} for shop in sorted(set(shops))])


def add_sign_in(tx: Tx, agent_id: int, *, username: str, password_hash: str, now: datetime) -> None:
    """Let her sign in here under a folded user name; a name that another has raises errors.Duplicate."""
    tx.execute(
        insert(agent_identities).values(
            agent_id=agent_id, shop=_HERE, subject=username, password_hash=password_hash, created_at=now
        )
    )


def sign_in(tx: Tx, username: str) -> SignInRow | None:
    """The sign-in of this folded user name."""
    row = tx.execute(
        select(agent_identities.c.agent_id, agent_identities.c.password_hash).where(
            agent_identities.c.shop == _HERE,
            agent_identities.c.subject == username,
            agent_identities.c.password_hash.is_not(None),
        )
    ).first()
    return SignInRow(*row) if row else None


def get(tx: Tx, agent_id: int) -> AgentRow | None:
    """One agent, active or not."""
    found = _rows(tx, _one(), {"agent": agent_id})
    return found[0] if found else None


@lru_cache(maxsize=1)
def _one() -> Select[Any]:
    """Made once: every request of every agent asks it."""
    return _select().where(agents.c.id == bindparam("agent", type_=BigInteger))


def every(tx: Tx) -> tuple[AgentRow, ...]:
    """All agents, by name."""
    return _rows(tx, _select().order_by(agents.c.name, agents.c.id))


def emails(tx: Tx) -> list[str]:
    """The e-mail addresses of all agents, active or not, as they were typed."""
    return list(tx.execute(_EMAILS).scalars())


_EMAILS = select(agents.c.email).where(agents.c.email != "")


def set_password(tx: Tx, agent_id: int, password_hash: str) -> bool:
    """Give her sign-in another password and end her sessions; False when she has no sign-in here."""
    changed = tx.execute(
        update(agent_identities)
        .where(agent_identities.c.agent_id == agent_id, agent_identities.c.shop == _HERE)
        .values(password_hash=password_hash)
    )
    end_sessions(tx, agent_id)
    return changed.rowcount > 0


def end_sessions(tx: Tx, agent_id: int) -> None:
    """Make every running session of hers invalid."""
    tx.execute(update(agents).where(agents.c.id == agent_id).values(session_epoch=agents.c.session_epoch + 1))


def set_preferences(tx: Tx, agent_id: int, *, language: str, calendar: str) -> bool:
    """Store what she chose, "" for the installation's; False when there is no such agent."""
    changed = tx.execute(update(agents).where(agents.c.id == agent_id).values(language=language, calendar=calendar))
    return changed.rowcount > 0


def set_active(tx: Tx, agent_id: int, *, is_active: bool) -> bool:
    """Let her in or bar her; False when there is no such agent."""
    return tx.execute(update(agents).where(agents.c.id == agent_id).values(is_active=is_active)).rowcount > 0


def _select() -> Select[Any]:
    """A row for each shop that an agent may see, one for her who was given none."""
    sign_in_here = and_(agent_identities.c.agent_id == agents.c.id, agent_identities.c.shop == _HERE)
    known = agents.outerjoin(agent_identities, sign_in_here)
    return select(
        agents.c.id,
        agents.c.name,
        agents.c.email,
        agents.c.role,
        agents.c.language,
        agents.c.calendar,
        agents.c.is_active,
        agents.c.sees_all_shops,
        agents.c.session_epoch,
        agents.c.created_at,
        agent_identities.c.subject,
        agent_shops.c.shop,
    ).select_from(known.outerjoin(agent_shops, agent_shops.c.agent_id == agents.c.id))


def _rows(tx: Tx, statement: Select[Any], asked: Mapping[str, Any] | None = None) -> tuple[AgentRow, ...]:
    rows = tx.execute(statement, asked).all()
    shops: dict[int, list[str]] = {}
    for row in rows:
        shops.setdefault(row.id, []).extend([row.shop] if row.shop else [])
    return tuple(
        AgentRow(
            id=row.id,
            name=row.name,
            email=row.email,
            role=row.role,
            language=row.language,
            calendar=row.calendar,
            is_active=row.is_active,
            sees_all_shops=row.sees_all_shops,
            session_epoch=row.session_epoch,
            created_at=row.created_at,
            username=row.subject or "",
            shops=tuple(sorted(shops[row.id])),
        )
        for row in {row.id: row for row in rows}.values()
    )
