"""People whom no shop knows, and what is set by hand: who may, what is kept, what is refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
from sqlalchemy import select

from companion.domain.channels import Contact
from companion.domain.important_days import Day
from companion.domain.permissions import Permission, Role
from companion.services.customers.customers import Customers
from companion.services.customers.known import Preferred
from companion.services.errors import Forbidden, Invalid, NotFound
from companion.services.notes import NoteDraft, Notes
from companion.services.people.by_hand import ByHand
from companion.services.people.people import NewPerson, People
from companion.services.search.search import Search
from companion.sync.people.identity import Identity
from storage import schema
from storage.engine import Store, Tx
from tests.fixtures.store import Clock
from tests.services.conftest import SeenBy
from tests.storage.people import Person, add_person

KEY = "shown-once-only"


class Hands:
    """The two services over one store, and identity behind them."""

    def __init__(self, store: Store, clock: Clock, search: Search, notes: Notes) -> None:
        identity = Identity(region="IR")

        def look(tx: Tx, account_ids: Collection[int]) -> None:
            identity.look(tx, account_ids, now=clock())

        self.people = People(store, clock, search=search, notes=notes, look=look)
        self.by_hand = ByHand(store, clock, look=look)


@pytest.fixture
def hands(store: Store, clock: Clock, search: Search, notes: Notes) -> Hands:
    return Hands(store, clock, search, notes)


def trail(store: Store) -> list[tuple[str, str]]:
    with store.read() as tx:
        rows = tx.execute(select(schema.activity.c.action, schema.activity.c.ref_id).order_by(schema.activity.c.id))
        return [(action, fields) for action, fields in rows]


def test_a_name_or_a_phone_is_enough(hands: Hands, viewer: SeenBy, customers: Customers, search: Search) -> None:
    sara = viewer()
    by_phone = hands.people.add(sara, NewPerson(phone="۰۹۱۲ ۰۰۰ ۹۹۹۹"))
    by_name = hands.people.add(sara, NewPerson(name=" ناصر   صالحی ", reference="CRM-77"))
    assert customers.page(sara, by_phone.customer_id).name == "۰۹۱۲ ۰۰۰ ۹۹۹۹"
    page = customers.page(sara, by_name.customer_id)
    assert (page.name, page.known.references, page.shops) == ("ناصر صالحی", ("CRM-77",), ())
    for query, why in (("صالحي", "name"), ("crm-77", "meta")):
        assert [(hit.customer_id, hit.why) for hit in search.find(sara, query).hits] == [(by_name.customer_id, why)]
    assert [hit.customer_id for hit in search.find(sara, "0912 000 9999").hits] == [by_phone.customer_id]


@pytest.mark.parametrize(
    ("person", "field"),
    [
        (NewPerson(reference="CRM-77"), "name"),
        (NewPerson(name="ناصر", phone="12"), "phone"),
        (NewPerson(name="ناصر", email="ناصر"), "email"),
        (NewPerson(name="ن" * 201), "name"),
    ],
)
def test_what_cannot_be_anybody_is_refused_beside_its_field(
    hands: Hands, viewer: SeenBy, person: NewPerson, field: str, store: Store
) -> None:
    with pytest.raises(Invalid) as refused:
        hands.people.add(viewer(), person)
    assert refused.value.field == field
    assert trail(store) == []


def test_a_doubled_post_adds_one_person_with_one_note(
    hands: Hands, viewer: SeenBy, customers: Customers, store: Store
) -> None:
    sara, called = viewer(), NoteDraft(0, "", "call", contact=Contact("phone", "in", "قیمت پرسید"))
    person = NewPerson(phone="09120009999", form_key=KEY)
    first = hands.people.add(sara, person, called)
    assert hands.people.add(sara, person, called).customer_id == first.customer_id
    assert customers.page(sara, first.customer_id).notes_count == 1
    assert [action for action, _ in trail(store)] == ["customer.added", "note.written"]


def test_a_note_that_cannot_be_taken_adds_nobody(hands: Hands, viewer: SeenBy, store: Store) -> None:
    with pytest.raises(Invalid):
        hands.people.add(viewer(), NewPerson(name="ناصر"), NoteDraft(0, "x" * 20_001))
    assert trail(store) == []


def test_somebody_surely_known_is_not_added_a_second_time(
    hands: Hands, viewer: SeenBy, maryam: Person, store: Store, clock: Clock
) -> None:
    with store.write() as tx:
        Identity(region="IR").look(tx, [maryam.account_id], now=clock())
    sara = viewer()
    person = NewPerson(name="Maryam Ahmadi", phone="+98 912 000 1001")
    assert [hit.customer_id for hit in hands.people.likely(sara, person)] == [maryam.customer_id]
    added = hands.people.add(sara, person)
    assert (added.customer_id, added.was_known) == (maryam.customer_id, True)
    with pytest.raises(Forbidden):
        hands.people.remove(sara, maryam.customer_id)


def test_whoever_has_the_number_is_found_in_any_spelling(
    hands: Hands, viewer: SeenBy, maryam: Person, store: Store, clock: Clock
) -> None:
    with store.write() as tx:
        elsewhere = add_person(tx, "9", shop="custom", first_name="علی", phone="09120001001")
        Identity(region="IR").look(tx, [maryam.account_id, elsewhere.account_id], now=clock())
    sara, here = viewer(), viewer(Role.AGENT, "main")
    for spelling in ("09120001001", "+98 912 000 1001", "۰۰۹۸۹۱۲۰۰۰۱۰۰۱", "0912-000-1001"):
        called = hands.people.called(sara, spelling)
        assert {caller.customer_id for caller in called.callers} == {maryam.customer_id, elsewhere.customer_id}
        assert called.number == "0912 000 1001"
    assert [caller.customer_id for caller in hands.people.called(here, "09120001001").callers] == [maryam.customer_id]
    assert hands.people.called(sara, "09120009999").callers == ()
    assert hands.people.called(sara, "anonymous").number == ""


def test_a_mistake_is_taken_away_and_brought_back(
    hands: Hands, viewer: SeenBy, search: Search, notes: Notes, store: Store
) -> None:
    sara = viewer()
    customer = hands.people.add(sara, NewPerson(name="ناصر صالحی", phone="09120009999")).customer_id
    hands.people.remove(sara, customer)
    assert search.find(sara, "صالحی").hits == ()
    assert hands.people.called(sara, "09120009999").callers == ()
    hands.people.restore(sara, customer)
    assert len(search.find(sara, "صالحی").hits) == len(hands.people.called(sara, "09120009999").callers) == 1
    notes.write(sara, NoteDraft(customer, "متن"))
    with pytest.raises(Forbidden, match=r"person\.not_empty"):
        hands.people.remove(sara, customer)
    assert [action for action, _ in trail(store)][:3] == ["customer.added", "customer.removed", "customer.restored"]


def test_what_is_told_by_hand_stands_on_the_page_and_the_trail_names_fields_alone(
    hands: Hands, viewer: SeenBy, maryam: Person, customers: Customers, store: Store
) -> None:
    sara, one, account = viewer(), maryam.customer_id, maryam.account_id
    ways = {"preferred_channel": "message", "preferred_contact": "واتساپ، بعد از ۱۰ صبح"}
    assert hands.by_hand.correct(sara, one, account, {**ways, "phone": "09120009999"}) == (
        "phone",
        "preferred_channel",
        "preferred_contact",
    )
    assert hands.by_hand.correct(sara, one, account, ways) == ()
    hands.by_hand.add_date(sara, one, label="سالگرد", day="۹ آذر", is_yearly=True)
    known = customers.page(sara, one).known
    assert known.preferred == Preferred("message", "واتساپ، بعد از ۱۰ صبح")
    assert [(each.label, each.day) for each in known.dates] == [("سالگرد", Day("jalali", None, 9, 9))]
    assert [(each.field, each.told) for each in known.corrections] == [("phone", "09120001001")]
    assert trail(store) == [
        ("customer.corrected", "phone,preferred_channel,preferred_contact"),
        ("customer.date_added", ""),
    ]
    hands.by_hand.remove_date(sara, one, known.dates[0].id)
    assert customers.page(sara, one).known.dates == ()


@pytest.mark.parametrize(
    ("label", "day", "is_yearly", "field"),
    [("", "9 Azar", True, "label"), ("تولد", "soon", True, "day"), ("قرارداد", "9 Azar", False, "day")],
)
def test_a_date_that_says_nothing_is_refused(
    hands: Hands, viewer: SeenBy, maryam: Person, label: str, day: str, is_yearly: bool, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        hands.by_hand.add_date(viewer(), maryam.customer_id, label=label, day=day, is_yearly=is_yearly)
    assert refused.value.field == field


def test_what_is_out_of_scope_is_corrected_by_nobody(hands: Hands, viewer: SeenBy, maryam: Person) -> None:
    elsewhere = viewer(Role.AGENT, "custom")
    with pytest.raises(NotFound):
        hands.by_hand.sheet(elsewhere, maryam.customer_id)
    with pytest.raises(NotFound):
        hands.by_hand.correct(elsewhere, maryam.customer_id, maryam.account_id, {"phone": ""})
    mere = viewer()
    mere = replace(mere, permissions=mere.permissions - {Permission.EDIT_CUSTOMERS})
    for act in (
        lambda: hands.people.add(mere, NewPerson(name="ناصر")),
        lambda: hands.people.remove(mere, maryam.customer_id),
        lambda: hands.by_hand.correct(mere, maryam.customer_id, maryam.account_id, {"phone": ""}),
        lambda: hands.by_hand.take_back(mere, maryam.customer_id, maryam.account_id, "phone"),
        lambda: hands.by_hand.add_date(mere, maryam.customer_id, label="تولد", day="9 Azar", is_yearly=True),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_person_of_no_shop_is_corrected_where_she_stands(
    hands: Hands, viewer: SeenBy, customers: Customers, search: Search
) -> None:
    sara = viewer()
    customer = hands.people.add(sara, NewPerson(name="ناصر صالحی")).customer_id
    account = customers.page(sara, customer).accounts[0].id
    hands.by_hand.correct(sara, customer, account, {"phone": "09120009999", "city": "شیراز"})
    page = customers.page(sara, customer)
    assert (page.phones[0].key, page.addresses[0].lines, page.known.corrections) == ("+989120009999", ("شیراز",), ())
    assert [hit.customer_id for hit in search.find(sara, "شیراز").hits] == [customer]
    with pytest.raises(Invalid, match=r"person\.nobody"):
        hands.by_hand.correct(sara, customer, account, {"first_name": "", "last_name": "", "phone": ""})
