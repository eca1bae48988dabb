"""A customer's page, its timeline piece by piece, and the short way in by an order's number."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from companion.domain.permissions import Permission
from companion.web.htmx import is_htmx
from companion.web.pages.history import Filter, Form, address, latest_note, order_in_view, parse_ref
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("customers", __name__)


@blueprint.get("/customers/<int:customer_id>")
@needs(Permission.SEE_CUSTOMERS)
def show(customer_id: int) -> ResponseReturnValue:
    """Who she is, what to know first, and everything that happened."""
    page = site().customers.page(viewer(), customer_id)
    if page.id != customer_id:  # united with another; may be undone, so the redirect is not for ever
        return redirect(address(page.id, request.args), 302)
    in_view = order_in_view(page.id, parse_ref(request.args.get("order", "")))
    chosen = Filter.of(request.args)
    return render_template(
        "customers/page.html",
        page=page,
        latest=latest_note(page),
        in_view=in_view,
        filter=chosen,
        timeline=chosen.read(page.id, request.args.get("after")),
        form=Form.empty(page.id, in_view),
    )


@blueprint.get("/customers/<int:customer_id>/timeline")
@needs(Permission.SEE_CUSTOMERS)
def timeline(customer_id: int) -> ResponseReturnValue:
    """The timeline anew after the filter changed, or, with `after`, its next entries."""
    if not is_htmx():
        return redirect(address(customer_id, request.args), 302)
    after = request.args.get("after")
    chosen = Filter.of(request.args)
    return render_template(
        "customers/entries.html" if after else "customers/timeline.html",
        customer_id=customer_id,
        filter=chosen,
        timeline=chosen.read(customer_id, after),
        month_before=request.args.get("month", ""),
    )


@blueprint.get("/orders/<shop>/<order_id>")
@needs(Permission.SEE_ORDERS)
def by_order(shop: str, order_id: str) -> ResponseReturnValue:
    """The customer who placed an order, with that order in view."""
    customer_id = site().customers.by_order(viewer(), shop, order_id)
    return redirect(url_for("customers.show", customer_id=customer_id, order=f"{shop}/{order_id}"), 302)
