"""What kind of customer somebody is: computed with its reason, said by hand, and told to those who may know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from companion.domain.groups import Conditions
from companion.domain.permissions import Permission, Role, Viewer
from companion.domain.segments import Rules, Segment, Term
from companion.services.customers.customers import Customers
from companion.services.errors import Forbidden, Invalid, NotFound
from companion.services.notes import NoteDraft, Notes
from companion.services.segments.groups import Groups
from companion.services.segments.segments import Segments
from companion.sync.people.segments import Segmentation
from storage.engine import Store
from storage.schema import activity
from tests.fixtures.store import Clock
from tests.services.conftest import SeenBy
from tests.storage.people import Person, add_order, add_person, add_refund, ago, unite

TEHRAN = ZoneInfo("Asia/Tehran")
Complain = Callable[[Person, int], None]


@pytest.fixture
def segmentation(store: Store, clock: Clock) -> Segmentation:
    return Segmentation(store=store, clock=clock)


@pytest.fixture
def segments(store: Store, clock: Clock, segmentation: Segmentation) -> Segments:
    return Segments(store, clock, segmentation.of, zone=TEHRAN)


@pytest.fixture
def groups(store: Store, clock: Clock) -> Groups:
    return Groups(store, clock, zone=TEHRAN)


@pytest.fixture
def leader(viewer: SeenBy) -> Viewer:
    return viewer(Role.SUPPORT_SUPERVISOR, name="فرزانه")


@pytest.fixture
def complain(store: Store, viewer: SeenBy, clock: Clock) -> Complain:
    """Writes sharp complaints about somebody, spread over the last year, as agents do."""

    def write(person: Person, times: int) -> None:
        agent, now = viewer(), clock()
        for number in range(times):
            then = now - timedelta(days=350 - 25 * number)
            Notes(store, lambda then=then: then, lambda *_: None).write(  # type: ignore[misc]
                agent, NoteDraft(person.customer_id, "بسته‌بندی دوباره آسیب دیده بود.", "complaint")
            )

    return write


def buys(store: Store, key: str, name: str, orders: int, *, days_ago: float = 9, total: int = 100) -> Person:
    with store.write() as tx:
        person = add_person(tx, key, first_name=name)
        for number in range(orders):
            at = ago(days=days_ago + 10 * number)
            add_order(tx, person.account_id, f"{key}-{number}", total=total, created_at=at)
    return person


@pytest.fixture
def reza(store: Store, complain: Complain) -> Person:
    """The strict customer: fourteen complaints in a year, and large, regular purchases."""
    person = buys(store, "reza", "رضا", 20, total=5_000)
    complain(person, 14)
    return person


def test_the_strict_customer_is_challenging_for_a_reason_and_gold_by_hand_whatever_is_computed(
    store: Store, segments: Segments, segmentation: Segmentation, leader: Viewer, reza: Person
) -> None:
    segmentation.run()
    found = segments.of(leader, reza.customer_id)
    assert (found.segment, found.terms) == ("challenging", (Term("complaints", count=14, span=12),))

    segments.choose(leader, reza.customer_id, "gold", reason="قرارداد سالانه", until="1405/01/01")
    segmentation.whole()
    found = segments.of(leader, reza.customer_id)
    assert (found.segment, found.computed) == ("gold", "challenging")
    assert found.choice is not None
    assert (found.choice.reason, found.choice.author_name) == ("قرارداد سالانه", "فرزانه")
    assert found.choice.until_at == datetime(2026, 3, 21, 20, 30, tzinfo=UTC), "the end of that day in Tehran"

    segments.withdraw(leader, reza.customer_id)
    assert segments.of(leader, reza.customer_id).segment == "challenging"
    with store.read() as tx:
        said = select(activity.c.action).where(activity.c.customer_id == reza.customer_id, activity.c.note_id.is_(None))
        assert list(tx.execute(said).scalars()) == ["segment.set", "segment.withdrawn"]


def test_one_customer_of_each_kind_gets_it_and_gold_stands_first(
    store: Store, segments: Segments, segmentation: Segmentation, groups: Groups, leader: Viewer, reza: Person
) -> None:
    buys(store, "gold", "زهرا", 24, days_ago=40, total=900)
    buys(store, "silver", "سینا", 12, days_ago=20)
    buys(store, "new", "نازنین", 1, days_ago=1)
    for number in range(12):
        buys(store, f"seldom{number}", f"کم‌خرید {number}", 1 + number % 2, days_ago=200)
    segmentation.run()
    assert segments.counts(leader) == dict.fromkeys(Segment, 1)
    listed = groups.members(leader, Conditions(segments=("gold", "silver", "newcomer", "challenging")))
    assert [(row.name, row.segment) for row in listed.rows] == [
        ("زهرا", "gold"),
        ("نازنین", "newcomer"),
        ("رضا", "challenging"),
        ("سینا", "silver"),
    ]
    assert [term.name for term in listed.rows[0].terms] == ["top_orders", "ordered"]


def test_the_customers_page_and_lists_tell_the_kind(
    segmentation: Segmentation, customers: Customers, leader: Viewer, reza: Person
) -> None:
    assert not customers.page(leader, reza.customer_id).segment.is_sorted
    segmentation.run()
    assert customers.page(leader, reza.customer_id).segment.segment == "challenging"
    assert [row.segment for row in customers.recent(leader)] == ["challenging"]


def test_a_reason_is_told_only_to_those_who_may_see_all_of_it(
    store: Store, segments: Segments, segmentation: Segmentation, viewer: SeenBy, leader: Viewer, reza: Person
) -> None:
    with store.write() as tx:
        unite(tx, add_person(tx, "9", shop="custom"), reza)
    segmentation.run()
    of_one_shop = segments.of(viewer(Role.AGENT, "main"), reza.customer_id)
    assert (of_one_shop.segment, of_one_shop.terms, of_one_shop.is_veiled) == ("challenging", (), True)
    without_notes = replace(leader, permissions=leader.permissions - {Permission.SEE_NOTES})
    assert segments.of(without_notes, reza.customer_id).is_veiled
    with pytest.raises(NotFound):
        segments.of(viewer(Role.AGENT, "elsewhere"), reza.customer_id)
    assert segments.counts(viewer(Role.AGENT, "elsewhere"))[Segment.CHALLENGING] == 0


def test_internal_complaints_make_nobody_challenging(
    store: Store, segments: Segments, segmentation: Segmentation, leader: Viewer, notes: Notes
) -> None:
    person = buys(store, "1", "مهسا", 1, days_ago=100)
    for _ in range(5):
        notes.write(leader, NoteDraft(person.customer_id, "محرمانه", "complaint", is_internal=True))
    segmentation.run()
    assert segments.of(leader, person.customer_id).segment == ""


def test_refunds_of_what_was_bought_make_challenging(
    store: Store, segments: Segments, segmentation: Segmentation, leader: Viewer
) -> None:
    person = buys(store, "1", "مهسا", 4, days_ago=100)
    with store.write() as tx:
        for number in range(3):
            add_refund(tx, f"1-{number}", 100)
    segmentation.run()
    assert segments.of(leader, person.customer_id).terms == (Term("refunds", count=3, among=4, span=12),)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"segment": "platinum"}, "segment.unknown"),
        ({"reason": " "}, "segment.no_reason"),
        ({"reason": "x" * 301}, "typed.too_long"),
        ({"until": "1403/01/01"}, "segment.past"),
        ({"until": "فردا"}, "typed.no_date"),
        ({"until": "1404/12/31"}, "typed.no_date"),
    ],
)
def test_what_is_said_by_hand_must_make_sense(
    segments: Segments, leader: Viewer, maryam: Person, said: dict[str, str], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        segments.choose(
            leader, maryam.customer_id, **({"segment": "gold", "reason": "قرارداد", "until": "1405/01/01"} | said)
        )
    assert refused.value.code == code
    assert segments.of(leader, maryam.customer_id).choice is None


def test_only_those_who_lead_say_it_by_hand_and_only_administrators_set_rules(
    segments: Segments, viewer: SeenBy, leader: Viewer, maryam: Person
) -> None:
    with pytest.raises(Forbidden):
        segments.choose(viewer(), maryam.customer_id, "gold", reason="دوست", until="")
    with pytest.raises(Forbidden):
        segments.withdraw(viewer(), maryam.customer_id)
    with pytest.raises(Forbidden):
        segments.set_rules(leader, {"complaints": "2"})


def test_rules_are_typed_in_either_digits_and_refused_by_name(segments: Segments, viewer: SeenBy) -> None:
    administrator = viewer(Role.ADMINISTRATOR)
    assert segments.set_rules(administrator, {"complaints": "۷", "of_no_rule": "1"}) == Rules(complaints=7)
    for typed in ("", "-1", "1.5", "many", "9" * 40, "0"):
        with pytest.raises(Invalid) as refused:
            segments.set_rules(administrator, {"gold_percent": typed})
        assert (refused.value.field, refused.value.params["least"]) == ("gold_percent", 1)
    assert segments.rules() == Rules(complaints=7)
