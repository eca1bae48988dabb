"""The trail says who, what, when and about whom; never what was said."""

from __future__ import annotations

from sqlalchemy import select

from storage import activity
from storage.engine import Store
from storage.schema import activity as activity_table
from tests.storage.people import NOW, add_agent, add_person


def test_a_line_holds_ids_and_the_action(store: Store) -> None:
    with store.write() as tx:
        agent_id, person = add_agent(tx), add_person(tx, "1")
        activity.record(
            tx,
            "note.written",
            at=NOW,
            agent_id=agent_id,
            customer_id=person.customer_id,
            ref=("main", "order", "7"),
        )
        activity.record(tx, "agent.sign_in_failed", at=NOW, agent_id=None)
        first, second = tx.execute(select(activity_table).order_by(activity_table.c.id)).all()
    assert (first.action, first.agent_id, first.customer_id) == ("note.written", agent_id, person.customer_id)
    assert (first.shop, first.ref_kind, first.ref_id, first.at) == ("main", "order", "7", NOW)
    assert (second.agent_id, second.customer_id, second.note_id, second.shop) == (None, None, None, "")
