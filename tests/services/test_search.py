"""The search box: found by any part, best first, and nothing that the viewer may not see."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from companion.domain.permissions import Permission, Role, Viewer
from companion.domain.searchable import reply_text, ticket_text
from companion.services.errors import Forbidden
from companion.services.notes import NoteDraft, Notes, TicketRef
from companion.services.search.search import Search
from storage.engine import Store, Tx
from storage.schema import accounts
from storage.search import index
from tests.services.conftest import SeenBy
from tests.storage.people import (
    NOW,
    Person,
    add_order,
    add_person,
    add_reply,
    add_shop_agent,
    add_ticket,
    ago,
    unite,
)


def ask(
    tx: Tx, person: Person, number: str, title: str, body: str = "", *, answer: str = "", shop: str = "main"
) -> None:
    """A ticket of hers, and an agent's reply."""
    ticket = add_ticket(
        tx, number, shop=shop, account_id=person.account_id, title=title, body=body, created_at=ago(days=1)
    )
    index.put(tx, "ticket", {ticket: ticket_text(number=number, title=title, body=body)})
    if answer:
        reply = add_reply(tx, number + "1", number, answer, author="5", shop=shop, created_at=ago(hours=9))
        index.put(tx, "reply", {reply: reply_text(answer)})


@pytest.mark.parametrize(
    ("typed", "why", "marked"),
    [
        ("احمدي", "name", "احمدی"),
        ("احمدی مریم", "name", "احمدی"),
        ("مریماحمدی", "name", "مریم احمدی"),
        ("حمد", "name", "حمد"),
        ("MARYAM@exa", "email", "Maryam@exa"),
        ("۰۹۱۲۰۰۰", "phone", "0912 000"),
        ("+98 912 000 1001", "phone", "912 000 1001"),
        ("0098-912-000-1001", "phone", "912 000 1001"),
        ("۱۰۰۱", "phone", "1001"),
        ("پارستجارت", "company", "پارس تجارت"),
        ("وليعصر", "address", "ولیعصر"),
        ("#1042", "order", "1042"),
        ("۱۰۴۲", "order", "1042"),
        ("2104883761", "note", "۲۱۰۴۸۸۳۷۶۱"),
        ("كارتن له شده", "ticket", "کارتن له شده"),
        ("قاشق ها", "ticket", "قاشق‌ها"),
        ("پوزش", "reply", "پوزش"),
    ],
)
def test_she_is_found_by(
    search: Search, viewer: SeenBy, store: Store, notes: Notes, maryam: Person, typed: str, why: str, marked: str
) -> None:
    with store.write() as tx:
        add_order(tx, maryam.account_id, "7", number="1042", created_at=ago(days=1))
        add_person(tx, "2", first_name="رضا", last_name="کریمی", phone="09350002002")
        ask(tx, maryam, "352", "کارتن له شده رسید", "<p>قاشق‌ها <b>خط</b> افتاده</p>", answer="<p>پوزش می‌خواهیم</p>")
    notes.write(viewer(), NoteDraft(maryam.customer_id, "کد **رهگیری** ۲۱۰۴۸۸۳۷۶۱ را گرفت"))
    results = search.find(viewer(), typed)
    (hit,) = results.hits
    assert (hit.customer_id, hit.name, hit.why) == (maryam.customer_id, "مریم احمدی", why)
    assert hit.mark is not None
    assert hit.snippet[slice(*hit.mark)] == marked
    assert (hit.shops, hit.orders_count, hit.last_order_at) == (("main",), 1, ago(days=1))
    assert not results.total_is_more


@pytest.mark.parametrize(
    "typed", ["", "   ", "!؟", "٪", "#", "%", "_", "صالحی", "احمدی صالحی", "\x00", "'; drop table"]
)
def test_nothing_is_found_by(search: Search, viewer: SeenBy, maryam: Person, typed: str) -> None:
    assert search.find(viewer(), typed).hits == ()


def test_whole_words_come_before_beginnings_and_those_before_parts(
    search: Search, viewer: SeenBy, store: Store
) -> None:
    with store.write() as tx:
        part = add_person(tx, "1", last_name="محمدی").customer_id
        whole = add_person(tx, "2", last_name="حمد").customer_id
        start = add_person(tx, "3", last_name="حمدی").customer_id
    assert [hit.customer_id for hit in search.find(viewer(), "حمد").hits] == [whole, start, part]


def test_among_equals_the_one_last_heard_of_is_first(search: Search, viewer: SeenBy, store: Store) -> None:
    with store.write() as tx:
        people = [add_person(tx, str(place), last_name="احمدی") for place in range(3)]
        for person, days in zip(people, (5, 1, 9), strict=True):
            add_order(tx, person.account_id, str(person.account_id), created_at=ago(days=days))
    found = search.find(viewer(), "احمدی", limit=2)
    assert [hit.customer_id for hit in found.hits] == [people[1].customer_id, people[0].customer_id]
    assert found.total_is_more


