"""What a customer bought, from her orders' heads: the figures for those who may see money, and titles for everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from companion.domain.purchases import Purchase, Purchases, purchases_of
from storage.people.customers import PurchaseRow


@dataclass(frozen=True)
class OrderTitle:
    """An order in a list."""

    shop: str
    order_id: str
    number: str
    status: str


def told(orders: Sequence[PurchaseRow], *, now: datetime, zone: ZoneInfo, calendar: str) -> tuple[Purchases, ...]:
    """The figures of each currency, by the reader's calendar; refunds on any order count, be it a purchase or not."""
    refunded: Counter[str] = Counter()
    for order in orders:
        if order.refunded:
            refunded[order.currency] += order.refunded
    bought = (
        Purchase(order.currency, order.status, order.has_paid_date, order.total, order.created_at, order.manner)
        for order in orders
    )
    return purchases_of(bought, refunded, now=now, zone=zone, calendar=calendar)


def titles(orders: Sequence[PurchaseRow], *, limit: int) -> tuple[OrderTitle, ...]:
    """The first of these orders."""
    return tuple(OrderTitle(order.shop, order.order_id, order.number, order.status) for order in orders[:limit])
