"""A customer's page, its timeline piece by piece, and the short ways in by an order's or a ticket's number."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from companion.domain.permissions import Permission
from companion.web.htmx import is_htmx
from companion.web.pages.history import Filter, Form, InView, address, contact_asked, ref_of, whole_page
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("customers", __name__)


@blueprint.get("/customers/<int:customer_id>")
@needs(Permission.SEE_CUSTOMERS)
def show(customer_id: int) -> ResponseReturnValue:
    """Who she is, what to know first, and everything that happened."""
    chosen = Filter.of(request.args)
    whole = site().whole_pages.open(viewer(), customer_id, chosen.stretch(request.args.get("after")))
    page = whole.head
    if page.id != customer_id:  # united with another; may be undone, so the redirect is not for ever
        return redirect(address(page.id, request.args), 302)
    in_view = InView.of(page.id, ref_of(request.args))
    return whole_page(whole, chosen, in_view, Form.empty(page, in_view, contact_asked(request.args)))


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
        timeline=site().customers.timeline(viewer(), customer_id, chosen.stretch(after)),
        month_before=request.args.get("month", ""),
    )


@blueprint.get("/customers/<int:customer_id>/viewings")
@needs(Permission.SEE_CUSTOMERS)
def viewings(customer_id: int) -> ResponseReturnValue:
    """Who else has this page open; the page asks by itself, now and again, and so says that it is open."""
    if not is_htmx():
        return redirect(address(customer_id, request.args), 302)
    colleagues = site().viewings.renew(viewer(), customer_id)
    if request.args.get("known", "") == ",".join(str(colleague.agent_id) for colleague in colleagues):
        return "", 204  # as it stands there already: nothing is drawn, and nothing read out, again
    return render_template("customers/viewings.html", colleagues=colleagues)


@blueprint.get("/orders/<shop>/<order_id>")
@needs(Permission.SEE_ORDERS)
def by_order(shop: str, order_id: str) -> ResponseReturnValue:
    """The customer who placed an order, with that order in view."""
    customer_id = site().customers.by_order(viewer(), shop, order_id)
    return redirect(url_for("customers.show", customer_id=customer_id, order=f"{shop}/{order_id}"), 302)


@blueprint.get("/tickets/<shop>/<ticket_id>")
@needs(Permission.SEE_TICKETS)
def by_ticket(shop: str, ticket_id: str) -> ResponseReturnValue:
    """The customer who opened a ticket, with that ticket and its replies in view."""
    customer_id = site().customers.by_ticket(viewer(), shop, ticket_id)
    return redirect(url_for("customers.show", customer_id=customer_id, ticket=f"{shop}/{ticket_id}"), 302)
