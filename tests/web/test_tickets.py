"""Tickets on the customer's page and in the search box."""

from __future__ import annotations

import re

import pytest

from companion.domain.permissions import Role
from tests.web.house import House

REZA = {"first_name": "رضا", "last_name": "کریمی", "email": "reza@example.com", "phone": "09120001002"}


@pytest.fixture
def customer(house: House) -> int:
    """«مریم احمدی», WordPress user 18, asked nine days ago and was answered once."""
    customer = house.order(1042, customer_id=18, days_ago=20)
    house.shop_agents({5: "مینا راد"})
    house.ticket(57, days_ago=9, total_reply_count=2)
    house.replies([(5, "<p>پیگیری می‌کنیم.</p>", 8), (18, "<p>هنوز <b>نرسیده</b> است</p>", 3)])
    return customer


def timeline_of(page: str) -> str:
    return page[page.index('id="timeline"') :]


def first_of(page: str) -> str:
    return page[page.index('id="first"') : page.index('id="composer"')]


# --- the open ticket, before everything else ----------------------------------------------------------------------


def test_an_open_ticket_and_how_long_it_waits_stand_before_everything_that_happened(
    house: House, customer: int
) -> None:
    page = house.signed_in(language="fa").get(f"/customers/{customer}").text
    assert "۱ تیکت باز" in first_of(page)
    assert "سفارش ۱۰۴۲ نرسیده است" in first_of(page)
    assert "۳ روز پیش</time>" in first_of(page)
    assert "بی‌پاسخ از" in first_of(page)
    assert f'href="/customers/{customer}?order' not in first_of(page)
    assert 'href="/tickets/main/57#in-view"' in first_of(page)


def test_of_several_open_tickets_the_one_that_waits_longest_is_first(house: House, customer: int) -> None:
    house.ticket(58, title="answered already", days_ago=7, total_reply_count=1)
    house.replies([(5, "<p>ok</p>", 6)], ticket_id=58, first=800)
    house.ticket(59, title="asked before", days_ago=5, total_reply_count=0)
    house.ticket(60, title="replies not read yet", days_ago=6, total_reply_count=4)
    house.ticket(61, title="closed", state="closed")
    house.ticket(62, title="in the bin", status="trash")
    first = first_of(house.signed_in().get(f"/customers/{customer}").text)
    assert "4 open tickets" in first
    assert "the oldest unanswered since 5 days ago" in first
    places = [first.index(title) for title in ("asked before", "سفارش ۱۰۴۲", "replies not read yet")]
    assert places == sorted(places)
    assert "answered already" not in first, "three stand there, the rest one press away"
    assert "1 more" in first
    assert "closed" not in first
    assert "in the bin" not in first


def test_a_customer_without_open_tickets_has_nothing_about_them_on_top(house: House) -> None:
    customer = house.order(customer_id=18)
    page = house.signed_in().get(f"/customers/{customer}").text
    assert "first-tickets" not in page
    assert 'value="ticket"' not in page, "nor are there filters for what never happened"


# --- the timeline -------------------------------------------------------------------------------------------------


def test_a_ticket_tells_its_state_its_way_its_assignee_and_how_many_replies(house: House, customer: int) -> None:
    timeline = timeline_of(house.signed_in(language="fa").get(f"/customers/{customer}").text)
    entry = timeline[timeline.index('id="ticket-main-57"') :].split("</article>")[0]
    for told in (
        "#۵۷",
        "سفارش ۱۰۴۲ نرسیده است",
        "باز",
        "در حال بررسی",
        "ایمیل",
        "۲ پاسخ",
        "واگذارشده به <bdi>مینا راد</bdi>",
    ):
        assert told in entry, told
    assert 'href="https://main.example/tickets/57"' in entry


def test_replies_stand_with_their_authors_and_their_formatting(house: House, customer: int) -> None:
    timeline = timeline_of(house.signed_in().get(f"/customers/{customer}").text)
    hers, ours = timeline.split('id="reply-main-901"')[1], timeline.split('id="reply-main-900"')[1]
    assert "<bdi>مریم احمدی</bdi>" in hers.split("</article>")[0]
    assert "Customer's reply" in hers.split("</article>")[0]
    assert "هنوز <b>نرسیده</b> است" in hers.split("</article>")[0]
    assert "<bdi>مینا راد</bdi>" in ours.split("</article>")[0]
    assert "Agent's reply" in ours.split("</article>")[0]


@pytest.mark.parametrize(
    ("status", "language", "shown"),
    [
        ("hold", "fa", "معلق"),
        ("queued", "fa", "جدید"),
        ("hold", "en", "Held"),
        ("در انتظار انبار", "en", "در انتظار انبار"),
    ],
)
def test_statuses_are_translated_and_unknown_ones_shown_as_they_come(
    house: House, status: str, language: str, shown: str
) -> None:
    customer = house.ticket(57, status=status)
    timeline = timeline_of(house.signed_in(language=language).get(f"/customers/{customer}").text)
    assert f"<bdi>{shown}</bdi></span>" in timeline


def test_deleted_and_trashed_tickets_keep_their_place_and_say_so(house: House, customer: int) -> None:
    house.ticket(58, title="lies in the bin", status="trash")
    house.ticket_gone(57)
    page = house.signed_in().get(f"/customers/{customer}").text
    assert "first-tickets" not in page
    trashed = timeline_of(page).split('id="ticket-main-58"')[1].split("</article>")[0]
    gone = timeline_of(page).split('id="ticket-main-57"')[1].split("</article>")[0]
    assert "In the bin" in trashed
    assert "Deleted in the shop" in gone
    assert "https://main.example" not in gone
    assert timeline_of(page).count("Deleted in the shop") == 3, "its replies too"


