"""What a shop keeps: orders, refunds, order notes, users, webhooks. Plain records, no behaviour of a shop.

Instants are whole seconds since 1970, as a shop's dates have one-second steps; money is Decimal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, NamedTuple

LineKind = Literal["line", "shipping", "fee", "coupon"]

BILLING_FIELDS = (
    "first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country", "email",
    "phone",
)  # fmt: skip
SHIPPING_FIELDS = tuple(name for name in BILLING_FIELDS if name != "email")


def address(given: dict[str, Any] | None, fields: Sequence[str]) -> dict[str, str]:
    """An address with every field present, those of `given` where it has them; unknown ones are ignored."""
    return {name: str((given or {}).get(name) or "") for name in fields}


class Item(NamedTuple):
    """What was bought, in the words of somebody who builds an order: so many of a thing at a price each."""

    name: str
    quantity: int
    price: int | Decimal
    product_id: int = 0
    sku: str = ""


@dataclass(slots=True)
class Meta:
    """One row of an order's or a user's meta. `value` is a string, or a list or mapping as JSON gives it."""

    id: int
    key: str
    value: Any


@dataclass(slots=True)
class Line:
    """A line of an order or a refund: goods, shipping, a fee or a coupon (`total` is then the discount)."""

    id: int
    kind: LineKind
    name: str
    quantity: int
    subtotal: Decimal
    total: Decimal
    product_id: int = 0
    variation_id: int = 0
    sku: str = ""
    method_id: str = ""
    meta: list[Meta] = field(default_factory=list)


@dataclass(slots=True)
class Order:
    """An order. `cached` is its serialised form, dropped at each change."""

    id: int
    status: str
    currency: str
    created: int
    modified: int
    customer_id: int
    key: str
    billing: dict[str, str]
    shipping: dict[str, str]
    lines: list[Line]
    total: Decimal = Decimal(0)
    payment_method: str = ""
    payment_method_title: str = ""
    transaction_id: str = ""
    created_via: str = "checkout"
    customer_note: str = ""
    paid: int | None = None
    completed: int | None = None
    number: str = ""
    meta: list[Meta] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    notes: list[OrderNote] = field(default_factory=list)
    cached: bytes | None = None

    def meta_value(self, key: str) -> Any:
        """The value under `key`, None without one."""
        return next((row.value for row in self.meta if row.key == key), None)


@dataclass(slots=True)
class Refund:
    """Money given back on an order; `amount` is positive, its lines are negative."""

    id: int
    order_id: int
    created: int
    amount: Decimal
    reason: str
    refunded_by: int
    lines: list[Line] = field(default_factory=list)
    meta: list[Meta] = field(default_factory=list)


@dataclass(slots=True)
class OrderNote:
    """A note that stands on an order in the shop; `to_customer` if the buyer was sent it."""

    id: int
    order_id: int
    author: str
    created: int
    note: str
    to_customer: bool


@dataclass(slots=True)
class User:
    """A WordPress user of any role; `modified` is None until somebody edits the profile."""

    id: int
    username: str
    email: str
    role: str
    first_name: str
    last_name: str
    created: int
    modified: int | None
    billing: dict[str, str]
    shipping: dict[str, str]
    meta: list[Meta] = field(default_factory=list)
    more_roles: tuple[str, ...] = ()
    is_paying: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role of theirs; WooCommerce only knows the first."""
        return (self.role, *self.more_roles)

    @property
    def display_name(self) -> str:
        """What WordPress calls them."""
        return f"{self.first_name} {self.last_name}".strip() or self.username


@dataclass(slots=True)
class Webhook:
    """A registered webhook. `is_pending` until a ping of it has been answered."""

    id: int
    name: str
    status: str
    topic: str
    delivery_url: str
    secret: str = field(repr=False)
    created: int
    modified: int | None = None
    failure_count: int = 0
    is_pending: bool = True
