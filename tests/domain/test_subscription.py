from __future__ import annotations

import pytest

from companion.domain.subscription import Known, Step, delivery_url, plan, told_by, topics
from connectors.base import Webhook
from tests.fixtures.sandbox import SHOP_NOW

TOPIC = "order.updated"
HERE = "https://notes.example/in/main/order.updated"
KNOWN = Known("7", "active", 2)


def hook(webhook_id: str = "7", *, status: str = "active", topic: str = TOPIC, url: str = HERE) -> Webhook:
    return Webhook(webhook_id, "Companion", status, topic, url)


@pytest.mark.parametrize(
    ("known", "listed", "step", "has_lapsed"),
    [
        (None, [], Step.MAKE, False),
        (KNOWN, [], Step.MAKE, True),
        (KNOWN, [hook()], Step.LEAVE, False),
        (None, [hook()], Step.GIVE_SECRET, False),
        (Known("7", "active", 1), [hook()], Step.GIVE_SECRET, False),
        (Known("6", "active", 2), [hook()], Step.GIVE_SECRET, False),
        (KNOWN, [hook(status="disabled")], Step.MEND, True),
        (KNOWN, [hook(status="paused")], Step.LEAVE, False),
        (Known("7", "paused", 2), [hook()], Step.LEAVE, True),
        (KNOWN, [hook(url="https://old.example/in/main/order.updated")], Step.MEND, True),
        (KNOWN, [hook("8", url="https://old.example/in/main/order.updated")], Step.MAKE, True),
        (KNOWN, [hook(url="https://else.example/hook")], Step.MAKE, True),
        (KNOWN, [hook(topic="product.updated")], Step.MAKE, True),
    ],
)
def test_step_and_whether_deliveries_were_lost(
    known: Known | None, listed: list[Webhook], step: Step, has_lapsed: bool
) -> None:
    found = plan(TOPIC, known, listed, public_url="https://notes.example/", shop_key="main", generation=2)
    assert (found.step, found.has_lapsed, found.url) == (step, has_lapsed, HERE)


def test_of_equal_ones_the_living_and_known_is_kept_and_only_those_at_our_address_are_removed() -> None:
    listed = [
        hook("3", status="disabled"),
        hook("9"),
        hook("7"),
        hook("8", url="https://staging.example/in/main/order.updated"),
        hook("5", topic="product.updated"),
    ]
    found = plan(TOPIC, KNOWN, listed, public_url="https://notes.example", shop_key="main", generation=2)
    assert found.webhook is not None
    assert found.webhook.id == "7"
    assert {other.id for other in found.others} == {"3", "9", "5"}


def test_a_shop_without_our_plugin_is_asked_for_what_woocommerce_tells() -> None:
    assert len(topics(has_bridge=False, has_helpdesk=True)) == 7
    assert not any("ticket" in topic for topic in topics(has_bridge=True, has_helpdesk=False))
    assert any("ticket" in topic for topic in topics(has_bridge=True, has_helpdesk=True))


def test_a_shops_key_is_quoted_in_the_address() -> None:
    assert delivery_url("https://notes.example/a/", "my shop", TOPIC).endswith("/a/in/my%20shop/order.updated")


def test_the_topic_that_should_have_told_a_change() -> None:
    earlier = SHOP_NOW.replace(hour=1)
    assert told_by("trash", earlier, SHOP_NOW) == "order.deleted"
    assert told_by("pending", SHOP_NOW, SHOP_NOW) == "order.created"
    assert told_by("pending", earlier, SHOP_NOW) == "order.updated"
