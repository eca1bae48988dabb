"""The routes of orders: list, read, create, update, delete, batch."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from companion.sandbox.meta import check_meta
from companion.sandbox.order_book import STATUS_NAMES, recalculate
from companion.sandbox.params import Params
from companion.sandbox.queries import OrderQuery
from companion.sandbox.records import Item, Line, Order
from companion.sandbox.rest import Call, Endpoint, created, cut, page_of, route, shown
from companion.sandbox.views import ORDER
from companion.sandbox.wire import JSON_TYPE, Response, RestError, invalid_type

BATCH_LIMIT = 100
WRITABLE_STATUSES = ("auto-draft", *(name for name in STATUS_NAMES))
_PLAIN_FIELDS = ("payment_method", "payment_method_title", "transaction_id", "customer_note")


def list_orders(call: Call) -> Response:
    """A page of orders. Whole ones are joined from their kept bytes."""
    query = OrderQuery.of(call.params, call.shop.zone)
    chosen, headers = page_of(call, call.selections.orders(query))
    site, wanted = call.site(), call.params.fields()
    if wanted is None and site.decimals == call.shop.decimals:
        body = b"[" + b",".join([call.shop.serialised(order) for order in chosen]) + b"]"
        return Response(200, body, headers, JSON_TYPE, len(chosen))
    return Response.of_json(
        [ORDER.show(order, site, wanted) or [] for order in chosen], headers=headers, items=len(chosen)
    )


def read_order(call: Call) -> Response:
    """One order, trashed ones too."""
    return Response.of_json(shown(call, ORDER, call.shop.order_or_error(call.ids[0])))


def create_order(call: Call) -> Response:
    """Place an order."""
    order = _create(call, call.params)
    return created(call, ORDER, order, f"orders/{order.id}")


def update_order(call: Call) -> Response:
    """Change an order; of one that is missing the shop says 400, not 404."""
    order = call.shop.order_or_error(call.ids[0], 400)
    _save(call, order, call.params, is_checked=True)
    return Response.of_json(shown(call, ORDER, order))


def delete_order(call: Call) -> Response:
    """Trash an order, or delete it for good; the answer shows it as it was before."""
    order = call.shop.order_or_error(call.ids[0])
    before = shown(call, ORDER, order)
    _delete(call, order, force=call.params.flag("force"))
    return Response.of_json(before)


def batch(call: Call) -> Response:
    """Create, update and delete up to 100 orders in one request; those that fail say so in their place, with 200."""
    parts = {name: call.params.given.get(name) or [] for name in ("create", "update", "delete")}
    for name, part in parts.items():
        if not isinstance(part, list):
            raise invalid_type(name, "array")
    if sum(len(part) for part in parts.values()) > BATCH_LIMIT:
        message = f"Unable to accept more than {BATCH_LIMIT} items for this request."
        raise RestError(413, "woocommerce_rest_request_entity_too_large", message)
    actions: dict[str, Callable[[Call, Any], dict[str, Any]]] = {
        "create": lambda call, entry: ORDER.show(_create(call, Params(_object(entry))), call.site()),
        "update": _batch_update,
        "delete": _batch_delete,
    }
    answers = {name: [_attempt(call, actions[name], entry) for entry in part] for name, part in parts.items() if part}
    return Response.of_json(cut(call, answers), items=sum(len(part) for part in parts.values()))


def _attempt(call: Call, action: Callable[[Call, Any], dict[str, Any]], entry: Any) -> dict[str, Any]:
    try:
        return action(call, entry)
    except RestError as error:
        return {"id": entry.get("id", 0) if isinstance(entry, dict) else entry, "error": error.as_json()}


def _batch_update(call: Call, entry: Any) -> dict[str, Any]:
    order = call.shop.order_or_error(_id_of(entry), 400)
    _save(call, order, Params(_object(entry)), is_checked=False)
    return ORDER.show(order, call.site())


def _batch_delete(call: Call, entry: Any) -> dict[str, Any]:
    order = call.shop.order_or_error(_id_of(entry))
    before = ORDER.show(order, call.site())
    _delete(call, order, force=True)
    return before


def _object(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise RestError(400, "rest_invalid_param", "An entry of a batch is an object.")
    return entry


def _id_of(entry: Any) -> int:
    value = entry.get("id", 0) if isinstance(entry, dict) else entry
    return int(value) if str(value).isdecimal() else 0


def _delete(call: Call, order: Order, *, force: bool) -> None:
    if force:
        call.shop.force_delete_order(order.id)
    elif order.status == "trash":
        raise RestError(410, "woocommerce_rest_already_trashed", "The Order has already been deleted.")
    else:
        call.shop.trash_order(order.id)


def _create(call: Call, given: Params) -> Order:
    shop = call.shop
    status = given.choice("status", "pending", WRITABLE_STATUSES)
    customer = _customer(call, given)
    meta = check_meta(given.given.get("meta_data") or [])
    order = shop.create_order(
        items=(), status="pending", customer_id=customer or 0, created_via="rest-api", quiet=True,
        billing=given.mapping("billing"), shipping=given.mapping("shipping"),
    )  # fmt: skip
    _write_lines(call, order, given)
    shop.do_action("woocommerce_new_order", order.id)
    is_paid = given.flag("set_paid")
    shop.update_order(
        order.id,
        status="processing" if is_paid and status == "pending" else status,
        fields={name: given.text(name) for name in _PLAIN_FIELDS if name in given} or {"customer_note": ""},
        meta=meta,
    )
    return order


def _save(call: Call, order: Order, given: Params, *, is_checked: bool) -> None:
    """Save what a request gives. Unless `is_checked`, as in a batch, an unknown status quietly becomes `pending`."""
    status = given.text("status") or None
    if is_checked and status is not None:
        status = given.choice("status", "", WRITABLE_STATUSES)
    elif status is not None and status not in WRITABLE_STATUSES:
        status = "pending"
    fields: dict[str, Any] = {name: given.text(name) for name in _PLAIN_FIELDS if name in given}
    customer = _customer(call, given)
    if customer is not None:
        fields["customer_id"] = customer
    meta = check_meta(given.given.get("meta_data") or [])
    if _write_lines(call, order, given):
        fields.setdefault("customer_note", order.customer_note)  # a change of lines is more than a change of meta
    if given.flag("set_paid") and status is None and order.paid is None:
        status = "processing"
    call.shop.update_order(
        order.id,
        status=status,
        billing=given.mapping("billing"),
        shipping=given.mapping("shipping"),
        fields=fields,
        meta=meta,
        author=call.caller.username or "WooCommerce",
    )


def _customer(call: Call, given: Params) -> int | None:
    if "customer_id" not in given:
        return None
    customer_id = given.integer("customer_id", 0)
    if customer_id and customer_id not in call.shop.users:
        raise RestError(400, "woocommerce_rest_invalid_customer_id", "Customer ID is invalid.")
    return customer_id


def _write_lines(call: Call, order: Order, given: Params) -> bool:
    """Add, change and remove lines; whether the request named any."""
    named = False
    for field, write in (("line_items", _goods), ("shipping_lines", _shipping), ("fee_lines", _fee)):
        entries = given.given.get(field)
        if entries is None:
            continue
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise invalid_type(field, "array" if not isinstance(entries, list) else "object")
        for entry in entries:
            named = True
            kept = next((line for line in order.lines if line.id == entry.get("id")), None)
            if kept is not None and _is_removal(entry):
                order.lines.remove(kept)
            elif kept is not None:
                _change(kept, entry)
            else:
                order.lines.append(write(call, entry))
    recalculate(order)
    return named


def _is_removal(entry: dict[str, Any]) -> bool:
    removes = ("product_id", "method_id", "name")
    return entry.get("quantity") == 0 or any(name in entry and entry[name] is None for name in removes)


def _change(line: Line, entry: dict[str, Any]) -> None:
    each = line.total / line.quantity if line.quantity else Decimal(0)
    line.quantity = _whole(entry, "quantity", line.quantity)
    line.name = str(entry.get("name", entry.get("method_title", line.name)))
    line.total = _amount(entry.get("total"), each * line.quantity)
    line.subtotal = _amount(entry.get("subtotal"), line.total)


def _goods(call: Call, entry: dict[str, Any]) -> Line:
    product = call.shop.products.get(_whole(entry, "product_id", 0), Item("", 1, 0))
    quantity = _whole(entry, "quantity", 1)
    line = call.shop.goods(
        Item(str(entry.get("name") or product.name), quantity, product.price, product.product_id, product.sku)
    )
    line.total = _amount(entry.get("total"), line.total)
    line.subtotal = _amount(entry.get("subtotal"), line.total)
    return line


def _shipping(call: Call, entry: dict[str, Any]) -> Line:
    cost = _amount(entry.get("total"), Decimal(0))
    title, method = str(entry.get("method_title", "")), str(entry.get("method_id", ""))
    return Line(call.shop.new_id("line"), "shipping", title, 1, cost, cost, method_id=method)


def _fee(call: Call, entry: dict[str, Any]) -> Line:
    cost = _amount(entry.get("total"), Decimal(0))
    return Line(call.shop.new_id("line"), "fee", str(entry.get("name", "")), 1, cost, cost)


def _whole(entry: dict[str, Any], name: str, default: int) -> int:
    return Params(entry).integer(name, default)


def _amount(given: Any, default: Decimal) -> Decimal:
    if given is None or given == "":
        return default
    try:
        return Decimal(str(given))
    except InvalidOperation as error:
        raise invalid_type("total", "string") from error


ROUTES = (
    route("/wc/v3/orders", {"GET": Endpoint("list", list_orders), "POST": Endpoint("create", create_order)}),
    route(
        "/wc/v3/orders/batch",
        {"POST": Endpoint("batch", batch), "PUT": Endpoint("batch", batch), "PATCH": Endpoint("batch", batch)},
    ),
    route(
        "/wc/v3/orders/<id>",
        {
            "GET": Endpoint("view", read_order),
            "PUT": Endpoint("edit", update_order),
            "DELETE": Endpoint("delete", delete_order),
        },
    ),
)
