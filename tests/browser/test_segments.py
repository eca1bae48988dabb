"""The strict customer in a real browser: challenging for a reason, gold by hand, and still so after sorting anew."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Story

pytestmark = pytest.mark.browser


def test_the_strict_customer_is_set_to_gold_by_hand_and_stays_so(story: Story) -> None:
    house = story.house
    reza = house.customers.by_order(story.colleague, "main", "1043")
    for _ in range(14):
        house.note(story.colleague, reza, "بسته‌بندی دوباره آسیب دیده بود.", kind="complaint")
    house.segmentation.run()
    page = story.open_page(size=PHONE)
    page.goto(f"/customers/{reza}")
    kind = page.locator(".who-segment")
    expect(kind).to_contain_text("چالش‌برانگیز")
    expect(kind).to_contain_text("حرفه‌ای و مستند")
    expect(kind).to_contain_text("۱۴ شکایت در ۱۲ ماه")

    kind.get_by_role("link", name="تغییر نوع").click()
    page.get_by_role("radio", name="طلایی").check()
    page.get_by_label("دلیل").fill("قرارداد سالانه")
    page.get_by_label("تا پایان روز").fill("۱۴۰۵/۰۶/۳۱")
    page.get_by_role("button", name="تعیین دستی", exact=True).click()
    page.wait_for_url(f"**/customers/{reza}")
    house.segmentation.whole()
    page.reload()
    expect(kind).to_contain_text("طلایی")
    expect(kind).to_contain_text("خدمات ویژه و اولویت بالا")
    expect(kind).to_contain_text("تا ۳۱ شهریور ۱۴۰۵: قرارداد سالانه")
    expect(kind).to_contain_text("بر پایه قواعد: چالش‌برانگیز · ۱۴ شکایت در ۱۲ ماه")
