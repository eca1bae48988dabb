"""Addresses of static files that change when the file does, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

_FOLDER = Path(__file__).parent / "static"
_VERSION_LETTERS = 10
_FOR_EVER = "public, max-age=31536000, immutable"
_A_WEEK = "public, max-age=604800"  # fonts are named by the style sheet, without a version


def install(app: Flask) -> None:
    """Give templates `asset(name)`, and let browsers keep what they fetched by such an address."""
    app.jinja_env.globals["asset"] = address

    @app.after_request
    def let_keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code < 400:  # noqa: PLR2004 -- HTTP's first refusal
            response.headers["Cache-Control"] = _FOR_EVER if "v" in request.args else _A_WEEK
        return response


def address(name: str) -> str:
    """Where a browser finds a static file."""
    return _under(request.script_root, name)


@cache
def _under(_root: str, name: str) -> str:
    """The address below where the pages are mounted; a page names its icons hundreds of times."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    return hashlib.blake2b((_FOLDER / name).read_bytes()).hexdigest()[:_VERSION_LETTERS]
