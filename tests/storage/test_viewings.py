"""Who has whose page open."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from storage.engine import Store, Tx
from storage.people import viewings
from storage.schema import agents
from storage.schema import viewings as table
from tests.storage.people import NOW, add_agent, add_person, ago


def others(tx: Tx, customer_id: int, agent_id: int) -> list[str]:
    return [row.name for row in viewings.others(tx, customer_id, agent_id, since=ago(seconds=50))]


def test_an_agent_sees_who_else_has_the_page_open_just_now(store: Store) -> None:
    with store.write() as tx:
        maryam, reza = add_person(tx, "1"), add_person(tx, "2")
        sara, nima, long_gone, dismissed = (add_agent(tx, name) for name in ("سارا", "نیما", "علی", "مینا"))
        viewings.renew(tx, maryam.customer_id, sara, now=ago(hours=3))
        for agent in (sara, nima, dismissed):
            viewings.renew(tx, maryam.customer_id, agent, now=NOW)
        viewings.renew(tx, maryam.customer_id, long_gone, now=ago(seconds=51))
        tx.execute(update(agents).where(agents.c.id == dismissed).values(is_active=False))
        assert others(tx, maryam.customer_id, sara) == ["نیما"]
        assert others(tx, maryam.customer_id, nima) == ["سارا"]
        assert others(tx, reza.customer_id, sara) == []


def test_old_viewings_are_forgotten(store: Store) -> None:
    with store.write() as tx:
        maryam, sara, nima = add_person(tx, "1"), add_agent(tx, "سارا"), add_agent(tx, "نیما")
        viewings.renew(tx, maryam.customer_id, sara, now=ago(hours=2))
        viewings.renew(tx, maryam.customer_id, nima, now=NOW)
        viewings.forget_old(tx, now=NOW + timedelta(seconds=1))
        assert tx.execute(select(table.c.agent_id)).scalars().all() == [nima]
