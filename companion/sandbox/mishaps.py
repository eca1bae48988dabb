"""What a fault makes of an answer: pages put in its place, and answers spoiled on the way."""

from __future__ import annotations

import copy
import json
from typing import Literal

from companion.sandbox.faults import Fault
from companion.sandbox.wire import JSON_TYPE, Request, Response, RestError

Cut = Literal["whole", "half", "nothing"]
"""How much of an answer reaches the client before the connection goes."""
CUTS: dict[str, Cut] = {"cut_before": "nothing", "cut_after": "nothing", "half": "half"}
INSTEAD = frozenset({"status", "html", "challenge", "cut_before"})
"""Faults under which the shop does nothing."""

_ERROR_PAGE = (
    '<!DOCTYPE html>\r\n<html lang="en-US"><head><title>WordPress &rsaquo; Error</title></head>'
    '<body id="error-page"><div class="wp-die-message"><p>There has been a critical error on this website.</p>'
    "</div></body></html>"
)
_CHALLENGE_PAGE = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body>'
    "<h1>Checking your browser before accessing the shop.</h1><noscript>Enable JavaScript and cookies to continue."
    "</noscript></body></html>"
)
_NOTICE = "\ufeff<br />\n<b>Notice</b>:  Undefined index: x in <b>/srv/shop/plugin.php</b> on line <b>1</b><br />\n"


def instead(fault: Fault) -> Response:
    """The answer that a fault puts in the place of the shop's own."""
    if fault.kind == "challenge":
        return Response.of_html(_CHALLENGE_PAGE, 403)
    if fault.kind == "html":
        return Response.of_html(_ERROR_PAGE, fault.status)
    response = RestError(fault.status, "sandbox_fault", "A fault was asked for.").response()
    if fault.seconds is not None:
        response.headers["Retry-After"] = str(int(fault.seconds))
    return response


def broken_page() -> Response:
    """The page that WordPress shows where a plugin fell over."""
    return Response.of_html(_ERROR_PAGE, 500)


def spoiled(response: Response, kind: str) -> Response:
    """The shop's own answer as a fault leaves it."""
    if kind == "notice":
        noticed = copy.copy(response)
        noticed.body = _NOTICE.encode() + response.body
        return noticed
    return _malformed(response) if kind == "malformed" else response


def _malformed(response: Response) -> Response:
    """The same records with the first one broken in shape, not in syntax."""
    if response.content_type != JSON_TYPE:
        return response
    whole = json.loads(response.body)
    records = whole if isinstance(whole, list) else [whole]
    if records and isinstance(records[0], dict):
        records[0] |= {"billing": "?", "line_items": {"0": None}, "total": ["x"], "date_created_gmt": 12}
    return Response.of_json(whole, response.status, response.headers, response.items)


def two_dots(request: Request) -> Response:
    """What a certain plugin makes of two dots in a request signed with an administrator's key."""
    if "json" in request.headers.get("content-type", ""):
        message = "<p>There has been a critical error on this website.</p>"
        error = RestError(500, "internal_server_error", message).as_json()
        return Response.of_json({**error, "additional_errors": []}, 500)
    return broken_page()