def test_what_a_ticket_brings_along_can_neither_act_nor_tell_who_reads(house: House) -> None:
    nasty = (
        "<script>alert(1)</script><p onclick=x>text <img src=https://spy.example/1.gif onerror=alert(1)>"
        "<a href='javascript:alert(1)'>a</a> <a href=https://shop.example/b>b</a></p>"
    )
    customer = house.ticket(57, title="<b>title</b>", content=nasty, ticket_channel="<i>mail</i>", total_reply_count=1)
    house.replies([(18, nasty, 1)])
    page = house.signed_in().get("/tickets/main/57", follow_redirects=True).text
    assert page.count('<a href="https://spy.example/1.gif" rel="nofollow noopener noreferrer">1.gif</a>') == 4
    for never in ("<img", "alert(1)", "onclick", "<b>title", "<i>mail"):
        assert never not in page, never
    assert f"/customers/{customer}" in page


def test_the_timeline_shows_tickets_or_replies_alone(house: House, customer: int) -> None:
    visitor = house.signed_in()
    assert 'name="kinds" value="ticket"' in visitor.get(f"/customers/{customer}").text
    part = visitor.get(f"/customers/{customer}/timeline?kinds=reply", htmx=True).text
    assert "پیگیری می‌کنیم" in part
    assert "ticket-main-57" not in part


# --- the ticket whole ---------------------------------------------------------------------------------------------


def test_a_ticket_leads_to_its_customer_with_what_was_said_on_it_in_order(house: House, customer: int) -> None:
    answer = house.signed_in().get("/tickets/main/57", follow_redirects=True)
    assert answer.request.path == f"/customers/{customer}"
    in_view = answer.text.split("The ticket you asked for")[1].split('id="filters"')[0]
    places = [in_view.index(said) for said in ("سفارش من کجاست", "پیگیری می‌کنیم", "هنوز <b>نرسیده</b>")]
    assert places == sorted(places)
    assert '<option value="ticket:main/57" selected>' in answer.text, "a note written now is about it"


def test_a_ticket_of_somebody_else_is_not_put_in_view(house: House, customer: int) -> None:
    house.order(1043, customer_id=19, billing=REZA)
    house.ticket(58, author=19, title="somebody else's")
    page = house.signed_in().get(f"/customers/{customer}?ticket=main/58").text
    assert "The ticket you asked for" not in page
    assert "somebody else" not in page


# --- notes about it -----------------------------------------------------------------------------------------------


def test_a_note_about_a_ticket_is_written_and_leads_back_to_it(house: House, customer: int) -> None:
    visitor = house.signed_in()
    form = {"body": "قول دادم تا عصر", "kind": "call", "ref": "ticket:main/57"}
    entry = visitor.post(f"/customers/{customer}/notes", form, htmx=True).text
    assert "قول دادم تا عصر" in entry
    assert re.search(r'<a class="small" href="/tickets/main/57#in-view">.*?#57', entry, re.DOTALL)


def test_a_note_about_somebody_elses_ticket_is_refused(house: House, customer: int) -> None:
    house.order(1043, customer_id=19, billing=REZA)
    house.ticket(58, author=19)
    answer = house.signed_in().post(f"/customers/{customer}/notes", {"body": "x", "ref": "ticket:main/58"})
    assert answer.status_code == 404
    assert "There is no such ticket" in answer.text


def test_the_sales_manager_sees_the_note_about_a_ticket_and_nothing_of_the_ticket(house: House, customer: int) -> None:
    house.note(house.agent("sara"), customer, "درباره تیکت", ticket_id=57)
    visitor = house.signed_in("sales", Role.SALES_MANAGER)
    page = visitor.get(f"/customers/{customer}?ticket=main/57").text
    assert "درباره تیکت" in page
    assert "/tickets/" not in page
    for hers in ("سفارش من کجاست", "پیگیری می‌کنیم", "سفارش ۱۰۴۲ نرسیده", 'value="ticket"', "open ticket"):
        assert hers not in page, hers
    assert "پیگیری می‌کنیم" not in visitor.get(f"/customers/{customer}/timeline?kinds=reply", htmx=True).text
    assert f"/customers/{customer}" not in visitor.get("/search?q=پیگیری").text


# --- found --------------------------------------------------------------------------------------------------------


def test_a_hit_in_a_reply_says_on_which_ticket_by_whom_and_when(house: House, customer: int) -> None:
    hit = house.signed_in(language="fa").get("/search?q=پيگيري", htmx=True).text
    assert f'href="/customers/{customer}?ticket=main/57"' in hit
    for told in ("پاسخ", "#۵۷", "مینا راد", "۲۲ آبان ۱۴۰۴", "<mark>پیگیری</mark>"):
        assert told in hit, told


def test_a_ticket_is_found_by_its_number_and_by_its_words(house: House, customer: int) -> None:
    visitor = house.signed_in()
    for typed in ("57", "#57", "کجاست"):
        page = visitor.get(f"/search?q={typed.replace('#', '%23')}").text
        assert f'href="/customers/{customer}?ticket=main/57"' in page, typed
        assert "12 November 2025" in page
