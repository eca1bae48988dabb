"""Groups of one's own: made by conditions, listed, exported, changed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from companion.domain.groups import Conditions
from companion.domain.permissions import Permission
from companion.services.errors import Forbidden, Invalid
from companion.services.segments import conditions as typed_conditions
from companion.services.segments.conditions import CITY_LIMIT, TypedConditions
from companion.services.segments.groups import NAME_LIMIT, Group
from companion.web import wording
from companion.web.formats import day_in_figures
from companion.web.lists import Page, members_file
from companion.web.session import needs, viewer
from companion.web.site import site

blueprint = Blueprint("groups", __name__)


@blueprint.get("/groups")
@needs(Permission.SEE_CUSTOMERS)
def show() -> str:
    """All groups."""
    return render_template("groups/page.html", groups=site().groups.every(viewer()))


@blueprint.get("/groups/new")
@needs(Permission.SET_SEGMENTS)
def ask() -> str:
    """The form of a new group."""
    return _form(None, "", TypedConditions(), "", "")


@blueprint.post("/groups")
@needs(Permission.SET_SEGMENTS)
def make() -> ResponseReturnValue:
    """Make it."""
    name, form = request.form.get("name", ""), _typed(request.form)
    try:
        group = site().groups.make(viewer(), name, _read(form))
    except Invalid as error:
        return _form(None, name, form, error.field, wording.of_error(error)), 422
    flash("group.made")
    return redirect(url_for("groups.members", group_id=group.id), 303)


@blueprint.get("/groups/<int:group_id>")
@needs(Permission.SEE_CUSTOMERS)
def members(group_id: int) -> str:
    """Its members."""
    group = site().groups.get(viewer(), group_id)
    page = Page.of(request.args)
    return render_template("groups/members.html", group=group, page=page, members=page.read(group.conditions))


@blueprint.get("/groups/<int:group_id>/customers.csv")
@needs(Permission.EXPORT)
def file(group_id: int) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    group = site().groups.get(viewer(), group_id)
    records = site().groups.export(viewer(), group.conditions, group_id=group.id)
    return members_file(f"group-{group.id}", records, group.conditions)


@blueprint.get("/groups/<int:group_id>/edit")
@needs(Permission.SET_SEGMENTS)
def edit(group_id: int) -> str:
    """The form with what the group asks now."""
    group = site().groups.get(viewer(), group_id)
    if not group.is_open:
        raise Forbidden("forbidden")
    return _form(group, group.name, _as_typed(group.conditions), "", "")


@blueprint.post("/groups/<int:group_id>")
@needs(Permission.SET_SEGMENTS)
def save(group_id: int) -> ResponseReturnValue:
    """Change it."""
    name, form = request.form.get("name", ""), _typed(request.form)
    try:
        site().groups.change(viewer(), group_id, name, _read(form))
    except Invalid as error:
        group = site().groups.get(viewer(), group_id)
        return _form(group, name, form, error.field, wording.of_error(error)), 422
    flash("group.changed")
    return redirect(url_for("groups.members", group_id=group_id), 303)


@blueprint.post("/groups/<int:group_id>/remove")
@needs(Permission.SET_SEGMENTS)
def remove(group_id: int) -> ResponseReturnValue:
    """Remove it."""
    site().groups.remove(viewer(), group_id)
    flash("group.removed")
    return redirect(url_for("groups.show"), 303)


def _form(group: Group | None, name: str, form: TypedConditions, field: str, problem: str) -> str:
    return render_template(
        "groups/edit.html",
        group=group,
        name=name,
        typed=form,
        field=field,
        problem=problem,
        shops=_shops(),
        currencies=site().groups.currencies(viewer()),
        name_limit=NAME_LIMIT,
        city_limit=CITY_LIMIT,
    )


def _shops() -> dict[str, str]:
    return {key: name for key, name in site().shop_names.items() if viewer().sees_shop(key)}


def _read(form: TypedConditions) -> Conditions:
    return typed_conditions.read(form, shops=_shops(), toman=site().installation.toman)


def _typed(form: MultiDict[str, str]) -> TypedConditions:
    texts = {each.name: form.get(each.name, "") for each in fields(TypedConditions) if each.name != "segments"}
    return TypedConditions(segments=form.getlist("segments"), **texts)


def _as_typed(asked: Conditions) -> TypedConditions:
    toman = site().installation.toman
    texts: Mapping[str, Any] = {
        "total": typed_conditions.units(asked.total, asked.currency, toman=toman) or "",
        "orders": asked.orders or "",
        "complaints": asked.complaints or "",
        "open_ticket": "on" if asked.open_ticket else "",
        **{
            name: day_in_figures(day) if (day := getattr(asked, name)) else ""
            for name in ("ordered_since", "ordered_before", "quiet_since")
        },
    }
    return TypedConditions(
        segments=asked.segments,
        shop=asked.shop,
        city=asked.city,
        currency=asked.currency,
        **{name: str(value) for name, value in texts.items()},
    )
