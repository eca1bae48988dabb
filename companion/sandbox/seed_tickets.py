"""The tickets of the demo's main shop: those of the people of SCENARIOS.md, and a handful of ordinary ones.

Two more agents work at this helpdesk. Only مریم احمدی, رضا کریمی and a few ordinary people have tickets that are open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from companion.sandbox.credentials import AGENT_ID
from companion.sandbox.shop import Shop

_AGENTS = (("mina", "مینا", "راد"), ("omid", "امید", "سلطانی"))


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket of somebody: its text, and what was answered, the agent's turn first, an hour or some apart."""

    title: str
    text: str
    days: float
    answers: tuple[str, ...] = ()
    is_closed: bool = True
    status: str = "processing"


MARYAM = (
    Story(
        "سفارش ۱۰۴۲ نرسيده است",  # Arabic yeh, as many keyboards write it
        "سلام، سفارش ۱۰۴۲ هنوز نرسیده. پست می‌گوید برگشت خورده! کد رهگیری: 21047712045",
        9,
        (
            "سلام خانم احمدی، پیگیری می‌کنیم و خبر می‌دهیم.",
            "پنج روز است كه همین را می‌شنوم. نشانی من پلاک ۱۲ است نه ۲۱.",
            "حق با شماست، نشانی روی بسته اشتباه بوده. با انبار هماهنگ می‌کنیم.",
        ),
        is_closed=False,
    ),
    Story(
        "چای لاهیجان موجود می‌شود؟",
        "سلام، چای سیاه ممتاز کی دوباره موجود می‌شود؟",
        310,
        ("سلام، از شنبه موجود است.", "سپاس، سفارش دادم."),
    ),
    Story(
        "فاکتور می‌خواهم",
        "لطفا فاکتور سفارش قبلی را بفرستید.",
        402,
        ("فاکتور به ایمیل شما فرستاده شد.",),
        status="queued",
    ),
)
REZA = (
    Story(
        "کارتن له شده رسید",
        "بار سوم است. قاشق‌ها خط افتاده. این چه بسته بندی است؟",
        6,
        ("پوزش می‌خواهیم آقای کریمی. عکس بفرستید تا عوض کنیم.",),
        is_closed=False,
        status="hold",
    ),
    Story(
        "دیر رسید",
        "قرار بود پنجشنبه برسد، یکشنبه رسید.",
        140,
        ("متاسفیم، هزینهٔ ارسال را برگرداندیم.",),
    ),
)
PARS = (
    Story(
        "چاپ لوگو روی دفترها",
        "سلام. برای ۲۰۰ دفتر یادداشت چاپ لوگو هم انجام می‌دهید؟\nلطفا واتساپ پاسخ بدهید، بعد از ۱۰ صبح.",
        75,
        ("سلام آقای محمدی، بله؛ پیش‌فاکتور برایتان می‌فرستیم.", "رسید، ممنون."),
    ),
)
_ORDINARY = (
    Story("رمز عبورم کار نمی‌کند", "هر چه می‌زنم می‌گوید اشتباه است", 2, (), is_closed=False, status="queued"),
    Story("پرداخت دوبار كسر شد", "مبلغ دو بار از كارتم كم شده", 4, ("بررسی می‌کنیم.",), is_closed=False),
    Story("Wrong colour", "I ordered the blue one and got a green one.", 12, ("Sorry! We will send the blue one.",)),
    Story("تغییر نشانی", "نشانی جدیدم: شیراز، خیابان زند", 20, ("ثبت شد.",)),
    Story("کد تخفیف", "كد تخفيف عيد كار نميكند", 33, ("کد تا پایان فروردین معتبر بود.", "باشه")),
    Story("مرجوعی", "می‌خواهم ماگ را پس بفرستم", 47, ("تا هفت روز امکانش هست.",), status="hold"),
)


def seed_tickets(shop: Shop, now: datetime, *, maryam: int, reza: int, pars: int) -> None:
    """Add the tickets to a shop that has its people; the ids are those of the stories' users."""
    random = Random(1407)
    leila = shop.users[AGENT_ID]
    leila.first_name, leila.last_name = "لیلا", "بهرامی"
    agents = [AGENT_ID, *(_hire(shop, now, username, *name) for username, *name in _AGENTS)]
    stories = [(maryam, story) for story in MARYAM] + [(reza, story) for story in REZA]
    stories += [(pars, story) for story in PARS]
    ordinary = [
        user.id for user in shop.users.values() if user.role == "customer" and user.id not in {maryam, reza, pars}
    ]
    stories += zip(random.sample(ordinary, len(_ORDINARY)), _ORDINARY, strict=True)
    for author, story in sorted(stories, key=lambda pair: -pair[1].days):
        _open(shop, now, author, random.choice(agents), story)


def _hire(shop: Shop, now: datetime, username: str, first_name: str, last_name: str) -> int:
    return shop.create_customer(
        f"{username}@shop.example.com",
        username=username,
        role="wpas_agent",
        first_name=first_name,
        last_name=last_name,
        created_at=now - timedelta(days=600),
        quiet=True,
    ).id


def _open(shop: Shop, now: datetime, author: int, agent: int, story: Story) -> None:
    at = now - timedelta(days=story.days)
    ticket = shop.helpdesk.open_ticket(
        author,
        story.title,
        story.text,
        assignee=agent,
        status=story.status,
        state="closed" if story.is_closed else "open",
        channel="standard-ticket-form",
        created_at=at,
        modified_at=at + timedelta(hours=2),
        quiet=True,
    )
    for number, text in enumerate(story.answers):
        writer = author if number % 2 else agent
        moment = at + timedelta(hours=3 + 21 * number)
        shop.helpdesk.reply(ticket.id, writer, text, created_at=moment, quiet=True)
