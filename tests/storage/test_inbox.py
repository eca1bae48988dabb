from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from storage.engine import Store
from storage.schema import inbox as table
from storage.sync import inbox
from tests.fixtures.store import Clock

LEASE = 60.0


@pytest.fixture
def arrive(store: Store, clock: Clock) -> Any:
    """Puts a delivery into the inbox, and says its id."""
    count = 0

    def arrive(resource_id: str = "1001", *, topic: str = "order.updated", shop: str = "tehran") -> int:
        nonlocal count
        count += 1
        with store.write(durable=False) as tx:
            row = {
                "id": count,
                "shop": shop,
                "topic": topic,
                "kind": topic.partition(".")[0],
                "resource_id": resource_id,
                "delivery_id": f"d-{count}",
                "body_hash": b"h",
                "body": b"{}",
                "received_at": clock(),
                "state": "waiting",
                "next_at": clock(),
            }
            tx.execute(insert(table).values(row))
        return count

    return arrive


def claim(store: Store, now: datetime, token: str = "a", limit: int = 100, shop: str = "tehran") -> list[int]:
    with store.write(durable=False) as tx:
        entries = inbox.claim(tx, shop=shop, now=now, token=token, lease_seconds=LEASE, limit=limit)
    return [entry.id for entry in entries]


def row(store: Store, entry_id: int) -> Any:
    with store.read() as tx:
        return tx.execute(select(table).where(table.c.id == entry_id)).one()


def settle(store: Store, ids: list[int], token: str, now: datetime, state: Any = "applied", reason: str = "") -> int:
    with store.write(durable=False) as tx:
        return inbox.settle(tx, ids, token, state=state, reason=reason, now=now)


# --- claim --------------------------------------------------------------------------------------------------------


def test_a_claim_gives_what_was_delivered(store: Store, clock: Clock, arrive: Any) -> None:
    arrive("1001")
    with store.write(durable=False) as tx:
        (entry,) = inbox.claim(tx, shop="tehran", now=clock(), token="a", lease_seconds=LEASE, limit=10)
    assert entry == inbox.Entry(
        id=1,
        shop="tehran",
        topic="order.updated",
        resource_id="1001",
        delivery_id="d-1",
        body=b"{}",
        attempts=0,
        received_at=clock(),
        reason="",
    )


def test_all_that_waits_about_a_thing_is_claimed_with_it(store: Store, clock: Clock, arrive: Any) -> None:
    first = arrive("1001")
    arrive("1002")
    later = arrive("1001", topic="order.deleted")
    other_kind = arrive("1001", topic="customer.updated")
    other_shop = arrive("1001", shop="shiraz")
    assert claim(store, clock(), limit=1) == [first, later]
    assert claim(store, clock()) == [2, other_kind]
    assert claim(store, clock(), shop="shiraz") == [other_shop]


def test_what_was_put_off_comes_along_when_something_new_arrives(store: Store, clock: Clock, arrive: Any) -> None:
    first = arrive("1001")
    claim(store, clock())
    with store.write(durable=False) as tx:
        inbox.retry(tx, [first], "a", next_at=clock() + timedelta(hours=1), reason="the shop was away")
    assert claim(store, clock()) == []
    second = arrive("1001")
    assert claim(store, clock()) == [first, second]


def test_the_oldest_due_come_first_and_no_more_things_than_asked_for(store: Store, clock: Clock, arrive: Any) -> None:
    for number in range(5):
        arrive(str(number))
        clock.advance(1)
    assert claim(store, clock(), limit=2) == [1, 2]
    assert claim(store, clock(), limit=2) == [3, 4]
    assert claim(store, clock(), limit=2) == [5]
    assert claim(store, clock(), limit=2) == []


def test_a_thing_under_claim_is_nobody_elses_even_if_more_arrives(store: Store, clock: Clock, arrive: Any) -> None:
    first = arrive("1001")
    assert claim(store, clock(), "a") == [first]
    second = arrive("1001")
    assert claim(store, clock(), "b") == []
    assert settle(store, [first], "a", clock()) == 1
    assert claim(store, clock(), "b") == [second]


def test_a_claim_whose_time_ran_out_passes_to_the_next(store: Store, clock: Clock, arrive: Any) -> None:
    first = arrive("1001")
    claim(store, clock(), "a")
    clock.advance(LEASE - 1)
    assert claim(store, clock(), "b") == []
    clock.advance(1)
    assert claim(store, clock(), "b") == [first]
    assert settle(store, [first], "a", clock()) == 0
    assert row(store, first).state == "waiting"
    assert settle(store, [first], "b", clock()) == 1


def test_deliveries_without_an_id_are_claimed_one_by_one(store: Store, clock: Clock, arrive: Any) -> None:
    arrive("", topic="shop.changed")
    arrive("", topic="shop.changed")
    assert claim(store, clock(), "a", limit=1) == [1]
    assert claim(store, clock(), "b") == [2]


