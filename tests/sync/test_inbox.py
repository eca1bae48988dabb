"""Deliveries: durable before the answer, applied where they prove newer, never in the way of each other."""

from __future__ import annotations

import pytest
import sqlalchemy

from companion.app import App
from companion.sandbox import Fault, Sandbox
from storage.schema import accounts, inbox, orders, refunds
from tests.fixtures.app import stored_order
from tests.fixtures.store import Clock

GUEST = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com"}


def states(app: App) -> list[str]:
    with app.store.read() as tx:
        return list(tx.execute(sqlalchemy.select(inbox.c.state).order_by(inbox.c.id)).scalars())


def status_of(app: App, order_id: int) -> str:
    row = stored_order(app, order_id)
    assert row is not None
    return str(row.status)


def deliver(app: App, sandbox: Sandbox) -> None:
    sandbox.shop.run_queue()
    app.drain()


@pytest.fixture
def order_id(served: App, sandbox: Sandbox) -> int:
    """An order that both sides know."""
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    served.backfill("main")
    sandbox.shop.clock.advance(60)
    return order.id


def test_companions_webhooks_are_registered_once(served: App, sandbox: Sandbox) -> None:
    before = len(sandbox.shop.deliveries.webhooks)
    served.prepare(served.shops["main"])
    assert len(sandbox.shop.deliveries.webhooks) == before == 7


def test_a_new_order_arrives_without_a_single_read(served: App, sandbox: Sandbox, order_id: int) -> None:
    order = sandbox.shop.create_order(billing=GUEST)
    sandbox.shop.log.clear()
    deliver(served, sandbox)
    assert status_of(served, order.id) == "processing"
    assert len(sandbox.shop.log) == 0
    assert set(states(served)) == {"applied"}


