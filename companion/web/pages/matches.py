"""Who may be one person: pairs to look at, and the forms by which agents unite, keep apart, split and take back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from companion.domain.permissions import Permission
from companion.services.errors import Invalid
from companion.services.people.likely import Pair
from companion.web import wording
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("matches", __name__)

_PAIR = re.compile(r"pair-(\d{1,18})-(\d{1,18})")
_FOUND = 8


@blueprint.get("/matches")
@needs(Permission.UNITE_CUSTOMERS)
def show() -> str:
    """What waits for somebody's eyes, and what was decided last."""
    page = min(request.args.get("page", 1, type=int), 10_000)
    return render_template(
        "matches/page.html",
        review=site().matches.review(viewer(), page=page),
        decisions=site().matches.decisions(viewer()),
    )


@blueprint.post("/matches")
@needs(Permission.UNITE_CUSTOMERS)
def decide() -> ResponseReturnValue:
    """One or several pairs at once."""
    done = site().matches.decide(viewer(), _verdicts(request.form))
    for problem in dict.fromkeys(its.problem for its in done if its.problem):
        flash(problem)
    decided = [its for its in done if not its.problem]
    if len(decided) > 1:
        flash("match.decided")
    elif decided:
        flash("match.united" if decided[0].verdict == "unite" else "match.kept_apart")
    customer_id = request.form.get("customer", type=int)
    if customer_id:
        return redirect(url_for("customers.show", customer_id=customer_id), 303)
    return redirect(url_for("matches.show", page=request.form.get("page", type=int)), 303)


@blueprint.get("/customers/<int:customer_id>/unite")
@needs(Permission.UNITE_CUSTOMERS)
def ask(customer_id: int) -> str:
    """Whom is she to be united with? A search."""
    return _asked(customer_id, "")


@blueprint.post("/customers/<int:customer_id>/unite")
@needs(Permission.UNITE_CUSTOMERS)
def unite(customer_id: int) -> ResponseReturnValue:
    """She and another customer are one person."""
    try:
        now = site().matches.unite(viewer(), customer_id, request.form.get("other", 0, type=int))
    except Invalid as error:
        return _asked(customer_id, wording.of_error(error)), 422
    flash("match.united")
    return redirect(url_for("customers.show", customer_id=now), 303)


@blueprint.post("/customers/<int:customer_id>/split")
@needs(Permission.UNITE_CUSTOMERS)
def split(customer_id: int) -> ResponseReturnValue:
    """Some of her accounts are another person's."""
    try:
        stayed, _ = site().matches.split(viewer(), customer_id, request.form.getlist("account", type=int))
    except Invalid as error:
        flash(error.code)
        return redirect(url_for("customers.show", customer_id=customer_id, _anchor="accounts"), 303)
    flash("match.split")
    return redirect(url_for("customers.show", customer_id=stayed), 303)


@blueprint.post("/decisions/<int:decision_id>/undo")
@needs(Permission.UNITE_CUSTOMERS)
def undo(decision_id: int) -> ResponseReturnValue:
    """Take a decision back."""
    site().matches.undo(viewer(), decision_id)
    flash("match.undone")
    customer_id = request.form.get("customer", type=int)
    if customer_id:
        return redirect(url_for("customers.show", customer_id=customer_id), 303)
    return redirect(url_for("matches.show"), 303)


def _asked(customer_id: int, problem: str) -> str:
    page = site().customers.page(viewer(), customer_id)
    text = request.values.get("q", "").strip()
    found = site().search.find(viewer(), text, limit=_FOUND).hits if text else ()
    others = [hit for hit in found if hit.customer_id != page.id]
    return render_template("matches/unite.html", page=page, q=text, others=others, problem=problem)


def _verdicts(form: Mapping[str, str]) -> dict[Pair, Literal["unite", "refuse"]]:
    """`pair-7-9=unite`, of each pair that was decided."""
    found: dict[Pair, Literal["unite", "refuse"]] = {}
    for name, value in form.items():
        match = _PAIR.fullmatch(name)
        if match and value in {"unite", "refuse"}:
            found[int(match[1]), int(match[2])] = cast("Literal['unite', 'refuse']", value)
    return found
