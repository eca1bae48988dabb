"""Pictures of every page, in both languages and themes, on a phone and on a desk: `make screenshots`, then look.

A customer with a history worth reading (SCENARIOS' six calls) is written to a store of a moment's life, through the
same services as always.
"""

from __future__ import annotations

import itertools
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from companion.domain.groups import Conditions
from companion.domain.permissions import Role
from companion.web import ShopFreshness
from storage import migrate
from storage.engine import Store
from tests.fixtures.store import Clock
from tests.web.house import PASSWORD, House
from tools import assets

OUT = Path(__file__).resolve().parent.parent / "screenshots"
SIZES = {"phone": ViewportSize(width=390, height=844), "desk": ViewportSize(width=1440, height=900)}
LANGUAGES = ("fa", "en")
THEMES = ("light", "dark")

_CALLS = (
    ("سارا مرادی", "call", "پیگیر سفارش ۱۰۴۲ بود. گفتم تا عصر خبر می‌دهیم.", 57),
    ("امیر حسینی", "call", "دوباره تماس گرفت؛ بسته نرسیده. در سامانهٔ پست «در حال توزیع» است.", 48),
    ("لیلا رضایی", "delivery", "علت پیدا شد: **کد پستی اشتباه** ثبت شده و بسته به انبار برگشته است.", 39),
    ("پویا کاظمی", "complaint", "ناراحت بود که هر بار باید ماجرا را از اول تعریف کند. قول پیگیری دادم.", 21),
    ("مینا شریفی", "payment", "پرسید چرا پول برنگشته؛ گفتم سفارش لغو نشده است.", 12),
    ("حامد نوری", "call", "آدرس درست را گرفتم: خیابان گاندی، کوچه نهم، پلاک ۱۲. ارسال دوباره هماهنگ شد.", 3),
)
_MAIL = "<p>سلام، سفارش ۱۰۴۲ هنوز نرسیده. کد رهگیری: 21047712045</p><p><img src='https://mail.example/box.jpg'></p>"
_AGAIN = "<p>شش روز است که همین را می‌شنوم. نشانی من:</p><ul><li>خیابان گاندی</li><li>پلاک ۱۲، نه ۲۱</li></ul>"
_LISTS = (
    "segments",
    "segments/silver",
    "groups",
    "groups/1",
    "groups/new",
    "quality",
    "quality/phone",
    "quality/shared_email",
    "matches",
    "people/new",
)
_OTHERS = (("رضا", "کریمی", "reza"), ("", "محمدی", "pars"), ("Sara", "Johnson", "sara"), ("نسرین", "احمدیان", "nasrin"))


