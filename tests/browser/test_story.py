"""An agent at work in a real browser: she signs in, types part of a name, reads, and writes a note."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Story, sign_in

pytestmark = pytest.mark.browser


def test_one_signs_in_and_out(story: Story) -> None:
    page = story.open_page(signed_in=False)
    page.fill("#username", "negar")
    page.fill("#password", "wrong")
    page.press("#password", "Enter")
    expect(page.get_by_role("alert")).to_have_text("نام کاربری یا گذرواژه درست نیست.")
    sign_in(page)
    page.get_by_label("فهرست شما").click()
    page.get_by_role("button", name="خروج").click()
    page.wait_for_url("**/sign-in")


def test_the_right_customer_stands_there_while_one_types(story: Story) -> None:
    page = story.open_page()
    page.keyboard.press("/")
    page.keyboard.type("احمد", delay=30)
    hit = page.locator("#results [role=option]").first
    expect(hit).to_contain_text("مریم احمدی")
    expect(hit).to_have_attribute("aria-selected", "true")
    expect(page.locator("#search-status")).to_have_text("۱ نتیجه")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{story.customer}")
    expect(page.get_by_role("heading", level=1)).to_have_text("مریم احمدی")


def test_the_search_box_is_worked_by_keyboard_on_every_page(story: Story) -> None:
    page = story.open_page(language="en")
    page.goto(f"/customers/{story.customer}")
    page.keyboard.press("/")
    page.keyboard.type("example.com", delay=10)
    options = page.locator("#results [role=option]")
    expect(options).to_have_count(2)
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "hit-2")
    page.keyboard.press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(page.locator("#q")).to_have_value("example.com")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_have_value("")


def test_a_note_is_written_without_leaving_the_page(story: Story) -> None:
    page = story.open_page()
    page.goto(f"/customers/{story.customer}")
    page.fill("#body", "آدرس درست را گرفتم")
    page.select_option("#kind", "call")
    page.select_option("#ref", "main/1042")
    page.press("#body", "Control+Enter")
    entry = page.locator("#entries > .entry").first
    expect(entry).to_contain_text("آدرس درست را گرفتم")
    expect(entry).to_contain_text("تماس")
    expect(entry).to_contain_text("#۱۰۴۲")
    expect(page.locator("#body")).to_have_value("")
    expect(page.locator("#notices")).to_contain_text("یادداشت ذخیره شد.")
    expect(page.locator("#first")).to_contain_text("آدرس درست را گرفتم")


def test_a_note_is_edited_in_place_and_the_focus_stays_with_it(story: Story) -> None:
    page = story.open_page(language="en")
    page.goto(f"/customers/{story.customer}")
    page.fill("#body", "first words")
    page.get_by_role("button", name="Save note").click()
    entry = page.locator("#entries > .entry").first
    entry.get_by_label("Edit").click()
    field = entry.locator("textarea")
    expect(field).to_be_focused()
    field.fill("second words")
    field.press("Control+Enter")
    expect(entry).to_contain_text("second words")
    expect(entry).to_contain_text("edited")
    expect(entry).to_be_focused()


def test_a_deleted_note_comes_back_by_undo(story: Story) -> None:
    page = story.open_page(language="en")
    page.goto(f"/customers/{story.customer}")
    entry = page.locator("#entries > .entry", has_text="کد پستی").first
    entry.get_by_label("Delete").click()
    undo = page.locator("#entries").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    expect(page.locator("#first")).not_to_contain_text("کد پستی")
    undo.click()
    expect(page.locator("#first")).to_contain_text("کد پستی")


def test_a_pin_taken_out_at_the_top_is_out_on_the_timeline_too(story: Story) -> None:
    page = story.open_page(language="en")
    page.goto(f"/customers/{story.customer}")
    entry = page.locator("#entries > .entry", has_text="کد پستی").first
    expect(entry.get_by_text("Pinned")).to_be_visible()
    page.locator("#first").get_by_label("Take out the pin").click()
    expect(entry.get_by_text("Pinned")).to_have_count(0)


def test_the_timeline_is_filtered_as_one_presses(story: Story) -> None:
    page = story.open_page()
    page.goto(f"/customers/{story.customer}")
    page.get_by_label("یادداشت‌های سفارش").check()
    expect(page.locator("#entries > .entry")).to_have_count(1)
    expect(page.locator("#entries")).to_contain_text("نشانی ناقص")
    page.get_by_label("یادداشت‌های سفارش").uncheck()
    expect(page.locator("#entries > .entry")).to_have_count(4)
    page.select_option("#sort", "oldest")
    expect(page.locator("#entries > .entry").first).to_contain_text("#۹۸۷")


def test_a_long_timeline_grows_as_one_scrolls(story: Story) -> None:
    for i in range(60):
        story.house.clock.advance(60)
        story.house.note(story.colleague, story.customer, f"یادداشت شماره {i}")
    page = story.open_page(language="en")
    page.goto(f"/customers/{story.customer}")
    entries = page.locator("#entries > .entry")
    expect(entries).to_have_count(20)
    page.get_by_role("link", name="Load more").scroll_into_view_if_needed()
    expect(entries).to_have_count(64)
    expect(page.get_by_role("link", name="Load more")).to_have_count(0)


def test_what_was_typed_survives_the_end_of_the_session(story: Story) -> None:
    page = story.open_page(language="en")
    page.goto(f"/customers/{story.customer}")
    page.fill("#body", "a long story")
    page.context.clear_cookies()
    with page.expect_response(lambda answer: answer.status == 401):
        page.get_by_role("button", name="Save note").click()
    expect(page.locator("#notices")).to_contain_text("وارد نشده‌اید")
    expect(page.locator("#body")).to_have_value("a long story")
    elsewhere = page.context.new_page()
    elsewhere.goto("/sign-in")
    sign_in(elsewhere)
    page.get_by_role("button", name="Save note").click()
    with page.expect_response(lambda answer: answer.ok):
        page.get_by_role("button", name="Save note").click()
    expect(page.locator("#entries > .entry").first).to_contain_text("a long story")


def test_copying_gives_latin_digits_to_other_programs(story: Story) -> None:
    page = story.open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/customers/{story.customer}")
    expect(page.locator(".who")).to_contain_text("۰۹۱۲ ۰۰۰ ۱۰۰۱")
    page.locator(".who").get_by_label("رونوشت شماره تلفن").click()
    assert page.evaluate("navigator.clipboard.readText()") == "09120001001"


def test_an_order_leads_to_its_customer_and_a_note_about_it(story: Story) -> None:
    page = story.open_page()
    page.goto("/orders/main/987")
    expect(page.locator("#ref")).to_have_value("main/987")
    expect(page.locator(".is-in-view").first).to_contain_text("#۹۸۷")


def test_the_first_screen_of_a_phone_says_who_where_and_why(story: Story) -> None:
    page = story.open_page(size=PHONE)
    page.goto(f"/customers/{story.customer}")
    for wanted in (
        page.get_by_role("heading", level=1),
        page.locator(".who").get_by_text("۰۹۱۲ ۰۰۰ ۱۰۰۱"),
        page.locator(".first-note").first,
    ):
        expect(wanted).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [PHONE, (768, 1024), DESKTOP])
@pytest.mark.parametrize("language", ["fa", "en"])
def test_nothing_overflows_and_the_page_runs_its_languages_way(
    story: Story, size: tuple[int, int], language: str
) -> None:
    page = story.open_page(size=size, language=language)
    for path in ("/", "/search?q=احمد", f"/customers/{story.customer}", "/preferences", "/notes/1/history", "/nowhere"):
        page.goto(path)
        wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= seen, path
        assert page.evaluate("getComputedStyle(document.body).direction") == ("rtl" if language == "fa" else "ltr")
        assert page.evaluate("document.fonts.check('16px Vazirmatn')")
