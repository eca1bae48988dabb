"""The routes of webhooks. Neither a secret nor a failure count is ever told."""

from __future__ import annotations

import secrets

from companion.sandbox.records import Webhook
from companion.sandbox.rest import Call, Endpoint, created, listing, route, shown
from companion.sandbox.views import WEBHOOK
from companion.sandbox.wire import Response, RestError, missing_params

STATUSES = ("active", "paused", "disabled")
_EVENTS = ("created", "updated", "deleted", "restored")
_TOPICS = frozenset(
    f"{resource}.{event}"
    for resource in ("coupon", "customer", "order", "product")
    for event in _EVENTS
    if (resource, event) != ("customer", "restored")
)


def list_webhooks(call: Call) -> Response:
    """A page of webhooks, newest first unless asked otherwise."""
    status = call.params.choice("status", "all", ("all", *STATUSES))
    search = call.params.text("search").casefold()
    chosen = [
        webhook
        for webhook in call.shop.deliveries.webhooks.values()
        if status in {"all", webhook.status} and search in webhook.name.casefold()
    ]
    by_name = call.params.choice("orderby", "date", ("date", "id", "title", "include")) == "title"
    is_descending = call.params.choice("order", "desc", ("asc", "desc")) == "desc"
    chosen.sort(key=lambda webhook: (webhook.name if by_name else "", webhook.id), reverse=is_descending)
    return listing(call, chosen, lambda webhook: shown(call, WEBHOOK, webhook))


def read_webhook(call: Call) -> Response:
    """One webhook."""
    return Response.of_json(shown(call, WEBHOOK, _webhook(call)))


def create_webhook(call: Call) -> Response:
    """Register a webhook; its receiver is pinged before this answers."""
    params, shop = call.params, call.shop
    missing = [name for name in ("topic", "delivery_url") if name not in params]
    if missing:
        raise missing_params(*missing)
    now = shop.clock()
    webhook = Webhook(
        id=shop.new_id("webhook"),
        name=params.text("name") or f"Webhook created on {now:%b %d, %Y @ %I:%M %p}",
        status=params.choice("status", "active", STATUSES),
        topic=_topic(params.text("topic")),
        delivery_url=_url(params.text("delivery_url")),
        secret=params.text("secret") or secrets.token_urlsafe(36),
        created=shop.clock.epoch(),
    )
    shop.deliveries.webhooks[webhook.id] = webhook
    answer = created(call, WEBHOOK, webhook, f"webhooks/{webhook.id}")
    _ping(call, webhook)
    return answer


def update_webhook(call: Call) -> Response:
    """Change a webhook. Making it active again keeps its count of failures."""
    webhook, params = _webhook(call), call.params
    if "topic" in params:
        webhook.topic = _topic(params.text("topic"))
    if "delivery_url" in params:
        webhook.delivery_url = _url(params.text("delivery_url"))
    webhook.status = params.choice("status", webhook.status, STATUSES)
    webhook.name = params.text("name", webhook.name)
    webhook.secret = params.text("secret", webhook.secret)
    webhook.modified = call.shop.clock.epoch()
    _ping(call, webhook)
    return Response.of_json(shown(call, WEBHOOK, webhook))


def delete_webhook(call: Call) -> Response:
    """Delete a webhook, for good."""
    webhook = _webhook(call)
    if not call.params.flag("force"):
        raise RestError(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
    before = shown(call, WEBHOOK, webhook)
    del call.shop.deliveries.webhooks[webhook.id]
    return Response.of_json(before)


def _ping(call: Call, webhook: Webhook) -> None:
    if webhook.status == "active":
        call.afterwards.append(lambda: call.shop.deliveries.ping(webhook))


def _webhook(call: Call) -> Webhook:
    webhook = call.shop.deliveries.webhooks.get(call.ids[0])
    if webhook is None:
        raise RestError(404, "woocommerce_rest_shop_webhook_invalid_id", "ID is invalid.")
    return webhook


def _topic(topic: str) -> str:
    resource, _, event = topic.partition(".")
    if topic in _TOPICS or (resource == "action" and event.startswith(("wc_", "woocommerce_"))):
        return topic
    raise RestError(400, "woocommerce_rest_shop_webhook_invalid_topic", "Webhook topic is required and must be valid.")


def _url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        message = "Webhook delivery URL must be a valid URL starting with http:// or https://."
        raise RestError(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", message)
    return url


ROUTES = (
    route("/wc/v3/webhooks", {"GET": Endpoint("list", list_webhooks), "POST": Endpoint("create", create_webhook)}),
    route(
        "/wc/v3/webhooks/<id>",
        {
            "GET": Endpoint("view", read_webhook),
            "PUT": Endpoint("edit", update_webhook),
            "DELETE": Endpoint("delete", delete_webhook),
        },
    ),
)
