"""The customer's page and timeline, whole for those who may see all of it, and consistent for those who may not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, event

from companion.domain.permissions import Permission, Role, Viewer
from companion.domain.purchases import Tally
from companion.services.customers.customers import Customers, Stretch, TimelineEntry
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
    add_reply,
    add_shop_agent,
    add_ticket,
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
            Stretch(
                after=after,
                limit=int(asked.get("limit", 50)),
                newest_first=bool(asked.get("newest_first", True)),
            ),
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
    assert page.purchases is not None
    toman, dollar = (bought.money for bought in page.purchases)
    assert (toman.currency, toman.orders, toman.total, toman.paid) == ("IRT", 2, 150 * TOMAN, 100 * TOMAN)
    assert page.purchases[0].unpaid == Tally(1, 50 * TOMAN)
    assert page.purchases[0].this_year.bought == Tally(2, 150 * TOMAN)
    assert [(order.shop, order.number) for order in page.orders] == [("custom", "3"), ("main", "8"), ("main", "1042")]
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
    page = customers.timeline(viewer(), history.customer_id, Stretch(frozenset({"refund"})))
    assert [entry.kind for entry in page.entries] == ["refund"]
    assert page.next is None


@pytest.mark.parametrize("after", ["x", "!!!", "bnVsbA", "W10", "WzEsIm5vdGUiLCIiLCJ4Il0", "آ"])
def test_a_place_that_is_not_ours_is_refused(customers: Customers, viewer: SeenBy, history: Person, after: str) -> None:
    with pytest.raises(Invalid) as refusal:
        customers.timeline(viewer(), history.customer_id, Stretch(after=after))
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
    assert [its.money.currency for its in page.purchases or ()] == ["IRT"]
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
    assert page.purchases is None
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
    assert (page.orders_count, page.open_orders, page.purchases) == (0, 0, ())
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


# --- tickets ------------------------------------------------------------------------------------------------------


@pytest.fixture
def asking(store: Store, maryam: Person) -> Person:
    """Maryam wrote as user 18 of the main shop, nine days ago; agent 5 answered; she asked again three days ago."""
    with store.write() as tx:
        unite(tx, add_person(tx, "18", kind="user", username="m.ahmadi"), maryam)
        add_shop_agent(tx, "5", "مینا راد", gone_at=NOW)
        add_person(tx, "6", kind="user", first_name="Omid", last_name="Soltani", role="wpas_agent")
        asked: dict[str, Any] = {
            "account_id": maryam.account_id,
            "assignee_id": "5",
            "url": "https://shop.example/t/57",
        }
        add_ticket(
            tx, "57", title="نرسیده", body='<p onclick="x">کجاست؟ <a href="/b">b</a></p>', status="hold",
            channel="email", replies=2, created_at=ago(days=9), **asked,
        )  # fmt: skip
        add_reply(tx, "60", "57", "<p>پیگیری می‌کنیم</p>", author="5", created_at=ago(days=8))
        add_reply(tx, "61", "57", "<p>هنوز نه</p>", author="18", created_at=ago(days=3))
        add_ticket(tx, "58", account_id=maryam.account_id, title="بسته", state="closed", created_at=ago(days=90))
        add_reply(tx, "62", "58", "ok", author="6", created_at=ago(days=89))
        add_reply(tx, "63", "58", "gone", author="999", created_at=ago(days=88), gone_at=NOW)
        add_ticket(tx, "59", account_id=maryam.account_id, shop="custom", created_at=ago(days=4))
    return maryam


def test_the_page_tells_of_open_tickets_and_since_when_they_wait(
    customers: Customers, viewer: SeenBy, asking: Person
) -> None:
    page = customers.page(viewer(Role.AGENT, "main"), asking.customer_id)
    assert (page.tickets_count, page.last_contact_at) == (2, ago(days=3))
    (ticket,) = page.open_tickets
    assert (ticket.ticket_id, ticket.title, ticket.status) == ("57", "نرسیده", "hold")
    assert (ticket.opened_at, ticket.waits_since, ticket.is_answered) == (ago(days=9), ago(days=3), False)
    everywhere = customers.page(viewer(), asking.customer_id)
    assert [its.ticket_id for its in everywhere.open_tickets] == ["59", "57"], "the longest waiting first"
    assert everywhere.tickets_count == 3


def test_replies_still_to_be_read_let_nothing_be_said_about_waiting(
    customers: Customers, viewer: SeenBy, store: Store, maryam: Person
) -> None:
    with store.write() as tx:
        add_ticket(tx, "57", account_id=maryam.account_id, replies=1)
    (ticket,) = customers.page(viewer(), maryam.customer_id).open_tickets
    assert (ticket.waits_since, ticket.is_answered) == (None, False)
    with store.write() as tx:
        add_reply(tx, "60", "57", author="5", created_at=NOW)
    (ticket,) = customers.page(viewer(), maryam.customer_id).open_tickets
    assert (ticket.waits_since, ticket.is_answered) == (None, True)


def test_tickets_and_replies_stand_on_the_timeline_with_the_names_of_people(
    customers: Customers, viewer: SeenBy, asking: Person
) -> None:
    found = entries(customers, viewer(Role.AGENT, "main"), asking)
    assert [entry.kind for entry in found] == ["reply", "reply", "ticket", "reply", "reply", "ticket"]
    ticket = found[2].ticket
    assert ticket is not None
    assert (ticket.title, ticket.status, ticket.is_open, ticket.channel, ticket.assignee, ticket.replies) == (
        "نرسیده", "hold", True, "email", "مینا راد", 2,
    )  # fmt: skip
    assert ticket.html == (
        '<p dir="auto">کجاست؟ <a href="https://shop.example/b" rel="nofollow noopener noreferrer">b</a></p>'
    )
    assert ticket.url == "https://main.example/tickets/57"
    replies = [entry.reply for entry in found if entry.reply]
    assert [(its.reply_id, its.author, its.is_hers, its.is_gone) for its in replies] == [
        ("61", "مریم احمدی", True, False),
        ("60", "مینا راد", False, False),
        ("63", "", False, True),
        ("62", "Omid Soltani", False, False),
    ]


def test_a_ticket_is_read_with_all_that_was_said_on_it(customers: Customers, viewer: SeenBy, asking: Person) -> None:
    who = viewer()
    assert customers.by_ticket(who, "main", "57") == asking.customer_id
    conversation = customers.ticket(who, "main", "57")
    assert (conversation.ticket.ticket_id, conversation.opened_at) == ("57", ago(days=9))
    assert [its.reply_id for its in conversation.replies] == ["60", "61"]
    assert not conversation.has_earlier
    titles = customers.tickets(who, asking.customer_id)
    assert [(its.shop, its.ticket_id, its.is_open) for its in titles] == [
        ("custom", "59", True), ("main", "57", True), ("main", "58", False),
    ]  # fmt: skip


def test_tickets_are_for_those_who_may_see_them(customers: Customers, viewer: SeenBy, asking: Person) -> None:
    sales = viewer(Role.SALES_MANAGER)
    page = customers.page(sales, asking.customer_id)
    assert (page.tickets_count, page.open_tickets, page.last_contact_at) == (0, (), None)
    assert entries(customers, sales, asking) == []
    assert customers.tickets(sales, asking.customer_id) == ()
    for who in (sales, viewer(Role.ADMINISTRATOR, "custom")):
        for act in (customers.ticket, customers.by_ticket):
            with pytest.raises(NotFound) as missing:
                act(who, "main", "57")
            assert missing.value.code == "ticket.not_found"


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


def test_who_asked_or_was_answered_a_moment_ago_is_among_the_recent(
    customers: Customers, viewer: SeenBy, store: Store, history: Person
) -> None:
    with store.write() as tx:
        asked, answered = add_person(tx, "5", kind="user"), add_person(tx, "6", kind="user")
        add_ticket(tx, "1", account_id=asked.account_id, created_at=ago(days=-1))
        add_ticket(tx, "2", account_id=answered.account_id, created_at=ago(days=99))
        add_reply(tx, "3", "2", created_at=ago(days=-2))
    ids = [answered.customer_id, asked.customer_id, history.customer_id]
    assert [row.id for row in customers.recent(viewer())] == ids
    assert [row.id for row in customers.recent(viewer(Role.SALES_MANAGER))] == [history.customer_id]


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
    assert (page.name, page.orders_count, page.purchases, page.last_contact_at, page.pinned) == (name, 0, (), None, ())


def test_a_page_of_a_long_history_asks_no_more_than_a_page_of_a_short_one(
    customers: Customers, viewer: SeenBy, store: Store, maryam: Person
) -> None:
    who = viewer()

    with store.write() as tx:
        add_shop_agent(tx, "5", "مینا راد")

    def statements() -> int:
        asked: list[str] = []

        def count(*arguments: object) -> None:
            asked.append(str(arguments[2]))

        event.listen(Engine, "before_cursor_execute", count)
        try:
            customers.timeline(who, maryam.customer_id)
            customers.page(who, maryam.customer_id)
            customers.tickets(who, maryam.customer_id)
            customers.ticket(who, "main", "0")
        finally:
            event.remove(Engine, "before_cursor_execute", count)
        return len(asked)

    def grow(start: int, stop: int) -> None:
        with store.write() as tx:
            for place in range(start, stop):
                add_order(tx, maryam.account_id, str(place), created_at=ago(hours=place))
                add_order_note(tx, str(place), "نوشته", created_at=ago(hours=place))
                add_refund(tx, str(place), 1, created_at=ago(hours=place))
                asked_at = ago(hours=place)
                add_ticket(tx, str(place), account_id=maryam.account_id, assignee_id="5", created_at=asked_at)
                add_reply(tx, str(place), str(place), author="5", created_at=asked_at)

    grow(0, 1)
    few = statements()
    grow(1, 200)
    assert statements() == few
