"""What companion's people wrote: the agents of the demo and the notes of the stories, at their times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from companion.app import App
from companion.demo.stage import Stage
from companion.domain.calendar import format_date
from companion.domain.channels import Contact
from companion.domain.permissions import Role, Viewer
from companion.sandbox.seed import SALEHI as THE_SALEHI
from companion.sandbox.seed import SALEHI_CALLS_FROM
from companion.services.notes import NoteDraft, Notes, OrderRef
from companion.services.people.people import NewPerson

PASSWORD = "companion-demo"  # noqa: S105 - printed for everybody who tries the demo
ADMINISTRATOR = "admin"
SEVENTH = "negar"
"""The agent who picks up."""

AGENTS: Sequence[tuple[str, str, Role]] = (
    (ADMINISTRATOR, "مدیر سامانه", Role.ADMINISTRATOR),
    ("mina", "مینا صادقی", Role.AGENT),
    ("sara", "سارا نوری", Role.AGENT),
    ("ali", "علی رستمی", Role.AGENT),
    ("nima", "نیما فرهادی", Role.AGENT),
    ("laleh", "لاله کیانی", Role.AGENT),
    ("omid", "امید شریفی", Role.AGENT),
    (SEVENTH, "نگار حسینی", Role.AGENT),
    ("farzaneh", "فرزانه اکبری", Role.SUPPORT_SUPERVISOR),
    ("kaveh", "کاوه یزدانی", Role.SALES_MANAGER),
)


class Said(NamedTuple):
    """One note of a story: so many days ago, by whom, of which kind; what it records, if it records a contact."""

    days_ago: float
    author: str
    kind: str
    body: str
    contact: Contact | None = None
    is_pinned: bool = False


def _called(outcome: str = "") -> Contact:
    return Contact("phone", "in", outcome)


MARYAM: Sequence[Said] = (
    Said(58, "mina", "call", "پیگیری سفارش ۱۰۴۲؛ گفت بسته نرسيده.", _called("قرار شد بررسی کنیم")),
    Said(
        49,
        "sara",
        "call",
        "دوباره تماس گرفت. وضعیت در پست «در حال ارسال» بود.",
        _called("شماره پیگیری را برایش فرستادم"),
    ),
    Said(
        41,
        "ali",
        "delivery",
        "**علت پیدا شد:** نشانی در سفارش اشتباه است (پلاک ۲۱ به‌جای ۱۲)، بسته به فروشگاه *برگشت خورده*. "
        "باید با نشانی درست دوباره ارسال شود.",
        _called(),
        is_pinned=True,
    ),
    Said(30, "nima", "call", "ناراحت بود که هر بار از اول توضیح می‌دهد.", _called("گفتم پیگیری می‌کنم")),
    Said(16, "laleh", "call", "پرسید چرا هنوز ارسال نشده.", _called("در انبار پیدا نکردم")),
    Said(4, "omid", "call", "خيلي عصبانی است؛ تماس ششم.", _called("خواست با مدیر صحبت کند")),
)

_CAUSES = (
    "بسته‌بندی دوباره آسیب دیده بود؛ عکس فرستاد و جبران خواست.",
    "ارسال دیر شد و کسی خبر نداد. لحن تند، ولی مستند و دقیق.",
    "فاکتور با قیمت سایت نمی‌خواند؛ اصلاحیه می‌خواهد.",
)
REZA: Sequence[Said] = tuple(
    Said(
        350 - 25 * number,
        ("mina", "sara", "ali", "nima")[number % 4],
        "complaint",
        _CAUSES[number % 3],
        Contact(("phone", "message", "email")[number % 3]),
    )
    for number in range(14)
)

PARS: Sequence[Said] = (
    Said(720, "laleh", "general", "کاتالوگ هدایای سازمانی برایشان فرستاده شد."),
    Said(
        200,
        "farzaneh",
        "preference",
        "فاکتور رسمی بنام شركت، بدون چاپ قیمت روی جعبه. هدیه‌ها را خودشان بسته‌بندی می‌کنند.",
        is_pinned=True,
    ),
    Said(12, "omid", "call", "آقای محمدی برای سفارش بعدی قیمت عمده پرسید.", _called("فهرست قیمت را فرستادم")),
)
PARS_PREFERS = {"preferred_channel": "message", "preferred_contact": "واتساپ، بعد از ۱۰ صبح"}
PARS_DATE = "سالگرد تأسیس شرکت"
_A_WEEK_AHEAD = 6

SALEHI_NUMBER = "۲۱۰۴۸۸۳۷۶۱"
SALEHI: Sequence[Said] = (
    Said(
        61,
        "mina",
        "call",
        f"سفارشش را در سایت پیدا نکردم. شماره پیگیری پست را خواند: {SALEHI_NUMBER}. "
        "گفت از «سایت سفارشی‌ها» خریده و پولش را هم پرداخته.",
        _called("قرار شد همکاران سایت سفارشی‌ها نگاه کنند"),
    ),
)
"""Of a person whom no shop knows: only his call was noted."""


def add_agents(app: App) -> dict[str, Viewer]:
    """The ten people of the shop, by user name."""
    found = {}
    for username, name, role in AGENTS:
        app.users.add(name=name, username=username, password=PASSWORD, role=role)
        found[username] = app.users.sign_in(username, PASSWORD)
    return found


def write_notes(app: App, stage: Stage, viewers: dict[str, Viewer]) -> None:
    """The stories' notes, each as if its author had written it then. The shops must have been read."""
    now = app.clock()
    _write(app, viewers, MARYAM, stage.seeded.maryam_order, now=now)
    _write(app, viewers, REZA, _newest_order(stage, stage.seeded.reza), now=now)
    pars = _write(app, viewers, PARS, _newest_order(stage, stage.seeded.pars), now=now)
    _tell_of_pars(app, viewers["farzaneh"], pars)
    _add_salehi(app, viewers, now=now)


