"""The shop whose exchanges were recorded, in the states and counts that the contract tests stand on.

Ids, counts and dates of those recordings; people and goods are invented here. 300 orders numbered 24 to 347 with 24
refunds among them, 18 of the orders in the trash; 60 customers numbered 8 to 67; 40 tickets numbered 348 to 464.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from companion.sandbox.records import Item, Meta, Order
from companion.sandbox.seed_recorded_tickets import seed_recorded_tickets
from companion.sandbox.shop import Shop

RECORDED_AT = datetime(2026, 11, 21, 18, 16, 39, tzinfo=UTC)
"""The shop's present when its recordings begin; set the clock to it before seeding."""

_TEA = Item("چای سبز", 1, 120_000, 12, "SKU-1")
_SAFFRON = Item("Saffron 5g", 1, 900_000, 14, "SKU-3")
_REFUNDS = frozenset({55, 346, *range(98, 314, 12), 201, 223, 233, 319})
_TRASHED = frozenset({73, 338, *range(80, 336, 16)})
_DRAFTS = frozenset({24, 30, 47, 61, 91, 117})
_PENDING = frozenset({27, 330, *range(125, 233, 6)})
_STATUSES = {
    25: "failed",
    26: "completed",
    29: "completed",
    36: "cancelled",
    318: "completed",
    345: "completed",
    347: "completed",
}
_COMPLETED = 140
_OCTOBER, _NOVEMBER = 93, 62
_OLD_DATES = 41
_MODIFIED = {
    24: datetime(2026, 8, 26, 14, 14, 44, tzinfo=UTC),
    25: datetime(2026, 8, 25, 21, 39, 11, tzinfo=UTC),
    27: datetime(2026, 8, 26, 15, 55, 11, tzinfo=UTC),
    30: datetime(2026, 8, 27, 14, 36, 46, tzinfo=UTC),
}
_DRAFT, _REFUNDED = 24, 318
_SECOND_ACCOUNT = 48
_ZAHRAS, _AHMADIS, _WITH_PREFIX = range(100, 115), range(263, 276), range(50, 91)


def seed_recorded(shop: Shop) -> None:
    """Fill an empty shop; its clock should stand at RECORDED_AT."""
    shop.products |= {item.product_id: item for item in (_TEA, _SAFFRON)}
    _seed_users(shop)
    ids = [order_id for order_id in range(24, 348) if order_id not in _REFUNDS]
    shown = [order_id for order_id in ids if order_id not in _TRASHED]
    created = _creation_dates(ids, shown)
    statuses = _statuses(shown)
    old = set([order_id for order_id in shown if order_id not in _DRAFTS][:_OLD_DATES])
    named = [order_id for order_id in shown if order_id not in _DRAFTS]
    for order_id in ids:
        place = named.index(order_id) if order_id in named else -1
        modified = _MODIFIED.get(order_id) or (
            datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=order_id)
            if order_id in old | _DRAFTS
            else RECORDED_AT - timedelta(minutes=1) + timedelta(seconds=order_id % 50)
        )
        order = shop.create_order(
            items=[_TEA, _SAFFRON._replace(quantity=3)],
            order_id=order_id,
            status=statuses.get(order_id, "completed"),
            customer_id={24: 0, 27: 20, 318: 0}.get(order_id, _customer(order_id)),
            billing=_address(order_id, place),
            shipping=_address(order_id, place),
            shipping_total=50_000,
            created_at=created[order_id],
            modified_at=modified,
            payment_method="zarinpal",
            payment_method_title="زرین‌پال",
            meta=_meta(order_id),
            quiet=True,
        )
        _settle(order, modified)
    for order_id in sorted(_TRASHED):
        shop.trash_order(order_id)
        shop.orders[order_id].modified = int((RECORDED_AT - timedelta(minutes=1)).timestamp())
    for refund_id in sorted(_REFUNDS):
        _refund(shop, refund_id)
    shop.next_order_id = 348
    seed_recorded_tickets(shop)
    for text, author, to_customer in (
        ("Order status changed from Pending payment to Draft.", "WooCommerce", False),
        ("یادداشت خصوصی: مشتری تماس گرفت", "admin", False),
        ("سفارش شما ارسال شد 📦", "admin", True),
    ):
        shop.add_order_note(24, text, author=author, to_customer=to_customer)


def delete_drafts(shop: Shop) -> None:
    """What WooCommerce's own daily job did between the two rounds of recording: old drafts vanish, nobody is told."""
    for order_id in _DRAFTS:
        shop.force_delete_order(order_id)


