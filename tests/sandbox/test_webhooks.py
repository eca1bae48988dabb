"""What fires, how it is delivered, and what becomes of a receiver that fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from companion.sandbox import Fault, Sandbox
from companion.sandbox.delivery import sign
from tests.contract.conftest import Receiver
from tests.sandbox.conftest import Client

Hear = Callable[..., int]


def bodies(receiver: Receiver) -> list[Any]:
    return [json.loads(received.body) for received in receiver.received]


def test_registering_pings_with_an_unsigned_form(api: Client, receiver: Receiver) -> None:
    body = {"topic": "order.updated", "delivery_url": f"{receiver.url}/in"}
    webhook_id = api("POST", "webhooks", json=body).json()["id"]

    (ping,) = receiver.received
    assert ping.body == f"webhook_id={webhook_id}".encode()
    assert not any(name.startswith("X-WC") for name, _ in ping.headers)


def test_quick_updates_coalesce_and_are_told_as_they_stand_at_delivery(
    sandbox: Sandbox, receiver: Receiver, hear: Hear
) -> None:
    order = sandbox.shop.create_order(quiet=True)
    hear("order.updated")
    for number in range(3):
        sandbox.shop.update_order(order.id, fields={"customer_note": str(number)})

    sandbox.shop.run_queue()

    assert [body["customer_note"] for body in bodies(receiver)] == ["2"]


def test_payload_equals_what_the_api_answers(sandbox: Sandbox, api: Client, receiver: Receiver, hear: Hear) -> None:
    hear("order.created")
    order = sandbox.shop.create_order()

    sandbox.shop.run_queue()

    assert bodies(receiver) == [api("GET", f"orders/{order.id}").json()]


def test_permanent_deletion_is_told_to_nobody(sandbox: Sandbox, hear: Hear) -> None:
    order = sandbox.shop.create_order(quiet=True)
    for topic in ("order.deleted", "order.updated"):
        hear(topic)

    sandbox.shop.force_delete_order(order.id)

    assert sandbox.shop.run_queue() == []


def test_trash_and_restore_are_told(sandbox: Sandbox, receiver: Receiver, hear: Hear) -> None:
    order = sandbox.shop.create_order(quiet=True)
    for topic in ("order.deleted", "order.restored"):
        hear(topic)

    sandbox.shop.trash_order(order.id)
    sandbox.shop.restore_order(order.id)
    sandbox.shop.run_queue()

    deleted, restored = bodies(receiver)
    assert deleted == {"id": order.id}
    assert restored["status"] == "processing"


def test_deleting_a_customer_is_told_and_an_agent_is_not(sandbox: Sandbox, receiver: Receiver, hear: Hear) -> None:
    hear("customer.deleted")
    customer = sandbox.shop.create_customer("a@example.com")
    agent = sandbox.shop.create_customer("b@example.com", role="wpas_agent")

    for user in (customer, agent):
        sandbox.shop.delete_customer(user.id)
    sandbox.shop.run_queue()

    assert bodies(receiver) == [{"id": customer.id}]


def test_plugins_own_hooks_are_delivered_with_their_argument(sandbox: Sandbox, receiver: Receiver, hear: Hear) -> None:
    hear("action.wc_companion_ticket_reply")

    sandbox.shop.do_action("wc_companion_ticket_reply", {"ticket_id": 7})
    sandbox.shop.run_queue()

    assert bodies(receiver) == [{"action": "wc_companion_ticket_reply", "arg": {"ticket_id": 7}}]


def test_seventh_failure_in_a_row_disables_and_reviving_keeps_the_count(
    sandbox: Sandbox, api: Client, hear: Hear
) -> None:
    webhook_id = hear("order.updated", "/s500")
    order = sandbox.shop.create_order(quiet=True)

    def fail() -> str:
        sandbox.shop.update_order(order.id)
        sandbox.shop.run_queue()
        return str(api("GET", f"webhooks/{webhook_id}").json()["status"])

    assert [fail() for _ in range(7)] == ["active"] * 6 + ["disabled"]
    api("PUT", f"webhooks/{webhook_id}", json={"status": "active"})
    assert fail() == "disabled"


def test_one_success_forgives_all_failures(sandbox: Sandbox, api: Client, receiver: Receiver, hear: Hear) -> None:
    webhook_id = hear("order.updated", "/s500")
    order = sandbox.shop.create_order(quiet=True)
    for _ in range(6):
        sandbox.shop.update_order(order.id)
        sandbox.shop.run_queue()

    api("PUT", f"webhooks/{webhook_id}", json={"delivery_url": f"{receiver.url}/ok"})
    sandbox.shop.update_order(order.id)
    sandbox.shop.run_queue()

    assert sandbox.shop.deliveries.webhooks[webhook_id].failure_count == 0


def test_nothing_is_tried_twice(sandbox: Sandbox, receiver: Receiver, hear: Hear) -> None:
    hear("order.updated", "/s500")
    sandbox.shop.update_order(sandbox.shop.create_order(quiet=True).id)
    sandbox.shop.run_queue()
    receiver.received.clear()

    assert sandbox.shop.run_queue() == []
    assert receiver.received == []


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [("drop", [], []), ("double", [1, 1, 2], []), ("delay", [2], [1]), ("reorder", [2, 1], [])],
)
def test_deliveries_go_astray_on_request(
    sandbox: Sandbox, hear: Hear, kind: Any, first: list[int], second: list[int]
) -> None:
    hear("order.updated")
    orders = {sandbox.shop.create_order(quiet=True).id: number for number in (1, 2)}
    times = None if kind == "drop" else 1
    sandbox.shop.faults.add(Fault(kind, topic="order.updated", times=times))
    for order_id in orders:
        sandbox.shop.update_order(order_id)

    runs = [[orders[sent.arg] for sent in sandbox.shop.run_queue()] for _ in range(2)]

    assert runs == [first, second]


def test_secret_is_html_decoded_before_it_signs() -> None:
    assert sign("a&amp;b", b"x") == sign("a&b", b"x")
