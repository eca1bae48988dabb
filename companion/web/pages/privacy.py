"""What the law asks for: everything known about a person, to read or to take away, and forgetting her."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from companion.domain.permissions import Permission
from companion.services.errors import Invalid
from companion.services.people.dossier import as_json
from companion.web import wording
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("privacy", __name__)


@blueprint.get("/customers/<int:customer_id>/export")
@needs(Permission.EXPORT)
def export(customer_id: int) -> str:
    """Everything, to read or to print."""
    return render_template("privacy/export.html", dossier=site().dossiers.of(viewer(), customer_id))


@blueprint.get("/customers/<int:customer_id>/export.json")
@needs(Permission.EXPORT)
def file(customer_id: int) -> ResponseReturnValue:
    """Everything, for a program."""
    found = site().dossiers.of(viewer(), customer_id)
    answer = Response(as_json(found), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="customer-{found.customer_id}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/customers/<int:customer_id>/erase")
@needs(Permission.ERASE_CUSTOMERS)
def ask(customer_id: int) -> str:
    """What will go, and the word that confirms it; for one who was erased, how far that is."""
    return render_template("privacy/erase.html", plan=site().erasures.plan(viewer(), customer_id), typed="", problem="")


@blueprint.post("/customers/<int:customer_id>/erase")
@needs(Permission.ERASE_CUSTOMERS)
def erase(customer_id: int) -> ResponseReturnValue:
    """Forget her."""
    typed = request.form.get("typed", "")
    try:
        site().erasures.erase(viewer(), customer_id, typed=typed)
    except Invalid as error:
        plan = site().erasures.plan(viewer(), customer_id)
        return render_template("privacy/erase.html", plan=plan, typed=typed, problem=wording.of_error(error)), 422
    flash("customer.erased")
    return redirect(url_for("privacy.ask", customer_id=customer_id), 303)


@blueprint.get("/privacy")
@needs(Permission.ERASE_CUSTOMERS)
def show() -> str:
    """Who was erased, when and by whom."""
    return render_template("privacy/page.html", erasures=site().erasures.newest(viewer()))
