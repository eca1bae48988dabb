"""The JSON that WooCommerce's REST API (wc/v3) sends, as types: what a healthy shop answers, and nothing more.

Field names are WooCommerce's own (https://woocommerce.github.io/woocommerce-rest-api-docs/). Fields without a default
must be there: an order without them was cut by `_fields` or is no order, and must not overwrite a whole one.
Shapes that PHP and plugins bend are straightened in `wordpress/mend.py`, so these types can stay strict and fast.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from connectors.base import Address


class MetaRow(Struct):
    """One row of `meta_data`; the value is whatever a plugin stored."""

    key: str = ""
    value: Any = None
    id: int = 0


class LineItem(Struct):
    """A product on an order."""

    id: int
    name: str = ""
    quantity: int | float = 1
    total: str = "0"
    sku: str | None = None
    product_id: int = 0
    variation_id: int = 0


class ShippingLine(Struct):
    """A way of sending, chosen for an order."""

    id: int
    method_title: str = ""
    total: str = "0"


class FeeLine(Struct):
    """A fee (or a discount by hand, then negative)."""

    id: int
    name: str = ""
    total: str = "0"


class CouponLine(Struct):
    """A coupon and how much it took off; the lines' totals are already lowered by it."""

    id: int
    code: str = ""
    discount: str = "0"


class TaxLine(Struct):
    """One tax rate's share; `tax_total` is that on goods, `shipping_tax_total` that on shipping."""

    id: int
    label: str = ""
    rate_code: str = ""
    tax_total: str = "0"
    shipping_tax_total: str = "0"


class RefundRef(Struct):
    """The mention of a refund on its order."""

    id: int


class OrderShape(Struct):
    """`GET /orders/{id}`, one item of `GET /orders`, and the body of an order's delivery."""

    id: int
    status: str
    currency: str
    total: str
    billing: Address
    line_items: list[LineItem]
    number: str = ""
    customer_id: int = 0
    shipping: Address = field(default_factory=Address)
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    date_paid_gmt: str | None = None
    date_completed_gmt: str | None = None
    payment_method: str = ""
    payment_method_title: str = ""
    transaction_id: str = ""
    created_via: str = ""
    customer_note: str = ""
    shipping_lines: list[ShippingLine] = field(default_factory=list)
    fee_lines: list[FeeLine] = field(default_factory=list)
    coupon_lines: list[CouponLine] = field(default_factory=list)
    tax_lines: list[TaxLine] = field(default_factory=list)
    refunds: list[RefundRef] = field(default_factory=list)
    meta_data: list[MetaRow] = field(default_factory=list)


class Link(Struct):
    """One hypertext link of a record."""

    href: str = ""


class RefundLinks(Struct):
    """`up` names the order that a refund belongs to."""

    up: list[Link] = field(default_factory=list)


class RefundShape(Struct):
    """An item of `GET /refunds` (with `parent_id`) or of `GET /orders/{id}/refunds` (without)."""

    id: int
    amount: str
    parent_id: int = 0
    reason: str = ""
    refunded_by: int = 0
    date_created_gmt: str | None = None
    links: RefundLinks = field(default_factory=RefundLinks, name="_links")


class OrderNoteShape(Struct):
    """An item of `GET /orders/{id}/notes`."""

    id: int
    note: str
    author: str = ""
    customer_note: bool = False
    date_created_gmt: str | None = None


class StampShape(Struct):
    """One item of `GET /orders` or `GET /customers` with `_fields` for its id, status and date alone."""

    id: int
    status: str = ""
    date_modified_gmt: str | None = None


class CustomerShape(Struct):
    """`GET /customers/{id}`, one item of `GET /customers`, and the body of a customer's delivery."""

    id: int
    email: str
    role: str
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    billing: Address = field(default_factory=Address)
    shipping: Address = field(default_factory=Address)
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    meta_data: list[MetaRow] = field(default_factory=list)
