"""The routes of what follows an order: refunds and order notes."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from companion.sandbox.records import Order, OrderNote, Refund
from companion.sandbox.rest import Call, Endpoint, created, listing, route, shown
from companion.sandbox.views import LISTED_REFUND, NOTE, REFUND
from companion.sandbox.wire import Response, RestError, missing_params


def list_all_refunds(call: Call) -> Response:
    """Every refund of the shop."""
    zone = call.shop.zone
    after, before = call.params.instant("after", zone), call.params.instant("before", zone)
    include, exclude = call.params.ids("include"), call.params.ids("exclude")
    chosen = [
        refund
        for refund in call.shop.refunds.values()
        if (after is None or refund.created > after)
        and (before is None or refund.created < before)
        and (not include or refund.id in include)
        and refund.id not in exclude
    ]
    by_id = call.params.choice("orderby", "date", ("date", "id", "include", "title", "slug", "modified")) == "id"
    is_descending = call.params.choice("order", "desc", ("asc", "desc")) == "desc"
    chosen.sort(key=lambda refund: (0 if by_id else refund.created, refund.id), reverse=is_descending)
    return listing(call, chosen, lambda refund: shown(call, LISTED_REFUND, refund))


def list_refunds(call: Call) -> Response:
    """The refunds of one order, newest first."""
    return listing(call, _order(call).refunds[::-1], lambda refund: shown(call, REFUND, refund))


def read_refund(call: Call) -> Response:
    """One refund."""
    return Response.of_json(shown(call, REFUND, _refund(call)))


def create_refund(call: Call) -> Response:
    """Give money back."""
    order = _order(call)
    try:
        amount = Decimal(call.params.text("amount", "0"))
        refund = call.shop.create_refund(
            order.id, amount, reason=call.params.text("reason"), refunded_by=call.caller.user_id
        )
    except (InvalidOperation, ValueError) as error:
        raise RestError(500, "woocommerce_rest_cannot_create_order_refund", "Invalid refund amount.") from error
    return created(call, REFUND, refund, f"orders/{order.id}/refunds/{refund.id}")


def delete_refund(call: Call) -> Response:
    """Take a refund back, for good."""
    refund = _refund(call)
    _only_for_good(call, "refunds")
    before = shown(call, REFUND, refund)
    call.shop.delete_refund(refund.id)
    return Response.of_json(before)


def list_notes(call: Call) -> Response:
    """The notes on an order: all of them, without paging or totals."""
    wanted = call.params.choice("type", "any", ("any", "customer", "internal"))
    notes = [note for note in _order(call).notes if wanted in {"any", "customer" if note.to_customer else "internal"}]
    return listing(call, notes, lambda note: shown(call, NOTE, note), counted=False)


def read_note(call: Call) -> Response:
    """One note."""
    return Response.of_json(shown(call, NOTE, _note(call)))


def create_note(call: Call) -> Response:
    """Write a note; its author is WooCommerce unless the caller is to be named."""
    order = _order(call)
    if "note" not in call.params:
        raise missing_params("note")
    author = call.caller.username if call.params.flag("added_by_user") else "WooCommerce"
    text, to_customer = call.params.text("note"), call.params.flag("customer_note")
    note = call.shop.add_order_note(order.id, text, author=author, to_customer=to_customer)
    return created(call, NOTE, note, f"orders/{order.id}/notes/{note.id}")


def delete_note(call: Call) -> Response:
    """Delete a note, for good."""
    note = _note(call)
    _only_for_good(call, "webhooks")  # the shop's own text says so of notes
    before = shown(call, NOTE, note)
    call.shop.delete_order_note(call.ids[0], note.id)
    return Response.of_json(before)


def _only_for_good(call: Call, what: str) -> None:
    if not call.params.flag("force"):
        message = f"{what.capitalize()} do not support trashing."
        raise RestError(501, "woocommerce_rest_trash_not_supported", message)


def _order(call: Call) -> Order:
    order = call.shop.orders.get(call.ids[0])
    if order is None:
        raise RestError(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")
    return order


def _refund(call: Call) -> Refund:
    refund = next((refund for refund in _order(call).refunds if refund.id == call.ids[1]), None)
    if refund is None:
        raise RestError(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.")
    return refund


def _note(call: Call) -> OrderNote:
    note = next((note for note in _order(call).notes if note.id == call.ids[1]), None)
    if note is None:
        raise RestError(404, "woocommerce_rest_invalid_id", "Invalid resource ID.")
    return note


ROUTES = (
    route("/wc/v3/refunds", {"GET": Endpoint("list", list_all_refunds)}),
    route(
        "/wc/v3/orders/<id>/refunds",
        {"GET": Endpoint("list", list_refunds), "POST": Endpoint("create", create_refund)},
    ),
    route(
        "/wc/v3/orders/<id>/refunds/<id>",
        {"GET": Endpoint("view", read_refund), "DELETE": Endpoint("delete", delete_refund)},
    ),
    route("/wc/v3/orders/<id>/notes", {"GET": Endpoint("list", list_notes), "POST": Endpoint("create", create_note)}),
    route(
        "/wc/v3/orders/<id>/notes/<id>",
        {"GET": Endpoint("view", read_note), "DELETE": Endpoint("delete", delete_note)},
    ),
)
