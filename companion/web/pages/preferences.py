"""An agent's own choices: language and calendar follow her, the theme belongs to the device."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from companion.services.errors import Invalid
from companion.web import device, wording
from companion.web.i18n import LANGUAGES
from companion.web.session import viewer
from companion.web.site import site

blueprint = Blueprint("preferences", __name__)


@blueprint.get("/preferences")
def show() -> str:
    """What is chosen now."""
    return render_template("preferences.html", problem="", who=viewer())


@blueprint.post("/preferences")
def save() -> ResponseReturnValue:
    """Choose anew."""
    language = request.form.get("language", "")
    try:
        site().users.set_preferences(viewer().agent_id, language, request.form.get("calendar", ""))
    except Invalid as error:
        return render_template("preferences.html", problem=wording.of_error(error), who=viewer()), 422
    flash("preferences.saved")
    response = make_response(redirect(url_for("preferences.show"), 303))
    if language in LANGUAGES:
        device.keep(response, device.LANGUAGE, language)
    if (theme := request.form.get("theme", "")) in device.THEMES:
        device.keep(response, device.THEME, theme)
    return response
