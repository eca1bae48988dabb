"""What stands in a shop's answers beside records: results of batches, webhooks, facts. No I/O.

One bent result does not spoil its batch. `secrets` are what no error may repeat.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec

from connectors.answers import excerpt, not_json
from connectors.base import ShopFacts, Webhook, WriteResult
from connectors.errors import ConnectorError, Missing, Permanent, Transient
from connectors.http import Answer
from connectors.json_text import NOT_JSON, json_part
from connectors.wordpress.lists import Secrets
from connectors.wordpress.refusals import PASSING, ShopError, is_missing


class _BatchError(ShopError):
    data: Any = None


class _BatchItem(msgspec.Struct):
    id: int | str
    error: _BatchError | None = None


class _Batch(msgspec.Struct):
    update: list[msgspec.Raw]


class _WebhookShape(msgspec.Struct):
    id: int | str
    status: str
    topic: str
    delivery_url: str
    name: str = ""


_batch_decoder = msgspec.json.Decoder(_Batch)
_item_decoder = msgspec.json.Decoder(_BatchItem)


def written(answer: Answer, secrets: Secrets) -> Iterator[WriteResult]:
    """The result of each order of a batch."""
    try:
        items = _batch_decoder.decode(json_part(answer.body) or b"").update
    except NOT_JSON:
        raise not_json(answer, secrets) from None
    for raw in items:
        try:
            told = _item_decoder.decode(raw)
        except NOT_JSON:
            continue  # whosever it was, its order is left in doubt
        if told.error is None:
            yield WriteResult(str(told.id), raw=bytes(raw))
        else:
            yield WriteResult(str(told.id), error=_item_error(told.error))


def untold(order_id: str) -> WriteResult:
    """The result of an order that the answer to its batch does not mention."""
    return WriteResult(order_id, error=Transient("the shop did not say what became of the write", code="untold"))


def _item_error(fault: _BatchError) -> ConnectorError:
    status = int(_number(_object(fault.data).get("status")))
    message = f"the shop rejects the write: {excerpt(fault.message.encode())} ({fault.code})"
    if is_missing(status, fault.code):
        return Missing(message, code="missing", status=status)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in PASSING:
        return Permanent(message, code="rejected", status=status)
    return Transient(message, code="server_error", status=status or None)


def webhook(raw: bytes) -> Webhook:
    """A webhook as the shop describes it."""
    try:
        told = msgspec.json.decode(raw, type=_WebhookShape)
    except NOT_JSON as error:
        message = f"the shop describes a webhook in a way that we do not understand: {error}"
        raise Permanent(message, code="wrong_shape") from None
    return Webhook(str(told.id), told.name, told.status, told.topic, told.delivery_url)


def facts(address: str, site: dict[str, Any], status: bytes) -> ShopFacts:
    """What the site's description and its system status (an empty object where it may not be read) tell together."""
    told = msgspec.json.decode(status)
    environment, settings = (_object(told.get(name)) for name in ("environment", "settings"))
    return ShopFacts(
        name=_text(site.get("name")),
        url=_text(site.get("home")) or _text(site.get("url")) or address,
        timezone=_text(site.get("timezone_string")),
        gmt_offset=_number(site.get("gmt_offset")),
        woocommerce_version=_text(environment.get("version")),
        wordpress_version=_text(environment.get("wp_version")),
        order_storage=_order_storage(settings),
        currency=_text(settings.get("currency")),
        decimals=int(_number(settings.get("number_of_decimals"))),
        runs_jobs=cron if isinstance(cron := environment.get("wp_cron"), bool) else None,
    )


def _order_storage(settings: dict[str, Any]) -> str:
    if "HPOS_enabled" not in settings:
        return ""
    own_tables, synced = (
        str(settings.get(name)).lower() in {"true", "yes", "1"} for name in ("HPOS_enabled", "HPOS_sync_enabled")
    )
    return ("hpos" if own_tables else "legacy") + ("-sync" if synced else "")


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) else 0.0
