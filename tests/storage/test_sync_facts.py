"""What is asked across tables, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

import storage.sync.inbox
from storage.engine import Store
from storage.schema import inbox, shop_time, tickets
from storage.sync import cursors, facts, parked, slices
from storage.sync.facts import Choice
from tests.storage.people import NOW, add_order, add_person, ago

HOUR = timedelta(hours=1)


def give_up(store: Store, *rows: tuple[int, str, str, datetime], shop: str = "main") -> None:
    """Dead deliveries: (id, topic, thing, when it was received); each was given up an hour later."""
    with store.write() as tx:
        for entry_id, topic, ref_id, at in rows:
            row = {"id": entry_id, "shop": shop, "topic": topic, "kind": topic.partition(".")[0], "resource_id": ref_id}
            settled = {"state": "dead", "finished_at": at + HOUR, "attempts": 5, "reason": "wrong"}
            tx.execute(
                insert(inbox).values(
                    **row, **settled, delivery_id=f"{entry_id}", body_hash=b"", received_at=at, next_at=at
                )
            )


def choice(**narrower: Any) -> Choice:
    return Choice(**{"ids": None, "shops": None, "since": None, "until": None, "given_up_by": NOW} | narrower)


def test_dead_deliveries_come_latest_first_with_their_things(store: Store) -> None:
    give_up(store, (1, "order.updated", "1042", ago(hours=5)), (2, "customer.created", "12", ago(hours=4)))
    give_up(store, (3, "order.updated", "7", ago(hours=3)), shop="custom")
    with store.read() as tx:
        found = facts.dead(tx, "main", limit=5)
    assert [(row.id, row.kind, row.ref_id, row.attempts) for row in found] == [
        (2, "customer", "12", 5),
        (1, "order", "1042", 5),
    ]


def test_what_the_bridge_told_when_asked_is_no_delivery(store: Store) -> None:
    give_up(store, (1, "order.updated", "1", ago(hours=5)), (2, "action.wc_companion_order_note", "1", ago(hours=4)))
    told = storage.sync.inbox.Told(f"{storage.sync.inbox.CHANGE}order_note", "order", "1", "9", b"")
    with store.write() as tx:
        storage.sync.inbox.add(tx, "main", [told], now=ago(hours=1))
        assert facts.delivered_at(tx, "main") == ago(hours=4)
        assert facts.delivered_at(tx, "custom") is None


def test_a_choice_of_dead_deliveries_is_narrowed_by_each_of_its_words(store: Store) -> None:
    give_up(store, (1, "order.updated", "1", ago(hours=9)), (2, "order.deleted", "2", ago(hours=5)))
    give_up(store, (3, "order.updated", "3", ago(hours=4)), shop="custom")
    give_up(store, (4, "order.updated", "4", ago(minutes=30)))  # not given up yet at NOW

    def ids(**narrower: Any) -> list[int]:
        with store.read() as tx:
            return [row.id for row in facts.dead_ids(tx, choice(**narrower), limit=9)]

    assert ids() == [1, 2, 3]
    assert ids(ids=[1, 3, 77]) == [1, 3]
    assert ids(shops=["main"]) == [1, 2]
    assert ids(shops=[]) == []
    assert ids(since=ago(hours=5)) == [2, 3]
    assert ids(until=ago(hours=5)) == [1]
    with store.read() as tx:
        found = facts.dead_topics(tx, choice(ids=[1, 2, 4]))
    assert found == {("main", "order.deleted"): 1, ("main", "order.updated"): 1}


def test_what_was_given_up_is_found_by_its_own_index(sqlite_store: Store) -> None:
    """A shop's applied deliveries are hundreds of thousands, and no other index may lure the planner to them."""
    statements: list[tuple[str, Any]] = []
    with sqlite_store.read() as tx:
        event.listen(tx, "before_cursor_execute", lambda *call: statements.append((call[2], call[3])))
        facts.dead(tx, "main", limit=5)
        facts.dead_ids(tx, choice(shops=["main"]), limit=5)
        facts.dead_topics(tx, choice(shops=["main"]))
        storage.sync.inbox.counts(tx)
        plans = [str(tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()) for sql, values in list(statements)]
    of_waiting, of_dead = plans.pop(-2), plans
    assert "ix_inbox_waiting" in of_waiting
    assert [plan for plan in of_dead if "ix_inbox_dead" not in plan] == []


def test_time_taken_is_summed_over_the_hours_asked_for(store: Store) -> None:
    rows = [(ago(hours=30), 99.0, 9), (ago(hours=2), 4.0, 3), (ago(hours=1), 2.5, 2)]
    with store.write() as tx:
        for hour, seconds, requests in rows:
            row = {"shop": "main", "hour": hour, "stream": "orders", "seconds": seconds, "requests": requests}
            tx.execute(insert(shop_time).values(**row))
        (taken,) = facts.time_taken(tx, since=ago(hours=24))
    assert (taken.stream, taken.requests) == ("orders", 5)
    assert taken.seconds == pytest.approx(6.5)
    assert taken.since == ago(hours=2)


def test_speed_of_a_backfill_is_that_of_this_run(store: Store) -> None:
    with store.write() as tx:
        slices.finish(tx, "main", "orders", "2024-01", records=9_000, now=ago(days=2))
        cursors.put(tx, "main", "orders", started_at=ago(minutes=10))
        slices.finish(tx, "main", "orders", "2025-10", records=100, now=ago(minutes=9))
        slices.finish(tx, "main", "orders", "2025-09", records=500, now=ago(minutes=8))
        assert facts.backfill_speed(tx) == {("main", "orders"): pytest.approx(600 / 120)}


def test_parked_records_come_latest_first_and_of_one_shop(store: Store) -> None:
    with store.write() as tx:
        for shop, ref_id, at in (("main", "1", ago(hours=2)), ("main", "2", ago(hours=1)), ("custom", "3", NOW)):
            parked.put(tx, shop=shop, kind="order", ref_id=ref_id, raw_hash=b"", raw=b"{}", reason="wrong", now=at)
        found = facts.unreadable(tx, "main", limit=5)
    assert [(row.ref_id, row.reason) for row in found] == [("2", "wrong"), ("1", "wrong")]


def test_things_that_are_known_are_found_with_their_customer(store: Store) -> None:
    with store.write() as tx:
        guest, user = add_person(tx, "a@example.com"), add_person(tx, "12", kind="user")
        add_order(tx, guest.account_id, "1042", number="A-1042")
        ticket = {"shop": "main", "ticket_id": "55", "account_id": user.account_id, "title": "", "body": ""}
        tx.execute(insert(tickets).values(**ticket, status="queued", state="open", read_seq=1, content_hash=b""))
        asked = [("main", "order", "1042"), ("main", "customer", "12"), ("main", "ticket", "55")]
        found = facts.places(tx, [*asked, ("custom", "order", "1042"), ("main", "coupon", "9")])
    assert found == {
        asked[0]: (guest.customer_id, "A-1042"),
        asked[1]: (user.customer_id, "12"),
        asked[2]: (user.customer_id, "55"),
    }
