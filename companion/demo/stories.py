"""What companion's people wrote: the agents of the demo and the notes of the stories, at their times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from companion.app import App
from companion.demo.stage import Stage
from companion.domain.permissions import Role, Viewer
from companion.services.notes import NoteDraft, Notes, OrderRef

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
    """One note of a story: so many days ago, by whom, of which kind."""

    days_ago: float
    author: str
    kind: str
    body: str
    is_pinned: bool = False


MARYAM: Sequence[Said] = (
    Said(58, "mina", "call", "پیگیری سفارش ۱۰۴۲؛ گفت بسته نرسيده. قرار شد بررسی کنیم."),
    Said(49, "sara", "call", "دوباره تماس گرفت. شماره پیگیری را برایش فرستادم، وضعیت در پست «در حال ارسال» بود."),
    Said(
        41,
        "ali",
        "delivery",
        "**علت پیدا شد:** نشانی در سفارش اشتباه است (پلاک ۲۱ به‌جای ۱۲)، بسته به فروشگاه *برگشت خورده*. "
        "باید با نشانی درست دوباره ارسال شود.",
        is_pinned=True,
    ),
    Said(30, "nima", "call", "ناراحت بود که هر بار از اول توضیح می‌دهد. گفتم پیگیری می‌کنم."),
    Said(16, "laleh", "call", "پرسید چرا هنوز ارسال نشده. در انبار پیدا نکردم."),
    Said(4, "omid", "call", "خيلي عصبانی است؛ تماس ششم. خواست با مدیر صحبت کند."),
)

_CAUSES = (
    "بسته‌بندی دوباره آسیب دیده بود؛ عکس فرستاد و جبران خواست.",
    "ارسال دیر شد و کسی خبر نداد. لحن تند، ولی مستند و دقیق.",
    "فاکتور با قیمت سایت نمی‌خواند؛ اصلاحیه می‌خواهد.",
)
REZA: Sequence[Said] = tuple(
    Said(350 - 25 * number, ("mina", "sara", "ali", "nima")[number % 4], "complaint", _CAUSES[number % 3])
    for number in range(14)
)

PARS: Sequence[Said] = (
    Said(720, "laleh", "general", "کاتالوگ هدایای سازمانی برایشان فرستاده شد."),
    Said(
        200,
        "farzaneh",
        "preference",
        "روش ترجیحی ارتباط: **واتساپ، بعد از ۱۰ صبح**. فاکتور رسمی بنام شركت، بدون چاپ قیمت روی جعبه.",
        is_pinned=True,
    ),
    Said(
        90, "farzaneh", "important_date", "سالگرد تأسیس شرکت هفته آینده است؛ پیشنهاد بسته هدیه بدهید.", is_pinned=True
    ),
    Said(12, "omid", "call", "آقای محمدی برای سفارش بعدی قیمت عمده پرسید."),
)


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
    _write(app, viewers, PARS, _newest_order(stage, stage.seeded.pars), now=now)


def _newest_order(stage: Stage, user_id: int) -> int:
    return max(order.id for order in stage.main.shop.orders.values() if order.customer_id == user_id)


def _write(app: App, viewers: dict[str, Viewer], story: Sequence[Said], order_id: int, *, now: datetime) -> None:
    ref = OrderRef("main", str(order_id))
    customer_id = app.customers.by_order(viewers[ADMINISTRATOR], ref.shop, ref.order_id)
    for said in story:
        then = now - timedelta(days=said.days_ago)
        notes = Notes(app.store, lambda then=then: then, app.summaries.mark_customer)  # type: ignore[misc]
        author = viewers[said.author]
        draft = NoteDraft(customer_id=customer_id, body=said.body, kind=said.kind, ref=ref)
        note = notes.write(author, draft)
        if said.is_pinned:
            notes.pin(author, note.id, True)  # noqa: FBT003 - the service's own signature
