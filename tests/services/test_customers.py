"""The customer's page and timeline, whole for those who may see all of it, and consistent for those who may not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, event

from companion.domain.permissions import Permission, Role, Viewer
from companion.services.customers import Customers, TimelineEntry
from companion.services.errors import Forbidden, Invalid, NotFound
from companion.services.notes import NoteDraft, Notes, OrderRef
from storage.engine import Store
from tests.services.conftest import SeenBy
from tests.storage.people import (
    NOW,
    Person,
    add_line,
    add_order,
    add_order_note,
    add_person,
    add_refund,
    ago,
    unite,
)

TOMAN = 10_000


@pytest.fixture
def history(store: Store, maryam: Person, notes: Notes, viewer: SeenBy) -> Person:
    """Maryam bought in two shops, and colleagues wrote about her; the later, the newer."""
    with store.write() as tx:
        there = add_person(
            tx,
            "9",
            shop="custom",
            first_name="Maryam",
            last_name="Ahmadi",
            email="maryam@EXAMPLE.com",
            phone="+98 912 000 1001",
        )
        unite(tx, there, maryam)
        add_order(tx, maryam.account_id, "7", number="1042", total=100 * TOMAN, created_at=ago(days=30))
        add_line(tx, "7", "کیف", total=100 * TOMAN)
        add_refund(tx, "7", 30 * TOMAN, created_at=ago(days=20), reason="پاره بود")
        add_order_note(tx, "7", "<p>پرداخت شد &amp; رسید</p>", created_at=ago(days=29))
        add_order(tx, maryam.account_id, "8", status="pending", total=50 * TOMAN, created_at=ago(days=5))
        add_order(tx, maryam.account_id, "9", status="trash", total=TOMAN, created_at=ago(days=4))
        add_order(tx, there.account_id, "3", shop="custom", currency="USD", total=9 * TOMAN, created_at=ago(days=3))
    sara = viewer(Role.AGENT, "main")
    notes.write(sara, NoteDraft(maryam.customer_id, "یادداشت سفارش", ref=OrderRef("main", "7")))
    notes.write(sara, NoteDraft(maryam.customer_id, "محرمانه", "internal"))
    pinned = notes.write(sara, NoteDraft(maryam.customer_id, "سنجاق"))
    notes.pin(sara, pinned.id, pinned=True)
    notes.delete(sara, notes.write(sara, NoteDraft(maryam.customer_id, "پاک شد")).id)
    return maryam


def entries(customers: Customers, viewer: Viewer, person: Person, **asked: int | bool) -> list[TimelineEntry]:
    found: list[TimelineEntry] = []
    after = None
    while True:
        page = customers.timeline(
            viewer,
            person.customer_id,
            after=after,
            limit=int(asked.get("limit", 50)),
            newest_first=bool(asked.get("newest_first", True)),
        )
        found += page.entries
        if page.next is None:
            return found
        after = page.next


def bodies(found: list[TimelineEntry]) -> set[str]:
    return {entry.note.body for entry in found if entry.note}


def test_the_page_says_who_she_is(customers: Customers, viewer: SeenBy, history: Person) -> None:
    page = customers.page(viewer(), history.customer_id)
    assert (page.id, page.name) == (history.customer_id, "Maryam Ahmadi")
    assert [(its.shop, its.name) for its in page.accounts] == [("custom", "Maryam Ahmadi"), ("main", "مریم احمدی")]
    assert [(its.key, its.shops) for its in page.emails] == [("maryam@example.com", ("custom", "main"))]
    assert [(its.text, its.key, its.shops) for its in page.phones] == [
        ("0912 000 1001", "+989120001001", ("custom", "main"))
    ]
    assert [(its.shop, its.kind, its.lines) for its in page.addresses] == [
        ("main", "billing", ("خیابان ولیعصر", "تهران"))
    ]
    assert page.shops == ("custom", "main")


def test_the_page_counts_and_sums_by_currency(customers: Customers, viewer: SeenBy, history: Person) -> None:
    page = customers.page(viewer(Role.ADMINISTRATOR), history.customer_id)
    assert (page.orders_count, page.open_orders, page.notes_count) == (3, 1, 3)
    assert page.money is not None
    toman, dollar = page.money
    assert (toman.currency, toman.orders, toman.total, toman.paid) == ("IRT", 2, 150 * TOMAN, 100 * TOMAN)
    assert (toman.refunded, toman.average, toman.last_at) == (30 * TOMAN, 75 * TOMAN, ago(days=5))
    assert (dollar.currency, dollar.total, dollar.refunded) == ("USD", 9 * TOMAN, 0)
    assert page.last_contact_at == NOW
    assert [note.body for note in page.pinned] == ["سنجاق"]


def test_the_timeline_tells_everything_newest_first(customers: Customers, viewer: SeenBy, history: Person) -> None:
    found = entries(customers, viewer(Role.ADMINISTRATOR), history)
    assert [entry.kind for entry in found] == [
        "note", "note", "note", "order", "order", "order", "refund", "order_note", "order",
    ]  # fmt: skip
    assert [entry.at for entry in found if entry.at] == sorted((entry.at for entry in found if entry.at), reverse=True)
    trashed, order = found[4].order, found[-1].order
    assert trashed is not None
    assert trashed.is_trashed
    assert order is not None
    assert (order.number, order.total, order.refunded, order.url) == (
        "1042", 100 * TOMAN, 30 * TOMAN, "https://main.example/7",
    )  # fmt: skip
    assert [(line.name, line.total) for line in order.lines] == [("کیف", 100 * TOMAN)]
    assert found[3].order is not None
    assert found[3].order.url is None
    assert found[6].refund is not None
    assert (found[6].refund.amount, found[6].refund.number) == (30 * TOMAN, "1042")
    assert found[7].order_note is not None
    assert found[7].order_note.body == "پرداخت شد & رسید"


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("newest_first", [True, False])
def test_pages_of_the_timeline_neither_repeat_nor_skip(
    customers: Customers, viewer: SeenBy, history: Person, limit: int, newest_first: bool
) -> None:
    admin = viewer(Role.ADMINISTRATOR)
    whole = entries(customers, admin, history, newest_first=newest_first)
    assert entries(customers, admin, history, newest_first=newest_first, limit=limit) == whole
    assert len(whole) == 9


def test_the_timeline_may_show_one_kind(customers: Customers, viewer: SeenBy, history: Person) -> None:
    page = customers.timeline(viewer(), history.customer_id, kinds=frozenset({"refund"}))
    assert [entry.kind for entry in page.entries] == ["refund"]
    assert page.next is None


@pytest.mark.parametrize("after", ["x", "!!!", "bnVsbA", "W10", "WzEsIm5vdGUiLCIiLCJ4Il0", "آ"])
def test_a_place_that_is_not_ours_is_refused(customers: Customers, viewer: SeenBy, history: Person, after: str) -> None:
    with pytest.raises(Invalid) as refusal:
        customers.timeline(viewer(), history.customer_id, after=after)
    assert refusal.value.code == "timeline.cursor"


# --- who sees what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "sees_internal"),
    [
        (Role.ADMINISTRATOR, True),
        (Role.SUPPORT_SUPERVISOR, True),
        (Role.SALES_MANAGER, False),
        (Role.AGENT, False),
    ],
)
def test_internal_notes_are_absent_from_list_count_and_date(
    customers: Customers, viewer: SeenBy, history: Person, role: Role, sees_internal: bool
) -> None:
    who = viewer(role)
    assert ("محرمانه" in bodies(entries(customers, who, history))) is sees_internal
    assert customers.page(who, history.customer_id).notes_count == (3 if sees_internal else 2)


def test_other_shops_are_absent_from_everything(customers: Customers, viewer: SeenBy, history: Person) -> None:
    here = viewer(Role.ADMINISTRATOR, "main")
    page = customers.page(here, history.customer_id)
    assert (page.name, page.shops, page.orders_count) == ("مریم احمدی", ("main",), 2)
    assert [its.currency for its in page.money or ()] == ["IRT"]
    assert {entry.order.shop for entry in entries(customers, here, history) if entry.order} == {"main"}
    there = viewer(Role.ADMINISTRATOR, "custom")
    elsewhere = customers.page(there, history.customer_id)
    assert (elsewhere.name, elsewhere.notes_count, elsewhere.pinned) == ("Maryam Ahmadi", 0, ())
    assert [entry.kind for entry in entries(customers, there, history)] == ["order"]
    assert elsewhere.last_contact_at == ago(days=3)


def test_money_is_absent_for_those_who_may_not_see_it(customers: Customers, viewer: SeenBy, history: Person) -> None:
    agent = viewer()
    poor = Viewer(agent.agent_id, agent.name, agent.role, agent.permissions - {Permission.SEE_MONEY}, None)
    page = customers.page(poor, history.customer_id)
    assert page.money is None
    assert page.orders_count == 3
    for entry in entries(customers, poor, history):
        assert entry.order is None or (entry.order.total, entry.order.refunded) == (None, None)
        assert entry.order is None or all(line.total is None for line in entry.order.lines)
        assert entry.refund is None or entry.refund.amount is None
    assert customers.order(poor, "main", "7").total is None


def test_orders_or_notes_alone_may_be_seen(customers: Customers, viewer: SeenBy, history: Person) -> None:
    agent = viewer()
    no_orders = Viewer(agent.agent_id, agent.name, agent.role, agent.permissions - {Permission.SEE_ORDERS}, None)
    no_notes = Viewer(agent.agent_id, agent.name, agent.role, agent.permissions - {Permission.SEE_NOTES}, None)
    assert {entry.kind for entry in entries(customers, no_orders, history)} == {"note"}
    page = customers.page(no_orders, history.customer_id)
    assert (page.orders_count, page.open_orders, page.money) == (0, 0, ())
    assert {entry.kind for entry in entries(customers, no_notes, history)} == {"order", "refund", "order_note"}
    without = customers.page(no_notes, history.customer_id)
    assert (without.notes_count, without.pinned) == (0, ())


def test_customers_are_seen_with_permission_only(customers: Customers, viewer: SeenBy, history: Person) -> None:
    agent = viewer()
    nobody = Viewer(agent.agent_id, agent.name, agent.role, frozenset(), None)
    for act in (lambda: customers.page(nobody, 1), lambda: customers.recent(nobody)):
        with pytest.raises(Forbidden):
            act()


def test_nobody_there_and_nobody_to_be_seen_are_not_told_apart(
    customers: Customers, viewer: SeenBy, history: Person
) -> None:
    elsewhere = viewer(Role.ADMINISTRATOR, "third")
    codes = set()
    for customer_id in (history.customer_id, 999):
        with pytest.raises(NotFound) as missing:
            customers.page(elsewhere, customer_id)
        codes.add(missing.value.code)
        with pytest.raises(NotFound):
            customers.timeline(elsewhere, customer_id)
    for order_id in ("7", "999"):
        with pytest.raises(NotFound) as missing:
            customers.by_order(elsewhere, "main", order_id)
        codes.add(missing.value.code)
        with pytest.raises(NotFound):
            customers.order(elsewhere, "main", order_id)
    assert codes == {"customer.not_found", "order.not_found"}


# --- ways to her --------------------------------------------------------------------------------------------------


def test_an_old_address_leads_to_whom_she_became(
    customers: Customers, viewer: SeenBy, store: Store, history: Person
) -> None:
    with store.write() as tx:
        old = add_person(tx, "55")
        unite(tx, old, history)
    page = customers.page(viewer(), old.customer_id)
    assert page.id == history.customer_id
    assert customers.timeline(viewer(), old.customer_id).entries


def test_an_order_leads_to_its_customer(customers: Customers, viewer: SeenBy, history: Person) -> None:
    assert customers.by_order(viewer(), "main", "7") == history.customer_id
    order = customers.order(viewer(), "main", "7")
    assert (order.number, [line.name for line in order.lines]) == ("1042", ["کیف"])


def test_recent_customers_are_those_one_sees(
    customers: Customers, viewer: SeenBy, store: Store, history: Person
) -> None:
    with store.write() as tx:
        other = add_person(tx, "5", shop="custom", company="پارس تجارت")
        add_order(tx, other.account_id, "5", shop="custom", created_at=ago(days=1))
    rows = customers.recent(viewer())
    assert [(row.id, row.name, row.orders_count) for row in rows] == [
        (history.customer_id, "Maryam Ahmadi", 3),
        (other.customer_id, "پارس تجارت", 1),
    ]
    assert (rows[0].last_order_at, rows[0].last_contact_at) == (ago(days=3), NOW)
    assert [row.id for row in customers.recent(viewer(Role.AGENT, "main"))] == [history.customer_id]
    assert len(customers.recent(viewer(), 1)) == 1


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"first_name": "مریم"}, "مریم"),
        ({"shipping": {"first_name": "Sara", "last_name": "K"}}, "Sara K"),
        ({"company": "شرکت", "email": "a@b.ir"}, "شرکت"),
        ({"email": "a@b.ir", "phone": "0912"}, "a@b.ir"),
        ({"phone": "0912", "username": "u"}, "0912"),
        ({"username": "u"}, "u"),
        ({}, ""),
    ],
)
def test_she_is_called_by_the_best_that_is_known(
    customers: Customers, viewer: SeenBy, store: Store, facts: dict[str, Any], name: str
) -> None:
    with store.write() as tx:
        person = add_person(tx, "1", **facts)
    page = customers.page(viewer(), person.customer_id)
    assert (page.name, page.orders_count, page.money, page.last_contact_at, page.pinned) == (name, 0, (), None, ())


def test_a_page_of_a_long_history_asks_no_more_than_a_page_of_a_short_one(
    customers: Customers, viewer: SeenBy, store: Store, maryam: Person
) -> None:
    who = viewer()

    def statements() -> int:
        asked: list[str] = []

        def count(*arguments: object) -> None:
            asked.append(str(arguments[2]))

        event.listen(Engine, "before_cursor_execute", count)
        try:
            customers.timeline(who, maryam.customer_id)
            customers.page(who, maryam.customer_id)
        finally:
            event.remove(Engine, "before_cursor_execute", count)
        return len(asked)

    def grow(start: int, stop: int) -> None:
        with store.write() as tx:
            for place in range(start, stop):
                add_order(tx, maryam.account_id, str(place), created_at=ago(hours=place))
                add_order_note(tx, str(place), "نوشته", created_at=ago(hours=place))
                add_refund(tx, str(place), 1, created_at=ago(hours=place))

    grow(0, 1)
    few = statements()
    grow(1, 200)
    assert statements() == few
