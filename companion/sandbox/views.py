"""How the API shows each record: every field of the recorded answers, in their order. It changes nothing.

A record's view is a table of fields, so that a request for three `_fields` of 100,000 orders pays for three.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from companion.sandbox.records import Line, Meta, Order, OrderNote, Refund, User, Webhook
from companion.sandbox.view import EVERY_METHOD, Site, View

VERSION = "10.5.0"
_SYMBOLS = {"IRT": "تومان", "IRR": "﷼", "USD": "$", "EUR": "€"}
_HOOKS = {
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "order.restored": ["untrashed_post", "woocommerce_untrash_order"],
    "customer.created": ["user_register", "woocommerce_created_customer", "woocommerce_new_customer"],
    "customer.updated": ["profile_update", "woocommerce_update_customer"],
    "customer.deleted": ["delete_user"],
}


def hooks_of(topic: str) -> list[str]:
    """The WordPress hooks a webhook of this topic listens to."""
    return [topic.removeprefix("action.")] if topic.startswith("action.") else _HOOKS.get(topic, [])


def show_meta(rows: Iterable[Meta]) -> list[dict[str, Any]]:
    """Rows of meta."""
    return [{"id": row.id, "key": row.key, "value": row.value} for row in rows]


def _plain(amount: Decimal) -> int | float:
    """A number as PHP prints a float: without a point where it is whole."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _goods(line: Line, site: Site) -> dict[str, Any]:
    shown_meta = [{**row, "display_key": row["key"], "display_value": row["value"]} for row in show_meta(line.meta)]
    return {
        "id": line.id,
        "name": line.name,
        "product_id": line.product_id,
        "variation_id": line.variation_id,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": site.money(line.subtotal),
        "subtotal_tax": site.money(Decimal(0)),
        "total": site.money(line.total),
        "total_tax": site.money(Decimal(0)),
        "taxes": [],
        "meta_data": shown_meta,
        "sku": line.sku,
        "global_unique_id": "",
        "price": _plain(line.total / line.quantity) if line.quantity else 0,
        "image": {"id": "", "src": ""},
        "parent_name": None,
    }


def _shipping(line: Line, site: Site) -> dict[str, Any]:
    return {
        "id": line.id,
        "method_title": line.name,
        "method_id": line.method_id,
        "instance_id": "",
        "total": site.money(line.total),
        "total_tax": site.money(Decimal(0)),
        "taxes": [],
        "tax_status": "taxable",
        "meta_data": show_meta(line.meta),
    }


def _fee(line: Line, site: Site) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "tax_class": "",
        "tax_status": "taxable",
        "amount": site.money(line.total),
        "total": site.money(line.total),
        "total_tax": site.money(Decimal(0)),
        "taxes": [],
        "meta_data": show_meta(line.meta),
    }


def _coupon(line: Line, site: Site) -> dict[str, Any]:
    return {
        "id": line.id,
        "code": line.name,
        "discount": site.money(line.total),
        "discount_tax": site.money(Decimal(0)),
        "meta_data": show_meta(line.meta),
        "discount_type": "fixed_cart",
        "nominal_amount": _plain(line.total),
        "free_shipping": False,
    }


def _of_kind(order: Order | Refund, kind: str) -> list[Line]:
    return [line for line in order.lines if line.kind == kind]


def _sum(order: Order, kind: str) -> Decimal:
    return sum((line.total for line in _of_kind(order, kind)), Decimal(0))


def _order_links(order: Order, site: Site) -> dict[str, Any]:
    links = site.links(f"orders/{order.id}")
    links["email_templates"] = [{"embeddable": True, "href": site.api(f"orders/{order.id}/actions/email_templates")}]
    if order.customer_id:
        links["customer"] = [{"href": site.api(f"customers/{order.customer_id}")}]
    return links


