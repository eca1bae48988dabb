from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from storage.engine import Store
from storage.schema import inbox
from storage.sync import subscriptions
from tests.fixtures.store import Clock
from tests.storage.people import NOW, add_order, add_person, ago


def deliver(store: Store, topic: str, resource_id: str, *, minutes: float, shop: str = "main") -> None:
    at = ago(minutes=minutes)
    row = {"shop": shop, "topic": topic, "kind": "order", "resource_id": resource_id, "body_hash": b""}
    with store.write() as tx:
        tx.execute(insert(inbox).values(**row, delivery_id=str(minutes), state="applied", received_at=at, next_at=at))


def test_a_subscription_keeps_what_a_change_does_not_name_and_knows_its_last_delivery(
    store: Store, clock: Clock
) -> None:
    deliver(store, "order.updated", "7", minutes=5)
    deliver(store, "order.updated", "8", minutes=2)
    deliver(store, "order.updated", "8", minutes=1, shop="other")
    with store.write() as tx:
        subscriptions.put(tx, "main", "order.updated", webhook_id="3", status="disabled", checked_at=clock())
        subscriptions.change(tx, "main", "order.updated", generation=2, repaired_at=clock(), missed=1)
        subscriptions.put(tx, "main", "order.updated", webhook_id="4", status="active", checked_at=clock(), missed=0)
        subscriptions.put(tx, "main", "order.created", webhook_id="2", status="active", checked_at=clock())
        subscriptions.put(tx, "other", "order.created", webhook_id="2", status="active", checked_at=clock())
    with store.read() as tx:
        found = subscriptions.of_shop(tx, "main")
        assert [(one.shop, one.topic) for one in subscriptions.every(tx)] == [
            ("main", "order.created"),
            ("main", "order.updated"),
            ("other", "order.created"),
        ]
    assert found["order.updated"] == subscriptions.Subscription(
        shop="main",
        topic="order.updated",
        webhook_id="4",
        status="active",
        generation=2,
        is_fragile=False,
        missed=0,
        checked_at=clock(),
        repaired_at=clock(),
        delivered_at=ago(minutes=2),
    )
    assert found["order.created"].delivered_at is None


def test_those_of_topics_that_are_not_wanted_any_more_are_forgotten(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        for shop, topic in (("main", "order.created"), ("main", "order.deleted"), ("other", "order.deleted")):
            subscriptions.put(tx, shop, topic, webhook_id="1", status="active", checked_at=clock())
        assert subscriptions.forget(tx, "main", but=["order.created"]) == 1
        assert [(one.shop, one.topic) for one in subscriptions.every(tx)] == [
            ("main", "order.created"),
            ("other", "order.deleted"),
        ]
        assert subscriptions.forget(tx, "main") == 1


def test_changed_orders_are_those_of_the_window_with_what_was_told_of_them(store: Store) -> None:
    with store.write() as tx:
        someone = add_person(tx, "a@example.com").account_id
        for order_id, minutes in (("1", 60), ("2", 30), ("3", 20), ("4", 5)):
            add_order(tx, someone, order_id, modified_at=ago(minutes=minutes))
        add_order(tx, someone, "5", modified_at=ago(minutes=25), gone_at=NOW)
        add_order(tx, someone, "6", modified_at=ago(minutes=25), shop="other")
    deliver(store, "order.created", "2", minutes=29)
    deliver(store, "order.updated", "2", minutes=28)
    deliver(store, "customer.updated", "3", minutes=19)
    deliver(store, "order.updated", "3", minutes=19, shop="other")
    topics = ["order.created", "order.updated"]
    with store.read() as tx:
        found = subscriptions.changed_orders(tx, "main", topics, after=ago(minutes=60), until=ago(minutes=20), limit=10)
        few = subscriptions.changed_orders(tx, "main", topics, after=NOW - timedelta(days=9), until=NOW, limit=1)
    assert [(one.order_id, one.told_at) for one in found] == [("2", ago(minutes=28)), ("3", None)]
    assert [one.order_id for one in few] == ["1"]