def test_who_is_called_just_so_is_found_though_hundreds_are_called_more(
    search: Search, viewer: SeenBy, store: Store
) -> None:
    with store.write() as tx:
        whole = add_person(tx, "0", last_name="کریم", facts_at=ago(days=900)).customer_id
        for place in range(1, 130):
            add_person(tx, str(place), last_name="کریمی", facts_at=NOW)
    results = search.find(viewer(), "کریم", limit=3)
    assert results.hits[0].customer_id == whole
    assert results.total_is_more


def test_of_hundreds_who_are_called_alike_the_one_last_heard_of_is_first(
    search: Search, viewer: SeenBy, store: Store
) -> None:
    with store.write() as tx:
        oldest, *_ = people = [
            add_person(tx, str(place), last_name="کریمی", facts_at=ago(days=200 - place)) for place in range(130)
        ]
        add_order(tx, oldest.account_id, "7", created_at=NOW)
        tx.execute(update(accounts).where(accounts.c.id == oldest.account_id).values(facts_at=NOW))
    hits = search.find(viewer(), "کریمی", limit=2).hits
    assert [hit.customer_id for hit in hits] == [oldest.customer_id, people[-1].customer_id]


def test_people_come_before_notes_about_others(
    search: Search, viewer: SeenBy, store: Store, notes: Notes, maryam: Person
) -> None:
    with store.write() as tx:
        other = add_person(tx, "2", last_name="کریمی")
        add_order(tx, other.account_id, "5", created_at=NOW)
    notes.write(viewer(), NoteDraft(other.customer_id, "با احمدی صحبت شد"))
    hits = search.find(viewer(), "احمدی").hits
    assert [(hit.customer_id, hit.why) for hit in hits] == [(maryam.customer_id, "name"), (other.customer_id, "note")]


def test_one_person_is_one_hit(search: Search, viewer: SeenBy, store: Store, notes: Notes, maryam: Person) -> None:
    with store.write() as tx:
        unite(tx, add_person(tx, "2", shop="custom", last_name="احمدی"), maryam)
    notes.write(viewer(), NoteDraft(maryam.customer_id, "خانم احمدی"))
    (hit,) = search.find(viewer(), "احمدی").hits
    assert set(hit.shops) == {"main", "custom"}


def test_a_long_note_is_shown_around_what_matched(search: Search, viewer: SeenBy, notes: Notes, maryam: Person) -> None:
    notes.write(viewer(), NoteDraft(maryam.customer_id, f"{'پیش ' * 200}رهگیری {'پس ' * 200}"))
    (hit,) = search.find(viewer(), "رهگیری").hits
    assert len(hit.snippet) < 150
    assert hit.mark is not None
    assert hit.snippet[slice(*hit.mark)] == "رهگیری"


def test_half_spaces_are_no_matter(search: Search, viewer: SeenBy, notes: Notes, maryam: Person) -> None:
    notes.write(viewer(), NoteDraft(maryam.customer_id, "یادداشت\u200cهای قبلی"))
    for typed in ("یادداشتهای", "یادداشت های", "یادداشت\u200cهای"):
        (hit,) = search.find(viewer(), typed).hits
        assert hit.why == "note"
        assert hit.mark is not None


def test_a_hit_tells_on_which_ticket_by_whom_and_when(
    search: Search, viewer: SeenBy, store: Store, maryam: Person
) -> None:
    with store.write() as tx:
        add_shop_agent(tx, "5", "مینا راد")
        ask(tx, maryam, "352", "کارتن له شده", answer=f"<p>{'سلام ' * 200}پوزش {'سلام ' * 200}</p>")
    (reply,) = search.find(viewer(), "پوزش").hits
    assert (reply.thing, reply.author, reply.written_at) == (TicketRef("main", "352"), "مینا راد", ago(hours=9))
    assert len(reply.snippet) < 150
    (ticket,) = search.find(viewer(), "له شده").hits
    assert (ticket.thing, ticket.author, ticket.written_at) == (TicketRef("main", "352"), "", ago(days=1))


def test_her_own_reply_is_told_by_the_name_she_is_known_by(
    search: Search, viewer: SeenBy, store: Store, maryam: Person
) -> None:
    with store.write() as tx:
        there = unite(tx, add_person(tx, "18", kind="user", username="m.ahmadi"), maryam)
        ask(tx, there, "352", "کارتن")
        reply = add_reply(tx, "9", "352", "کجاست؟", author="18")
        index.put(tx, "reply", {reply: reply_text("کجاست؟")})
    (hit,) = search.find(viewer(), "کجاست").hits
    assert (hit.why, hit.author) == ("reply", "مریم احمدی")


@pytest.mark.parametrize("typed", ["357", "#357", "۳۵۷"])
def test_a_ticket_is_found_by_its_number(
    search: Search, viewer: SeenBy, store: Store, maryam: Person, typed: str
) -> None:
    with store.write() as tx:
        other = add_person(tx, "2", last_name="کریمی", phone="09357570002")
        ask(tx, maryam, "357", "کارتن")
    hits = search.find(viewer(), typed).hits
    assert [(hit.customer_id, hit.why) for hit in hits] == [
        (maryam.customer_id, "ticket"),
        (other.customer_id, "phone"),
    ]


