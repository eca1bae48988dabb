"""Invented people, products and phrases for seeded shops. All phones are 0912000NNNN and all mail is example.com's."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from companion.sandbox.records import Item

FIRST_NAMES = (
    "زهرا", "فاطمه", "علی", "محمد", "حسین", "سارا", "نرگس", "مهدی", "امیر", "نیلوفر", "پریسا", "کیان", "لیلا", "مینا",
    "بهرام", "آرش", "شیرین", "الهام", "نگار", "پویا", "سینا", "هانیه", "محمدرضا", "یاسمن", "بابک", "کامران",
)  # fmt: skip
LAST_NAMES = (
    "حسینی", "موسوی", "رضایی", "کاظمی", "یزدانی", "هاشمی", "جعفری", "قاسمی", "نوری", "رستمی", "صادقی", "ملکی", "شریفی",
    "کیانی", "فرهادی", "اکبری", "سلیمانی", "یوسفی", "میرزایی", "تهرانی", "کرمانی", "عباسی", "نجفی", "بهرامی",
)  # fmt: skip
CITIES = (
    ("تهران", "THR"), ("اصفهان", "ESF"), ("شیراز", "FRS"), ("مشهد", "KHR"), ("تبریز", "EAZ"), ("کرج", "ABZ"),
    ("رشت", "GIL"), ("اهواز", "KHZ"),
)  # fmt: skip
STREETS = ("خیابان ولیعصر", "خیابان شریعتی", "میدان آزادی", "بلوار کشاورز", "کوچه یاس", "خیابان سعدی", "بلوار فردوسی")

PRODUCTS = (
    Item("زعفران سرگل ۵ گرمی", 1, 1_450_000, 11, "SAF-5"),
    Item("چای سیاه ممتاز لاهیجان ۵۰۰ گرم", 1, 385_000, 12, "TEA-500"),
    Item("عسل آویشن یک کیلویی", 1, 690_000, 13, "HON-1K"),
    Item("پسته اکبری خندان ۵۰۰ گرم", 1, 920_000, 14, "PIS-500"),
    Item("خرمای مضافتی بم ۶۰۰ گرم", 1, 210_000, 15, "DAT-600"),
    Item("ماگ سرامیکی «سلام»", 1, 265_000, 16, "MUG-1"),
    Item("شمع معطر گل محمدی", 1, 178_000, 17, "CAN-R"),
    Item("گلیم دست‌بافت ۱×۱٫۵ متر", 1, 4_900_000, 18, "KIL-15"),
    Item("کیف چرم طبیعی زنانه", 1, 3_250_000, 19, "BAG-W"),
    Item("کتری و قوری لعابی", 1, 1_180_000, 20, "KET-1"),
    Item("سرویس قاشق و چنگال ۲۴ پارچه", 1, 5_600_000, 21, "CUT-24"),
    Item("دفتر یادداشت جلد پارچه‌ای", 1, 145_000, 22, "NOT-1"),
)
TEA, HONEY, KETTLE, CUTLERY, NOTEBOOK = PRODUCTS[1], PRODUCTS[2], PRODUCTS[9], PRODUCTS[10], PRODUCTS[11]
CUSTOM_PRODUCTS = (
    Item("قاب عکس چوبی با حکاکی نام", 1, 870_000, 41, "FRM-N"),
    Item("تابلوی خوشنویسی سفارشی", 1, 6_400_000, 42, "CAL-1"),
    Item("انگشتر نقره با نگین دلخواه", 1, 2_950_000, 43, "RNG-1"),
    Item("دفتر چرمی با حک لوگو", 1, 640_000, 44, "LTH-L"),
)
GATEWAYS = (("zarinpal", "زرین‌پال"), ("bacs", "کارت به کارت"), ("cod", "پرداخت در محل"))

CUSTOMER_NOTES = (
    "لطفا قبل از ارسال تماس بگيريد",  # Arabic yeh, as many keyboards write it
    "زنگ واحد ۴ خراب است",
    "بسته‌بندی هدیه باشد لطفا، كارت تبريك هم بگذاريد",
    "عصرها خانه هستیم، صبح نیاورید",
    "مي خواهم تا پنجشنبه برسد",  # a missing half-space
)
SHOP_NOTES = (
    "با مشتری تماس گرفته شد؛ ادرس تایید شد.",
    "مشتري گفت بسته ها را جدا جدا بفرستيم.",
    "کد رهگیری پست: ۲۱۰۴۰۰۰۰۰۰۱۷",
    "پرداخت كارت به كارت بررسي شد.",
)

_OF_A_POSTCODE = str.maketrans("02", "57")
"""Iran's postcodes have neither 0 nor 2 among their first five digits."""


class Person(NamedTuple):
    """An invented customer; `phone` is the plain 0912000NNNN."""

    first_name: str
    last_name: str
    phone: str
    city: str
    state: str
    street: str

    @property
    def national_id(self) -> str:
        """Ten invented digits that no office gave to anybody."""
        return f"00{int(self.phone) * 7919 % 10**8:08}"

    def address(self, *, email: str = "", phone: str | None = None, company: str = "") -> dict[str, str]:
        """Billing fields of theirs."""
        return {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "company": company,
            "address_1": self.street,
            "city": self.city,
            "state": self.state,
            "postcode": f"19{self.phone[-3:]}{self.phone[-5:]}".translate(_OF_A_POSTCODE),
            "country": "IR",
            "email": email,
            "phone": self.phone if phone is None else phone,
        }


def phone(number: int) -> str:
    """The invented mobile number 0912000NNNN."""
    return f"0912000{number:04d}"


def person(random: Random, number: int) -> Person:
    """Somebody invented, whose phone ends in `number`."""
    city, state = random.choice(CITIES)
    street = f"{random.choice(STREETS)}، پلاک {persian(str(random.randint(1, 240)))}"
    return Person(random.choice(FIRST_NAMES), random.choice(LAST_NAMES), phone(number), city, state, street)


def persian(text: str) -> str:
    """With Persian digits."""
    return text.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))


def arabic(text: str) -> str:
    """As a keyboard with Arabic letters writes it."""
    return text.translate(str.maketrans("یک", "يك"))


def spelt(random: Random, plain: str) -> str:
    """A phone number in one of the spellings that customers use."""
    rest = plain[1:]
    return random.choice(
        (plain, plain, persian(plain), f"+98{rest}", f"0098{rest}", f"{plain[:4]} {plain[4:7]} {plain[7:]}")
    )
