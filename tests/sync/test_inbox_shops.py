"""Each shop's inbox goes its own way: one that is slow, dead or in a storm keeps nobody waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy

from companion.app import App
from companion.sandbox import Fault, Sandbox
from companion.sync.deliveries.inbox import InboxDrain
from companion.sync.shop import Shop
from connectors.circuit import Circuit
from connectors.woocommerce.credentials import ConsumerKey
from connectors.woocommerce.source import WooCommerce
from storage.schema import inbox
from storage.sync import alerts
from storage.sync import inbox as storage_inbox
from tests.connectors.shops import retry
from tests.fixtures.app import MakeApp, stored_order
from tests.fixtures.store import Clock

GUEST = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com"}


def accept(
    app: App, resource_id: int, *, shop: str = "main", topic: str = "order.deleted", body: bytes = b"{}"
) -> None:
    with app.store.read() as tx:
        count = tx.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(inbox)).scalar_one()
    app.inbox_writer.accept(
        shop=shop, topic=topic, resource_id=str(resource_id), delivery_id=str(count), body_hash=b"h", body=body
    )


def states(app: App, shop: str = "main") -> list[str]:
    with app.store.read() as tx:
        found = sqlalchemy.select(inbox.c.state).where(inbox.c.shop == shop).order_by(inbox.c.id)
        return list(tx.execute(found).scalars())


def attempts(app: App) -> list[int]:
    with app.store.read() as tx:
        return list(tx.execute(sqlalchemy.select(inbox.c.attempts).order_by(inbox.c.id)).scalars())


def test_a_shop_that_does_not_answer_keeps_no_other_waiting(
    make_app: MakeApp, make_sandbox: Callable[..., Sandbox]
) -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def answers_only_when_told(_: int) -> float:
        asked.set()
        may_answer.wait(30)
        return 0.0

    app = make_app({"slow": make_sandbox(page_seconds=answers_only_when_told), "well": make_sandbox()})
    for number in range(3):
        accept(app, number, shop="slow")
        accept(app, number, shop="well")
    waiting = threading.Thread(target=app.inbox.drain, args=[app.shops["slow"]])
    waiting.start()
    assert asked.wait(30)

    assert app.inbox.drain(app.shops["well"]) == 3
    assert states(app, "well") == ["applied"] * 3
    assert states(app, "slow") == ["waiting"] * 3
    assert waiting.is_alive()

    may_answer.set()
    waiting.join()
    assert states(app, "slow") == ["applied"] * 3


# --- a shop that is left alone ------------------------------------------------------------------------------------


@pytest.fixture
def brief(app: App, sandbox: Sandbox, clock: Clock) -> Any:
    """The shop behind a circuit that opens at the first failure, for ten seconds, and its drain."""
    circuit = Circuit(clock=clock, borne=1, first=10.0, chance=lambda: 0.0)
    key = ConsumerKey(sandbox.credentials.key, sandbox.credentials.secret)
    source = WooCommerce(url=sandbox.url, credentials=key, circuit=circuit, retry=retry(attempts=1))
    shop = replace(app.shops["main"], source=source)
    yield shop, drain_of(app, shop, clock)
    source.close()


def drain_of(app: App, shop: Shop, clock: Clock) -> InboxDrain:
    return InboxDrain(
        store=app.store,
        applier=app.applier,
        rereader=app.rereader,
        shops={shop.key: shop},
        budget=app.budget,
        clock=clock,
    )


def test_what_was_not_tried_counts_no_attempt_and_waits_for_the_shop(
    app: App, sandbox: Sandbox, clock: Clock, brief: tuple[Shop, InboxDrain]
) -> None:
    shop, drain = brief
    for number in range(4):
        accept(app, number + 1)
    sandbox.shop.faults.add(Fault("cut_before", times=None))
    for _ in range(20):
        drain.drain(shop)
    assert len(sandbox.shop.log) == 1
    assert attempts(app) == [1, 0, 0, 0]
    assert states(app) == ["waiting"] * 4
    sandbox.shop.faults.clear()
    clock.advance(10)
    drain.drain(shop)
    assert states(app) == ["applied"] * 4


def test_what_a_body_proves_is_applied_while_the_shop_is_left_alone(
    app: App, sandbox: Sandbox, clock: Clock, brief: tuple[Shop, InboxDrain]
) -> None:
    shop, drain = brief
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    body = shop.source.order(str(order.id))
    sandbox.shop.faults.add(Fault("cut_before", times=None))
    accept(app, 1)
    drain.drain(shop)
    asked = len(sandbox.shop.log)
    accept(app, order.id, topic="order.created", body=body)
    drain.drain(shop)
    assert states(app) == ["waiting", "applied"]
    assert stored_order(app, order.id) is not None
    assert len(sandbox.shop.log) == asked


# --- storms -------------------------------------------------------------------------------------------------------


def storms(app: App) -> list[tuple[str, Any]]:
    with app.store.read() as tx:
        return [(alert.subject, alert.facts) for alert in alerts.standing(tx, "main") if alert.kind == "storm"]


def test_a_storm_costs_one_read_a_minute_and_loses_nothing(app: App, sandbox: Sandbox, clock: Clock) -> None:
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    app.backfill("main")
    sandbox.shop.log.clear()
    for number in range(100):
        sandbox.shop.edit_silently(order.id, customer_note=str(number))
        accept(app, order.id)
        app.drain()
        clock.advance(3)
    # The first twenty at once; then four whole minutes.
    assert sandbox.shop.log.count(path=f"orders/{order.id}") <= 20 + 4
    assert storms(app) == [(f"order {order.id}", {"deliveries": 84, "minutes": 10})]
    clock.advance(60)
    app.drain()
    row = stored_order(app, order.id)
    assert row is not None
    assert row.customer_note == "99"
    assert set(states(app)) == {"applied"}


def test_other_things_are_worked_at_once_beside_a_storm(app: App, sandbox: Sandbox) -> None:
    for _ in range(21):
        accept(app, 5)
    accept(app, 6)
    accept(app, 5, topic="customer.deleted")
    app.drain()
    assert states(app) == [*["waiting"] * 21, "applied", "applied"]


def test_a_storm_is_over_after_ten_quiet_minutes_whichever_process_sees_it(
    app: App, sandbox: Sandbox, clock: Clock
) -> None:
    for _ in range(21):
        accept(app, 5)
    app.drain()
    clock.advance(60)
    app.drain()
    accept(app, 5)
    app.drain()
    assert states(app) == [*["applied"] * 21, "waiting"]
    assert len(storms(app)) == 1
    other = drain_of(app, app.shops["main"], clock)
    clock.advance(600)
    other.drain()
    assert len(storms(app)) == 1
    clock.advance(1)
    other.drain()
    assert storms(app) == []
    accept(app, 5)
    app.drain()
    assert states(app) == ["applied"] * 23


def test_what_the_bridge_tells_after_a_long_absence_is_no_storm(app: App, clock: Clock) -> None:
    told = [storage_inbox.Told("change.order_note", "order", "5", str(number), b"") for number in range(50)]
    with app.store.write() as tx:
        storage_inbox.add(tx, "main", told, now=clock())
    app.drain()
    assert states(app) == ["applied"] * 50
    assert storms(app) == []
