"""Customers are sorted when something changed of them, and all of them when time has passed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from companion.domain.segments import Rules
from companion.sync.people.segments import RULES, Segmentation, Sorted
from storage import notes, settings
from storage.engine import Store
from storage.notes import NewNote
from storage.segments import segments
from tests.fixtures.store import Clock
from tests.storage.people import Person, add_agent, add_order, add_person, ago, unite
from tests.web.house import House


@pytest.fixture
def segmentation(store: Store, clock: Clock) -> Segmentation:
    return Segmentation(store=store, clock=clock)


def bought(store: Store, key: str, orders: int, *, days_ago: float = 200) -> Person:
    with store.write() as tx:
        person = add_person(tx, key)
        for number in range(orders):
            add_order(tx, person.account_id, f"{key}-{number}", total=10, created_at=ago(days=days_ago + number))
        segments.mark(tx, [person.customer_id])
    return person


def kind_of(store: Store, person: Person) -> str:
    with store.read() as tx:
        return segments.of_many(tx, [person.customer_id]).get(person.customer_id, "")


def complain(store: Store, person: Person, times: int) -> None:
    with store.write() as tx:
        agent_id = add_agent(tx)
        for _ in range(times):
            note = NewNote(person.customer_id, person.account_id, agent_id, "complaint", "شکایت", is_internal=False)
            notes.write(tx, note, now=ago(days=3))
        segments.mark(tx, [person.customer_id])


def crowd(store: Store, sizes: Iterable[int]) -> None:
    for size in sizes:
        bought(store, f"crowd{size}", size, days_ago=170)


def test_everybody_is_sorted_at_first_and_only_whoever_changed_from_then_on(
    store: Store, segmentation: Segmentation
) -> None:
    person = bought(store, "1", 1, days_ago=9)
    old = bought(store, "2", 1, days_ago=400)
    assert segmentation.run() == 2
    assert (kind_of(store, person), kind_of(store, old)) == ("newcomer", "")
    assert segmentation.run() == 0
    complain(store, old, 4)
    assert segmentation.run() == 1
    assert kind_of(store, old) == "challenging"


def test_a_day_later_a_newcomer_is_one_no_more_though_nothing_happened(
    store: Store, segmentation: Segmentation, clock: Clock
) -> None:
    person = bought(store, "1", 1, days_ago=59.5)
    segmentation.run()
    assert kind_of(store, person) == "newcomer"
    clock.advance(timedelta(days=1).total_seconds())
    assert segmentation.run() == 1
    assert kind_of(store, person) == ""


def test_the_best_are_gold_the_good_are_silver_and_who_else_is_neither(
    store: Store, segmentation: Segmentation
) -> None:
    best = bought(store, "best", 30, days_ago=9)
    good = bought(store, "good", 12, days_ago=9)
    crowd(store, range(1, 12))
    segmentation.run()
    assert (kind_of(store, best), kind_of(store, good)) == ("gold", "silver")
    with store.read() as tx:
        assert segments.counts(tx)["gold"] == 1


def test_who_is_united_is_sorted_as_one(store: Store, segmentation: Segmentation) -> None:
    one, other = bought(store, "1", 1, days_ago=9), bought(store, "2", 2, days_ago=100)
    segmentation.run()
    assert kind_of(store, one) == "newcomer"
    with store.write() as tx:
        unite(tx, other, one)
        segments.mark(tx, [one.customer_id, other.customer_id])
    segmentation.run()
    assert kind_of(store, one) != "newcomer"
    with store.read() as tx:
        assert segments.of(tx, other.customer_id) is None


def test_a_choice_by_hand_outlives_sorting_until_its_day(
    store: Store, segmentation: Segmentation, clock: Clock
) -> None:
    person = bought(store, "1", 3)
    complain(store, person, 14)
    segmentation.run()
    with store.write() as tx:
        until = clock() + timedelta(days=2)
        segments.choose(
            tx, person.account_id, "gold", reason="قرارداد", until_at=until, agent_id=add_agent(tx), now=clock()
        )
        segmentation.of(tx, [person.customer_id])
    assert kind_of(store, person) == "gold"
    segmentation.whole()
    with store.read() as tx:
        found = segments.of(tx, person.customer_id)
    assert found is not None
    assert (found.segment, found.computed) == ("gold", "challenging")
    assert found.terms == ({"name": "complaints", "count": 14, "span": 12},)
    clock.set(until)
    segmentation.run()
    assert kind_of(store, person) == "challenging"


def test_other_rules_sort_everybody_anew(store: Store, segmentation: Segmentation, clock: Clock) -> None:
    person = bought(store, "1", 1)
    complain(store, person, 2)
    segmentation.run()
    assert kind_of(store, person) == ""
    with store.write() as tx:
        settings.put(tx, RULES, vars(Rules(complaints=2)), now=clock(), agent_id=None)
    assert segmentation.run() == 1
    assert kind_of(store, person) == "challenging"


def test_a_whole_sorting_tells_how_far_it_is_and_can_be_stopped(store: Store, segmentation: Segmentation) -> None:
    crowd(store, range(1, 4))
    told: list[Sorted] = []
    assert segmentation.whole(told.append, should_stop=lambda: len(told) > 1) == 3
    assert told == [Sorted(0, 3), Sorted(3, 3)]
    assert segmentation.whole(should_stop=lambda: True) == 0
    with store.read() as tx:
        assert segments.count_marks(tx) == 3, "what was left is done by the next one"


def test_whatever_changes_a_customers_figures_marks_her(store: Store, segmentation: Segmentation, clock: Clock) -> None:
    house = House(store, clock)
    agent = house.agent()
    customer = house.order(1042, customer_id=18)
    segmentation.run()

    def is_marked() -> bool:
        with store.write() as tx:
            return customer in segments.take_marks(tx, limit=9)

    assert not is_marked()
    house.order(1043, customer_id=18)
    assert is_marked()
    house.refund(1042, "50000")
    assert is_marked()
    house.ticket(57, author=18)
    assert is_marked()
    house.ticket_gone(57)
    assert is_marked()
    note = house.note(agent, customer, "شکایت", kind="complaint")
    assert is_marked()
    house.notes.delete(agent, note.id)
    assert is_marked()
