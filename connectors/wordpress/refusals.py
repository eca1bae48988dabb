"""What every refusal of WordPress's REST API has in common: its error object, and what passes by itself.

What a refused *user* should do about it is the vendor's `verdicts.py`'s. WordPress's messages come in the site's
language, so they are repeated, never judged by.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from connectors.answers import excerpt, not_json, redacted
from connectors.errors import ConnectorError, Missing, Permanent, Transient
from connectors.http import Answer
from connectors.json_text import NOT_JSON, json_part

PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}

UNKNOWN_USER = {"invalid_username", "invalid_email"}
"""WordPress knows no such user."""

WRONG_PASSWORD = {"incorrect_password", "invalid_application_password"}
"""WordPress knows the user, but not with this password."""


class ShopError(msgspec.Struct):
    """The body of WordPress's REST errors."""

    code: str
    message: str = ""


def is_well(status: int) -> bool:
    """Whether an answer says that all went well."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def is_passing(status: int) -> bool:
    """Whether the same request may well be answered later."""
    return status in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def shop_error(body: bytes) -> ShopError | None:
    """The error object in a body, even behind PHP's notices."""
    found = json_part(body)
    try:
        return msgspec.json.decode(found, type=ShopError) if found else None
    except NOT_JSON:
        return None


def said(fault: ShopError | None, secrets: tuple[str, ...]) -> str:
    """The shop's own words and its code, fit for a message; "" where it said nothing."""
    return redacted(f"{excerpt(fault.message.encode())} ({fault.code})", secrets) if fault else ""


def is_missing(status: int, code: str) -> bool:
    """Whether the thing is not there: 404, or a write's 400 with the same code."""
    return status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE} or code.endswith("_invalid_id")


def passing(answer: Answer, words: str, secrets: tuple[str, ...]) -> ConnectorError:
    """The error for an answer that `is_passing`."""
    status, wait = answer.status, answer.retry_after
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Transient("the shop asks us to slow down", code="too_many_requests", status=status, retry_after=wait)
    if not words:
        return not_json(answer, secrets)
    code = "unavailable" if status == HTTPStatus.SERVICE_UNAVAILABLE else "server_error"
    return Transient(f"the shop failed: {words}", code=code, status=status, retry_after=wait)


def hopeless(status: int, fault: ShopError, words: str) -> ConnectorError:
    """The error for a request that can never succeed as it is."""
    if is_missing(status, fault.code):
        return Missing(f"the shop does not have it: {words}", code="missing", status=status)
    return Permanent(f"the shop rejects the request: {words}", code="rejected", status=status)
