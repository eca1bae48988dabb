"""Raw JSON of WooCommerce to the records of `connectors.base`. No I/O.

What a record keeps is decided here: money as exact integers, the shop's UTC dates, text without the NUL characters
that PostgreSQL refuses, `meta_data` without what is nested, long or volatile. Whether a record is newer than ours is
not: that is the engine's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import msgspec

from connectors.base import MONEY_SCALE, SUMMARY_KEY, Customer, Order, OrderLine, OrderNote, Refund, Stamp
from connectors.woocommerce.shapes import CustomerShape, MetaRow, OrderNoteShape, OrderShape, RefundShape, StampShape
from connectors.wordpress.reading import Unreadable, instant, own_summary, record_id, reference, scalar, shaped

__all__ = [
    "META_LIMIT",
    "SUMMARY_KEY",
    "VOLATILE_KEYS",
    "VOLATILE_PREFIXES",
    "Unreadable",
    "parse_customer",
    "parse_order",
    "parse_order_note",
    "parse_refund",
    "parse_stamp",
    "record_id",
]

META_LIMIT = 1000
"""Longer meta values are serialised caches and logs of plugins, no facts that agents read; cut, they would mislead."""

VOLATILE_KEYS = frozenset({"_edit_lock", "_edit_last"})
"""Who has the admin screen open and who saved last: WordPress rewrites them when an order is merely looked at."""

VOLATILE_PREFIXES = ("_wp_trash_", "_wp_desired_")
"""What WordPress remembers only while a record lies in the trash; the status says that already."""

_VENDOR = "WooCommerce"
_LARGEST = 2**63 - 1
_STEP = Decimal(1) / MONEY_SCALE

_stamp_decoder = msgspec.json.Decoder(StampShape)
_order_decoder = msgspec.json.Decoder(OrderShape)
_refund_decoder = msgspec.json.Decoder(RefundShape)
_order_note_decoder = msgspec.json.Decoder(OrderNoteShape)
_customer_decoder = msgspec.json.Decoder(CustomerShape)


def parse_stamp(raw: bytes) -> Stamp:
    """The id, status and date of an order or a user of a list that shows no more. Raises `Unreadable`."""
    shape = shaped(raw, _stamp_decoder, StampShape, _VENDOR)
    return Stamp(str(shape.id), shape.status, instant(shape.date_modified_gmt))


def parse_order(raw: bytes) -> Order:
    """An order, whole. Raises `Unreadable`."""
    shape = shaped(raw, _order_decoder, OrderShape, _VENDOR)
    meta, summary = _meta(shape.meta_data)
    return Order(
        id=str(shape.id),
        number=shape.number or str(shape.id),
        status=shape.status,
        currency=shape.currency,
        total=_money(shape.total),
        customer_id=reference(shape.customer_id),
        billing=shape.billing,
        shipping=shape.shipping,
        created_at=instant(shape.date_created_gmt),
        modified_at=instant(shape.date_modified_gmt),
        paid_at=instant(shape.date_paid_gmt),
        completed_at=instant(shape.date_completed_gmt),
        payment_method=shape.payment_method,
        payment_method_title=shape.payment_method_title,
        transaction_id=shape.transaction_id,
        created_via=shape.created_via,
        customer_note=shape.customer_note,
        lines=tuple(_lines(shape)),
        refund_ids=tuple([str(refund.id) for refund in shape.refunds]),
        meta=meta,
        summary=summary,
    )


def parse_refund(raw: bytes, order_id: str = "") -> Refund:
    """A refund. The list of one order's refunds does not name the order in each: give it, else it is read from the
    record's own link. Raises `Unreadable`.
    """
    shape = shaped(raw, _refund_decoder, RefundShape, _VENDOR)
    of_order = reference(shape.parent_id) or order_id or _order_of_link(shape)
    if not of_order:
        raise Unreadable(f"refund {shape.id} does not say which order it belongs to", code="wrong_shape")
    return Refund(
        id=str(shape.id),
        order_id=of_order,
        amount=abs(_money(shape.amount)),  # an order's own mention of it is negative
        reason=shape.reason,
        refunded_by=reference(shape.refunded_by),
        created_at=instant(shape.date_created_gmt),
    )


def parse_order_note(raw: bytes, order_id: str) -> OrderNote:
    """A note on an order. Raises `Unreadable`."""
    shape = shaped(raw, _order_note_decoder, OrderNoteShape, _VENDOR)
    return OrderNote(
        id=str(shape.id),
        order_id=order_id,
        author=shape.author,
        body=shape.note,
        to_customer=shape.customer_note,
        created_at=instant(shape.date_created_gmt),
    )


def parse_customer(raw: bytes) -> Customer:
    """A registered user. Raises `Unreadable`."""
    shape = shaped(raw, _customer_decoder, CustomerShape, _VENDOR)
    return Customer(
        id=str(shape.id),
        username=shape.username,
        email=shape.email,
        first_name=shape.first_name,
        last_name=shape.last_name,
        role=shape.role,
        billing=shape.billing,
        shipping=shape.shipping,
        created_at=instant(shape.date_created_gmt),
        modified_at=instant(shape.date_modified_gmt),
        meta=_meta(shape.meta_data)[0],
    )


def _money(text: str) -> int:
    """An amount in 1/10,000 of the unit, exact; further decimals are rounded half to even."""
    if text.isdigit() and text.isascii() and len(text) < 15:  # noqa: PLR2004 (surely within 64 bits)
        return int(text) * MONEY_SCALE
    if not text or text.isspace():
        return 0
    try:
        amount = Decimal(text)
        fits = amount.is_finite() and amount.adjusted() < 19  # noqa: PLR2004 (asked before it is written out in digits)
        scaled = int(amount.quantize(_STEP, ROUND_HALF_EVEN).scaleb(4)) if fits else None
    except InvalidOperation:
        raise Unreadable(f"an amount of the record cannot be read: {text[:40]}", code="wrong_money") from None
    if scaled is None or abs(scaled) > _LARGEST:
        raise Unreadable(f"an amount of the record is too large to keep: {text[:40]}", code="wrong_money")
    return scaled


def _quantity(number: float) -> int:
    """A whole number of pieces; goods sold by weight are rounded, but something bought is never nothing."""
    if isinstance(number, int):
        return number
    return round(number) or (1 if number > 0 else -1 if number < 0 else 0)


def _lines(order: OrderShape) -> Iterator[OrderLine]:
    """Every line of the order. A coupon's total is what it took off, as a positive amount; a tax's, that on goods and
    shipping together.
    """
    for item in order.line_items:
        yield OrderLine(
            line_id=str(item.id),
            kind="line",
            name=item.name,
            quantity=_quantity(item.quantity),
            total=_money(item.total),
            sku=item.sku or "",
            product_id=reference(item.product_id),
            variation_id=reference(item.variation_id),
        )
    for way in order.shipping_lines:
        yield OrderLine(str(way.id), "shipping", way.method_title, 1, _money(way.total))
    for fee in order.fee_lines:
        yield OrderLine(str(fee.id), "fee", fee.name, 1, _money(fee.total))
    for coupon in order.coupon_lines:
        yield OrderLine(str(coupon.id), "coupon", coupon.code, 1, _money(coupon.discount))
    for tax in order.tax_lines:
        amount = _money(tax.tax_total) + _money(tax.shipping_tax_total)
        yield OrderLine(str(tax.id), "tax", tax.label or tax.rate_code, 1, amount)


def _meta(rows: list[MetaRow]) -> tuple[tuple[tuple[str, str], ...], str | None]:
    """The meta worth keeping, by key, and our own summary. Of several rows with one key the newest (highest id) holds:
    https://github.com/woocommerce/woocommerce/issues/40145.
    """
    if not rows:
        return (), None
    newest: dict[str, Any] = {}
    for row in rows if len(rows) == 1 else sorted(rows, key=_row_id):
        newest[row.key] = row.value
    own = newest.pop(SUMMARY_KEY, None)
    kept = []
    for key in sorted(newest):
        text = scalar(newest[key])
        if text is None or len(text) > META_LIMIT or not key:
            continue
        if key in VOLATILE_KEYS or key.startswith(VOLATILE_PREFIXES):
            continue
        kept.append((key, text))
    return tuple(kept), None if own is None else own_summary(own)


def _row_id(row: MetaRow) -> int:
    return row.id


def _order_of_link(refund: RefundShape) -> str:
    for link in refund.links.up:
        if found := re.search(r"/orders/(\d{1,20})/?$", link.href):
            return found[1]
    return ""
