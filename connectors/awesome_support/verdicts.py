"""What a helpdesk's refusal means: WordPress's status and error code to one of our errors, with a hint that mends it.

Codes are WordPress's and Awesome Support's own, seen on a real shop.
"""

from __future__ import annotations

from http import HTTPStatus

from connectors.answers import not_json
from connectors.errors import ConnectorError, Permanent, Refused
from connectors.http import Answer
from connectors.wordpress.refusals import (
    UNKNOWN_USER,
    WRONG_PASSWORD,
    ShopError,
    hopeless,
    is_passing,
    is_well,
    passing,
    said,
    shop_error,
)

HELPDESK = "wpas-api/v1"
"""Awesome Support's part of the REST API."""

_MANAGER = "Use an application password of an administrator, a support manager or a support supervisor."


def verdict(answer: Answer, *, secrets: tuple[str, ...], endpoint: str = "") -> ConnectorError | None:
    """The error that an answer stands for, None where it is well."""
    status = answer.status
    if is_well(status):
        return None
    fault = shop_error(answer.body)
    words = said(fault, secrets)
    if is_passing(status):
        return passing(answer, words, secrets)
    if fault is None:
        return not_json(answer, secrets)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        code = _unwelcome_code(status, fault)
        meaning, hint = _UNWELCOME[code]
        return Refused(f"{meaning}: {words}", code=code, status=status, hint=hint)
    if fault.code == "rest_no_route":
        return rest_api_off(status) if endpoint.startswith(HELPDESK) else _users_closed(status)
    return hopeless(status, fault, words)


def wordless_verdict(answer: Answer, *, secrets: tuple[str, ...]) -> ConnectorError | None:
    """As `verdict`, for an answer to HEAD, which has no body: why it was refused is for a GET to find out."""
    status = answer.status
    if is_well(status):
        return None
    if is_passing(status):
        return passing(answer, "", secrets)
    return Permanent(f"{answer.url} refuses to be asked by HEAD", code="wordless", status=status)


def ends_the_list(answer: Answer) -> bool:
    """Whether this is how WordPress's posts answer for a page behind the last one (WooCommerce gives an empty list)."""
    if answer.status != HTTPStatus.BAD_REQUEST:
        return False
    fault = shop_error(answer.body)
    return fault is not None and fault.code.endswith("_invalid_page_number")


def rest_api_off(status: int | None = None) -> Refused:
    """The helpdesk's REST API, off until somebody switches it on, is not there."""
    words = "this WordPress has no Awesome Support, or its REST API is switched off"
    hint = "Activate Awesome Support and switch on its REST API in its settings (the option enable_rest_api)."
    return Refused(words, code="rest_api_off", status=status, hint=hint)


def no_agent() -> Refused:
    """A user without rights in the helpdesk: it would show her empty lists, with status 200, and we believe those."""
    words = "the user of these credentials may not see tickets"
    return Refused(words, code="not_an_agent", hint=_MANAGER)


def _users_closed(status: int) -> Refused:
    words = "the shop has closed WordPress's own list of users, so it cannot tell us who we are"
    return Refused(words, code="users_closed", status=status, hint="Exempt /wp-json/wp/v2/users in a security plugin.")


def _unwelcome_code(status: int, fault: ShopError) -> str:
    if fault.code in UNKNOWN_USER:
        return "wrong_username"
    if fault.code in WRONG_PASSWORD:
        return "wrong_password"
    if status == HTTPStatus.FORBIDDEN:
        return "missing_capability"
    return "not_recognised" if fault.code.startswith(_NOBODY) else "rest_closed"


_NOBODY = ("rest_not_logged_in", "rest_forbidden", "rest_cannot")
"""What WordPress answers 401 to whom it takes for nobody."""

_UNWELCOME = {
    "wrong_username": ("the shop does not know this user name", "Check the user name; an e-mail address works too."),
    "wrong_password": (
        "the application password is wrong",
        "Make a new one under Users > Profile of that user (not Awesome Support's own API password).",
    ),
    "missing_capability": ("the user of these credentials may not do this", _MANAGER),
    "not_recognised": (
        "our application password did not reach WordPress",
        "The host may strip the Authorization header, or a security plugin may forbid application passwords.",
    ),
    "rest_closed": ("the shop has closed its REST API", "A security plugin may forbid it; exempt wpas-api/v1, wp/v2."),
}