def _seed_users(shop: Shop) -> None:
    at = RECORDED_AT - timedelta(hours=1)
    for user_id, username, role in (
        (4, "manager", "wpas_manager"),
        (5, "supervisor", "wpas_support_manager"),
        (6, "agent2", "wpas_agent"),
        (7, "agent3", "wpas_agent"),
    ):
        shop.create_customer(
            f"{username}@example.test", user_id=user_id, username=username, role=role, created_at=at, quiet=True
        )
    for number in range(60):
        is_second = number == _SECOND_ACCOUNT
        email = "alt.0@mail.example.org" if is_second else f"cust{number}@example.test"
        first, last = ("زهرا", "احمدی") if number in {0, 16, 30, _SECOND_ACCOUNT} else ("Ali", f"Brown {number:02d}")
        address = {"first_name": first, "last_name": last, "country": "IR", "phone": f"0912000{number:04d}"}
        shop.create_customer(
            email,
            user_id=number + 8,
            first_name=first,
            last_name=last,
            billing=address,
            created_at=at,
            edited=True,
            quiet=True,
        )


def _creation_dates(ids: list[int], shown: list[int]) -> dict[int, datetime]:
    """Rising with the ids; of the orders outside the trash, so many fall in October and so many in November."""
    last = shown[-1]
    november, october = shown[-_NOVEMBER], shown[-_NOVEMBER - _OCTOBER]
    first = ids[0]
    spans = (
        (first, october, datetime(2026, 8, 23, 18, 31, 36, tzinfo=UTC), datetime(2026, 9, 30, tzinfo=UTC)),
        (october, november, datetime(2026, 10, 1, 2, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC)),
        (november, last + 1, datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 20, 11, tzinfo=UTC)),
    )
    dates: dict[int, datetime] = {}
    for start, end, since, until in spans:
        step = (until - since) / (end - start)
        dates |= {order_id: since + step * (order_id - start) for order_id in ids if start <= order_id < end}
    return dates


def _statuses(shown: list[int]) -> dict[int, str]:
    statuses = {**_STATUSES, **dict.fromkeys(_DRAFTS, "checkout-draft"), **dict.fromkeys(_PENDING, "pending")}
    partly_refunded = {refund_id - 1 for refund_id in _REFUNDS} - {_REFUNDED}
    statuses |= dict.fromkeys(partly_refunded - set(statuses), "completed")
    missing = _COMPLETED - sum(1 for status in statuses.values() if status == "completed") + 1  # 318 will be refunded
    free = [order_id for order_id in shown if order_id not in statuses]
    others = ("processing", "on-hold", "cancelled")
    return statuses | {
        order_id: "completed" if number < missing else others[number % 3]
        for number, order_id in enumerate(reversed(free))
    }


def _customer(order_id: int) -> int:
    if order_id in {291, 293}:
        return 9
    return 0 if order_id % 4 == 0 else 10 + order_id % 50


def _address(order_id: int, place: int) -> dict[str, str]:
    """Whom the searches find: 13 "Ahmadi", 16 «زهرا», and 41 phones that begin with +98."""
    first, last, phone = "علی", "رضایی", f"۰۹۱۲۰۰۰{order_id:04d}"
    if order_id == _DRAFT or place in _ZAHRAS:
        first, last = "زهرا", "محمدی"
    if place in _AHMADIS:
        first, last = "Zahra", "Ahmadi"
    if place in _WITH_PREFIX:
        phone = f"+98912000{order_id:04d}"
    return {
        "first_name": first,
        "last_name": last,
        "address_1": f"میدان آزادی {order_id}",
        "city": "تهران",
        "state": "THR",
        "postcode": "1234567890",
        "country": "IR",
        "email": f"guest{order_id}@example.test",
        "phone": phone,
    }


def _meta(order_id: int) -> dict[str, str]:
    if order_id in {26, 28, _REFUNDED}:
        return {"crm_source": "دوستان"}
    return {"_tracking_code": f"{order_id:024d}"} if order_id in {27, 33, 338} else {}


def _settle(order: Order, modified: datetime) -> None:
    if order.id == _REFUNDED:
        order.completed = None
    if order.completed is not None:
        order.completed = int(modified.timestamp())


def _refund(shop: Shop, refund_id: int) -> None:
    """A refund of the order just before it, under this very id."""
    shop.next_order_id = refund_id
    order = shop.orders[refund_id - 1]
    amount = order.total if order.id == _REFUNDED else 50_000
    date = order.modified
    refund = shop.create_refund(
        order.id, amount, reason="کالا آسیب دیده", refunded_by=1, created_at=RECORDED_AT, quiet=True
    )
    if order.id != _REFUNDED:
        line = shop.goods(Item("Saffron 5g", -1, 50_000, 14, "SKU-3"))
        line.meta.append(Meta(shop.new_id("meta"), "_refunded_item_id", str(order.lines[0].id)))
        refund.lines.append(line)
    order.modified = date
