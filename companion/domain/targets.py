"""Which orders of a customer carry the summary of her latest note. Pure: a handful of order facts in, a set out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

OPEN_STATUSES = frozenset({"pending", "processing", "on-hold"})
"""Orders somebody may still work on, in WooCommerce's own words; a plugin's status is not known to be open."""

NEVER_WRITTEN = frozenset({"trash", "checkout-draft", "auto-draft"})
"""A write would restore a trashed order's dates and fire its webhooks; drafts are not orders yet."""

_EARLIEST = datetime.min.replace(tzinfo=UTC)


class OrderFact(NamedTuple):
    """What the choice needs to know of one order of the shop in question."""

    order_id: str
    status: str
    created_at: datetime | None


def carriers(orders: Iterable[OrderFact], *, pointed_at: str | None, newest: int) -> frozenset[str]:
    """The ids of the orders that carry the summary: the one the note points at, the open ones, the `newest` newest.

    Trashed and drafted orders never do.
    """
    writable = [order for order in orders if order.status not in NEVER_WRITTEN]
    by_age = sorted(writable, key=lambda order: (order.created_at or _EARLIEST, order.order_id), reverse=True)
    chosen = {order.order_id for order in by_age[:newest]}
    chosen.update(order.order_id for order in writable if order.status in OPEN_STATUSES or order.order_id == pointed_at)
    return frozenset(chosen)
