"""Groups by conditions hold whoever meets them all, as far as the reader may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from companion.domain.groups import Conditions, conditions_of
from companion.domain.permissions import Permission, Role, Viewer
from companion.services.errors import Forbidden, Invalid, NotFound
from companion.services.notes import NoteDraft, Notes
from companion.services.segments import conditions
from companion.services.segments.conditions import TypedConditions
from companion.services.segments.groups import Groups
from storage.engine import Store
from storage.segments import segments
from tests.fixtures.store import Clock
from tests.services.conftest import SeenBy
from tests.storage.people import NOW, Person, add_order, add_person, add_reply, add_ticket, ago

TOMAN = 10_000


@pytest.fixture
def groups(store: Store, clock: Clock) -> Groups:
    return Groups(store, clock, zone=ZoneInfo("Asia/Tehran"))


@pytest.fixture
def leader(viewer: SeenBy) -> Viewer:
    return viewer(Role.SUPPORT_SUPERVISOR)


@pytest.fixture
def people(store: Store, notes: Notes, leader: Viewer) -> dict[str, Person]:
    """Three who buy, one who only asks, and a shop's own administrator."""
    with store.write() as tx:
        found = {
            "مریم": add_person(tx, "1", first_name="مریم", billing={"city": "تهران"}, phone="+989120001001"),
            "علي": add_person(tx, "2", first_name="علي", shipping={"city": "كرج"}),
            "Jane": add_person(tx, "3", shop="custom", first_name="Jane", email="jane@example.com"),
            "نیما": add_person(tx, "4", first_name="نیما", kind="user"),
            "مدیر": add_person(tx, "5", first_name="مدیر", kind="user", role="administrator"),
        }
        for number in range(3):
            at = ago(days=10 + number)
            add_order(tx, found["مریم"].account_id, f"m{number}", total=100 * TOMAN, created_at=at)
        add_order(tx, found["مریم"].account_id, "fallen", total=900 * TOMAN, status="cancelled")
        add_order(tx, found["علي"].account_id, "a", total=500 * TOMAN, created_at=ago(days=200))
        add_order(tx, found["Jane"].account_id, "j", shop="custom", currency="USD", total=7, created_at=ago(days=5))
        add_ticket(tx, "1", account_id=found["نیما"].account_id, created_at=ago(days=300))
        add_reply(tx, "2", "1", created_at=ago(days=2))
        row = {"computed": "", "terms": [], "computed_at": NOW, "choice_id": None, "until_at": None}
        segments.put(tx, [{"customer_id": found["علي"].customer_id, "segment": "gold", **row}])
    for _ in range(2):
        notes.write(leader, NoteDraft(found["مریم"].customer_id, "باز هم", "complaint"))
    notes.write(leader, NoteDraft(found["علي"].customer_id, "محرمانه", "complaint", is_internal=True))
    return found


def names(groups: Groups, viewer: Viewer, asked: Conditions) -> list[str]:
    found = groups.members(viewer, asked)
    assert found.count == len(found.rows) == groups.count(viewer, asked)
    return [row.name for row in found.rows]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Conditions(orders=1), ["علي", "Jane", "مریم"]),
        (Conditions(orders=3), ["مریم"]),
        (Conditions(total=300 * TOMAN, currency="IRT"), ["علي", "مریم"]),
        (Conditions(total=301 * TOMAN, currency="IRT"), ["علي"]),
        (Conditions(total=1, currency="USD"), ["Jane"]),
        (Conditions(city="کرج"), ["علي"]),
        (Conditions(shop="custom"), ["Jane"]),
        (Conditions(segments=("gold",)), ["علي"]),
        (Conditions(segments=("none",), orders=1), ["Jane", "مریم"]),
        (Conditions(ordered_since=date(2025, 11, 11)), ["Jane", "مریم"]),
        (Conditions(ordered_before=date(2025, 11, 11)), ["علي"]),
        (Conditions(complaints=1), ["علي", "مریم"]),
        (Conditions(complaints=2, orders=1), ["مریم"]),
        (Conditions(open_ticket=True), ["نیما"]),
        (Conditions(quiet_since=date(2025, 11, 18)), ["Jane"]),
        (Conditions(quiet_since=date(2025, 11, 1), shop="main"), []),
    ],
    ids=lambda value: ",".join(value.said) if isinstance(value, Conditions) else "",
)
def test_members_meet_every_condition_gold_first(
    groups: Groups, leader: Viewer, people: dict[str, Person], asked: Conditions, expected: list[str]
) -> None:
    assert set(expected) <= set(people)
    assert names(groups, leader, asked) == expected
    assert conditions_of(asked.stored()) == asked


