"""What our plugin in a shop remembers reaches the store, once, and none of it is lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy

from companion.app import App
from companion.sandbox import Fault, Sandbox
from companion.sync.deliveries import changes
from companion.sync.deliveries.changes import BridgePoll, compare_everything
from companion.sync.deliveries.inbox import STREAM
from companion.sync.failures import NotThere
from companion.sync.shop import Shop
from connectors.errors import Refused
from connectors.wordpress.bridge import Bridge, SigningKey
from storage.schema import inbox, order_notes, orders, tickets
from storage.sync import cursors, facts
from tests.connectors.shops import retry
from tests.fixtures.app import MakeApp, stored_order
from tests.fixtures.store import Clock
from tests.sync.helpdesks import standing_replies, stored_ticket

SECRET = "sandboxbridgesecret"
ROUTE = "companion/v1/changes"


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return make_sandbox(bridge=True, bridge_secret=SECRET)


@pytest.fixture
def app(make_app: MakeApp, sandbox: Sandbox) -> App:
    return make_app({"main": sandbox}, helpdesk=True)


@pytest.fixture
def shop(app: App, sandbox: Sandbox, clock: Clock) -> Iterator[Shop]:
    """The shop with its plugin."""
    key = SigningKey("main", lambda: (SECRET,), clock)
    bridge = Bridge(url=sandbox.url, credentials=key, retry=retry(attempts=1))
    yield replace(app.shops["main"], bridge=bridge)
    bridge.close()


@pytest.fixture
def poll(app: App, clock: Clock) -> BridgePoll:
    return BridgePoll(store=app.store, clock=clock)


@pytest.fixture
def known(app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll) -> int:
    """An order that both sides know; all that happened until now is told and worked."""
    order = sandbox.shop.create_order(quiet=True)
    app.backfill("main")
    poll.run(shop)
    app.inbox.drain(shop)
    sandbox.shop.log.clear()
    return order.id


def position(app: App) -> int | None:
    with app.store.read() as tx:
        cursor = cursors.get(tx, "main", "changes")
    return cursor.position if cursor else None


def waiting(app: App) -> list[tuple[str, str]]:
    with app.store.read() as tx:
        found = sqlalchemy.select(inbox.c.topic, inbox.c.resource_id).where(inbox.c.state == "waiting")
        return [(topic, resource_id) for topic, resource_id in tx.execute(found.order_by(inbox.c.id))]


def standing_notes(app: App) -> list[str]:
    with app.store.read() as tx:
        return list(tx.execute(sqlalchemy.select(order_notes.c.body).where(order_notes.c.gone_at.is_(None))).scalars())


def due(app: App, clock: Clock) -> tuple[set[str], set[str]]:
    """Which orders' turn it is, and to which tickets the replies are due."""
    with app.store.read() as tx:
        turns = sqlalchemy.select(orders.c.order_id).where(orders.c.care_due_at <= clock())
        replies = sqlalchemy.select(tickets.c.ticket_id).where(tickets.c.replies_due_at <= clock())
        return set(tx.execute(turns).scalars()), set(tx.execute(replies).scalars())


def test_what_happened_reaches_the_store_and_is_asked_for_once(
    app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll, known: int
) -> None:
    desk = sandbox.shop.helpdesk
    gone = sandbox.shop.create_order(quiet=True)
    app.poll("main")
    ticket = desk.open_ticket(sandbox.shop.create_customer("a@example.com").id, "کفش")
    desk.reply(ticket.id, 3, "<p>رسید</p>")
    sandbox.shop.add_order_note(known, "زنگ زد")
    sandbox.shop.force_delete_order(gone.id)
    assert poll.run(shop) == 3
    app.inbox.drain(shop)
    assert standing_notes(app) == ["زنگ زد"]
    assert [reply.strip() for reply in standing_replies(app, ticket.id)] == ["<p>رسید</p>"]
    row = stored_order(app, gone.id)
    assert row is not None
    assert row.gone_at is not None
    assert waiting(app) == []

    sandbox.shop.log.clear()
    assert poll.run(shop) == 0
    app.inbox.drain(shop)
    assert [request.path for request in sandbox.shop.log.requests()] == [f"/wp-json/{ROUTE}"]


