"""Which orders a list request means, and in which order. It shows nothing and changes nothing.

A sweep asks for page after page of the same list, so the last few lists are kept for as long as the shop stands still.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from companion.sandbox.order_book import STATUS_NAMES
from companion.sandbox.params import Params
from companion.sandbox.records import Order
from companion.sandbox.shop import Shop

STATUSES = ("any", "trash", "auto-draft", *(name for name in STATUS_NAMES))
SORTINGS = ("date", "id", "include", "title", "slug", "modified")
_KEPT = 64


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """A list of orders that somebody asks for. Both ends of a window of dates are exclusive."""

    statuses: tuple[str, ...]
    include: tuple[int, ...]
    exclude: tuple[int, ...]
    customer: int | None
    product: int | None
    parent: tuple[int, ...]
    created_via: tuple[str, ...]
    search: str
    after: int | None
    before: int | None
    modified_after: int | None
    modified_before: int | None
    orderby: str
    descending: bool

    @classmethod
    def of(cls, params: Params, zone: ZoneInfo) -> OrderQuery:
        """Read from a request; RestError where a parameter is wrong. Unknown parameters are ignored."""
        return cls(
            statuses=tuple(params.words("status", ("any",), STATUSES)),
            include=tuple(params.ids("include")),
            exclude=tuple(params.ids("exclude")),
            customer=params.integer("customer", 0) if "customer" in params else None,
            product=params.integer("product", 0) if "product" in params else None,
            parent=tuple(params.ids("parent")),
            created_via=tuple(params.words("created_via")),
            search=params.text("search").strip().casefold(),
            after=params.instant("after", zone),
            before=params.instant("before", zone),
            modified_after=params.instant("modified_after", zone),
            modified_before=params.instant("modified_before", zone),
            orderby=params.choice("orderby", "date", SORTINGS),
            descending=params.choice("order", "desc", ("asc", "desc")) == "desc",
        )

    def matches(self, order: Order) -> bool:
        """Whether the order belongs in the list."""
        return (
            self._status_matches(order.status)
            and _inside(order.created, self.after, self.before)
            and _inside(order.modified, self.modified_after, self.modified_before)
            and order.id not in self.exclude
            and self.customer in {None, order.customer_id}
            and (not self.parent or 0 in self.parent)
            and (not self.created_via or order.created_via in self.created_via)
            and (self.product is None or any(line.product_id == self.product for line in order.lines))
            and (not self.search or self.search in _searchable(order))
        )

    def _status_matches(self, status: str) -> bool:
        if "any" in self.statuses:  # beside "any", "trash" is not heard
            return status not in {"trash", "auto-draft"}
        return status in self.statuses

    def sorting(self) -> Callable[[Order], Any]:
        """What the list is sorted by. The real shop breaks no ties of dates; here the id does, to be repeatable."""
        match self.orderby:
            case "date":
                return lambda order: (order.created, order.id)
            case "modified":
                return lambda order: (order.modified, order.id)
            case "include" if self.include:
                places = {order_id: place for place, order_id in enumerate(self.include)}
                return lambda order: places[order.id]
            case _:
                return lambda order: order.id


def _inside(at: int, after: int | None, before: int | None) -> bool:
    return (after is None or at > after) and (before is None or at < before)


def _searchable(order: Order) -> str:
    return "\n".join([str(order.id), *order.billing.values(), *order.shipping.values()]).casefold()


class Selections:
    """The orders of the latest list requests, for as long as the shop's revision stands."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._revision = -1
        self._kept: OrderedDict[OrderQuery, list[Order]] = OrderedDict()

    def orders(self, query: OrderQuery) -> list[Order]:
        """Every order that the query means, sorted. The shop's lock is held by the caller."""
        if self._revision != self._shop.revision:
            self._kept.clear()
            self._revision = self._shop.revision
        if query not in self._kept:
            self._kept[query] = self._select(query)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[query]

    def _select(self, query: OrderQuery) -> list[Order]:
        orders = self._shop.orders
        candidates = [orders[i] for i in query.include if i in orders] if query.include else list(orders.values())
        chosen = [order for order in candidates if query.matches(order)]
        chosen.sort(key=query.sorting(), reverse=query.descending and query.orderby != "include")
        return chosen