def test_workers_that_claim_at_once_never_share_a_thing(store: Store, clock: Clock, arrive: Any) -> None:
    for number in range(60):
        arrive(str(number % 20))
    got: dict[str, list[int]] = {}

    def work(token: str) -> None:
        got[token] = []
        while ids := claim(store, clock(), token, limit=3):
            got[token] += ids

    threads = [threading.Thread(target=work, args=(token,)) for token in ("a", "b", "c", "d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entry_id for ids in got.values() for entry_id in ids) == list(range(1, 61))
    owners = [{(entry_id - 1) % 20 for entry_id in ids} for ids in got.values()]
    assert sum(len(things) for things in owners) == 20


# --- settle, retry, replay ----------------------------------------------------------------------------------------


def test_what_is_settled_is_not_claimed_again(store: Store, clock: Clock, arrive: Any) -> None:
    for number in range(3):
        arrive(str(number))
    claim(store, clock())
    settle(store, [1], "a", clock())
    settle(store, [2], "a", clock(), state="ignored", reason="nobody follows it")
    settle(store, [3], "a", clock(), state="dead", reason="the order is gone")
    clock.advance(LEASE + 1)
    assert claim(store, clock()) == []
    assert [row(store, number).state for number in (1, 2, 3)] == ["applied", "ignored", "dead"]
    assert row(store, 3).reason == "the order is gone"
    assert row(store, 3).finished_at == clock() - timedelta(seconds=LEASE + 1)


def test_a_failed_attempt_is_counted_and_tried_again_in_its_time(store: Store, clock: Clock, arrive: Any) -> None:
    arrive()
    claim(store, clock())
    with store.write(durable=False) as tx:
        assert inbox.retry(tx, [1], "b", next_at=clock(), reason="not mine") == 0
        assert inbox.retry(tx, [1], "a", next_at=clock() + timedelta(seconds=30), reason="503") == 1
    assert claim(store, clock()) == []
    clock.advance(30)
    assert claim(store, clock()) == [1]
    assert (row(store, 1).attempts, row(store, 1).reason) == (1, "503")


def test_the_dead_are_replayed(store: Store, clock: Clock, arrive: Any) -> None:
    for number in range(2):
        arrive(str(number))
    claim(store, clock())
    settle(store, [1], "a", clock())
    settle(store, [2], "a", clock(), state="dead", reason="HTML instead of JSON")
    with store.write() as tx:
        assert inbox.replay(tx, [1, 2], clock()) == 1  # what was applied is not applied again
    assert claim(store, clock(), "b") == [2]
    assert (row(store, 2).attempts, row(store, 2).finished_at) == (0, None)


def test_what_was_replayed_is_not_replayed_again(store: Store, clock: Clock, arrive: Any) -> None:
    arrive()
    claim(store, clock())
    settle(store, [1], "a", clock(), state="dead", reason="poison")
    with store.write() as tx:
        assert [inbox.replay(tx, [1], clock()) for _ in range(2)] == [1, 0]
    assert claim(store, clock()) == [1]
    with store.write() as tx:
        assert inbox.replay(tx, [1], clock()) == 0  # somebody is at it


def test_what_was_not_tried_is_let_go_without_counting(store: Store, clock: Clock, arrive: Any) -> None:
    arrive()
    claim(store, clock())
    with store.write(durable=False) as tx:
        assert inbox.release(tx, [1], "b", next_at=clock()) == 0
        assert inbox.release(tx, [1], "a", next_at=clock() + timedelta(seconds=30)) == 1
    assert claim(store, clock()) == []
    clock.advance(30)
    assert claim(store, clock()) == [1]
    assert (row(store, 1).attempts, row(store, 1).reason) == (0, "")


def test_what_is_held_back_holds_back_what_arrives_about_its_thing(store: Store, clock: Clock, arrive: Any) -> None:
    arrive("1001")
    claim(store, clock())
    with store.write(durable=False) as tx:
        assert inbox.hold_back(tx, [1], "a", until=clock() + timedelta(seconds=60)) == 1
    arrive("1001")
    arrive("1002")
    assert claim(store, clock(), "b") == [3]
    settle(store, [3], "b", clock())
    clock.advance(60)
    with store.write(durable=False) as tx:
        entries = inbox.claim(tx, shop="tehran", now=clock(), token="c", lease_seconds=LEASE, limit=10)
    assert [(entry.id, entry.reason) for entry in entries] == [(1, inbox.HELD_BACK), (2, "")]


def test_what_arrived_lately_is_counted_by_thing_whatever_became_of_it(store: Store, clock: Clock, arrive: Any) -> None:
    arrive("1001")
    clock.advance(1)
    since = clock()
    clock.advance(1)
    for topic in ("order.updated", "order.updated", "order.created", "customer.updated"):
        arrive("1001", topic=topic)
    arrive("1002")
    arrive("1001", shop="shiraz")
    claim(store, clock(), limit=1)
    settle(store, [1, 2], "a", clock())
    with store.read() as tx:
        counted = inbox.arrived(tx, "tehran", {"order.updated", "order.created"}, {"1001", "1003"}, since=since)
    assert counted == {("order", "1001"): 3}


def test_what_was_told_is_worked_like_a_delivery(store: Store, clock: Clock) -> None:
    told = [inbox.Told("change.order_note", "order", "1001", "7", b"{}"), inbox.Told("change.x", "", "", "8", b"")]
    with store.write() as tx:
        assert inbox.shops_waiting(tx) == []
        inbox.add(tx, "tehran", told, now=clock())
        inbox.add(tx, "tehran", [], now=clock())
        assert inbox.shops_waiting(tx) == ["tehran"]
    assert claim(store, clock()) == [1, 2]
    assert (row(store, 1).kind, row(store, 1).resource_id, row(store, 1).delivery_id) == ("order", "1001", "7")


# --- what is kept -------------------------------------------------------------------------------------------------


def test_old_bodies_are_dropped_and_their_facts_stay(store: Store, clock: Clock, arrive: Any) -> None:
    for number in range(4):
        arrive(str(number))
    claim(store, clock())
    settle(store, [1], "a", clock())
    settle(store, [2], "a", clock(), state="ignored")
    settle(store, [3], "a", clock(), state="dead")

    def drop() -> int:
        with store.write(durable=False) as tx:
            return inbox.drop_old_bodies(tx, now=clock())

    def bodies() -> list[bool]:
        return [row(store, number).body is not None for number in (1, 2, 3, 4)]

    clock.advance(7 * 86400)
    assert drop() == 0
    clock.advance(1)
    assert drop() == 2
    assert bodies() == [False, False, True, True]
    clock.advance(23 * 86400)
    assert drop() == 1
    assert bodies() == [False, False, False, True]  # what waits is never touched
    assert row(store, 3).state == "ignored"  # and what was given up is listed no more
    assert drop() == 0
    assert row(store, 1).body_hash == b"h"


def test_bodies_are_dropped_a_few_at_a_time(store: Store, clock: Clock, arrive: Any) -> None:
    for number in range(5):
        arrive(str(number))
    claim(store, clock())
    settle(store, [1, 2, 3, 4, 5], "a", clock())
    clock.advance(8 * 86400)
    dropped = []
    for _ in range(4):
        with store.write(durable=False) as tx:
            dropped.append(inbox.drop_old_bodies(tx, now=clock(), limit=2))
    assert dropped == [2, 2, 1, 0]


def test_counts_say_what_waits_and_what_was_given_up(store: Store, clock: Clock, arrive: Any) -> None:
    with store.read() as tx:
        assert inbox.counts(tx) == []
    began = clock()
    arrive("1")
    clock.advance(5)
    arrive("2")
    arrive("3", shop="shiraz")
    claim(store, clock(), limit=3, shop="shiraz")
    settle(store, [3], "a", clock(), state="dead")
    with store.read() as tx:
        assert inbox.counts(tx) == [
            inbox.Count(shop="shiraz", waiting=0, oldest_at=None, dead=1),
            inbox.Count(shop="tehran", waiting=2, oldest_at=began, dead=0),
        ]


def test_a_claim_holds_a_bounded_number_of_bodies(
    store: Store, clock: Clock, arrive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "_MOST_ROWS", 3)
    for _ in range(5):
        arrive("1001")
    assert claim(store, clock(), "a") == [1, 2, 3]
    assert claim(store, clock(), "b") == []
    settle(store, [1, 2, 3], "a", clock())
    assert claim(store, clock(), "b") == [4, 5]


def test_the_backlog_is_found_through_its_indexes(sqlite_store: Store, clock: Clock) -> None:
    statements: list[tuple[str, Any]] = []
    with sqlite_store.write(durable=False) as tx:
        event.listen(tx, "before_cursor_execute", lambda *call: statements.append((call[2], call[3])))
        inbox.claim(tx, shop="tehran", now=clock(), token="a", lease_seconds=LEASE, limit=10)
        inbox.arrived(tx, "tehran", ["order.updated", "order.created"], ["1", "2"], since=clock())
        claimed, counted = (
            str(tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()) for sql, values in list(statements)
        )
    assert "SEARCH inbox USING INDEX ix_inbox_waiting (shop=? AND next_at<?)" in claimed
    assert "SEARCH also USING INDEX ix_inbox_waiting_things" in claimed
    assert "SEARCH held USING INDEX ix_inbox_waiting_things" in claimed
    assert "(shop=? AND topic=? AND resource_id=?)" in counted


def test_only_the_waiting_may_be_settled(store: Store, clock: Clock, arrive: Any) -> None:
    arrive()
    claim(store, clock())
    with store.write(durable=False) as tx:
        tx.execute(update(table).values(state="dead"))
    assert settle(store, [1], "a", clock()) == 0
