"""The receiver of webhooks: `POST /in/<shop>/<topic>` to one call of `accept`, and nothing else.

Stores nothing, parses nothing, knows no shop: it is handed all it needs. The answer 200 means that the delivery is
durable; WooCommerce never sends a failed one again, and disables a webhook at the seventh failure in a row.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from webhooks.woocommerce import Ping, VerificationError, from_http

log = logging.getLogger(__name__)

_REST_SECONDS = 60
"""How long an address that failed too often is told to stay away."""

_AGAIN_SECONDS = 5
"""When a delivery that could not be stored may be sent again."""


class Accept(Protocol):
    """Takes a verified delivery and returns only when it is durable; raises where it could not be stored."""

    def __call__(  # noqa: D102 (the class says it)
        self, *, shop: str, topic: str, resource_id: str, delivery_id: str, body_hash: bytes, body: bytes
    ) -> None: ...


def receiver(
    *,
    accept: Accept,
    secrets_for: Callable[[str], Sequence[str] | None],
    failed: Callable[[str], bool],
    max_bytes: int,
) -> Blueprint:
    """The blueprint, to be mounted outside CSRF protection and sign-in: the signature is the credential.

    `secrets_for(shop)` gives every secret still valid, None for an unknown shop; `failed(address)` counts a refused
    request of an address and says whether it is over its limit; bodies above `max_bytes` are refused.
    """
    blueprint = Blueprint("receiver", __name__)

    def refuse(status: int, reason: str) -> Response:
        if failed(request.remote_addr or ""):
            return _answer(429, "too many refused requests", retry_after=_REST_SECONDS)
        return _answer(status, reason)

    def receive(shop: str, topic: str) -> Response:
        secrets = secrets_for(shop)
        if secrets is None:
            return refuse(404, "no such shop")
        request.max_content_length = max_bytes + 1  # a chunked body is cut there without an error
        try:
            body = request.get_data(cache=False)
        except RequestEntityTooLarge:
            body = None
        if body is None or len(body) > max_bytes:
            return _answer(413, "the body is too large")
        try:
            delivery = from_http(
                shop=shop,
                topic=topic,
                headers=request.headers,  # type: ignore[arg-type]  # answers get() and items() as a mapping does
                body=body,
                secrets=secrets,
            )
        except VerificationError as error:
            return refuse(401, str(error))
        if isinstance(delivery, Ping):
            return _answer(200, "ok")
        try:
            accept(
                shop=delivery.shop,
                topic=delivery.topic,
                resource_id=delivery.resource_id,
                delivery_id=delivery.delivery_id,
                body_hash=delivery.body_hash,
                body=delivery.body,
            )
        except Exception:  # whatever hindered it, the shop must hear that the delivery was not kept
            log.exception("a delivery could not be stored: shop %s, topic %s", shop, topic)
            return _answer(503, "not stored", retry_after=_AGAIN_SECONDS)
        return _answer(200, "ok")

    # A redirect would be a silent loss (WooCommerce counts it as delivered and never follows it), so no address of
    # ours is ever corrected: both slashes are served, doubled ones are not found.
    blueprint.add_url_rule(
        "/in/<shop>/<topic>",
        view_func=receive,
        methods=["POST"],
        strict_slashes=False,
        merge_slashes=False,
        provide_automatic_options=False,
    )
    return blueprint


def _answer(status: int, text: str, *, retry_after: int | None = None) -> Response:
    response = Response(text, status, content_type="text/plain")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
