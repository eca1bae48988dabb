"""The kinds of customers: how many there are, how to meet them, who they are, by which rules; and one said by hand."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from companion.domain.groups import Conditions
from companion.domain.permissions import Permission
from companion.domain.segments import LIMITS, Segment
from companion.services.errors import Invalid
from companion.services.segments.segments import REASON_LIMIT
from companion.web import wording
from companion.web.lists import Page, members_file
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("segments", __name__)


@blueprint.get("/segments")
@needs(Permission.SEE_CUSTOMERS)
def show() -> str:
    """The four kinds."""
    return _overview({}, "", "")


@blueprint.post("/segments/rules")
@needs(Permission.MANAGE_SETTINGS)
def save_rules() -> ResponseReturnValue:
    """Set the rules anew."""
    try:
        site().segments.set_rules(viewer(), {name: request.form.get(name, "") for name in LIMITS})
    except Invalid as error:
        return _overview(request.form, error.field, wording.of_error(error)), 422
    flash("segment.rules_set")
    return redirect(url_for("segments.show"), 303)


@blueprint.get("/segments/<name>")
@needs(Permission.SEE_CUSTOMERS)
def members(name: str) -> str:
    """The customers of one kind."""
    page = Page.of(request.args)
    found = page.read(_of(name))
    return render_template("segments/members.html", segment=name, page=page, members=found)


@blueprint.get("/segments/<name>/customers.csv")
@needs(Permission.EXPORT)
def file(name: str) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    conditions = _of(name)
    return members_file(f"customers-{name}", site().groups.export(viewer(), conditions), conditions)


@blueprint.get("/customers/<int:customer_id>/segment")
@needs(Permission.SET_SEGMENTS)
def ask(customer_id: int) -> str:
    """The form in which the kind of a customer is said by hand."""
    return _form(customer_id, {}, "", "")


@blueprint.post("/customers/<int:customer_id>/segment")
@needs(Permission.SET_SEGMENTS)
def choose(customer_id: int) -> ResponseReturnValue:
    """Say it."""
    form = request.form
    try:
        chosen = site().segments.choose(
            viewer(),
            customer_id,
            form.get("segment", ""),
            reason=form.get("reason", ""),
            until=form.get("until", ""),
        )
    except Invalid as error:
        return _form(customer_id, form, error.field, wording.of_error(error)), 422
    flash("segment.set")
    return redirect(url_for("customers.show", customer_id=chosen.customer_id), 303)


@blueprint.post("/customers/<int:customer_id>/segment/withdraw")
@needs(Permission.SET_SEGMENTS)
def withdraw(customer_id: int) -> ResponseReturnValue:
    """Take it back."""
    left = site().segments.withdraw(viewer(), customer_id)
    flash("segment.withdrawn")
    return redirect(url_for("customers.show", customer_id=left.customer_id), 303)


def _of(name: str) -> Conditions:
    if name not in {each.value for each in Segment}:
        abort(404)
    return Conditions(segments=(name,))


def _overview(typed: object, field: str, problem: str) -> str:
    segments = site().segments
    return render_template(
        "segments/page.html",
        counts=segments.counts(viewer()),
        waiting=segments.is_sorting(),
        rules=segments.rules(),
        limits=LIMITS,
        typed=typed,
        field=field,
        problem=problem,
    )


def _form(customer_id: int, typed: object, field: str, problem: str) -> str:
    page = site().customers.page(viewer(), customer_id)
    return render_template(
        "segments/choose.html",
        page=page,
        found=site().segments.of(viewer(), customer_id),
        typed=typed,
        field=field,
        problem=problem,
        reason_limit=REASON_LIMIT,
    )
