"""The demo's shops: the people of SCENARIOS.md and a few dozen ordinary ones, the same each time for a given `now`.

Only what a shop knows: accounts, orders, refunds, order notes, tickets. What companion's agents wrote is the demo's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from companion.sandbox.names import (
    CUSTOM_PRODUCTS,
    CUSTOMER_NOTES,
    CUTLERY,
    GATEWAYS,
    HONEY,
    KETTLE,
    NOTEBOOK,
    PRODUCTS,
    SHOP_NOTES,
    TEA,
    Person,
    arabic,
    persian,
    person,
    phone,
    spelt,
)
from companion.sandbox.records import Item, Order
from companion.sandbox.seed_tickets import seed_tickets
from companion.sandbox.shop import Shop

MARYAM = Person("مریم", "احمدی", phone(1001), "تهران", "THR", "خیابان شریعتی، کوچه لاله، پلاک ۱۲، واحد ۳")
REZA = Person("رضا", "کریمی", phone(1002), "اصفهان", "ESF", "خیابان چهارباغ بالا، پلاک ۸۸")
PARS = Person("سعید", "محمدی", phone(1003), "تهران", "THR", "بلوار کشاورز، ساختمان ۲۱۴، طبقه ۵")
SALEHI = Person("ناصر", "صالحی", phone(1005), "شیراز", "FRS", "خیابان زند، کوچه ۹، پلاک ۴")
SALEHI_CALLS_FROM = phone(1004)
"""The phone that the note of scenario 4 was written about; his order in the custom shop bears another."""

PARS_COMPANY = "پارس‌تجارت"
MARYAM_ORDER = 1042
NATIONAL_ID = "billing_national_id"
"""The meta key under which a plugin of the main shop's checkout keeps the buyer's national id on each order."""
PARS_ORDERS = 40
REZA_ORDERS = 14
_ORDINARY_PEOPLE = 36
_ORDINARY_ORDERS = 86


@dataclass(frozen=True, slots=True)
class Seeded:
    """Ids of what the stories speak of; an order that a shop has not is 0."""

    maryam: int = 0
    maryam_order: int = 0
    reza: int = 0
    pars: int = 0
    salehi_order: int = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """An order that will be placed, once all of them are known and can be numbered by their dates."""

    at: datetime
    who: Person
    items: Sequence[Item]
    email: str
    user_id: int = 0
    company: str = ""
    phone: str = ""
    postcode: str = ""
    status: str = "completed"
    customer_note: str = ""
    notes: Sequence[tuple[str, bool]] = ()
    refund: int = 0


def seed_main(shop: Shop, now: datetime) -> Seeded:
    """Fill the shop *main*: 150 orders over 18 months, and a dozen tickets."""
    random = Random(1405)
    shop.products |= {item.product_id: item for item in PRODUCTS}
    maryam = _register(shop, MARYAM, "maryam.ahmadi@example.com", now - timedelta(days=512), edited=True)
    reza = _register(shop, REZA, "reza.karimi@example.com", now - timedelta(days=420), edited=True)
    pars = _register(
        shop, PARS, "kharid@parstejarat.example.com", now - timedelta(days=790), company=PARS_COMPANY, edited=True
    )
    story = _maryam(maryam, now)
    plans = [*story, *_reza(reza, now, random), *_pars(pars, now, random), *_ordinary(shop, now, random)]
    plans.sort(key=lambda plan: plan.at)
    orders = _place(shop, plans, first_id=MARYAM_ORDER - plans.index(story[-1]), random=random, asks_national_id=True)
    shop.trash_order(orders[3].id)
    seed_tickets(shop, now, maryam=maryam, reza=reza, pars=pars)
    return Seeded(maryam, MARYAM_ORDER, reza, pars)


def seed_custom(shop: Shop, now: datetime) -> Seeded:
    """Fill the shop *custom*: made-to-order things, a score of orders, صالحی's paid one among them."""
    random = Random(1406)
    shop.products |= {item.product_id: item for item in CUSTOM_PRODUCTS}
    salehi = _Plan(
        now - timedelta(days=64, hours=3),
        SALEHI,
        [CUSTOM_PRODUCTS[1]],
        "naser.salehi@example.com",
        phone=persian(SALEHI.phone),
        status="processing",
        customer_note="متن تابلو: «در بند آن نباش که مضمون نمانده است»",
        notes=[("پرداخت تایید شد؛ به كارگاه سپرده شد.", False)],
    )
    known = [MARYAM, REZA, *(person(Random(f"ordinary {n}"), 1010 + n) for n in range(4))]
    plans = [salehi, *_careless(now)]
    for number in range(11):
        who = known[number] if number < len(known) else person(random, 1300 + number)
        plans.append(
            _Plan(
                now - timedelta(days=random.uniform(4, 500)),
                who,
                [random.choice(CUSTOM_PRODUCTS)],
                f"custom{number}@example.com",
                phone=spelt(random, who.phone),
                status=random.choice(("completed", "completed", "processing")),
            )
        )
    plans.sort(key=lambda plan: plan.at)
    orders = _place(shop, plans, first_id=201, random=random)
    return Seeded(salehi_order=orders[plans.index(salehi)].id)


