"""What customers are sorted by, and who is marked, chosen and sorted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from companion.domain.money import FALLEN_STATUSES, PAID_STATUSES
from storage import notes
from storage.engine import Store, Tx
from storage.notes import NewNote
from storage.segments import segment_facts, segments
from storage.segments.segment_facts import BoundRow, FigureRow, Paid
from tests.storage.people import NOW, Person, add_agent, add_order, add_person, add_refund, add_ticket, ago, unite
from tests.storage.waiting import wait_until

WHICH = Paid(PAID_STATUSES, FALLEN_STATUSES)


@pytest.fixture
def maryam(store: Store) -> Person:
    with store.write() as tx:
        return add_person(tx, "1")


def figures(store: Store, person: Person) -> FigureRow:
    with store.read() as tx:
        found = segment_facts.figures(
            tx, [person.customer_id], which=WHICH, since=ago(days=365), contacts_since=ago(days=60)
        )
    return found[person.customer_id]


def test_orders_of_all_her_accounts_count_by_currency_and_never_together(store: Store, maryam: Person) -> None:
    with store.write() as tx:
        there = unite(tx, add_person(tx, "9", shop="custom"), maryam)
        add_order(tx, maryam.account_id, "1", total=100, created_at=ago(days=400))
        add_order(tx, maryam.account_id, "2", total=20, created_at=ago(days=30))
        add_order(tx, there.account_id, "3", shop="custom", total=7, currency="USD", created_at=ago(days=3))
        add_order(tx, maryam.account_id, "4", total=5, status="on-hold", paid_at=NOW)  # a plugin's way of being paid
    her = figures(store, maryam)
    assert (her.orders, her.orders_lately, her.money) == (4, 3, {"IRT": 25, "USD": 7})
    assert (her.first_order_at, her.last_order_at) == (ago(days=400), NOW)


def test_what_was_never_paid_or_is_gone_does_not_count(store: Store, maryam: Person) -> None:
    with store.write() as tx:
        add_order(tx, maryam.account_id, "1", status="pending")
        add_order(tx, maryam.account_id, "2", status="cancelled", paid_at=NOW)
        add_order(tx, maryam.account_id, "3", gone_at=NOW)
        add_ticket(tx, "4", account_id=maryam.account_id, status="trash")
    assert figures(store, maryam) == FigureRow()


def test_refunds_are_taken_off_and_their_orders_counted_once(store: Store, maryam: Person) -> None:
    with store.write() as tx:
        add_order(tx, maryam.account_id, "1", total=100)
        add_refund(tx, "1", 30)
        add_refund(tx, "1", 20, refund_id="another")
        add_refund(tx, "1", 9, refund_id="deleted", gone_at=NOW)
        add_refund(tx, "1", 9, refund_id="old", created_at=ago(days=400))
    assert figures(store, maryam).refunded_orders == 1
    assert figures(store, maryam).money == {"IRT": 50}


def test_complaints_calls_and_tickets_count_within_their_time_unless_internal(store: Store, maryam: Person) -> None:
    with store.write() as tx:
        agent_id = add_agent(tx)
        for kind, internal, days in [
            ("complaint", False, 300),
            ("complaint", False, 3),
            ("complaint", True, 3),
            ("complaint", False, 400),
            ("call", False, 3),
            ("call", False, 70),
        ]:
            note = NewNote(maryam.customer_id, maryam.account_id, agent_id, kind, "متن", internal)
            notes.write(tx, note, now=ago(days=days))
        add_ticket(tx, "1", account_id=maryam.account_id, created_at=ago(days=3))
        add_ticket(tx, "2", account_id=maryam.account_id, created_at=ago(days=70))
    her = figures(store, maryam)
    assert (her.complaints, her.contacts, her.tickets) == (2, 1, 1)


def test_bounds_let_in_no_more_than_so_many_percent(store: Store) -> None:
    with store.write() as tx:
        for number in range(20):  # one customer with 20 orders, one with 19, …
            person = add_person(tx, str(number))
            for order in range(number + 1):
                add_order(tx, person.account_id, f"{number}-{order}", total=10)
        poor = add_person(tx, "poor")
        add_order(tx, poor.account_id, "usd", currency="USD", total=1)
        add_refund(tx, "usd", 1)
    with store.read() as tx:
        found = segment_facts.compare(tx, [10, 40], which=WHICH, since=ago(days=365))
    assert sorted(found) == [
        BoundRow("money", "IRT", 10, 190, 20),
        BoundRow("money", "IRT", 40, 130, 20),
        BoundRow("orders", "", 10, 19, 21),
        BoundRow("orders", "", 40, 13, 21),
    ]
    with store.write() as tx:
        segment_facts.put_bounds(tx, found)
        segment_facts.put_bounds(tx, found[:1])
    with store.read() as tx:
        assert segment_facts.bounds(tx) == found[:1]


def test_where_all_are_equal_nobody_is_better(store: Store) -> None:
    with store.write() as tx:
        for key in "abcde":
            add_order(tx, add_person(tx, key).account_id, key, total=10)
    with store.read() as tx:
        assert segment_facts.compare(tx, [10, 40], which=WHICH, since=ago(days=365)) == []


def test_a_mark_made_twice_is_taken_once_and_the_rest_stays(store: Store) -> None:
    with store.write() as tx:
        people = [add_person(tx, key).customer_id for key in "abc"]
        segments.mark(tx, people[:2])
        segments.mark(tx, people)
    with store.write() as tx:
        assert segments.take_marks(tx, limit=2) == people[:2]
        assert segments.count_marks(tx) == 1
        segments.mark_between(tx, 1, segments.last_customer(tx))
        assert segments.take_marks(tx, limit=9) == people


def test_orders_and_accounts_mark_their_customers(store: Store, maryam: Person) -> None:
    with store.write() as tx:
        add_order(tx, maryam.account_id, "1")
        segments.mark_orders(tx, "main", {"1", "unknown"})
        assert segments.take_marks(tx, limit=9) == [maryam.customer_id]
        segments.mark_accounts(tx, [maryam.account_id])
        assert segments.take_marks(tx, limit=9) == [maryam.customer_id]


def test_the_newest_choice_that_stands_follows_its_account(store: Store, maryam: Person) -> None:
    with store.write() as tx:
        agent_id = add_agent(tx)
        other = add_person(tx, "2")
        for account_id, segment, until_at, made_at in [
            (maryam.account_id, "silver", None, ago(days=9)),
            (maryam.account_id, "gold", ago(days=1), ago(days=8)),  # has run out
            (other.account_id, "newcomer", None, ago(days=7)),
        ]:
            segments.choose(
                tx, account_id, segment, reason="گفته شد", until_at=until_at, agent_id=agent_id, now=made_at
            )
        assert segments.standing(tx, [maryam.customer_id], now=NOW)[maryam.customer_id].segment == "silver"
        unite(tx, other, maryam)
        assert segments.standing(tx, [maryam.customer_id], now=NOW)[maryam.customer_id].segment == "newcomer"
        assert segments.withdraw(tx, maryam.customer_id, now=NOW) == 3
        assert segments.standing(tx, [maryam.customer_id], now=NOW) == {}


def test_what_is_kept_of_an_erased_customer_can_be_forgotten(store: Store, maryam: Person) -> None:
    with store.write() as tx:
        segments.choose(tx, maryam.account_id, "gold", reason="دوست", until_at=None, agent_id=add_agent(tx), now=NOW)
        choice = segments.standing(tx, [maryam.customer_id], now=NOW)[maryam.customer_id]
        row = {"segment": "gold", "computed": "", "terms": [], "choice_id": choice.id, "until_at": ago(days=-1)}
        segments.put(tx, [{"customer_id": maryam.customer_id, "computed_at": NOW, **row}])
        segments.mark(tx, [maryam.customer_id])
        assert segments.as_written(tx, [maryam.customer_id]) == {maryam.customer_id: row}
        assert segments.of_many(tx, [maryam.customer_id]) == {maryam.customer_id: "gold"}
        assert segments.run_out(tx, now=NOW) == []
        assert segments.run_out(tx, now=NOW + timedelta(days=2)) == [maryam.customer_id]
        found = segments.of(tx, maryam.customer_id)
        assert found is not None
        assert found.choice == choice
        segments.forget(tx, maryam.customer_id)
        assert segments.of(tx, maryam.customer_id) is None
        assert segments.standing(tx, [maryam.customer_id], now=NOW) == {}
        assert segments.count_marks(tx) == 0


def in_another_thread(store: Store, work: Callable[[Tx], None]) -> threading.Thread:
    def run() -> None:
        with store.write() as tx:
            work(tx)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_mark_made_while_one_is_cleared_is_not_lost(postgresql_store: Store) -> None:
    store = postgresql_store
    with store.write() as tx:
        segments.mark(tx, [7])
    with store.write() as tx:
        assert segments.take_marks(tx, limit=9) == [7]
        marking = in_another_thread(store, lambda other: segments.mark(other, [7]))

        def waits_for_us() -> bool:
            with store.read() as watching:
                waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
                return bool(watching.exec_driver_sql(waiting).scalar_one())

        wait_until(waits_for_us)
    marking.join()
    with store.write() as tx:
        assert segments.take_marks(tx, limit=9) == [7]


def test_a_mark_whose_change_is_not_committed_yet_is_passed_over(postgresql_store: Store) -> None:
    store = postgresql_store
    taken: list[int] = []
    with store.write() as tx:
        segments.mark(tx, [7])
    with store.write() as tx:
        segments.mark(tx, [7])
        in_another_thread(store, lambda other: taken.extend(segments.take_marks(other, limit=9))).join()
    assert taken == []
    with store.read() as tx:
        assert segments.count_marks(tx) == 1
