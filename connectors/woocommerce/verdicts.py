"""What a shop's refusal means: WooCommerce's status and error code to one of our errors, with a hint that mends it.

Codes are WooCommerce's (`class-wc-rest-authentication.php` and the REST controllers), seen on a real shop. Its messages
come in the shop's language, so they only refine a verdict, never make one.
"""

from __future__ import annotations

from http import HTTPStatus

from connectors.answers import not_json
from connectors.errors import ConnectorError, Refused, Transient
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

TWO_DOTS_HINT = (
    "Awesome Support breaks requests with two dots when the key belongs to an administrator: "
    "use a key that belongs to a shop manager, or an application password."
)


def verdict(
    answer: Answer, *, secrets: tuple[str, ...], is_write: bool, by_key: bool, dots: int = 0
) -> ConnectorError | None:
    """The error that an answer stands for, None where it is well. `dots` is how many stood in the request's path and
    query.
    """
    status = answer.status
    if is_well(status):
        return None
    if status == HTTPStatus.INTERNAL_SERVER_ERROR and dots > 1 and by_key:
        return Refused("the shop breaks on requests with two dots", code="two_dots", status=status, hint=TWO_DOTS_HINT)
    fault = shop_error(answer.body)
    words = said(fault, secrets)
    if is_passing(status):
        return passing(answer, words, secrets)
    if fault is None:
        return not_json(answer, secrets)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return _unwelcome(status, fault, words, is_write=is_write, by_key=by_key)
    return _hopeless(status, fault, words)


def _hopeless(status: int, fault: ShopError, words: str) -> ConnectorError:
    if fault.code == "rest_no_route":
        hint = "Install and activate WooCommerce, version 3.5 or newer; a plugin may also have closed its REST API."
        return Refused("this WordPress has no such WooCommerce route", code="no_woocommerce", status=status, hint=hint)
    return hopeless(status, fault, words)


def _unwelcome(status: int, fault: ShopError, words: str, *, is_write: bool, by_key: bool) -> ConnectorError:
    if status == HTTPStatus.UNAUTHORIZED and "nonce" in fault.message.lower():
        return Transient("the shop has seen this OAuth nonce before", code="nonce_used", status=status)
    code = _unwelcome_code(status, fault, is_write=is_write, by_key=by_key)
    meaning, hint = _UNWELCOME[code]
    return Refused(f"{meaning}: {words}", code=code, status=status, hint=hint)


def _unwelcome_code(status: int, fault: ShopError, *, is_write: bool, by_key: bool) -> str:
    message = fault.message.lower()
    if status == HTTPStatus.FORBIDDEN or fault.code.startswith("rest_cannot"):
        return "missing_capability"
    if fault.code == "woocommerce_rest_authentication_error":
        said = next((code for word, code in _WORDS_OF_KEYS.items() if word in message), "")
        return said or ("key_rejected_write" if is_write else "key_rejected")
    if fault.code in UNKNOWN_USER | WRONG_PASSWORD:
        if by_key:
            return "wrong_key"
        return "wrong_username" if fault.code in UNKNOWN_USER else "wrong_password"
    return "not_recognised" if fault.code.startswith("woocommerce_rest_cannot") else "rest_closed"


_WORDS_OF_KEYS = {
    "write permission": "read_only_key",
    "read permission": "write_only_key",
    "consumer secret": "wrong_secret",
    "consumer key is invalid": "wrong_key",
    "signature": "wrong_signature",
    "timestamp": "wrong_clock",
    "is missing": "not_recognised",
}

_NEW_KEY = "Make a new key under WooCommerce > Settings > Advanced > REST API and copy both parts whole."
_UNWELCOME = {
    "wrong_key": (
        "the shop does not know this consumer key",
        f"{_NEW_KEY} Behind a proxy that ends TLS, WordPress must be told that the request came by https.",
    ),
    "wrong_secret": ("the consumer secret does not belong to the key", _NEW_KEY),
    "wrong_signature": (
        "the shop finds our OAuth signature wrong",
        f"The secret is wrong, or WordPress knows itself by another address than ours. {_NEW_KEY}",
    ),
    "wrong_clock": ("the clocks of the shop and of this machine differ too much", "Set both clocks by NTP."),
    "read_only_key": ("the key may only read", "Give the key the permission Read/Write."),
    "write_only_key": ("the key may only write", "Give the key the permission Read/Write."),
    "key_rejected": ("the shop rejects the key", f"The secret is wrong or the key may not read. {_NEW_KEY}"),
    "key_rejected_write": ("the shop rejects the key for writing", "Give the key the permission Read/Write."),
    "wrong_username": ("the shop does not know this user name", "Check the user name; an e-mail address works too."),
    "wrong_password": ("the application password is wrong", "Make a new one under Users > Profile of that user."),
    "missing_capability": (
        "the user of these credentials may not do this",
        "Use credentials of a shop manager or an administrator.",
    ),
    "not_recognised": (
        "our credentials did not reach WordPress",
        "The host may strip the Authorization header; https and keys in the query help, or a rule in .htaccess.",
    ),
    "rest_closed": ("the shop has closed its REST API", "A security plugin may forbid it; exempt wc/v3."),
}
