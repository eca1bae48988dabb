"""What our plugin tells through the shop's own queue leads to the very read it asks for, and what names no thing to a
look at the shop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy

from companion.app import App
from companion.sandbox import Fault, Sandbox
from companion.sync.shop import Shop
from storage.schema import accounts, inbox, order_notes, refunds
from storage.sync import cursors
from tests.contract.conftest import Receiver, receiver
from tests.fixtures.app import MakeApp, stored_order
from tests.fixtures.store import Clock
from tests.sync.helpdesks import standing_replies, stored_ticket
from webhooks.woocommerce import Delivery, from_http

__all__ = ["receiver"]

SECRET = "abc123"
GUEST = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com"}
EVENTS = (
    "order_note",
    "order_note_deleted",
    "order_refund_deleted",
    "order_deleted",
    "customer_deleted",
    *(f"ticket_{name}" for name in ("created", "reply", "reply_deleted", "status", "closed", "trashed", "deleted")),
)


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return make_sandbox(bridge=True)


@pytest.fixture
def app(make_app: MakeApp, sandbox: Sandbox) -> App:
    return make_app({"main": sandbox}, helpdesk=True)


@pytest.fixture
def hear(app: App, sandbox: Sandbox, receiver: Receiver) -> Callable[[], list[str]]:
    """Has the shop's queue deliver our plugin's events, and says what was then asked of the shop."""
    for event in EVENTS:
        topic = f"action.wc_companion_{event}"
        app.shops["main"].source.create_webhook(
            name=topic, topic=topic, delivery_url=f"{receiver.url}/{topic}", secret=SECRET
        )
    receiver.received.clear()

    def hear() -> list[str]:
        sandbox.shop.run_queue()
        for sent in receiver.received:
            topic = sent.path.removeprefix("/")
            delivery = from_http(shop="main", topic=topic, headers=dict(sent.headers), body=sent.body, secrets=[SECRET])
            assert isinstance(delivery, Delivery)
            accept(app, topic, delivery.body, delivery.resource_id)
        receiver.received.clear()
        sandbox.shop.log.clear()
        app.inbox.drain(app.shops["main"])
        return [request.path.partition("/v")[2][2:] for request in sandbox.shop.log.requests()]

    return hear


def accept(app: App, topic: str, body: bytes, resource_id: str = "", shop: str = "main") -> None:
    with app.store.read() as tx:
        count = tx.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(inbox)).scalar_one()
    app.inbox_writer.accept(
        shop=shop, topic=topic, resource_id=resource_id, delivery_id=str(count), body_hash=b"h", body=body
    )


def outcomes(app: App) -> list[tuple[str, str]]:
    with app.store.read() as tx:
        return [tuple(row) for row in tx.execute(sqlalchemy.select(inbox.c.state, inbox.c.reason).order_by("id"))]


def standing_notes(app: App) -> list[str]:
    with app.store.read() as tx:
        return list(tx.execute(sqlalchemy.select(order_notes.c.body).where(order_notes.c.gone_at.is_(None))).scalars())


def applied(app: App) -> bool:
    return {state for state, _ in outcomes(app)} == {"applied"}


def test_an_order_note_is_read_and_nothing_else(app: App, sandbox: Sandbox, hear: Callable[[], list[str]]) -> None:
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    app.backfill("main")
    note = sandbox.shop.add_order_note(order.id, "زنگ زد")
    assert hear() == [f"orders/{order.id}/notes"]
    assert standing_notes(app) == ["زنگ زد"]
    sandbox.shop.delete_order_note(order.id, note.id)
    assert hear() == [f"orders/{order.id}/notes"]
    assert standing_notes(app) == []
    assert applied(app)


def test_several_events_of_an_order_cost_one_read_each_of_its_parts(
    app: App, sandbox: Sandbox, hear: Callable[[], list[str]]
) -> None:
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    refund = sandbox.shop.create_refund(order.id, 1000)
    app.backfill("main")
    for text in ("a", "b", "c"):
        sandbox.shop.add_order_note(order.id, text)
    sandbox.shop.delete_refund(refund.id)
    assert hear() == [f"orders/{order.id}/refunds", f"orders/{order.id}/notes"]
    assert sorted(standing_notes(app)) == ["a", "b", "c"]
    with app.store.read() as tx:
        assert tx.execute(sqlalchemy.select(refunds.c.gone_at)).scalar_one() is not None
    assert applied(app)


def test_a_permanent_deletion_is_known_at_once(app: App, sandbox: Sandbox, hear: Callable[[], list[str]]) -> None:
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    user = sandbox.shop.create_customer("zahra@example.com", role="subscriber", quiet=True)
    app.backfill("main")
    sandbox.shop.add_order_note(order.id, "last words")
    sandbox.shop.force_delete_order(order.id)
    sandbox.shop.delete_customer(user.id)
    hear()
    row = stored_order(app, order.id)
    assert row is not None
    assert row.gone_at is not None
    with app.store.read() as tx:
        gone_at = tx.execute(sqlalchemy.select(accounts.c.gone_at).where(accounts.c.key == str(user.id))).scalar_one()
    assert gone_at is not None
    assert applied(app)


def test_a_refund_of_an_order_that_is_gone_by_then_leads_to_its_tombstone(app: App, sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    app.backfill("main")
    sandbox.shop.force_delete_order(order.id)
    for event in ("refund_deleted", "note"):
        accept(app, f"action.wc_companion_order_{event}", b"{}", str(order.id))
        app.inbox.drain()
    row = stored_order(app, order.id)
    assert row is not None
    assert row.gone_at is not None
    assert applied(app)


def test_tickets_and_replies_arrive(app: App, sandbox: Sandbox, hear: Callable[[], list[str]]) -> None:
    desk = sandbox.shop.helpdesk
    author = sandbox.shop.create_customer("zahra@example.com", quiet=True)
    ticket = desk.open_ticket(author.id, "کفش نرسید")
    hear()
    desk.reply(ticket.id, 3, "<p>در راه است</p>")
    desk.close(ticket.id)
    assert f"tickets/{ticket.id}/replies" in hear()
    row = stored_ticket(app, ticket.id)
    assert row is not None
    assert (row.title, row.state) == ("کفش نرسید", "closed")
    assert [reply.strip() for reply in standing_replies(app, ticket.id)] == ["<p>در راه است</p>"]
    desk.delete(ticket.id)
    hear()
    row = stored_ticket(app, ticket.id)
    assert row is not None
    assert row.gone_at is not None
    assert applied(app)


def test_tickets_of_a_shop_without_a_helpdesk_of_ours_are_ignored(make_app: MakeApp, sandbox: Sandbox) -> None:
    app = make_app({"main": sandbox})
    accept(app, "action.wc_companion_ticket_created", b"{}", "5")
    app.drain()
    assert outcomes(app) == [("ignored", "no helpdesk is configured for this shop")]
    assert len(sandbox.shop.log) == 0


# --- what is no thing ---------------------------------------------------------------------------------------------

PERMISSION = b'{"code":"woocommerce_rest_cannot_view","message":"Sorry, you cannot view this resource."}'


@pytest.mark.parametrize("body", [b"[]", b"", b"<html>a cache</html>", PERMISSION, b"null"])
@pytest.mark.parametrize(
    ("topic", "stream"),
    [("order.updated", "orders"), ("customer.created", "customers"), ("action.wc_companion_ticket_reply", "tickets")],
)
def test_what_names_no_thing_is_never_applied_and_has_the_shop_polled_at_once(
    app: App, sandbox: Sandbox, topic: str, stream: str, body: bytes
) -> None:
    streams = ("orders", "customers", "tickets")
    with app.store.write() as tx:
        for each in streams:
            cursors.put(tx, "main", each, interval_s=300)
    accept(app, topic, body)
    accept(app, topic, body)
    app.inbox.drain(app.shops["main"])
    assert [state for state, _ in outcomes(app)] == ["ignored"] * 2
    assert outcomes(app)[0][1].endswith("; a poll finds what changed")
    with app.store.read() as tx:
        due = {each for each in streams if (cursor := cursors.get(tx, "main", each)) and cursor.interval_s is None}
    assert due == {stream}
    assert len(sandbox.shop.log) == 0


@pytest.mark.parametrize("body", [b"[]", b"", b"<html>a cache</html>", PERMISSION])
def test_what_names_a_thing_without_being_it_leads_to_a_read_of_it(app: App, sandbox: Sandbox, body: bytes) -> None:
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    app.backfill("main")
    sandbox.shop.edit_silently(order.id, status="completed")
    accept(app, "order.updated", body, str(order.id))
    app.drain()
    row = stored_order(app, order.id)
    assert row is not None
    assert row.status == "completed"
    assert applied(app)


def test_a_basket_is_no_order_and_costs_no_read(served: App, sandbox: Sandbox) -> None:
    basket = sandbox.shop.create_order(status="checkout-draft", billing=GUEST)
    sandbox.shop.log.clear()
    sandbox.shop.run_queue()
    served.inbox.drain()
    assert stored_order(served, basket.id) is None
    assert len(sandbox.shop.log) == 0
    assert applied(served)


def test_what_waits_of_a_shop_that_was_removed_is_ignored(app: App) -> None:
    accept(app, "order.updated", b'{"id":5}', "5", shop="gone")
    assert app.inbox.drain(app.shops["main"]) == 0
    assert app.inbox.drain() == 1
    assert outcomes(app) == [("ignored", "this shop is not in the configuration any more")]


# --- tries --------------------------------------------------------------------------------------------------------


def test_a_delivery_that_fails_for_no_known_reason_is_dead_after_five_tries_and_not_in_the_way(
    app: App, sandbox: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison, well = (sandbox.shop.create_order(billing=GUEST, quiet=True) for _ in range(2))
    read, tried = app.rereader.order, []

    def order(shop: Shop, order_id: str, **how: Any) -> None:
        tried.append(order_id)
        if order_id == str(poison.id):
            raise ZeroDivisionError
        read(shop, order_id, **how)

    monkeypatch.setattr(app.rereader, "order", order)
    accept(app, "order.deleted", b"{}", str(poison.id))
    for _ in range(7):
        accept(app, "order.deleted", b"{}", str(well.id))
        app.drain()
        clock.advance(7200)
    assert tried.count(str(poison.id)) == 5
    assert tried.count(str(well.id)) == 7
    assert outcomes(app)[0] == ("dead", "ZeroDivisionError: ")
    assert {state for state, _ in outcomes(app)[1:]} == {"applied"}


def test_what_a_shop_asks_us_to_wait_is_waited(app: App, sandbox: Sandbox, clock: Clock) -> None:
    sandbox.shop.faults.add(Fault("status", status=429, seconds=900))
    accept(app, "order.deleted", b"{}", "5")
    app.drain()
    clock.advance(899)
    app.drain()
    assert outcomes(app)[0][0] == "waiting"
    clock.advance(1)
    app.drain()
    assert outcomes(app)[0][0] == "applied"


def test_told_to_stop_it_lets_go_of_what_it_has_not_begun(app: App, sandbox: Sandbox, clock: Clock) -> None:
    for number in range(3):
        accept(app, "order.deleted", b"{}", str(900 + number))
    app.inbox.drain(should_stop=lambda: len(sandbox.shop.log) > 0)
    assert [state for state, _ in outcomes(app)] == ["applied", "waiting", "waiting"]
    app.inbox.drain()
    assert applied(app)
    with app.store.read() as tx:
        assert cursors.get(tx, "main", "orders") is None
