"""Companion's own webhooks in a shop: makes those that are missing, and mends those that a shop has let fall silent.

A shop disables a webhook at its seventh failure in a row, without a word, and never sends again what failed; the polls
catch up. Reviving keeps the shop's failure count: one more failure disables it again. Secrets are derived, not stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from companion.sync.shop import Shop

log = logging.getLogger(__name__)

TOPICS = (
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
    "customer.created",
    "customer.updated",
    "customer.deleted",
)

_ACTIVE = "active"


class Mended(NamedTuple):
    """The topics of the webhooks that were made, that were revived, and whose address was put right."""

    made: tuple[str, ...] = ()
    revived: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


def delivery_url(public_url: str, shop_key: str, topic: str) -> str:
    """Where a shop delivers a topic: POST /in/{shop}/{topic}."""
    return f"{public_url.rstrip('/')}/in/{quote(shop_key)}/{quote(topic)}"


def ensure(shop: Shop, *, public_url: str, secret_of: Callable[[str], str]) -> Mended:
    """Sees to it that one active webhook delivers each topic to us, and touches no other. Raises ConnectorError.

    Ours is told by the path of its delivery address, so that companion may move to another host. `secret_of(shop)` is
    the secret now in force.
    """
    made, revived, moved = [], [], []
    ours = {urlsplit(webhook.delivery_url).path: webhook for webhook in shop.source.webhooks()}
    for topic in TOPICS:
        wanted = delivery_url(public_url, shop.key, topic)
        webhook = ours.get(urlsplit(wanted).path)
        if webhook is None:
            shop.source.create_webhook(
                name=f"Companion {topic}", topic=topic, delivery_url=wanted, secret=secret_of(shop.key)
            )
            made.append(topic)
            continue
        is_elsewhere, is_silent = webhook.delivery_url != wanted, webhook.status != _ACTIVE
        if is_elsewhere or is_silent:
            shop.source.update_webhook(webhook.id, status=_ACTIVE, delivery_url=wanted, secret=secret_of(shop.key))
            moved += [topic] if is_elsewhere else []
            revived += [topic] if is_silent else []
    mended = Mended(tuple(made), tuple(revived), tuple(moved))
    if mended.made:
        log.info("webhooks were registered", extra={"shop": shop.key, "topics": mended.made})
    if mended.revived or mended.moved:
        # Deliveries were lost meanwhile; the polls catch up.
        log.warning("webhooks were mended", extra={"shop": shop.key, "revived": mended.revived, "moved": mended.moved})
    return mended
