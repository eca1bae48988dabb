"""WooCommerce's webhook deliveries: headers and raw bytes to a `Delivery`. Performs no I/O of its own.

Facts of the sender (`plugins/woocommerce/includes/class-wc-webhook.php`): the signature is the base64 HMAC-SHA256 of
the raw body and covers nothing else, so topic and delivery id are hints; a ping is an unsigned form `webhook_id=N`; the
body is built when it is sent, so it may be an error object of a thing that is gone by then.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

SIGNATURE = "X-WC-Webhook-Signature"
TOPIC = "X-WC-Webhook-Topic"
DELIVERY_ID = "X-WC-Webhook-Delivery-ID"

OWN_ACTION = "action.wc_companion_"
"""Topics of companion's own events, sent through WooCommerce's queue; the record's id is in their argument."""

_LONGEST_HINT = 100
"""WooCommerce's own delivery ids are 32 characters; the header is not signed, so its length is bounded here."""

_PING = re.compile(rb"webhook_id=\d{1,20}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One verified request of a shop. `resource_id` is "" where the body names none; `body_hash` is 16 bytes of
    BLAKE2b over the raw body.
    """

    shop: str
    topic: str
    resource_id: str
    delivery_id: str
    body: bytes
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class Ping:
    """The shop asks whether anybody listens at this address; it is unsigned and must have no effect."""


class VerificationError(Exception):
    """This request is not from the shop, or not for this address. `code` is stable: `no_signature`,
    `wrong_signature`, `wrong_topic`.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class _Resource(msgspec.Struct):
    id: Any = None


class _Action(msgspec.Struct):
    arg: Any = None


_resource_decoder = msgspec.json.Decoder(_Resource)
_action_decoder = msgspec.json.Decoder(_Action)


def from_http(
    *, shop: str, topic: str, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]
) -> Delivery | Ping:
    """The delivery in a request to the address of `topic`, verified against every secret that is still valid.

    A body that is no JSON but correctly signed is a delivery too: what a shop has signed is never lost.
    Raises `VerificationError`.
    """
    signature = _header(headers, SIGNATURE)
    if not signature:
        if _PING.fullmatch(body):
            return Ping()
        raise VerificationError("the request carries no signature", code="no_signature")
    if not _is_signed(body, signature, secrets):
        raise VerificationError("the signature does not fit the body and the secret", code="wrong_signature")
    if _header(headers, TOPIC).lower() != topic.lower():
        raise VerificationError("the delivery's topic is not that of this address", code="wrong_topic")
    return Delivery(
        shop=shop,
        topic=topic,
        resource_id=_resource_id(topic, body),
        delivery_id=_header(headers, DELIVERY_ID)[:_LONGEST_HINT],
        body=body,
        body_hash=blake2b(body, digest_size=16).digest(),
    )


def sign(body: bytes, secret: str) -> str:
    """The signature that WooCommerce puts on a body."""
    return b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def _is_signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Whether any of the secrets made the signature. Every one is tried, so time does not tell which."""
    given = signature.encode("utf-8", "surrogateescape")
    matched = False
    for secret in secrets:
        matched |= hmac.compare_digest(sign(body, secret).encode(), given)
    return matched


def _header(headers: Mapping[str, str], name: str) -> str:
    """A header by its name in any case. Servers' mappings find it at once; a plain dict is searched."""
    value = headers.get(name)
    if value is None:
        lowered = name.lower()
        value = next((found for key, found in headers.items() if key.lower() == lowered), "")
    return value


def _resource_id(topic: str, body: bytes) -> str:
    """Whose delivery it is: the id in the body, or "" (gone when it was sent, an empty list, no JSON)."""
    try:
        if not topic.startswith("action."):
            return _id_text(_resource_decoder.decode(body).id)
        if topic.startswith(OWN_ACTION):
            arg = _action_decoder.decode(body).arg
            return _id_text(arg.get("id")) if isinstance(arg, dict) else ""
    except (ValueError, RecursionError):  # no JSON, or nested a thousand deep
        pass
    return ""


def _id_text(value: Any) -> str:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    return str(value) if type(value) is int and value > 0 else ""  # a JSON true is no id
