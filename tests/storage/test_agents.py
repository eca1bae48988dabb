"""Agents, their sign-ins and shops."""

from __future__ import annotations

import pytest

from storage import agents, errors
from storage.engine import Store
from tests.storage.people import NOW, add_agent


def test_an_agent_is_read_as_she_was_added(store: Store) -> None:
    with store.write() as tx:
        agent_id = agents.add(
            tx, name="سارا", email="s@example.com", role="agent", sees_all_shops=False, shops=["b", "a", "b"], now=NOW
        )
        agents.add_sign_in(tx, agent_id, username="sara", password_hash="hash", now=NOW)
        row = agents.get(tx, agent_id)
        assert row is not None
        assert (row.name, row.username, row.shops, row.is_active) == ("سارا", "sara", ("a", "b"), True)
        assert (row.language, row.calendar, row.session_epoch, row.created_at) == ("", "", 0, NOW)
        assert agents.get(tx, agent_id + 1) is None


def test_agents_are_listed_by_name(store: Store) -> None:
    with store.write() as tx:
        add_agent(tx, "ب")
        add_agent(tx, "ا")
        assert [row.name for row in agents.every(tx)] == ["ا", "ب"]


def test_a_user_name_belongs_to_one(store: Store) -> None:
    with store.write() as tx:
        one, two = add_agent(tx), add_agent(tx)
        agents.add_sign_in(tx, one, username="sara", password_hash="hash", now=NOW)
    with pytest.raises(errors.Duplicate), store.write() as tx:
        agents.add_sign_in(tx, two, username="sara", password_hash="hash", now=NOW)


def test_a_new_password_ends_her_sessions(store: Store) -> None:
    with store.write() as tx:
        agent_id = add_agent(tx)
        assert not agents.set_password(tx, agent_id, "hash")
        agents.add_sign_in(tx, agent_id, username="sara", password_hash="old", now=NOW)
        assert agents.set_password(tx, agent_id, "new")
        sign_in = agents.sign_in(tx, "sara")
        assert sign_in is not None
        assert (sign_in.agent_id, sign_in.password_hash) == (agent_id, "new")
        assert "new" not in repr(sign_in)
        row = agents.get(tx, agent_id)
        assert row is not None
        assert row.session_epoch == 2
        assert agents.sign_in(tx, "reza") is None


def test_preferences_and_being_barred(store: Store) -> None:
    with store.write() as tx:
        agent_id = add_agent(tx)
        assert agents.set_preferences(tx, agent_id, language="en", calendar="jalali")
        assert agents.set_active(tx, agent_id, is_active=False)
        agents.set_shops(tx, agent_id, [])
        row = agents.get(tx, agent_id)
        assert row is not None
        assert (row.language, row.calendar, row.is_active, row.shops) == ("en", "jalali", False, ())
        assert not agents.set_preferences(tx, 999, language="", calendar="")
        assert not agents.set_active(tx, 999, is_active=True)