def _careless(now: datetime) -> list[_Plan]:
    """Orders as they come in by telephone: typed in haste, under somebody else's e-mail, from one office's phone."""
    some = person(Random("careless"), 1401)
    parham = Person("پرهام", "کاظمی", phone(1406), "کرج", "ALB", "بلوار طالقانی، پلاک ۱۷")
    typed: Sequence[tuple[Person, str, str]] = (
        (some._replace(first_name="سمیرا", last_name="نادری", phone="09120001"), "samira@example.com", ""),
        (some._replace(first_name="کیان", last_name="مرادی", phone=phone(1402)), "kian@examplecom", ""),
        (some._replace(first_name="بهار", last_name="شمس", phone=phone(1403)), "bahar@example.com", "۱۲۳۴۵"),
        (some._replace(first_name="", last_name="", phone=phone(1404)), "", ""),
        (some._replace(first_name="هومن", last_name="رفیعی", phone=phone(1405)), "hooman@example.com", ""),
        (some._replace(first_name="پریسا", last_name="قاسمی", phone=phone(1405)), "parisa@example.com", ""),
        (some._replace(first_name="داریوش", last_name="ملکی", phone=phone(1405)), "dariush@example.com", ""),
        (parham, "parham.kazemi@example.com", ""),
        (parham._replace(first_name=""), "pk@example.com", ""),
        (some._replace(first_name="ترانه", last_name="افشار", phone=phone(1407)), "customer1@example.com", ""),
    )
    return [
        _Plan(now - timedelta(days=20 + 9 * number), who, [CUSTOM_PRODUCTS[0]], email, postcode=postcode)
        for number, (who, email, postcode) in enumerate(typed)
    ]


def _maryam(user_id: int, now: datetime) -> list[_Plan]:
    email = "maryam.ahmadi@example.com"
    wrong = MARYAM._replace(last_name=arabic(MARYAM.last_name), street="خيابان شريعتي، كوچه لاله، پلاك ۲۱، واحد ۳")
    return [
        _Plan(now - timedelta(days=498), MARYAM, [TEA._replace(quantity=2)], email, user_id),
        _Plan(now - timedelta(days=301), MARYAM, [HONEY, NOTEBOOK], email, user_id, phone=persian(MARYAM.phone)),
        _Plan(now - timedelta(days=150), MARYAM, [PRODUCTS[5]._replace(quantity=4)], email, user_id),
        _Plan(
            now - timedelta(days=62),
            wrong,
            [KETTLE, TEA],
            email,
            user_id,
            phone="+989120001001",
            status="processing",
            customer_note="لطفا زودتر ارسال كنيد، هديه است",
            notes=[
                ("سفارش شما تحویل پست شد. کد رهگیری ۲۱۰۴۷۷۱۲۰۴۵", True),
                ("مرسوله برگشت خورد: نشانی ناقص.", False),
            ],
        ),
    ]


def _reza(user_id: int, now: datetime, random: Random) -> list[_Plan]:
    large = (CUTLERY, PRODUCTS[7], PRODUCTS[8], PRODUCTS[0])
    return [
        _Plan(
            now - timedelta(days=18 + 25 * number, hours=random.randint(0, 8)),
            REZA,
            [item._replace(quantity=random.randint(2, 5)) for item in random.sample(large, 2)],
            "reza.karimi@example.com",
            user_id,
            phone=spelt(random, REZA.phone),
            status="completed" if number else "processing",
            refund=int(CUTLERY.price) // 2 if number in {4, 9} else 0,
        )
        for number in range(REZA_ORDERS)
    ]


def _pars(user_id: int, now: datetime, random: Random) -> list[_Plan]:
    since = _this_year(now)
    step = (now - since) / (PARS_ORDERS + 1)
    moments = [since + step * (number + 1) for number in range(PARS_ORDERS)]
    moments += [since - timedelta(days=days) for days in (40, 75, 120, 160)]
    return [
        _Plan(
            at,
            PARS,
            [NOTEBOOK._replace(quantity=random.randint(20, 80)), random.choice(PRODUCTS)._replace(quantity=10)],
            "kharid@parstejarat.example.com",
            user_id,
            company=PARS_COMPANY if number % 3 else "پارس تجارت",
            phone=spelt(random, PARS.phone),
            status="completed" if number < PARS_ORDERS - 2 or number >= PARS_ORDERS else "processing",
        )
        for number, at in enumerate(moments)
    ]


