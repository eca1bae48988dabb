"""Companion's own webhooks: made once, kept alive, and nobody else's touched."""

from __future__ import annotations

import pytest

from companion.app import App
from companion.sandbox import Fault, Sandbox
from companion.sync import subscriptions
from companion.sync.subscriptions import TOPICS, Mended
from connectors.errors import ConnectorError
from tests.fixtures.app import stored_order

GUEST = {"first_name": "مریم", "email": "maryam@example.com"}


def ensure(app: App, public_url: str | None = None) -> Mended:
    return subscriptions.ensure(
        app.shops["main"], public_url=public_url or app.config.web.public_url, secret_of=app.secrets.webhook_secret
    )


def statuses(sandbox: Sandbox) -> dict[str, str]:
    return {webhook.topic: webhook.status for webhook in sandbox.shop.deliveries.webhooks.values()}


def test_each_topic_has_one_and_a_second_look_changes_nothing(served: App, sandbox: Sandbox) -> None:
    assert statuses(sandbox) == dict.fromkeys(TOPICS, "active")
    sandbox.shop.log.clear()
    assert ensure(served) == Mended()
    assert sandbox.shop.log.writes() == 0


def test_a_webhook_that_the_shop_disabled_is_revived_and_delivers_again(served: App, sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    served.backfill("main")
    webhook = next(hook for hook in sandbox.shop.deliveries.webhooks.values() if hook.topic == "order.updated")
    webhook.status = "disabled"
    assert ensure(served).revived == ("order.updated",)
    sandbox.shop.clock.advance(5)
    sandbox.shop.update_order(order.id, status="completed")
    sandbox.shop.run_queue()
    served.drain()
    row = stored_order(served, order.id)
    assert row is not None
    assert row.status == "completed"


def test_companion_may_move_to_another_address(served: App, sandbox: Sandbox) -> None:
    assert ensure(served, "https://notes.example").moved == TOPICS
    urls = {webhook.delivery_url for webhook in sandbox.shop.deliveries.webhooks.values()}
    assert urls == {f"https://notes.example/in/main/{topic}" for topic in TOPICS}


def test_a_deleted_one_is_made_anew_and_others_are_left_alone(served: App, sandbox: Sandbox) -> None:
    webhooks = sandbox.shop.deliveries.webhooks
    mine = next(key for key, hook in webhooks.items() if hook.topic == "order.created")
    del webhooks[mine]
    served.shops["main"].source.create_webhook(
        name="Another program", topic="order.created", delivery_url="https://else.example/hook", secret="s3cret"
    )
    assert ensure(served).made == ("order.created",)
    assert any(hook.delivery_url == "https://else.example/hook" for hook in webhooks.values())


def test_the_worker_mends_them_at_its_next_look(served: App, sandbox: Sandbox) -> None:
    for webhook in sandbox.shop.deliveries.webhooks.values():
        webhook.status = "disabled"
    served.prepare(served.shops["main"])
    assert set(statuses(sandbox).values()) == {"active"}


def test_a_shop_that_cannot_be_asked_says_so(served: App, sandbox: Sandbox) -> None:
    sandbox.shop.faults.add(Fault("status", path="webhooks", status=403, times=None))
    with pytest.raises(ConnectorError):
        ensure(served)