ORDER: View[Order] = View(
    {
        "id": lambda o, _: o.id,
        "parent_id": lambda _o, _: 0,
        "status": lambda o, _: o.status,
        "currency": lambda o, _: o.currency,
        "version": lambda _o, _: VERSION,
        "prices_include_tax": lambda _o, _: False,
        "date_created": lambda o, s: s.local(o.created),
        "date_modified": lambda o, s: s.local(o.modified),
        "discount_total": lambda o, s: s.money(_sum(o, "coupon")),
        "discount_tax": lambda _o, s: s.money(Decimal(0)),
        "shipping_total": lambda o, s: s.money(_sum(o, "shipping")),
        "shipping_tax": lambda _o, s: s.money(Decimal(0)),
        "cart_tax": lambda _o, s: s.money(Decimal(0)),
        "total": lambda o, s: s.money(o.total),
        "total_tax": lambda _o, s: s.money(Decimal(0)),
        "customer_id": lambda o, _: o.customer_id,
        "order_key": lambda o, _: o.key,
        "billing": lambda o, _: o.billing,
        "shipping": lambda o, _: o.shipping,
        "payment_method": lambda o, _: o.payment_method,
        "payment_method_title": lambda o, _: o.payment_method_title,
        "transaction_id": lambda o, _: o.transaction_id,
        "customer_ip_address": lambda _o, _: "",
        "customer_user_agent": lambda _o, _: "",
        "created_via": lambda o, _: o.created_via,
        "customer_note": lambda o, _: o.customer_note,
        "date_completed": lambda o, s: s.local(o.completed),
        "date_paid": lambda o, s: s.local(o.paid),
        "cart_hash": lambda _o, _: "",
        "number": lambda o, _: o.number or str(o.id),
        "meta_data": lambda o, _: show_meta(o.meta),
        "line_items": lambda o, s: [_goods(line, s) for line in _of_kind(o, "line")],
        "tax_lines": lambda _o, _: [],
        "shipping_lines": lambda o, s: [_shipping(line, s) for line in _of_kind(o, "shipping")],
        "fee_lines": lambda o, s: [_fee(line, s) for line in _of_kind(o, "fee")],
        "coupon_lines": lambda o, s: [_coupon(line, s) for line in _of_kind(o, "coupon")],
        "refunds": lambda o, s: [
            {"id": r.id, "reason": r.reason, "total": s.money(-r.amount)} for r in reversed(o.refunds)
        ],
        "payment_url": lambda o, s: f"{s.url}/checkout/order-pay/{o.id}/?pay_for_order=true&key={o.key}",
        "is_editable": lambda o, _: o.status in {"pending", "on-hold", "auto-draft"},
        "needs_payment": lambda o, _: o.status in {"pending", "failed", "checkout-draft"} and o.total > 0,
        "needs_processing": lambda o, _: bool(_of_kind(o, "line")),
        "date_created_gmt": lambda o, s: s.gmt(o.created),
        "date_modified_gmt": lambda o, s: s.gmt(o.modified),
        "date_completed_gmt": lambda o, s: s.gmt(o.completed),
        "date_paid_gmt": lambda o, s: s.gmt(o.paid),
        "currency_symbol": lambda o, _: _SYMBOLS.get(o.currency, o.currency),
        "_links": _order_links,
    }
)

_REFUND: dict[str, Callable[[Refund, Site], Any]] = {
    "id": lambda r, _: r.id,
    "date_created": lambda r, s: s.local(r.created),
    "date_created_gmt": lambda r, s: s.gmt(r.created),
    "amount": lambda r, s: s.money(r.amount),
    "reason": lambda r, _: r.reason,
    "refunded_by": lambda r, _: r.refunded_by,
    "refunded_payment": lambda _r, _: False,
    "meta_data": lambda r, _: show_meta(r.meta),
    "line_items": lambda r, s: [_goods(line, s) for line in _of_kind(r, "line")],
    "shipping_lines": lambda r, s: [_shipping(line, s) for line in _of_kind(r, "shipping")],
    "tax_lines": lambda _r, _: [],
    "fee_lines": lambda r, s: [_fee(line, s) for line in _of_kind(r, "fee")],
    "_links": lambda r, s: s.links(
        f"orders/{r.order_id}/refunds/{r.id}", allow=("GET", "DELETE"), up=f"orders/{r.order_id}"
    ),
}
REFUND: View[Refund] = View(_REFUND)
LISTED_REFUND: View[Refund] = View({"id": _REFUND["id"], "parent_id": lambda r, _: r.order_id, **_REFUND})
"""A refund in the list of all refunds, which alone says what order it belongs to."""

