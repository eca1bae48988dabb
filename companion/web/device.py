"""What a device remembers of its user without knowing her: theme, and the language of the gate. Plain cookies."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

from companion.web.site import site

LANGUAGE = "language"
THEME = "theme"
THEMES = ("auto", "light", "dark")

_A_YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Give templates `theme()`."""
    app.jinja_env.globals["theme"] = theme


def theme() -> str:
    """The theme of this device: auto follows the device's own setting."""
    chosen = request.cookies.get(THEME, "")
    return chosen if chosen in THEMES else "auto"


def keep(response: Response, name: str, value: str) -> None:
    """Remember a choice for a year."""
    response.set_cookie(name, value, max_age=_A_YEAR, httponly=True, secure=site().is_https, samesite="Lax")
