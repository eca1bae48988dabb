"""What is asked across tables, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from storage import cursors, parked, slices, sync_facts
from storage.engine import Store
from storage.schema import inbox, shop_time, subscriptions, tickets
from tests.storage.people import NOW, add_order, add_person, ago

HOUR = timedelta(hours=1)


def deliver(store: Store, topic: str, *arrivals: datetime, shop: str = "main") -> None:
    common = {"shop": shop, "topic": topic, "kind": "order", "resource_id": "1", "body_hash": b"", "state": "applied"}
    with store.write() as tx:
        tx.execute(
            insert(inbox),
            [{**common, "delivery_id": str(at), "received_at": at, "next_at": at} for at in arrivals],
        )


def subscribe(store: Store, topic: str, *, shop: str = "main", status: str = "active") -> None:
    with store.write() as tx:
        row = {"shop": shop, "topic": topic, "webhook_id": "7", "status": status, "missed": 2, "checked_at": NOW}
        tx.execute(insert(subscriptions).values(**row))


def test_each_webhook_is_seen_with_its_own_last_delivery(store: Store) -> None:
    deliver(store, "order.updated", ago(hours=30), ago(minutes=50), ago(minutes=2))
    deliver(store, "order.updated", ago(minutes=1), shop="custom")
    subscribe(store, "order.updated")
    subscribe(store, "order.deleted", status="disabled")
    with store.read() as tx:
        deleted, updated = sync_facts.webhooks(tx, since=NOW - HOUR)
    assert (updated.delivered_at, updated.delivered) == (ago(minutes=2), 2)
    assert (deleted.delivered_at, deleted.delivered, deleted.status) == (None, 0, "disabled")


def test_time_taken_is_summed_over_the_hours_asked_for(store: Store) -> None:
    rows = [(ago(hours=30), 99.0, 9), (ago(hours=2), 4.0, 3), (ago(hours=1), 2.5, 2)]
    with store.write() as tx:
        for hour, seconds, requests in rows:
            row = {"shop": "main", "hour": hour, "stream": "orders", "seconds": seconds, "requests": requests}
            tx.execute(insert(shop_time).values(**row))
        (taken,) = sync_facts.time_taken(tx, since=ago(hours=24))
    assert (taken.stream, taken.requests) == ("orders", 5)
    assert taken.seconds == pytest.approx(6.5)
    assert taken.since == ago(hours=2)


def test_speed_of_a_backfill_is_that_of_this_run(store: Store) -> None:
    with store.write() as tx:
        slices.finish(tx, "main", "orders", "2024-01", records=9_000, now=ago(days=2))
        cursors.put(tx, "main", "orders", started_at=ago(minutes=10))
        slices.finish(tx, "main", "orders", "2025-10", records=100, now=ago(minutes=9))
        slices.finish(tx, "main", "orders", "2025-09", records=500, now=ago(minutes=8))
        assert sync_facts.backfill_speed(tx) == {("main", "orders"): pytest.approx(600 / 120)}


def test_parked_records_come_latest_first_and_of_one_shop(store: Store) -> None:
    with store.write() as tx:
        for shop, ref_id, at in (("main", "1", ago(hours=2)), ("main", "2", ago(hours=1)), ("custom", "3", NOW)):
            parked.put(tx, shop=shop, kind="order", ref_id=ref_id, raw_hash=b"", raw=b"{}", reason="wrong", now=at)
        found = sync_facts.unreadable(tx, "main", limit=5)
    assert [(row.ref_id, row.reason) for row in found] == [("2", "wrong"), ("1", "wrong")]


def test_things_that_are_known_are_found_with_their_customer(store: Store) -> None:
    with store.write() as tx:
        guest, user = add_person(tx, "a@example.com"), add_person(tx, "12", kind="user")
        add_order(tx, guest.account_id, "1042", number="A-1042")
        ticket = {"shop": "main", "ticket_id": "55", "account_id": user.account_id, "title": "", "body": ""}
        tx.execute(insert(tickets).values(**ticket, status="queued", state="open", read_seq=1, content_hash=b""))
        asked = [("main", "order", "1042"), ("main", "customer", "12"), ("main", "ticket", "55")]
        found = sync_facts.places(tx, [*asked, ("custom", "order", "1042"), ("main", "coupon", "9")])
    assert found == {
        asked[0]: (guest.customer_id, "A-1042"),
        asked[1]: (user.customer_id, "12"),
        asked[2]: (user.customer_id, "55"),
    }