def _tell_of_pars(app: App, author: Viewer, customer_id: int) -> None:
    """How the company wants to be reached, and its anniversary next week, in the calendar of the house."""
    sheet = app.by_hand.sheet(author, customer_id)
    app.by_hand.correct(author, customer_id, sheet.account.id, PARS_PREFERS)
    house = app.config.installation
    ahead = app.clock() + timedelta(days=_A_WEEK_AHEAD)
    day = format_date(ahead, zone=ZoneInfo(house.timezone), calendar=house.calendar, language="en")
    app.by_hand.add_date(author, customer_id, label=PARS_DATE, day=day, is_yearly=True)


def _add_salehi(app: App, viewers: dict[str, Viewer], *, now: datetime) -> None:
    """He called from a phone that no shop knows, about an order that his own shop has under another."""
    person = NewPerson(name=f"{THE_SALEHI.first_name} {THE_SALEHI.last_name}", phone=SALEHI_CALLS_FROM)
    customer_id = app.people.add(viewers[SALEHI[0].author], person).customer_id
    for said in SALEHI:
        _say(app, viewers, said, customer_id, None, now=now)


def _newest_order(stage: Stage, user_id: int) -> int:
    return max(order.id for order in stage.main.shop.orders.values() if order.customer_id == user_id)


def _write(app: App, viewers: dict[str, Viewer], story: Sequence[Said], order_id: int, *, now: datetime) -> int:
    """Write a story's notes on an order; returns its customer."""
    ref = OrderRef("main", str(order_id))
    customer_id = app.customers.by_order(viewers[ADMINISTRATOR], ref.shop, ref.order_id)
    for said in story:
        _say(app, viewers, said, customer_id, ref, now=now)
    return customer_id


def _say(
    app: App, viewers: dict[str, Viewer], said: Said, customer_id: int, ref: OrderRef | None, *, now: datetime
) -> None:
    then = now - timedelta(days=said.days_ago)
    notes = Notes(app.store, lambda: then, app.summaries.mark_customer)
    author = viewers[said.author]
    draft = NoteDraft(customer_id=customer_id, body=said.body, kind=said.kind, ref=ref, contact=said.contact)
    note = notes.write(author, draft)
    if said.is_pinned:
        notes.pin(author, note.id, True)  # noqa: FBT003 - the service's own signature
