"""A shop of any size for benchmarks: as many orders, customers and tickets as asked for, the same for a `seed`.

Sizes, statuses and dates are like a real shop's; the people are invented, and nobody's story is told.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

from companion.sandbox.credentials import ADMIN_ID, AGENT_ID
from companion.sandbox.names import GATEWAYS, PRODUCTS, SHOP_NOTES, Person, person, spelt
from companion.sandbox.shop import Shop

_STATUSES = ("completed", "processing", "pending", "on-hold", "cancelled", "failed", "refunded")
_WEIGHTS = (70, 10, 4, 4, 6, 4, 2)
_GUESTS = 0.3
_YEARS = 3
_SUBJECTS = ("سفارش نرسیده", "پرداخت", "مرجوعی", "Delivery", "Refund")
_CLOSED = 0.8
_REPLIES = 6


def seed_bulk(shop: Shop, *, orders: int, customers: int, tickets: int = 0, seed: int = 0) -> None:
    """Add `customers` users, `orders` orders and `tickets` tickets, evenly over three years up to the present.

    The newest fifth of the tickets is open; each has up to five replies.
    """
    random = Random(seed)
    now = shop.clock()
    people: list[tuple[int, Person]] = []
    for number in range(customers):
        who = person(random, number % 10_000)._replace(phone=f"09{random.randrange(10**9):09d}")
        user = shop.create_customer(
            f"bulk{seed}.{number}@example.com",
            username=f"bulk{seed}-{number}",
            first_name=who.first_name,
            last_name=who.last_name,
            billing=who.address(),
            created_at=now - timedelta(days=365 * _YEARS),
            edited=number % 10 > 0,
            quiet=True,
        )
        people.append((user.id, who))
    step = timedelta(days=365 * _YEARS) / max(orders, 1)
    for number in range(orders):
        guest = not people or random.random() < _GUESTS
        user_id, who = (0, person(random, number % 10_000)) if guest else random.choice(people)
        email = (
            f"guest{seed}.{random.randrange(max(orders // 3, 1))}@example.com"
            if guest
            else f"bulk{seed}.{user_id}@example.com"
        )
        address = who.address(email=email, phone=spelt(random, who.phone))
        method, title = random.choice(GATEWAYS)
        at = now - timedelta(days=365 * _YEARS) + step * number
        shop.create_order(
            items=[
                item._replace(quantity=random.choice((1, 1, 2, 3)))
                for item in random.sample(PRODUCTS, random.choice((1, 2, 2, 3, 4)))
            ],
            status=random.choices(_STATUSES, _WEIGHTS)[0],
            customer_id=user_id,
            billing=address,
            shipping=address,
            shipping_total=50_000,
            created_at=at,
            modified_at=min(at + timedelta(hours=random.randrange(240)), now),
            payment_method=method,
            payment_method_title=title,
            quiet=True,
        )
    _seed_tickets(shop, tickets, [user_id for user_id, _ in people], random)


def _seed_tickets(shop: Shop, tickets: int, people: list[int], random: Random) -> None:
    now = shop.clock()
    step = timedelta(days=365 * _YEARS) / max(tickets, 1)
    for number in range(tickets):
        at = now - timedelta(days=365 * _YEARS) + step * number
        author = random.choice(people or [ADMIN_ID])
        item = random.choice(PRODUCTS)
        ticket = shop.helpdesk.open_ticket(
            author,
            f"{random.choice(_SUBJECTS)} {number}",
            f"دربارهٔ {item.name}: {random.choice(SHOP_NOTES)}",
            assignee=AGENT_ID,
            status=random.choice(("queued", "processing", "hold")),
            state="open" if number > tickets * _CLOSED else "closed",
            created_at=at,
            modified_at=min(at + timedelta(hours=random.randrange(72)), now),
            quiet=True,
        )
        for place in range(random.randrange(_REPLIES)):
            writer = author if place % 2 else AGENT_ID
            moment = min(at + timedelta(hours=place + 1), now)
            shop.helpdesk.reply(ticket.id, writer, random.choice(SHOP_NOTES), created_at=moment, quiet=True)