def test_people_and_notes_come_before_tickets_and_replies_of_others(
    search: Search, viewer: SeenBy, store: Store, notes: Notes, maryam: Person
) -> None:
    with store.write() as tx:
        noted, asked, answered = (add_person(tx, str(place)) for place in range(2, 5))
        ask(tx, asked, "1", "احمدی")
        ask(tx, answered, "2", "سلام", answer="احمدی")
    notes.write(viewer(), NoteDraft(noted.customer_id, "با احمدی صحبت شد"))
    hits = search.find(viewer(), "احمدی").hits
    assert [hit.customer_id for hit in hits] == [person.customer_id for person in (maryam, noted, asked, answered)]


# --- who sees what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.ADMINISTRATOR, True),
        (Role.SUPPORT_SUPERVISOR, True),
        (Role.SALES_MANAGER, False),
        (Role.AGENT, False),
    ],
)
def test_internal_notes_are_found_by_some_roles_and_their_author(
    search: Search, viewer: SeenBy, notes: Notes, maryam: Person, role: Role, sees: bool
) -> None:
    author = viewer()
    notes.write(author, NoteDraft(maryam.customer_id, "پنهان", "internal"))
    assert len(search.find(author, "پنهان").hits) == 1
    assert (len(search.find(viewer(role), "پنهان").hits) == 1) is sees


def test_deleted_notes_are_not_found(search: Search, viewer: SeenBy, notes: Notes, maryam: Person) -> None:
    author = viewer()
    notes.delete(author, notes.write(author, NoteDraft(maryam.customer_id, "پنهان")).id)
    assert search.find(author, "پنهان").hits == ()


def test_other_shops_show_in_no_part_of_a_hit(
    search: Search, viewer: SeenBy, store: Store, notes: Notes, maryam: Person
) -> None:
    with store.write() as tx:
        there = unite(
            tx, add_person(tx, "2", shop="custom", first_name="Secret", phone="09350002002", facts_at=NOW), maryam
        )
        add_order(tx, there.account_id, "55", shop="custom", number="9955", created_at=ago(days=2))
        ask(tx, there, "777", "تیکت دیگر", answer="پاسخ دیگر", shop="custom")
    notes.write(viewer(), NoteDraft(maryam.customer_id, "نوشته آنجا"))
    here = viewer(Role.ADMINISTRATOR, "main")
    for typed in ("Secret", "09350002002", "9955", "آنجا", "777", "تیکت دیگر", "پاسخ دیگر"):
        assert len(search.find(viewer(), typed).hits) == 1
        assert search.find(here, typed).hits == ()
    (hit,) = search.find(here, "احمدی").hits
    assert (hit.name, hit.shops, hit.orders_count, hit.last_order_at) == ("مریم احمدی", ("main",), 0, None)


def test_what_one_may_not_see_is_not_counted(search: Search, viewer: SeenBy, store: Store) -> None:
    with store.write() as tx:
        mine = add_person(tx, "1", last_name="احمدی")
        for place in range(300):
            add_person(tx, str(place), shop="custom", last_name="احمدی")
    results = search.find(viewer(Role.AGENT, "main"), "احمدی", limit=1)
    assert [hit.customer_id for hit in results.hits] == [mine.customer_id]
    assert not results.total_is_more


def test_permissions_hold_in_search(search: Search, viewer: SeenBy, store: Store, notes: Notes, maryam: Person) -> None:
    with store.write() as tx:
        add_order(tx, maryam.account_id, "7", number="1042")
        ask(tx, maryam, "777", "تیکت", answer="پوزش")
    agent = viewer()
    notes.write(agent, NoteDraft(maryam.customer_id, "نوشته"))

    def without(permission: Permission) -> Viewer:
        return Viewer(agent.agent_id, agent.name, agent.role, agent.permissions - {permission}, None)

    assert search.find(without(Permission.SEE_NOTES), "نوشته").hits == ()
    assert search.find(without(Permission.SEE_ORDERS), "1042").hits == ()
    for typed in ("777", "تیکت", "پوزش"):
        assert len(search.find(agent, typed).hits) == 1
        assert search.find(without(Permission.SEE_TICKETS), typed).hits == ()
    assert search.find(without(Permission.SEE_ORDERS), "احمدی").hits[0].orders_count == 0
    with pytest.raises(Forbidden):
        search.find(without(Permission.SEE_CUSTOMERS), "احمدی")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300))
def test_anything_may_be_typed(search: Search, viewer: SeenBy, maryam: Person, typed: str) -> None:
    for hit in search.find(Viewer(0, "", Role.AGENT, frozenset(Permission), None), typed).hits:
        assert hit.mark is None or hit.snippet[slice(*hit.mark)]
