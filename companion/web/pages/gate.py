"""The gate: signing in and out, and the language of those whom nobody knows yet."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from companion.services.errors import SignInFailed
from companion.web import device, session, wording
from companion.web.i18n import LANGUAGES
from companion.web.session import open_to_all
from companion.web.site import site

blueprint = Blueprint("gate", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> ResponseReturnValue:
    """Ask for user name and password, then lead to the page that was wanted."""
    wanted = local_path(request.values.get("next", ""))
    if request.method == "GET":
        if session.viewer_or_none():
            return redirect(wanted, 303)
        return render_template("sign_in.html", wanted=wanted, username="", problem="")
    username = request.form.get("username", "")
    try:
        who = site().users.sign_in(username, request.form.get("password", ""))
    except SignInFailed as error:
        problem = wording.of_error(error)
        return render_template("sign_in.html", wanted=wanted, username=username, problem=problem), 401
    session.begin(who)
    return redirect(wanted, 303)


@blueprint.post("/sign-out")
@open_to_all
def sign_out() -> Response:
    """End the session; harmless for those who have none."""
    session.end()
    return redirect(url_for("gate.sign_in"), 303)


@blueprint.post("/language")
@open_to_all
def choose_language() -> Response:
    """Keep the gate's language on this device."""
    response = make_response(redirect(url_for("gate.sign_in", next=local_path(request.form.get("next", ""))), 303))
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        device.keep(response, device.LANGUAGE, chosen)
    return response


def local_path(address: str) -> str:
    """The address if it is a path here, else home: nobody is led elsewhere by a link to our gate."""
    parts = urlsplit(address)
    is_local = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    if not is_local or address.startswith("//") or "\\" in address or any(ord(letter) < 0x20 for letter in address):  # noqa: PLR2004 -- control letters
        return url_for("home.home")
    return address
