"""Every error becomes an answer here, once: status, a sentence in the reader's language, and what she had typed.

Services raise errors by meaning; views catch only those that belong beside a field.
"""

from __future__ import annotations

import logging
import secrets

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from companion.services.errors import Conflict, Forbidden, Invalid, NotFound, ServiceError, SignInFailed, TooMany
from companion.web import htmx, limits, wording
from companion.web.session import viewer_or_none
from storage.errors import Full, ReadOnly, StorageError, TryAgain

log = logging.getLogger(__name__)

_BUSY = 5  # seconds after which a locked store is worth another try
_SERVER = 500
_UNAUTHORISED = 401
_TOO_MANY = 429
_STATUS: dict[type[ServiceError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Invalid: 422,
    Conflict: 409,
    TooMany: 429,
    SignInFailed: 401,
}


def install(app: Flask) -> None:
    """Answer errors of every kind."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ServiceError, _service)
    app.register_error_handler(StorageError, _storage)
    app.register_error_handler(Exception, _unforeseen)


def _http(error: HTTPException) -> Response:
    status = error.code or _SERVER
    if status < 400:  # noqa: PLR2004 -- a redirect that Flask raised
        return make_response(error.get_response())
    return answer(status, retry_after=limits.retry_after() if status == _TOO_MANY else None)


def _stale_form(_error: CSRFError) -> Response:
    """The form is older than the session, or came from elsewhere."""
    return answer(400, wording.STALE_FORM) if viewer_or_none() or request.endpoint == "gate.sign_in" else answer(401)


def _service(error: ServiceError) -> Response:
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)
    retry_after = error.retry_after if isinstance(error, TooMany) else None
    return answer(status, wording.of_error(error), retry_after=retry_after)


def _storage(error: StorageError) -> Response:
    log.error("the store failed: %s", error, extra={"code": error.code})
    if isinstance(error, (Full, ReadOnly)):
        return answer(503, wording.STORE_FULL)
    return answer(503, retry_after=_BUSY if isinstance(error, TryAgain) else None)


def _unforeseen(error: Exception) -> Response:
    """A fault of ours: the page shows a mark by which the log tells what happened."""
    mark = secrets.token_hex(4)
    log.error("a page failed", exc_info=error, extra={"mark": mark, "endpoint": request.endpoint})
    return answer(_SERVER, mark=mark)


def answer(status: int, sentence: str = "", *, retry_after: int | None = None, mark: str = "") -> Response:
    """The answer for an error; for htmx a notice above the page, which leaves what was typed where it is."""
    template = "errors/notice.html" if htmx.is_htmx() else "errors/page.html"
    try:
        typed = request.form.get("body", "")
    except HTTPException:  # the form itself was too large to be read
        typed = ""
    title, advice = wording.of_status(status)
    page = render_template(
        template,
        status=status,
        title=title,
        sentence=sentence or advice,
        typed=typed,
        mark=mark,
        retry_after=retry_after,
    )
    response = make_response(page, status)
    if htmx.is_htmx():
        response.headers.update(htmx.headers(retarget="#notices", reswap="innerHTML", reselect="unset"))
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