NOTE: View[OrderNote] = View(
    {
        "id": lambda n, _: n.id,
        "author": lambda n, _: n.author,
        "date_created": lambda n, s: s.local(n.created),
        "date_created_gmt": lambda n, s: s.gmt(n.created),
        "note": lambda n, _: n.note,
        "customer_note": lambda n, _: n.to_customer,
        "_links": lambda n, s: s.links(
            f"orders/{n.order_id}/notes/{n.id}", allow=("GET", "DELETE"), up=f"orders/{n.order_id}"
        ),
    }
)


def _user_methods(user: User, site: Site) -> tuple[str, ...]:
    if site.may_delete_users:
        return EVERY_METHOD if user.role == "customer" else EVERY_METHOD[:-1]
    return EVERY_METHOD[:-1] if user.role in {"customer", "shop_manager"} else ("GET",)


def _user_address(fields: dict[str, str]) -> dict[str, str]:
    """The API gives a user's postcode and country before the state, unlike an order's."""
    order = [*(name for name in fields if name not in {"state", "email", "phone"}), "state", "email", "phone"]
    return {name: fields[name] for name in order if name in fields}


_USER: dict[str, Callable[[User, Site], Any]] = {
    "id": lambda u, _: u.id,
    "date_created": lambda u, s: s.local(u.created),
    "date_created_gmt": lambda u, s: s.gmt(u.created),
    "date_modified": lambda u, s: s.local(u.modified),
    "date_modified_gmt": lambda u, s: s.gmt(u.modified),
    "email": lambda u, _: u.email,
    "first_name": lambda u, _: u.first_name,
    "last_name": lambda u, _: u.last_name,
    "role": lambda u, _: u.role,
    "username": lambda u, _: u.username,
    "billing": lambda u, _: _user_address(u.billing),
    "shipping": lambda u, _: _user_address(u.shipping),
    "is_paying_customer": lambda u, _: u.is_paying,
    "avatar_url": lambda u, _: (
        f"https://secure.gravatar.com/avatar/{hashlib.sha256(u.email.encode()).hexdigest()}?s=96&d=mm&r=g"
    ),
    "meta_data": lambda u, _: show_meta(u.meta),
    "_links": lambda u, s: s.links(f"customers/{u.id}", allow=_user_methods(u, s)),
}
USER: View[User] = View(_USER)
USER_WITHOUT_META: View[User] = View({name: field for name, field in _USER.items() if name != "meta_data"})
"""What a shop manager sees: users' meta is for those who may edit every user (recorded in k12)."""

WEBHOOK: View[Webhook] = View(
    {
        "id": lambda w, _: w.id,
        "name": lambda w, _: w.name,
        "status": lambda w, _: w.status,
        "topic": lambda w, _: w.topic,
        "resource": lambda w, _: w.topic.partition(".")[0],
        "event": lambda w, _: w.topic.partition(".")[2],
        "hooks": lambda w, _: hooks_of(w.topic),
        "delivery_url": lambda w, _: w.delivery_url,
        "date_created": lambda w, s: s.local(w.created),
        "date_created_gmt": lambda w, s: s.gmt(w.created),
        "date_modified": lambda w, s: s.local(w.modified),
        "date_modified_gmt": lambda w, s: s.gmt(w.modified),
        "_links": lambda w, s: s.links(f"webhooks/{w.id}"),
    }
)