def test_several_changes_of_one_thing_cost_one_read(
    app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll, known: int
) -> None:
    for text in ("a", "b", "c"):
        sandbox.shop.add_order_note(known, text)
    poll.run(shop)
    sandbox.shop.log.clear()
    app.inbox.drain(shop)
    assert len(sandbox.shop.log) == 1
    assert sorted(standing_notes(app)) == ["a", "b", "c"]


def test_a_thing_that_cannot_be_read_is_neither_lost_nor_in_the_way(
    app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll, known: int, clock: Clock
) -> None:
    other = sandbox.shop.create_order(quiet=True)
    sandbox.shop.faults.add(Fault("status", path=f"orders/{known}/notes", status=500, times=None))
    sandbox.shop.add_order_note(known, "later")
    sandbox.shop.add_order_note(other.id, "at once")
    poll.run(shop)
    app.inbox.drain(shop)
    assert standing_notes(app) == ["at once"]
    assert position(app) == sandbox.shop.bridge.number
    sandbox.shop.faults.clear()
    clock.advance(3600)
    sandbox.shop.clock.advance(3600)
    assert poll.run(shop) == 0
    app.inbox.drain(shop)
    assert sorted(standing_notes(app)) == ["at once", "later"]


def test_the_number_moves_only_with_what_it_stands_for(
    app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll, known: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = position(app)
    sandbox.shop.add_order_note(known, "x")

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(cursors, "put", dies)
        with pytest.raises(KeyboardInterrupt):
            poll.run(shop)
    assert (position(app), waiting(app)) == (before, [])
    poll.run(shop)
    assert waiting(app) == [("change.order_note", str(known))]


def test_a_long_absence_is_read_page_after_page(
    app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll, known: int
) -> None:
    for _ in range(501):
        sandbox.shop.add_order_note(known, "x")
    poll.run(shop)
    assert position(app) == sandbox.shop.bridge.number
    assert sandbox.shop.log.count(path=ROUTE) == 2


def test_a_failure_leaves_the_number_where_it_was(
    app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll, known: int
) -> None:
    sandbox.shop.add_order_note(known, "x")
    sandbox.shop.bridge.secret = "another"
    before = position(app)
    with pytest.raises(Refused):
        poll.run(shop)
    assert (position(app), waiting(app)) == (before, [])
    sandbox.shop.bridge.secret = SECRET
    assert poll.run(shop) == 1


def test_where_the_shop_does_not_remember_everything_is_compared(
    app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll, known: int, clock: Clock
) -> None:
    ticket = sandbox.shop.helpdesk.open_ticket(sandbox.shop.create_customer("a@example.com").id, "کفش")
    sandbox.shop.helpdesk.reply(ticket.id, 3, "x")
    poll.run(shop)
    app.drain()
    app.reconcile("main")
    with app.store.write() as tx:
        cursors.put(tx, "main", "reconcile", interval_s=86400)
        tx.execute(sqlalchemy.update(orders).values(care_due_at=clock.now().replace(year=2027)))
        tx.execute(sqlalchemy.update(tickets).values(replies_due_at=None))
    assert stored_ticket(app, ticket.id) is not None
    assert due(app, clock) == (set(), set())
    assert position(app) == 1
    sandbox.shop.bridge.forget(0)
    assert poll.run(shop) == 0
    assert due(app, clock) == ({str(known)}, {str(ticket.id)})
    assert position(app) == 0
    with app.store.read() as tx:
        compared = cursors.get(tx, "main", "reconcile")
    assert compared is not None
    assert compared.interval_s is None
    assert compared.succeeded_at is not None


def test_everything_is_brought_forward_a_few_at_a_time(
    app: App, sandbox: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = {str(sandbox.shop.create_order(quiet=True).id) for _ in range(5)}
    app.backfill("main")
    with app.store.write() as tx:
        tx.execute(sqlalchemy.update(orders).values(care_due_at=clock.now().replace(year=2027)))
    monkeypatch.setattr(changes, "_AT_ONCE", 2)
    compare_everything(app.store, "main", now=clock())
    assert due(app, clock)[0] == placed


def test_a_shop_without_the_plugin_is_plainly_without_it(
    app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll, known: int, clock: Clock
) -> None:
    sandbox.shop.bridge.is_active = False
    with pytest.raises(NotThere) as absent:
        poll.run(shop)
    assert absent.value.again_in.total_seconds() == 86400
    with app.store.read() as tx:
        cursor = cursors.get(tx, "main", "changes")
    assert cursor is not None
    assert (cursor.succeeded_at, cursor.failure) == (None, "")
    with app.store.write() as tx:
        tx.execute(sqlalchemy.update(orders).values(care_due_at=clock.now().replace(year=2027)))

    sandbox.shop.bridge.is_active = True  # whatever happened meanwhile, it does not know
    poll.run(shop)
    assert due(app, clock)[0] == {str(known)}


def test_without_an_address_of_a_plugin_nothing_is_asked(app: App, sandbox: Sandbox, poll: BridgePoll) -> None:
    assert poll.run(replace(app.shops["main"], bridge=None)) == 0
    assert len(sandbox.shop.log) == 0


def test_tickets_of_a_helpdesk_that_is_none_of_ours_are_left_out(
    app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll, known: int
) -> None:
    ticket = sandbox.shop.helpdesk.open_ticket(1, "x")
    sandbox.shop.helpdesk.reply(ticket.id, 3, "y")
    assert poll.run(replace(shop, helpdesk=None)) == 0
    assert position(app) == sandbox.shop.bridge.number


def test_whoever_drains_the_inbox_hears_of_it(app: App, sandbox: Sandbox, shop: Shop, known: int, clock: Clock) -> None:
    heard: list[str] = []
    poll = BridgePoll(store=app.store, clock=clock, told=lambda shop: heard.append(shop.key))
    poll.run(shop)
    assert heard == []
    sandbox.shop.add_order_note(known, "x")
    poll.run(shop)
    assert heard == ["main"]


# --- in the round of chores ---------------------------------------------------------------------------------------


def test_the_upkeep_asks_every_few_seconds_where_the_plugin_runs(
    make_app: MakeApp, make_sandbox: Callable[..., Sandbox], clock: Clock
) -> None:
    sandbox = make_sandbox(bridge=True)
    app = make_app({"main": sandbox})
    sandbox.shop.bridge.secret = app.secrets.bridge_secrets("main", clock())[0]
    order = sandbox.shop.create_order(quiet=True)
    app.backfill("main")
    app.upkeep.run(app.shops["main"])
    sandbox.shop.add_order_note(order.id, "زنگ زد")
    for moved in (clock, sandbox.shop.clock):
        moved.advance(15)
    app.upkeep.run(app.shops["main"])
    app.inbox.drain(app.shops["main"])
    assert standing_notes(app) == ["زنگ زد"]


def test_the_upkeep_asks_once_a_day_where_it_does_not(
    make_app: MakeApp, make_sandbox: Callable[..., Sandbox], clock: Clock
) -> None:
    sandbox = make_sandbox()
    app = make_app({"main": sandbox})
    app.backfill("main")
    asked = []
    for _ in range(5):
        app.upkeep.run(app.shops["main"])
        asked.append(sandbox.shop.log.count(path=ROUTE))
        clock.advance(6 * 3600)
    assert asked == [1, 1, 1, 1, 2]
    with app.store.read() as tx:
        assert not any(cursor.failure for cursor in cursors.of_shop(tx, "main"))


def test_what_a_change_has_us_read_is_charged_to_the_budget(
    app: App, sandbox: Sandbox, shop: Shop, poll: BridgePoll, known: int
) -> None:
    with app.store.read() as tx:
        before = {row.stream for row in facts.time_taken(tx, since=app.clock() - timedelta(days=1))}
    sandbox.shop.add_order_note(known, "با مشتری تماس گرفته شد")
    poll.run(shop)
    app.inbox.drain(shop)
    with app.store.read() as tx:
        taken = {row.stream: row.requests for row in facts.time_taken(tx, since=app.clock() - timedelta(days=1))}
    assert STREAM not in before
    assert taken[STREAM] == sandbox.shop.log.count(path="/notes") == 1
