"""The two manners of answering: a fragment for htmx, a whole page or a redirect for a browser without JavaScript."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import Flask, Response, request

# No style element of its own and no eval, as the page's policy forbids both; no copies of pages with customers' names
# in the browser's storage; answers to errors are shown as they come.
_CONFIG = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    "historyCacheSize": 0,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "[45]..", "swap": True, "error": False},
    ],
}


def install(app: Flask) -> None:
    """Give templates htmx's settings."""
    app.jinja_env.globals["htmx_config"] = json.dumps(_CONFIG)
    app.after_request(_lead)


def is_htmx() -> bool:
    """Whether htmx asks, to put the answer into a page that stands already."""
    return request.headers.get("HX-Request") == "true"


def is_by_itself() -> bool:
    """Whether a part of a page renews itself (the element `live`), and no person asks."""
    return is_htmx() and request.headers.get("HX-Trigger") == "live"


def headers(*, retarget: str = "", reswap: str = "", reselect: str = "", focus: str = "") -> dict[str, str]:
    """Headers that tell htmx where an answer goes, which part of it, or which element takes the focus after it."""
    chosen = {"HX-Retarget": retarget, "HX-Reswap": reswap, "HX-Reselect": reselect}
    if focus:
        chosen["HX-Trigger-After-Settle"] = f'{{"companion:focus": "{focus}"}}'
    return {name: value for name, value in chosen.items() if value}


def _lead(response: Response) -> Response:
    """Where a form of htmx leads to another page, the browser goes there itself, as from any form."""
    if is_htmx() and request.method == "POST" and response.status_code == 303:  # noqa: PLR2004 -- see other
        here = urlsplit(request.headers.get("HX-Current-URL", "")).path
        if urlsplit(response.location or "").path != here:
            response.headers["HX-Redirect"] = response.headers.pop("Location")
            response.status_code = 204
            response.set_data(b"")
    return response