def _this_year(now: datetime) -> datetime:
    """A moment since which it is this year in both calendars: the later of 1 January and Nowruz."""
    nowruz = datetime(now.year, 3, 22, tzinfo=UTC)
    return nowruz if nowruz < now else datetime(now.year, 1, 1, tzinfo=UTC)


def _ordinary(shop: Shop, now: datetime, random: Random) -> list[_Plan]:
    people = [person(Random(f"ordinary {number}"), 1010 + number) for number in range(_ORDINARY_PEOPLE)]
    users = [
        _register(shop, who, f"customer{number}@example.com", now - timedelta(days=random.uniform(30, 560)))
        if number % 3
        else 0
        for number, who in enumerate(people)
    ]
    plans: list[_Plan] = []
    for number in range(_ORDINARY_ORDERS):
        which = random.randrange(_ORDINARY_PEOPLE)
        who = people[which]
        days = 545 * random.random() ** 1.4 + 0.1
        status = _status(random, days)
        plans.append(
            _Plan(
                now - timedelta(days=days),
                who._replace(last_name=arabic(who.last_name)) if random.random() < 0.2 else who,  # noqa: PLR2004
                [
                    item._replace(quantity=random.choice((1, 1, 2, 3)))
                    for item in random.sample(PRODUCTS, random.randint(1, 3))
                ],
                f"customer{which}@example.com" if users[which] or number % 4 else "",
                users[which],
                phone=spelt(random, who.phone),
                status=status,
                customer_note=random.choice(CUSTOMER_NOTES) if number % 5 == 0 else "",
                notes=[(random.choice(SHOP_NOTES), number % 8 == 0)] if number % 4 == 0 else (),
                refund=50_000 if status == "completed" and number % 11 == 0 else 0,
            )
        )
    return plans


def _status(random: Random, days: float) -> str:
    if days < 6:  # noqa: PLR2004 - a week's orders are still on their way
        return random.choice(("processing", "processing", "on-hold", "pending"))
    return random.choices(("completed", "cancelled", "refunded", "failed", "on-hold"), (84, 6, 4, 4, 2))[0]


def _register(shop: Shop, who: Person, email: str, at: datetime, *, company: str = "", edited: bool = False) -> int:
    user = shop.create_customer(
        email,
        first_name=who.first_name,
        last_name=who.last_name,
        billing=who.address(email=email, company=company),
        created_at=at,
        edited=edited,
        quiet=True,
    )
    return user.id


def _place(
    shop: Shop, plans: Sequence[_Plan], *, first_id: int, random: Random, asks_national_id: bool = False
) -> list[Order]:
    """Place the orders under rising ids; refunds come after them, so that order numbers have no gaps."""
    orders = [
        _place_one(
            shop,
            plan,
            first_id + number,
            random,
            meta={NATIONAL_ID: persian(plan.who.national_id) if number % 2 else plan.who.national_id}
            if asks_national_id
            else {},
        )
        for number, plan in enumerate(plans)
    ]
    for order, plan in zip(orders, plans, strict=True):
        amount = int(order.total) if plan.status == "refunded" else plan.refund
        if amount:
            shop.create_refund(
                order.id, amount, reason="کالا آسیب دیده بود", created_at=plan.at + timedelta(days=3), quiet=True
            )
    return orders


def _place_one(shop: Shop, plan: _Plan, order_id: int, random: Random, *, meta: Mapping[str, str]) -> Order:
    method, title = random.choice(GATEWAYS)
    address = plan.who.address(email=plan.email, phone=plan.phone or None, company=plan.company)
    address |= {"postcode": plan.postcode} if plan.postcode else {}
    settled = plan.at + timedelta(hours=random.randint(1, 50))
    order = shop.create_order(
        items=plan.items,
        order_id=order_id,
        status="completed" if plan.status == "refunded" else plan.status,
        customer_id=plan.user_id,
        billing=address,
        shipping=address,
        shipping_total=75_000,
        created_at=plan.at,
        modified_at=min(settled, shop.clock()),
        payment_method=method,
        payment_method_title=title,
        customer_note=plan.customer_note,
        meta=meta,
        quiet=True,
    )
    for text, to_customer in plan.notes:
        shop.add_order_note(order.id, text, author="shopmanager", to_customer=to_customer, created_at=settled)
    return order
