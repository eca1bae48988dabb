"""What becomes of one of our webhooks, given what we know of it and what the shop lists. Pure.

Ours is told by its whole delivery address, or by the id that we keep together with the path of that address: companion
may move to another host, and another companion beside the same shop keeps its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from connectors.base import Webhook

ORDER_TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
CUSTOMER_TOPICS = ("customer.created", "customer.updated", "customer.deleted")
_OWN = "action.wc_companion_"
BRIDGE_TOPICS = tuple(
    f"{_OWN}{event}"
    for event in ("order_note", "order_note_deleted", "order_refund_deleted", "order_deleted", "customer_deleted")
)
"""What WooCommerce itself tells nobody, and companion's plugin in the shop does."""
TICKET_TOPICS = tuple(
    f"{_OWN}ticket_{event}"
    for event in (
        "created",
        "reply",
        "reply_deleted",
        "status",
        "assignee",
        "closed",
        "reopened",
        "trashed",
        "restored",
        "deleted",
    )
)

ACTIVE, PAUSED, DISABLED = "active", "paused", "disabled"


class Known(NamedTuple):
    """What we keep of a webhook: its id, how the shop had it when we last looked, the number of its secret."""

    webhook_id: str
    status: str
    generation: int


class Step(Enum):
    """What is to be done in the shop."""

    LEAVE = auto()
    MAKE = auto()
    MEND = auto()  # its address, its secret, and its status unless a person paused it
    GIVE_SECRET = auto()


class Plan(NamedTuple):
    """Of one topic: the step, the webhook that it is about (None: there is none), others that deliver the same, and
    whether deliveries were lost that nothing else is going to bring again once the step is done.
    """

    topic: str
    url: str
    step: Step
    webhook: Webhook | None
    others: tuple[Webhook, ...]
    has_lapsed: bool


def topics(*, has_bridge: bool, has_helpdesk: bool) -> tuple[str, ...]:
    """The topics that are wanted of a shop."""
    own = BRIDGE_TOPICS + (TICKET_TOPICS if has_helpdesk else ()) if has_bridge else ()
    return ORDER_TOPICS + CUSTOMER_TOPICS + own


def delivery_url(public_url: str, shop_key: str, topic: str) -> str:
    """Where a shop delivers a topic: POST /in/{shop}/{topic}."""
    return f"{public_url.rstrip('/')}{_path(shop_key, topic)}"


def plan(
    topic: str, known: Known | None, listed: Sequence[Webhook], *, public_url: str, shop_key: str, generation: int
) -> Plan:
    """What to do about one topic. `generation` is the number of the secret in force."""
    url = delivery_url(public_url, shop_key, topic)
    found = sorted(ours(topic, known, listed, url=url, shop_key=shop_key), key=lambda one: _preference(one, known, url))
    # One that speaks of something else at our address cannot be changed to speak of this: it is made anew.
    fit = [webhook for webhook in found if webhook.topic == topic]
    others = tuple(webhook for webhook in found if webhook not in fit[:1] and webhook.delivery_url == url)
    if not fit:
        return Plan(topic, url, Step.MAKE, None, others, has_lapsed=known is not None)
    webhook = fit[0]
    if webhook.delivery_url != url or webhook.status == DISABLED:
        return Plan(topic, url, Step.MEND, webhook, others, has_lapsed=True)
    is_again = known is not None and known.status != ACTIVE and webhook.status == ACTIVE
    has_secret = known is not None and known.webhook_id == webhook.id and known.generation == generation
    step = Step.LEAVE if has_secret else Step.GIVE_SECRET
    return Plan(topic, url, step, webhook, others, has_lapsed=is_again)


def ours(topic: str, known: Known | None, listed: Sequence[Webhook], *, url: str, shop_key: str) -> list[Webhook]:
    """Those of the listed webhooks that are ours at this topic's address (`url` "" where we have none any more)."""
    path = _path(shop_key, topic)
    return [
        webhook
        for webhook in listed
        if webhook.delivery_url == url
        or (known is not None and webhook.id == known.webhook_id and urlsplit(webhook.delivery_url).path.endswith(path))
    ]


def told_by(status: str, created_at: datetime | None, modified_at: datetime | None) -> str:
    """The topic by which a shop should have told of an order's last change."""
    if status == "trash":
        return "order.deleted"
    return "order.created" if created_at == modified_at else "order.updated"


def _path(shop_key: str, topic: str) -> str:
    return f"/in/{quote(shop_key)}/{quote(topic)}"


def _preference(webhook: Webhook, known: Known | None, url: str) -> tuple[bool, bool, bool, int]:
    """Sorts the one to keep first: at its place, alive, known to us, the oldest."""
    is_known = known is not None and webhook.id == known.webhook_id
    number = int(webhook.id) if webhook.id.isdecimal() else 0
    return webhook.delivery_url != url, webhook.status != ACTIVE, not is_known, number
