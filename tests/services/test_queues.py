"""What a person can do with what was set aside."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from companion.domain.permissions import ROLE_PERMISSIONS, Role, Viewer
from companion.services.errors import Forbidden, NotFound
from companion.services.sync.queues import Chosen, Queues
from storage import shops
from storage.engine import Store
from storage.schema import activity, inbox
from storage.sync import corrections, outbox
from tests.fixtures.store import Clock
from tests.storage.people import add_agent, add_order, add_person

DAY = timedelta(days=1)


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def queues(store: Store, clock: Clock, woken: list[str]) -> Queues:
    return Queues(store, clock, shops=("main", "custom"), wake=lambda: woken.append("now"))


@pytest.fixture
def administrator(store: Store) -> Viewer:
    with store.write() as tx:
        agent_id = add_agent(tx, role="administrator")
    return viewer(Role.ADMINISTRATOR, agent_id)


def viewer(role: Role, agent_id: int = 0, shops: frozenset[str] | None = None) -> Viewer:
    return Viewer(agent_id, "نام", role, ROLE_PERMISSIONS[role], shops=shops)


def give_up(store: Store, entry_id: int, ref_id: str, at: datetime, *, shop: str = "main") -> None:
    row = {"id": entry_id, "shop": shop, "topic": "order.updated", "kind": "order", "resource_id": ref_id}
    dead = {"state": "dead", "finished_at": at, "attempts": 5, "reason": "it cannot be"}
    with store.write() as tx:
        tx.execute(
            insert(inbox).values(**row, **dead, delivery_id=f"{entry_id}", body_hash=b"", received_at=at, next_at=at)
        )


def states(store: Store) -> dict[int, str]:
    with store.read() as tx:
        return {row.id: row.state for row in tx.execute(select(inbox.c.id, inbox.c.state))}


def doings(store: Store) -> list[tuple[Any, ...]]:
    columns = (activity.c.agent_id, activity.c.action, activity.c.shop, activity.c.ref_kind, activity.c.ref_id)
    with store.read() as tx:
        return [tuple(row) for row in tx.execute(select(*columns).order_by(activity.c.id))]


def test_a_dead_delivery_leads_to_its_customer(
    queues: Queues, store: Store, clock: Clock, administrator: Viewer
) -> None:
    with store.write() as tx:
        person = add_person(tx, "a@example.com")
        add_order(tx, person.account_id, "1042", number="A-1042")
    give_up(store, 1, "1042", clock())
    give_up(store, 2, "9999", clock() - DAY)
    known, unknown = queues.dead(administrator, "main", limit=5)
    assert known.place == (person.customer_id, "A-1042")
    assert (unknown.ref_id, unknown.place, unknown.reason) == ("9999", None, "it cannot be")


def test_replay_takes_up_what_was_found_and_nothing_else(
    queues: Queues, store: Store, clock: Clock, administrator: Viewer, woken: list[str]
) -> None:
    for entry_id, days, shop in ((1, 3, "main"), (2, 2, "main"), (3, 1, "main"), (4, 1, "custom")):
        give_up(store, entry_id, str(entry_id), clock() - days * DAY, shop=shop)
    chosen = Chosen(shop="main", since=clock() - 2 * DAY)
    assert queues.find(administrator, chosen).topics == {("main", "order.updated"): 2}
    assert set(states(store).values()) == {"dead"}, "finding changes nothing"
    assert woken == []
    assert queues.replay(administrator, chosen).count == 2
    assert states(store) == {1: "dead", 2: "waiting", 3: "waiting", 4: "dead"}
    assert woken == ["now"]
    assert queues.replay(administrator, Chosen(ids=(4, 77))).topics == {("custom", "order.updated"): 1}
    assert queues.replay(administrator, Chosen()).count == 1
    agent = administrator.agent_id
    assert doings(store) == [
        (agent, "delivery.replayed", "main", "delivery", ""),
        (agent, "delivery.replayed", "custom", "delivery", "4"),
        (agent, "delivery.replayed", "main", "delivery", "1"),
    ]


def test_what_others_may_not_see_they_do_not_replay(queues: Queues, store: Store, clock: Clock) -> None:
    give_up(store, 1, "1", clock())
    give_up(store, 2, "2", clock(), shop="custom")
    of_custom = viewer(Role.ADMINISTRATOR, shops=frozenset({"custom"}))
    with pytest.raises(NotFound):
        queues.replay(of_custom, Chosen(shop="main"))
    assert queues.replay(of_custom, Chosen()).count == 1
    assert states(store) == {1: "dead", 2: "waiting"}
    supervisor = viewer(Role.SUPPORT_SUPERVISOR)
    assert len(queues.dead(supervisor, "main", limit=5)) == 1
    for forbidden in (
        lambda: queues.replay(supervisor, Chosen(ids=(1,))),
        lambda: queues.pause(supervisor, "main"),
        lambda: queues.push_again(supervisor, "main"),
        lambda: queues.dead(viewer(Role.AGENT), "main", limit=5),
    ):
        with pytest.raises(Forbidden):
            forbidden()


def test_pausing_twice_is_pausing_once(queues: Queues, store: Store, administrator: Viewer) -> None:
    assert [queues.pause(administrator, "main"), queues.pause(administrator, "main")] == [True, False]
    with store.read() as tx:
        assert shops.is_paused(tx, "main")
    assert [queues.resume(administrator, "main"), queues.resume(administrator, "main")] == [True, False]
    with store.read() as tx:
        assert not shops.is_paused(tx, "main")
    assert [doing[1:] for doing in doings(store)] == [
        ("shop.paused", "main", "shop", "main"),
        ("shop.resumed", "main", "shop", "main"),
    ]
    with pytest.raises(NotFound):
        queues.pause(administrator, "elsewhere")


def test_a_parked_summary_is_pushed_again_with_its_quarrel_forgotten(
    queues: Queues, store: Store, clock: Clock, administrator: Viewer
) -> None:
    refs = [("main", "order", "1"), ("main", "order", "2"), ("main", "ticket", "3")]
    with store.write() as tx:
        outbox.mark(tx, refs, lane=outbox.SLOW, now=clock())
        claims = outbox.claim(tx, shop="main", now=clock(), token="t", lease_seconds=9, limit=9)
        outbox.park(tx, "main", claims, "t", reason="something else writes this field")
        for _ in range(4):
            corrections.count(tx, "main", "order", "1", now=clock())
    assert len(queues.not_pushed(administrator, "main", limit=9)) == 3
    assert queues.push_again(administrator, "main", ("order", "1")) == 1
    with store.write() as tx:
        assert outbox.waiting(tx, "main", limit=9) == [("order", "1")]
        assert corrections.count(tx, "main", "order", "1", now=clock()) == 1
    assert queues.push_again(administrator, "main", ("order", "1")) == 0, "it is parked no more"
    assert queues.push_again(administrator, "main") == 2
    assert queues.not_pushed(administrator, "main", limit=9) == ()
