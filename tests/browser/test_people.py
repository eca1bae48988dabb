"""An unknown number calls (scenario 14), and what is told of people by hand, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Story, sign_in

pytestmark = pytest.mark.browser

NUMBER = "09120009999"


def test_an_unknown_caller_becomes_a_person_and_later_one_with_her_order(story: Story) -> None:
    page = story.open_page()
    page.goto(f"/call?number={NUMBER}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("هیچ‌کس شماره")
    page.locator("main").get_by_role("link", name="شخص تازه").click()
    expect(page.locator("#new-phone")).to_have_value(NUMBER)
    expect(page.locator("#new-name")).to_be_focused()
    page.keyboard.type("ناصر صالحی")
    page.fill("[name=outcome]", "قیمت تابلو را پرسید")
    page.get_by_role("button", name="افزودن شخص").click()
    page.wait_for_url("**/customers/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("ناصر صالحی")
    entry = page.locator("#entries > .entry").first
    expect(entry).to_contain_text("تلفن")
    expect(entry).to_contain_text("قیمت تابلو را پرسید")
    address = page.url

    buyer = {"first_name": "ناصر", "last_name": "صالحي", "phone": "+98 912 000 9999", "email": "naser@example.com"}
    story.house.clock.advance(7 * 24 * 3600)
    customer = story.house.order(2042, days_ago=0, billing=buyer)
    assert address.endswith(f"/customers/{customer}")
    page = story.open_page(signed_in=True)
    page.goto(f"/call?number={NUMBER}")  # one person has the number now, and her page is ready for the call
    page.wait_for_url(f"**/customers/{customer}?contact=phone#composer")
    expect(page.locator("#entries")).to_contain_text("#۲۰۴۲")
    expect(page.locator("#entries")).to_contain_text("قیمت تابلو را پرسید")
    expect(page.locator("[name=is_contact]")).to_be_checked()


def test_a_contact_takes_two_presses(story: Story) -> None:
    page = story.open_page()
    page.goto(f"/customers/{story.customer}")
    expect(page.locator("[name=outcome]")).to_be_hidden()
    page.get_by_label("ثبت تماس").check()
    page.fill("[name=outcome]", "قول دادیم فردا")
    page.get_by_role("button", name="ذخیره یادداشت").click()
    entry = page.locator("#entries > .entry").first
    expect(entry).to_contain_text("تلفن")
    expect(entry).to_contain_text("ورودی")
    expect(entry).to_contain_text("قول دادیم فردا")


def test_who_is_known_already_shows_while_one_types(story: Story) -> None:
    page = story.open_page(language="en")
    page.goto("/people/new")
    page.keyboard.type("احمدی")
    expect(page.locator("#likely")).to_contain_text("مریم احمدی")


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_forms_fit_a_phone(story: Story, language: str) -> None:
    page = story.open_page(size=PHONE, language=language)
    for path in ("/people/new?number=0912", "/call?number=0912000", f"/customers/{story.customer}/facts", "/call"):
        page.goto(path)
        wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= seen, path


@pytest.mark.parametrize(
    ("address", "typed", "button", "shown"),
    [
        ("/people/new", {"#new-name": "Naser Salehi", "#new-body": "a long story"}, "Add person", "a long story"),
        ("/customers/{customer}/facts", {"#fact-company": "Pars Trading"}, "Save", "Pars Trading"),
        (
            "/customers/{customer}/facts",
            {"#date-label": "Anniversary", "#date-day": "9 Azar"},
            "Add date",
            "Anniversary",
        ),
    ],
)
def test_what_was_typed_about_a_person_survives_the_end_of_the_session(
    story: Story, address: str, typed: dict[str, str], button: str, shown: str
) -> None:
    page = story.open_page(language="en")
    page.goto(address.format(customer=story.customer))
    for field, text in typed.items():
        page.fill(field, text)
    page.context.clear_cookies()
    with page.expect_response(lambda answer: answer.status == 401):
        page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#notices")).to_contain_text("وارد نشده‌اید")
    elsewhere = page.context.new_page()
    elsewhere.goto("/sign-in")
    sign_in(elsewhere)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#notices")).to_contain_text("too old")
    for field, text in typed.items():
        expect(page.locator(field)).to_have_value(text)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("main")).to_contain_text(shown)
    expect(page.locator("#notices .tone-red")).to_have_count(0)


def test_a_field_that_cannot_be_taken_is_named_where_it_stands(story: Story) -> None:
    page = story.open_page(language="en")
    page.goto(f"/customers/{story.customer}/facts")
    page.fill("#fact-phone", "12")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#problem")).to_contain_text("no possible phone number")
    expect(page.locator("#fact-phone")).to_be_focused()
    page.fill("#fact-phone", "09120001009")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/customers/{story.customer}")
    expect(page.locator(".who")).to_contain_text("0912 000 1009")
