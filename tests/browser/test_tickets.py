"""She has an open ticket, and whoever picks up the phone sees it, reads it and notes what was said."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Story
from tests.browser.test_access import FAINT, FAULTS

pytestmark = pytest.mark.browser

MAIL = (
    "<p>سلام، بسته نرسیده. عکس: <img src='https://elsewhere.example/box.jpg' width='3000'></p>"
    "<table><tr><td>Order</td><td>https://elsewhere.example/" + "track/" * 60 + "</td></tr></table>"
    "<ul><li>تماس اول</li><li>تماس دوم</li></ul>"
)


@pytest.fixture
def asking(story: Story) -> Story:
    """The customer of the story asked nine days ago, was answered, and asked again."""
    house = story.house
    house.order(1042, customer_id=18, days_ago=60)
    house.shop_agents({5: "مینا راد"})
    house.ticket(57, days_ago=9, title="سفارش ۱۰۴۲ نرسیده است", content=MAIL, total_reply_count=2)
    house.replies([(5, "<p>پیگیری می‌کنیم و خبر می‌دهیم.</p>", 8), (18, "<p>هنوز نرسیده است</p>", 3)])
    story.customer = house.customers.by_ticket(story.colleague, "main", "57")
    return story


def test_the_first_screen_of_a_phone_says_that_a_ticket_waits(asking: Story) -> None:
    page = asking.open_page(size=PHONE)
    page.goto(f"/customers/{asking.customer}")
    open_tickets = page.locator(".first-tickets")
    expect(open_tickets).to_be_in_viewport(ratio=1)
    expect(open_tickets).to_contain_text("۱ تیکت باز")
    expect(open_tickets).to_contain_text("بی‌پاسخ از ۳ روز پیش")


def test_one_press_shows_what_was_said_and_a_note_is_about_it(asking: Story) -> None:
    page = asking.open_page()
    page.goto(f"/customers/{asking.customer}")
    page.locator(".first-tickets a").first.click()
    said = page.locator(".conversation .said")
    expect(said).to_have_count(2)
    expect(said.nth(0)).to_be_in_viewport()
    expect(said.nth(0)).to_contain_text("مینا راد")
    expect(said.nth(1)).to_contain_text("هنوز نرسیده است")
    expect(page.locator("#ref")).to_have_value("ticket:main/57")
    page.fill("#body", "قول دادم تا عصر خبر بدهم")
    page.press("#body", "Control+Enter")
    entry = page.locator("#entries > .entry").first
    expect(entry).to_contain_text("قول دادم تا عصر خبر بدهم")
    expect(entry.get_by_role("link", name="#۵۷")).to_have_attribute("href", "/tickets/main/57#in-view")


def test_the_button_on_a_ticket_points_the_form_at_it(asking: Story) -> None:
    page = asking.open_page(language="en")
    page.goto(f"/customers/{asking.customer}")
    page.locator("#ticket-main-57").get_by_label("Add note").click()
    expect(page.locator("#ref")).to_have_value("ticket:main/57")
    expect(page.locator("#body")).to_be_focused()


def test_a_word_of_a_reply_leads_to_its_ticket(asking: Story) -> None:
    page = asking.open_page()
    page.keyboard.press("/")
    page.keyboard.type("پيگيري", delay=10)
    hit = page.locator("#results [role=option]").first
    expect(hit).to_contain_text("مینا راد")
    expect(hit.locator("mark")).to_have_text("پیگیری")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{asking.customer}?ticket=main/57")
    expect(page.locator(".is-in-view")).to_contain_text("پیگیری می‌کنیم")


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", ["fa", "en"])
def test_what_mail_brings_along_stays_within_the_page(asking: Story, size: tuple[int, int], language: str) -> None:
    page = asking.open_page(size=size, language=language)
    page.goto("/tickets/main/57")
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= seen
    card = page.locator(".is-in-view .entry-body").bounding_box()
    marks = page.locator(".is-in-view .prose ul").first
    assert marks.evaluate("list => getComputedStyle(list).direction") == "rtl", "a Persian list in either language"
    item = marks.locator("li").first.bounding_box()
    assert card is not None
    assert item is not None
    assert item["x"] + item["width"] < card["x"] + card["width"] - 16, "its marks have room inside"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_ticket_is_named_for_screen_readers_and_stands_out_from_its_ground(asking: Story, scheme: str) -> None:
    page = asking.open_page(size=PHONE, scheme=scheme)
    for path in ("/tickets/main/57", f"/customers/{asking.customer}", "/search?q=پیگیری"):
        page.goto(path)
        assert page.evaluate(FAULTS) == [], path
        assert page.evaluate(FAINT) == [], path
