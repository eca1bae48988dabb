"""Six calls, the company, the lost order, the four types (scenarios 1, 3, 4, 12): the demo's shops in a browser."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.serving import make_server

from companion.app import App, build
from companion.demo.stage import Stage, stage
from companion.demo.stories import PASSWORD, SEVENTH, add_agents, write_notes
from companion.sandbox.seed import MARYAM
from tests.browser.conftest import Watcher

pytestmark = pytest.mark.browser

DESK = (1280, 800)


@dataclass(frozen=True)
class Demo:
    """The demo's shops and companion over them, at an address."""

    setting: Stage
    app: App
    address: str


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        stage(port=listening.getsockname()[1]) as setting,
        closing(build(setting.config())) as app,
    ):
        viewers = add_agents(app)
        for shop in app.shops:
            app.backfill(shop)
        write_notes(app, setting, viewers)
        app.segmentation.run()
        port = listening.getsockname()[1]
        server = make_server("127.0.0.1", port, app.flask(), threaded=True, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield Demo(setting, app, f"http://127.0.0.1:{port}")
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(demo: Demo, chromium: Browser) -> Iterator[Page]:
    """The seventh agent's, who picks up and knows nobody."""
    size = {"width": DESK[0], "height": DESK[1]}
    context = chromium.new_context(base_url=demo.address, viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    watcher = Watcher(context, demo.address)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#username", SEVENTH)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/")
    yield page
    context.close()
    assert watcher.complaints == []


def hits(page: Page, typed: str) -> Locator:
    """Who stands there while one types."""
    page.fill("#q", "")
    page.locator("#q").press_sequentially(typed)
    return page.locator("#results [role=option]")


def test_the_seventh_agent_sees_at_once_why_she_calls_again(demo: Demo, page: Page) -> None:
    # The last four digits of her phone; an order of somebody else has that very number.
    expect(hits(page, "1001").filter(has_text="مریم احمدی")).to_be_visible()
    expect(hits(page, "احمدي").first).to_contain_text("مریم احمدی")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*")
    for wanted in (
        page.get_by_text("۶ تماس در ۶۰ روز با ۶ کارشناس"),
        page.locator(".first-note.is-pinned", has_text="نشانی در سفارش اشتباه است"),
        page.locator(".who").get_by_text("۰۹۱۲ ۰۰۰ ۱۰۰۱"),
    ):
        expect(wanted).to_be_in_viewport(ratio=1)
    order_id = demo.setting.seeded.maryam_order
    page.fill("#body", "با نشانی درست دوباره فرستاده شد.")
    page.select_option("#ref", f"main/{order_id}")
    page.press("#body", "Control+Enter")
    expect(page.locator("#entries > .entry").first).to_contain_text("دوباره فرستاده شد")
    demo.app.drain()
    kept = [entry.value for entry in demo.setting.main.shop.orders[order_id].meta if entry.key == "companion_note"]
    assert len(kept) == 1
    assert "دوباره فرستاده شد" in str(kept[0])


@pytest.mark.parametrize(
    ("kind", "name", "advice"),
    [
        ("طلایی", "سعید محمدی", "خدمات ویژه و اولویت بالا"),
        ("نقره‌ای", "مریم احمدی", "خدمات استاندارد و مطلوب"),
        ("تازه‌کار", "سمیرا نادری", "صبورانه و همراه با توضیح"),
        ("چالش‌برانگیز", "رضا کریمی", "حرفه‌ای و مستند"),
    ],
)
def test_each_type_of_customer_is_listed_with_its_people_and_says_how_to_treat_them(
    page: Page, kind: str, name: str, advice: str
) -> None:
    page.goto("/segments")
    page.locator("main").get_by_role("link", name=kind).first.click()
    page.locator("main").get_by_role("link", name=name).click()
    page.wait_for_url("**/customers/*")
    segment = page.locator(".who-segment")
    expect(segment).to_contain_text(kind)
    expect(segment).to_contain_text(advice)
    expect(segment).to_be_in_viewport(ratio=1)


def test_a_caller_who_only_knows_her_national_id_is_found(page: Page) -> None:
    national_id = MARYAM.national_id
    hit = hits(page, national_id[:7]).filter(has_text="مریم احمدی")
    expect(hit).to_contain_text("کد ملی")
    expect(hit.locator("mark")).to_have_text(re.compile("[0-9۰-۹]{7}"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*")
    field = page.locator(".who .by-hand-item", has_text="کد ملی")
    expect(field).to_be_in_viewport(ratio=1)
    expect(field.get_by_role("button", name="رونوشت کد ملی")).to_be_visible()


def test_an_agent_who_never_met_the_company_knows_how_to_treat_it(page: Page) -> None:
    expect(hits(page, "پارس تجارت").first).to_contain_text("پارس‌تجارت")
    expect(hits(page, "پارستجارت").first).to_contain_text("پارس‌تجارت")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*")
    for wanted in (
        page.locator(".who").get_by_text("واتساپ، بعد از ۱۰ صبح"),
        page.locator(".who").get_by_text("سالگرد"),
        page.locator(".who .figures").get_by_text("امسال"),
        page.locator(".first-note.is-pinned", has_text="بدون چاپ قیمت"),
    ):
        expect(wanted.first).to_be_in_viewport(ratio=1)


def test_an_order_lost_in_another_shop_is_found_by_a_number_in_a_note(page: Page) -> None:
    first = hits(page, "2104883761").first
    expect(first).to_contain_text("صالحی")
    expect(first).to_contain_text("مینا صادقی")  # who wrote it down
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*")
    expect(page.locator("#entries .entry[id^=note-]", has_text="سایت سفارشی‌ها")).to_be_visible()
    orders = page.locator("#entries .entry[id^=order-]")
    expect(orders).to_have_count(0)
    offered = page.locator("#matches")
    expect(offered).to_contain_text("سفارشی‌ها")
    expect(offered).to_contain_text("نام یکسان")
    offered.get_by_role("button", name="یک نفر").click()
    expect(page.locator("#notices")).to_contain_text("اکنون یک مشتری هستند.")
    expect(orders).to_have_count(1)
    expect(page.locator("#entries .entry[id^=note-]", has_text="سایت سفارشی‌ها")).to_be_visible()