def main() -> None:
    """Take them all, or those whose name holds one of the words given."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("There is no Chromium on this machine.")
    assets.compile_translations()
    OUT.mkdir(exist_ok=True)
    with _open_house() as (house, address, customer), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for language, (size, viewport), theme in itertools.product(LANGUAGES, SIZES.items(), THEMES):
            name = f"{language}-{size}-{theme}"
            if sys.argv[1:] and not any(word in name for word in sys.argv[1:]):
                continue
            calendar = "jalali" if language == "fa" else "gregorian"
            house.users.set_preferences(house.users.sign_in("negar", PASSWORD).agent_id, language, calendar)
            context = browser.new_context(
                base_url=address,
                viewport=viewport,
                color_scheme="dark" if theme == "dark" else "light",
                has_touch=size == "phone",
            )
            _walk(context.new_page(), customer, name)
            context.close()
        browser.close()
    print(OUT)  # noqa: T201 -- a script that tells where to look


def _walk(page: Page, customer: int, name: str) -> None:
    def shoot(what: str, *, whole: bool = False) -> None:
        page.screenshot(path=OUT / f"{what}-{name}.png", full_page=whole)

    page.goto("/sign-in")
    shoot("sign-in")
    page.fill("#username", "negar")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/")
    shoot("home")
    page.keyboard.press("/")
    page.keyboard.type("احمد")
    page.wait_for_selector("#results .hit")
    shoot("search")
    page.goto(f"/customers/{customer}")
    shoot("customer")
    shoot("customer-whole", whole=True)
    page.locator("#entries").get_by_role("link", name="ویرایش").or_(
        page.locator("#entries").get_by_role("link", name="Edit")
    ).first.click()
    page.wait_for_selector("#entries textarea")
    page.locator("#entries textarea").scroll_into_view_if_needed()
    shoot("edit")
    page.goto("/tickets/main/57")
    shoot("ticket", whole=True)
    page.goto("/search?q=پیگیری")
    shoot("results")
    page.goto("/search?q=پیگیری&kind=note&shop=main")
    shoot("results-narrowed")
    for path in _LISTS:
        page.goto(f"/{path}")
        shoot(path.replace("/", "-"), whole=True)
    page.goto("/sync")
    shoot("sync", whole=True)
    page.goto("/preferences")
    shoot("preferences")
    page.goto("/customers/9999")
    shoot("not-found")


@contextmanager
def _open_house() -> Iterator[tuple[House, str, int]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Store(f"sqlite:///{folder}/companion.sqlite3")) as store,
    ):
        migrate.upgrade(store)
        house = House(store, Clock())
        house.adapt(
            freshness=lambda _: (
                ShopFreshness("main", house.clock() - timedelta(minutes=2)),
                ShopFreshness("custom", None, done=12_400, total=20_000),
            )
        )
        customer = _tell_story(house)
        house.segmentation.whole()
        server = make_server("127.0.0.1", 0, house.app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield house, f"http://127.0.0.1:{server.port}", customer
        server.shutdown()
        server.server_close()


def _tell_story(house: House) -> int:
    now = house.clock()
    negar = house.agent("negar", Role.ADMINISTRATOR)
    house.site.groups.make(negar, "خریداران تهران", Conditions(city="تهران", orders=1, total=10**10, currency="IRR"))
    house.site.groups.make(negar, "Gold, lately", Conditions(segments=("gold", "silver"), shop="main"))
    lines = [
        {"id": 1, "name": "کفش پیاده‌روی زنانه، سایز ۳۸", "quantity": 1, "total": "12900000"},
        {"id": 2, "name": "جوراب نخی", "quantity": 3, "total": "1650000"},
        {"id": 3, "name": "واکس بی‌رنگ", "quantity": 1, "total": "900000"},
        {"id": 4, "name": "پاشنه‌کش", "quantity": 1, "total": "200000"},
    ]
    summary = "۱۴۰۴/۰۸/۲۷، حامد نوری (تماس): آدرس درست را گرفتم: خیابان گاندی … (۶ یادداشت)"
    meta = [{"id": 1, "key": "companion_note", "value": summary}]
    wish = "لطفاً عصر تحویل دهید"
    customer = house.order(1042, days_ago=60, line_items=lines, meta_data=meta, customer_id=18, customer_note=wish)
    for order_id, status, days_ago in ((987, "completed", 150), (901, "refunded", 230), (812, "failed", 300)):
        house.order(order_id, status=status, days_ago=days_ago, total="7200000", customer_id=18)
    house.refund(901, "7200000", reason="رنگ دیگری فرستاده شده بود", days_ago=220)
    house.order_notes(1042, ["مرسوله به دلیل نشانی ناقص برگشت خورد."], days_ago=45)
    house.shop_agents({5: "مینا راد"})
    house.ticket(57, days_ago=9, content=_MAIL, total_reply_count=2)
    house.replies([(5, "<p>سلام خانم احمدی، پیگیری می‌کنیم و خبر می‌دهیم.</p>", 8), (18, _AGAIN, 3)])
    house.ticket(41, days_ago=310, title="چای لاهیجان موجود می‌شود؟", state="closed", total_reply_count=1)
    house.replies([(5, "<p>سلام، از شنبه موجود است.</p>", 309)], ticket_id=41, first=950)
    for i, (first, last, mailbox) in enumerate(_OTHERS):
        billing = {"first_name": first, "last_name": last, "email": f"{mailbox}@example.com", "phone": f"0912000110{i}"}
        company = {"company": "پارس‌تجارت"} if mailbox == "pars" else {}
        house.order(2000 + i, shop="custom" if i % 2 else "main", days_ago=4 + 3 * i, billing=billing | company)
    for i, phone in enumerate(("0912", "021", "0912000"), start=3000):  # what the page of data quality is for
        billing = {"first_name": "پرویز", "last_name": f"فلاح {i}", "email": "parviz@example.com", "phone": phone}
        house.order(i, shop="custom" if i % 2 else "main", days_ago=i - 2990, billing=billing)
    for i, (name, kind, body, days_ago) in enumerate(_CALLS):
        author = house.agent(f"agent{i}", name=name)
        house.clock.set(now - timedelta(days=days_ago))
        note = house.note(author, customer, body, order_id=1042, kind=kind)
        if kind == "delivery":
            house.notes.pin(author, note.id, pinned=True)
    house.clock.set(now - timedelta(hours=2))
    house.note(negar, customer, "با انبار هماهنگ شد؛ فردا با پیک می‌رسد.", order_id=1042, is_internal=True)
    house.clock.set(now)
    return customer


if __name__ == "__main__":
    main()
