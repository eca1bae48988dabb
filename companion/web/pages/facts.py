"""Correcting what is known of a customer: facts, the preferred way of contact, dates that matter."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from companion.domain.by_hand import FIELDS
from companion.domain.permissions import Permission
from companion.services.errors import Invalid
from companion.web import wording
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("facts", __name__)

_SHOWN = "shown_"


@blueprint.get("/customers/<int:customer_id>/facts")
@needs(Permission.EDIT_CUSTOMERS)
def show(customer_id: int) -> ResponseReturnValue:
    """The form with what is in force of one account of hers, and what was corrected."""
    return _show(customer_id, request.args.get("account", type=int))


@blueprint.post("/customers/<int:customer_id>/facts")
@needs(Permission.EDIT_CUSTOMERS)
def save(customer_id: int) -> ResponseReturnValue:
    """Keep what was changed in the form, and nothing that somebody else changed meanwhile."""
    form = request.form
    account_id = form.get("account", type=int) or 0
    changes = {field: form[field] for field in FIELDS if field in form and form[field] != form.get(_SHOWN + field)}
    try:
        changed = site().by_hand.correct(viewer(), customer_id, account_id, changes)
    except Invalid as error:
        return _show(customer_id, account_id, typed=form, field=error.field, problem=wording.of_error(error)), 422
    flash("facts.saved" if changed else "facts.same")
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


@blueprint.post("/customers/<int:customer_id>/facts/back")
@needs(Permission.EDIT_CUSTOMERS)
def take_back(customer_id: int) -> ResponseReturnValue:
    """Let a fact be the shop's again."""
    account_id = request.form.get("account", type=int) or 0
    site().by_hand.take_back(viewer(), customer_id, account_id, request.form.get("field", ""))
    flash("facts.taken_back")
    return redirect(url_for("facts.show", customer_id=customer_id, account=account_id), 303)


@blueprint.post("/customers/<int:customer_id>/dates")
@needs(Permission.EDIT_CUSTOMERS)
def add_date(customer_id: int) -> ResponseReturnValue:
    """Keep a day that matters to her."""
    form = request.form
    is_yearly = form.get("repeats", "yearly") == "yearly"
    try:
        site().by_hand.add_date(
            viewer(), customer_id, label=form.get("label", ""), day=form.get("day", ""), is_yearly=is_yearly
        )
    except Invalid as error:
        return _show(customer_id, None, typed=form, field=error.field, problem=wording.of_error(error)), 422
    flash("date.added")
    return redirect(url_for("facts.show", customer_id=customer_id, _anchor="dates"), 303)


@blueprint.post("/customers/<int:customer_id>/dates/<int:date_id>/remove")
@needs(Permission.EDIT_CUSTOMERS)
def remove_date(customer_id: int, date_id: int) -> ResponseReturnValue:
    """Take a date away."""
    site().by_hand.remove_date(viewer(), customer_id, date_id)
    flash("date.removed")
    return redirect(url_for("facts.show", customer_id=customer_id, _anchor="dates"), 303)


def _show(
    customer_id: int,
    account_id: int | None,
    *,
    typed: Mapping[str, str] | None = None,
    field: str = "",
    problem: str = "",
) -> str:
    sheet = site().by_hand.sheet(viewer(), customer_id, account_id)
    return render_template("people/facts.html", sheet=sheet, typed=typed or {}, wrong=field, problem=problem)
