"""The pages that people look at: an order list, an order, the webhooks, in the manner of a Persian wp-admin.

Enough of it to see what the shop knows and to change it by hand; no sign-in, as a sandbox only listens on loopback.
As in WordPress, the Custom Fields box sends back every row it shows: an old form overwrites newer meta.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from companion.sandbox import admin_tickets
from companion.sandbox.order_book import STATUS_NAMES
from companion.sandbox.pages import form_of, is_from_here, page, page_number
from companion.sandbox.records import Order
from companion.sandbox.shop import Shop
from companion.sandbox.wire import Request, Response

_PER_PAGE = 25
_STATUSES = {
    "pending": "در انتظار پرداخت",
    "processing": "در حال انجام",
    "on-hold": "در انتظار بررسی",
    "completed": "تکمیل شده",
    "cancelled": "لغو شده",
    "refunded": "مسترد شده",
    "failed": "ناموفق",
    "checkout-draft": "پیش‌نویس",
    "trash": "زباله‌دان",
}
_FIELDS = {
    "first_name": "نام",
    "last_name": "نام خانوادگی",
    "company": "شرکت",
    "phone": "تلفن",
    "email": "ایمیل",
    "state": "استان",
    "city": "شهر",
    "address_1": "نشانی",
    "address_2": "ادامهٔ نشانی",
    "postcode": "کد پستی",
}
_SAYINGS = {
    "update": "سفارش به‌روز شد.",
    "trash": "سفارش به زباله‌دان رفت.",
    "restore": "سفارش بازگردانده شد.",
    "note": "یادداشت سفارش افزوده شد.",
    "queue": "صف وب‌هوک‌ها اجرا شد.",
}


def answer(shop: Shop, request: Request) -> Response:
    """The page that is asked for; a POST changes something and leads back to its page."""
    query = dict(request.query)
    if request.path == "/":
        return page("home.html", shop, counts=_counts(shop), statuses=_STATUSES)
    if request.method == "POST" and not is_from_here(request):
        return Response.of_html("<h1>403</h1>", 403)
    tickets = admin_tickets.answer(shop, request, query) if shop.helpdesk.is_active else None
    if tickets is not None:
        return tickets
    if request.path == "/wp-admin/post.php":
        query = {"page": "wc-orders", "id": query.get("post", ""), **query}
    match query.get("page"):
        case "wc-orders" if query.get("id", "").isdecimal():
            return _order(shop, request, int(query["id"]), query.get("said", ""))
        case "wc-settings":
            return _webhooks(shop, request, query.get("said", ""))
        case _:
            return _orders(shop, query)


def _orders(shop: Shop, query: dict[str, str]) -> Response:
    status, wanted = query.get("status", ""), query.get("s", "").strip().casefold()
    with shop.lock:
        counts = _counts(shop)
        orders = [
            order
            for order in shop.orders.values()
            if (order.status == status if status else order.status != "trash")
            and (not wanted or wanted in _searchable(order))
        ]
        orders.sort(key=lambda order: (order.created, order.id), reverse=True)
    pages = max(1, -(-len(orders) // _PER_PAGE))
    number = page_number(query, pages)
    chosen = orders[(number - 1) * _PER_PAGE : number * _PER_PAGE]
    return page(
        "orders.html",
        shop,
        orders=chosen,
        statuses=_STATUSES,
        total=len(orders),
        page=number,
        pages=pages,
        counts=counts,
        status=status,
        search=query.get("s", ""),
        link=lambda **changes: (
            "?" + urlencode({"page": "wc-orders", "status": status, "s": query.get("s", "")} | changes)
        ),
    )


def _searchable(order: Order) -> str:
    return "\n".join([str(order.id), *order.billing.values()]).casefold()


def _counts(shop: Shop) -> Counter[str]:
    with shop.lock:
        return Counter(order.status for order in shop.orders.values())


def _order(shop: Shop, request: Request, order_id: int, said: str) -> Response:
    if order_id not in shop.orders:
        return page("missing.html", shop, code=404, order_id=order_id)
    if request.method == "POST":
        form = form_of(request)
        action = form.get("do", "update")
        {"trash": _trash, "restore": _restore, "note": _add_note}.get(action, _save)(shop, order_id, form)
        target = "?" + urlencode({"page": "wc-orders", "action": "edit", "id": order_id, "said": action})
        return Response(303, headers={"Location": f"/wp-admin/admin.php{target}"})
    order = shop.orders[order_id]
    return page(
        "order.html",
        shop,
        order=order,
        statuses=_STATUSES,
        fields=_FIELDS,
        shown_meta=[row for row in order.meta if not row.key.startswith("_") and isinstance(row.value, str)],
        hidden_meta=[row for row in order.meta if row.key.startswith("_")],
        user=shop.users.get(order.customer_id),
        said=_SAYINGS.get(said, ""),
    )


def _save(shop: Shop, order_id: int, form: dict[str, str]) -> None:
    with shop.lock:
        order = shop.orders[order_id]
        rows = {f"meta_{row.id}": row for row in order.meta}
        sent = [(rows[name], value) for name, value in form.items() if name in rows]
        entries: list[dict[str, Any]] = [{"id": row.id, "key": row.key, "value": value} for row, value in sent]
        if form.get("new_key", "").strip():
            entries.append({"key": form["new_key"].strip(), "value": form.get("new_value", "")})
        status = form.get("status") if form.get("status") in STATUS_NAMES else None
        billing = {name: form[f"billing_{name}"] for name in _FIELDS if f"billing_{name}" in form}
        shop.update_order(order_id, status=status, billing=billing, meta=entries, author="admin")


def _trash(shop: Shop, order_id: int, _form: dict[str, str]) -> None:
    if shop.orders[order_id].status != "trash":
        shop.trash_order(order_id)


def _restore(shop: Shop, order_id: int, _form: dict[str, str]) -> None:
    if shop.orders[order_id].status == "trash":
        shop.restore_order(order_id)


def _add_note(shop: Shop, order_id: int, form: dict[str, str]) -> None:
    if form.get("note", "").strip():
        shop.add_order_note(order_id, form["note"].strip(), author="admin", to_customer="to_customer" in form)


def _webhooks(shop: Shop, request: Request, said: str) -> Response:
    if request.method == "POST":
        shop.run_queue()
        return Response(303, headers={"Location": "/wp-admin/admin.php?page=wc-settings&said=queue"})
    with shop.lock:
        webhooks = list(shop.deliveries.webhooks.values())
    return page("webhooks.html", shop, webhooks=webhooks, waiting=shop.deliveries.waiting, said=_SAYINGS.get(said, ""))