def test_what_is_out_of_sight_neither_makes_a_member_nor_is_counted(
    groups: Groups, viewer: SeenBy, people: dict[str, Person]
) -> None:
    of_main = viewer(Role.AGENT, "main")
    assert names(groups, of_main, Conditions(orders=1)) == ["علي", "مریم"]
    assert names(groups, of_main, Conditions(complaints=1)) == ["مریم"], "the other one is internal"
    assert names(groups, viewer(Role.AGENT, "custom"), Conditions(orders=1)) == ["Jane"]


def test_conditions_on_what_somebody_may_not_see_are_not_answered(
    groups: Groups, viewer: SeenBy, leader: Viewer, people: dict[str, Person]
) -> None:
    group = groups.make(leader, "منتظر پاسخ", Conditions(open_ticket=True))
    sales = viewer(Role.SALES_MANAGER)
    assert [each.is_open for each in groups.every(sales)] == [False]
    with pytest.raises(Forbidden):
        groups.members(sales, group.conditions)
    with pytest.raises(Forbidden):
        groups.change(sales, group.id, "تیکت", Conditions(orders=1))
    no_money = replace(leader, permissions=leader.permissions - {Permission.SEE_MONEY})
    with pytest.raises(Forbidden):
        groups.count(no_money, Conditions(total=1, currency="IRT"))


def test_a_group_is_made_changed_and_removed(groups: Groups, viewer: SeenBy, leader: Viewer) -> None:
    group = groups.make(leader, "  خریداران   تهران ", Conditions(city="تهران"))
    assert (group.name, group.conditions) == ("خریداران تهران", Conditions(city="تهران"))
    changed = groups.change(leader, group.id, "خریداران", Conditions(orders=2))
    assert groups.every(leader) == (changed,)
    with pytest.raises(Forbidden):
        groups.remove(viewer(), group.id)
    groups.remove(leader, group.id)
    with pytest.raises(NotFound):
        groups.get(leader, group.id)
    for name, asked, code in [("", Conditions(orders=1), "group.no_name"), ("x", Conditions(), "group.no_conditions")]:
        with pytest.raises(Invalid) as refused:
            groups.make(leader, name, asked)
        assert refused.value.code == code


def test_pages_follow_each_other_in_the_order_asked_for(
    groups: Groups, leader: Viewer, people: dict[str, Person]
) -> None:
    asked = Conditions(total=1, currency="IRT")
    first = groups.members(leader, asked, order="total", limit=1)
    second = groups.members(leader, asked, order="total", limit=1, offset=1)
    assert first.count == second.count == 2
    assert [(row.name, row.total) for row in (*first.rows, *second.rows)] == [
        ("علي", 500 * TOMAN),
        ("مریم", 300 * TOMAN),
    ]


def test_a_file_tells_how_to_reach_members_to_those_who_may_export(
    groups: Groups, viewer: SeenBy, leader: Viewer, people: dict[str, Person]
) -> None:
    (record,) = groups.export(leader, Conditions(city="تهران"))
    assert (record.name, record.phones, record.cities, record.orders_count) == (
        "مریم",
        ("0912 000 1001",),
        ("تهران",),
        3,
    )
    with pytest.raises(Forbidden):
        groups.export(viewer(), Conditions(orders=1))


def test_a_form_is_read_in_either_digits_and_calendar() -> None:
    form = TypedConditions(
        segments=["none", "gold"],
        shop="main",
        city=" تهران ",
        total="۱٬۵۰۰",
        currency="IRR",
        orders="۲",
        ordered_since="۱۴۰۴/۰۸/۳۰",
        quiet_since="2025-01-31",
        open_ticket="on",
    )
    assert conditions.read(form, shops={"main": ""}, toman=True) == Conditions(
        segments=("gold", "none"),
        shop="main",
        city="تهران",
        total=15_000 * TOMAN,
        currency="IRR",
        orders=2,
        ordered_since=date(2025, 11, 21),
        quiet_since=date(2025, 1, 31),
        open_ticket=True,
    )
    assert conditions.units(15_000 * TOMAN, "IRR", toman=True) == 1_500


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (TypedConditions(segments=["bronze"]), "segments"),
        (TypedConditions(shop="custom"), "shop"),
        (TypedConditions(orders="-3"), "orders"),
        (TypedConditions(total="5"), "currency"),
        (TypedConditions(total="9" * 15, currency="IRR"), "total"),
        (TypedConditions(quiet_since="1404/13/01"), "quiet_since"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused_by_its_field(form: TypedConditions, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        conditions.read(form, shops={"main": ""}, toman=False)
    assert refused.value.field == field