def test_an_update_arrives(served: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.update_order(order_id, status="completed")
    deliver(served, sandbox)
    assert status_of(served, order_id) == "completed"


def test_late_delivery_does_not_overwrite_newer_order(served: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.update_order(order_id, status="on-hold")
    sandbox.shop.run_queue()  # accepted, not worked yet
    sandbox.shop.clock.advance(60)
    sandbox.shop.update_order(order_id, status="completed")
    served.poll("main")
    served.drain()
    assert status_of(served, order_id) == "completed"


def test_a_delivery_of_the_same_second_is_settled_by_a_read(served: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.update_order(order_id, status="on-hold")
    deliver(served, sandbox)
    sandbox.shop.update_order(order_id, status="completed")  # within the same second
    deliver(served, sandbox)
    assert status_of(served, order_id) == "completed"


def test_doubled_deliveries_are_stored_once(served: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.faults.add(Fault("double", topic="order.updated"))
    sandbox.shop.update_order(order_id, status="completed")
    deliver(served, sandbox)
    assert states(served) == ["applied"]


def test_reordered_deliveries_end_at_the_shops_truth(served: App, sandbox: Sandbox) -> None:
    sandbox.shop.faults.add(Fault("reorder", topic=None, times=None))
    order = sandbox.shop.create_order(billing=GUEST)
    sandbox.shop.clock.advance(5)
    sandbox.shop.update_order(order.id, status="completed")
    deliver(served, sandbox)
    assert status_of(served, order.id) == "completed"


def test_a_trashed_order_is_read_since_its_delivery_holds_only_an_id(
    served: App, sandbox: Sandbox, order_id: int
) -> None:
    sandbox.shop.trash_order(order_id)
    deliver(served, sandbox)
    assert status_of(served, order_id) == "trash"


def test_an_order_that_is_gone_at_delivery_is_tombstoned_and_nothing_is_dead(
    served: App, sandbox: Sandbox, order_id: int
) -> None:
    sandbox.shop.trash_order(order_id)
    sandbox.shop.force_delete_order(order_id)
    deliver(served, sandbox)
    row = stored_order(served, order_id)
    assert row is not None
    assert row.gone_at is not None
    assert "dead" not in states(served)


def test_a_registered_user_arrives_and_her_removal_too(served: App, sandbox: Sandbox) -> None:
    user = sandbox.shop.create_customer(email="new@example.com", first_name="نگار")
    deliver(served, sandbox)
    sandbox.shop.clock.advance(5)
    sandbox.shop.delete_customer(user.id)
    deliver(served, sandbox)
    with served.store.read() as tx:
        found = tx.execute(sqlalchemy.select(accounts).where(accounts.c.key == str(user.id))).one()
    assert found.first_name == "نگار"
    assert found.gone_at is not None


def test_while_the_shop_is_away_deliveries_wait_and_nothing_is_lost(
    served: App, sandbox: Sandbox, order_id: int, clock: Clock
) -> None:
    sandbox.shop.trash_order(order_id)
    sandbox.shop.run_queue()
    sandbox.shop.faults.add(Fault("status", path=f"orders/{order_id}", status=503, seconds=0, times=None))
    served.drain()
    assert states(served) == ["waiting"]
    sandbox.shop.faults.clear()
    clock.advance(3600)
    served.drain()
    assert states(served) == ["applied"]
    assert status_of(served, order_id) == "trash"


def test_an_unknown_topic_is_kept_and_ignored(served: App, sandbox: Sandbox) -> None:
    served.inbox_writer.accept(
        shop="main", topic="product.updated", resource_id="9", delivery_id="d", body_hash=b"h", body=b'{"id":9}'
    )
    served.drain()
    assert states(served) == ["ignored"]


def test_a_signed_delivery_that_is_no_order_leads_to_a_read(served: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.edit_silently(order_id, status="completed")
    body = b'{"code":"woocommerce_rest_cannot_view","message":"no"}'
    served.inbox_writer.accept(
        shop="main", topic="order.updated", resource_id=str(order_id), delivery_id="d", body_hash=b"h", body=body
    )
    served.drain()
    assert status_of(served, order_id) == "completed"
    assert states(served) == ["applied"]


def test_one_poisoned_delivery_does_not_hold_up_the_others(
    served: App, sandbox: Sandbox, order_id: int, clock: Clock
) -> None:
    poisoned = sandbox.shop.create_order(billing=GUEST)
    sandbox.shop.update_order(order_id, status="completed")
    sandbox.shop.run_queue()
    apply_orders = served.applier.orders

    def blow_up(tx: object, shop: str, items: object, **how: object) -> object:
        if any(item.id == str(poisoned.id) for item in items):  # type: ignore[attr-defined]
            raise RuntimeError("poison")
        return apply_orders(tx, shop, items, **how)  # type: ignore[arg-type]

    served.applier.orders = blow_up  # type: ignore[method-assign,assignment]
    for _ in range(6):
        served.drain()
        clock.advance(7200)
    assert status_of(served, order_id) == "completed"
    assert set(states(served)) == {"applied", "dead"}


def test_deliveries_alone_keep_the_store_equal_to_the_shop(served: App, sandbox: Sandbox) -> None:
    placed = [sandbox.shop.create_order(billing=GUEST) for _ in range(20)]
    deliver(served, sandbox)
    for index, order in enumerate(placed):
        sandbox.shop.clock.advance(1)
        sandbox.shop.update_order(order.id, status=["completed", "cancelled", "on-hold"][index % 3])
    deliver(served, sandbox)
    with served.store.read() as tx:
        stored = dict(tx.execute(sqlalchemy.select(orders.c.order_id, orders.c.status)).all())
    assert stored == {str(order.id): sandbox.shop.order(order.id).status for order in placed}


def standing_refunds(app: App) -> list[int]:
    with app.store.read() as tx:
        return list(tx.execute(sqlalchemy.select(refunds.c.amount).where(refunds.c.gone_at.is_(None))).scalars())


def test_a_refund_arrives_with_the_delivery_of_its_order(served: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.create_refund(order_id, 20_000)
    deliver(served, sandbox)
    assert standing_refunds(served) == [200_000_000]
    assert set(states(served)) == {"applied"}


def test_a_delivery_waits_until_the_refunds_of_its_order_are_read(
    served: App, sandbox: Sandbox, order_id: int, clock: Clock
) -> None:
    sandbox.shop.faults.add(Fault("status", path=f"/{order_id}/refunds", status=503, seconds=0, times=None))
    sandbox.shop.create_refund(order_id, 20_000)
    deliver(served, sandbox)
    assert standing_refunds(served) == []
    sandbox.shop.faults.clear()
    clock.advance(60)
    served.drain()
    assert standing_refunds(served) == [200_000_000]
