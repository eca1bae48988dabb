"""Webhook deliveries of the sandbox beside those that a real shop sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from companion.sandbox import Sandbox, ShopClock, seed_recorded
from companion.sandbox.seed_recorded import RECORDED_AT
from tests.contract.conftest import Receiver
from tests.contract.shapes import differences

FOLDER = Path(__file__).parent / "recorded" / "deliveries"
SECRET = "s3cr3t-کلید"
ALL = sorted(file.stem for file in FOLDER.glob("*.json"))
VARIABLE = {"Host", "X-WC-Webhook-Source", "X-WC-Webhook-Signature", "X-WC-Webhook-ID", "X-WC-Webhook-Delivery-ID"}


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@pytest.mark.parametrize("name", ALL)
def test_recorded_signature_verifies(name: str) -> None:
    delivery = load(name)
    secret = "abc" if name.startswith("c41") else SECRET

    assert dict(delivery["headers"])["X-WC-Webhook-Signature"] == signature(secret, delivery["body"].encode())


def create_order(sandbox: Sandbox) -> None:
    sandbox.shop.create_order(billing={"first_name": "زهرا"}, meta={"crm_x": "1"})


def update_once_gone(sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order()
    sandbox.shop.force_delete_order(order.id)


def update_customer(sandbox: Sandbox) -> None:
    sandbox.shop.update_customer(8, meta={"crm_id": "77"})


def create_customer(sandbox: Sandbox) -> None:
    sandbox.shop.create_customer("hook@example.test", meta={"default_password_nag": "1"}, edited=True)
    sandbox.shop.update_customer(max(sandbox.shop.users))


def update_three_times(sandbox: Sandbox) -> None:
    for value in "123":
        sandbox.shop.update_order(33, meta={"crm_x": value})


ACTIONS: dict[str, Callable[[Sandbox], object]] = {
    "admin_php_status_change": lambda sandbox: sandbox.shop.update_order(33, status="processing"),
    "customer_create": create_customer,
    "customer_update": update_customer,
    "php_meta_save_meta_data_only": lambda sandbox: sandbox.shop.update_order(33, meta={"crm_x": "1"}),
    "refund": lambda sandbox: sandbox.shop.create_refund(33, 1000, reason="x"),
    "rest_create": create_order,
    "rest_meta_update": lambda sandbox: sandbox.shop.update_order(33, meta={"crm_x": "1"}),
    "three_quick_updates_coalesced": update_three_times,
    "trash": lambda sandbox: sandbox.shop.trash_order(33),
    "trash_again": lambda sandbox: sandbox.shop.trash_order(33),
    "updated_but_gone_at_delivery": update_once_gone,
    "custom": lambda sandbox: sandbox.shop.do_action(
        "wc_crm_ticket_event", {"event": "reply", "reply_id": 493, "ticket_id": 356, "fa": "سلام"}
    ),
}


def action_of(name: str) -> Callable[[Sandbox], object]:
    words = name.partition("_delivery_")[2].removesuffix("_" + topic_of(name))
    if words == "custom" and "reply" in name:
        return lambda sandbox: sandbox.shop.do_action("wc_crm_ticket_reply", 493)
    return ACTIONS[words]


def topic_of(name: str) -> str:
    return str(dict(load(name)["headers"])["X-WC-Webhook-Topic"])


@pytest.mark.parametrize("name", ALL)
def test_sandbox_delivers_as_the_shop_did(name: str, make_sandbox: Callable[..., Sandbox], receiver: Receiver) -> None:
    recorded, topic = load(name), topic_of(name)
    sandbox = make_sandbox(clock=ShopClock(RECORDED_AT), pretend_tls=True)
    seed_recorded(sandbox.shop)
    register(sandbox, topic, f"{receiver.url}/ok/{topic}")
    receiver.received.clear()

    action_of(name)(sandbox)
    sent = sandbox.shop.run_queue()

    assert len(sent) == len(receiver.received) == 1
    delivery = receiver.received[0]
    assert [header for header, _ in delivery.headers] == [header for header, _ in recorded["headers"]]
    fixed = VARIABLE | {"Content-Length"}
    assert {h: v for h, v in delivery.headers if h not in fixed} == {
        h: v for h, v in recorded["headers"] if h not in fixed
    }
    headers = dict(delivery.headers)
    assert headers["X-WC-Webhook-Signature"] == signature(SECRET, delivery.body)
    assert len(headers["X-WC-Webhook-Delivery-ID"]) == 32
    assert headers["X-WC-Webhook-Source"] == f"{sandbox.url}/"
    assert delivery.body.isascii()
    assert list(differences(json.loads(recorded["body"]), json.loads(delivery.body))) == []


def register(sandbox: Sandbox, topic: str, url: str) -> None:
    key = sandbox.credentials.rw
    body = {"topic": topic, "delivery_url": url, "secret": SECRET}
    answer = requests.post(f"{sandbox.url}/wp-json/wc/v3/webhooks", json=body, auth=(key.key, key.secret), timeout=10)
    answer.raise_for_status()


def test_every_delivery_was_read() -> None:
    assert len(ALL) == 16
