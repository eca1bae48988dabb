"""What companion's own plugin tells from inside the shop, to whom, and how far back it remembers."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from companion.sandbox import Sandbox
from companion.sandbox.bridge import DEFAULT_SECRET
from tests.contract.conftest import Receiver
from tests.fixtures.sandbox import SHOP_NOW

CHANGES = "/wp-json/companion/v1/changes"
NOW = int(SHOP_NOW.timestamp())


def signed(path: str, *, secret: str = DEFAULT_SECRET, shop: str = "main", at: int = NOW, nonce: str) -> dict[str, str]:
    body = hashlib.sha256(b"").hexdigest()
    text = "\n".join([shop, str(at), nonce, "", "", "GET", path, body])
    return {
        "X-Companion-Shop": shop,
        "X-Companion-Time": str(at),
        "X-Companion-Nonce": nonce,
        "X-Companion-User": "",
        "X-Companion-Roles": "",
        "X-Companion-Signature": hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest(),
    }


class Asker:
    """Asks for changes, each time with a nonce of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._nonces = 0

    def __call__(self, since: int) -> Any:
        self._nonces += 1
        path = f"{CHANGES}?since={since}"
        headers = signed(path, nonce=f"n{self._nonces}")
        answer = requests.get(self._sandbox.url + path, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.json()


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return make_sandbox(bridge=True, pretend_tls=True)


@pytest.fixture
def changes(sandbox: Sandbox) -> Asker:
    return Asker(sandbox)


def events(answer: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in change.items() if name != "number"} for change in answer["changes"]]


def test_what_no_date_tells_is_told(sandbox: Sandbox, changes: Asker) -> None:
    shop, desk = sandbox.shop, sandbox.shop.helpdesk
    kept, gone = shop.create_order(), shop.create_order()
    note = shop.add_order_note(kept.id, "x")
    shop.delete_order_note(kept.id, note.id)
    refund = shop.create_refund(kept.id, 10)
    shop.delete_refund(refund.id)
    shop.force_delete_order(gone.id)
    ticket = desk.open_ticket(1, "x")
    reply = desk.reply(ticket.id, 3, "y")
    desk.delete_reply(ticket.id, reply.id)
    desk.close(ticket.id)
    desk.delete(ticket.id)
    shop.delete_customer(shop.create_customer("a@example.com", user_id=77).id)

    assert events(changes(0)) == [
        {"event": "order_note", "id": kept.id, "note_id": note.id},
        {"event": "order_note_deleted", "id": kept.id, "note_id": note.id},
        {"event": "order_refund_deleted", "id": kept.id, "refund_id": refund.id},
        {"event": "order_deleted", "id": gone.id},
        {"event": "ticket_reply", "id": ticket.id, "reply_id": reply.id},
        {"event": "ticket_reply_deleted", "id": ticket.id, "reply_id": reply.id},
        {"event": "ticket_closed", "id": ticket.id},
        {"event": "ticket_deleted", "id": ticket.id},
        {"event": "customer_deleted", "id": 77},
    ]


def test_what_a_date_tells_is_not_repeated(sandbox: Sandbox, changes: Asker) -> None:
    order = sandbox.shop.create_order()
    sandbox.shop.update_order(order.id)
    ticket = sandbox.shop.helpdesk.open_ticket(1, "x")
    sandbox.shop.helpdesk.set_status(ticket.id, "hold")
    sandbox.shop.helpdesk.trash(ticket.id)

    assert changes(0) == {"number": 0, "sweep": False, "more": False, "changes": []}


def test_asking_since_a_number_gives_what_came_after_it(sandbox: Sandbox, changes: Asker) -> None:
    order = sandbox.shop.create_order()
    sandbox.shop.add_order_note(order.id, "a")
    number = changes(0)["number"]
    sandbox.shop.add_order_note(order.id, "b")

    answer = changes(number)

    assert ([change["number"] for change in answer["changes"]], answer["number"]) == ([2], 2)
    assert changes(2)["changes"] == []


def test_forgotten_and_unknown_numbers_mean_a_sweep(sandbox: Sandbox, changes: Asker) -> None:
    sandbox.shop.bridge.memory = 2
    order = sandbox.shop.create_order()
    for number in range(4):
        sandbox.shop.add_order_note(order.id, str(number))

    assert changes(1) == {"number": 4, "sweep": True, "more": False, "changes": []}
    assert len(changes(2)["changes"]) == 2
    assert changes(5)["sweep"]
    sandbox.shop.bridge.forget(3)
    assert changes(4)["sweep"]
    assert not changes(3)["sweep"]


def test_long_absence_is_told_in_parts(sandbox: Sandbox, changes: Asker) -> None:
    order = sandbox.shop.create_order()
    for number in range(501):
        sandbox.shop.add_order_note(order.id, str(number))

    first = changes(0)

    assert (len(first["changes"]), first["more"], first["number"]) == (500, True, 500)
    assert [change["number"] for change in changes(first["number"])["changes"]] == [501]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"secret": "another"}, "companion_wrong_signature"),
        ({"shop": "custom"}, "companion_wrong_signature"),
        ({"at": NOW - 301}, "companion_wrong_time"),
        ({"at": NOW - 301, "secret": "another"}, "companion_wrong_signature"),
        ({"nonce": ""}, "companion_wrong_signature"),
        ({"path": f"{CHANGES}?since=1"}, "companion_wrong_signature"),
    ],
)
def test_only_companion_may_ask_and_only_now(sandbox: Sandbox, wrong: dict[str, Any], code: str) -> None:
    headers = signed(**({"path": f"{CHANGES}?since=0", "nonce": "n"} | wrong))

    answer = requests.get(f"{sandbox.url}{CHANGES}?since=0", headers=headers, timeout=10)

    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_nonce_serves_once(sandbox: Sandbox) -> None:
    path = f"{CHANGES}?since=0"
    headers = signed(path, nonce="once")

    first, second = (requests.get(sandbox.url + path, headers=headers, timeout=10) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 401)
    assert second.json()["code"] == "companion_used_nonce"


def test_without_the_bridge_there_is_no_route_and_nobody_is_told(make_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = make_sandbox()
    sandbox.shop.helpdesk.open_ticket(1, "x")

    answer = requests.get(f"{sandbox.url}{CHANGES}?since=0", timeout=10)

    assert (answer.status_code, sandbox.shop.bridge.number) == (404, 0)


def test_events_of_tickets_are_delivered_by_the_shops_own_queue(
    sandbox: Sandbox, receiver: Receiver, hear: Callable[[str], int]
) -> None:
    desk = sandbox.shop.helpdesk
    names = ("created", "reply", "status", "assignee", "closed", "reopened", "trashed", "restored", "deleted")
    for name in names:
        hear(f"action.wc_companion_ticket_{name}")

    ticket = desk.open_ticket(1, "x")
    reply = desk.reply(ticket.id, 3, "y")
    desk.set_status(ticket.id, "hold")
    desk.assign(ticket.id, 2)
    desk.close(ticket.id)
    desk.reopen(ticket.id)
    desk.trash(ticket.id)
    desk.restore(ticket.id)
    desk.delete(ticket.id)
    sandbox.shop.run_queue()

    more = {"reply": {"reply_id": reply.id}}
    assert [json.loads(delivery.body) for delivery in receiver.received] == [
        {"action": f"wc_companion_ticket_{name}", "arg": {"id": ticket.id, **more.get(name, {})}} for name in names
    ]


def test_equal_events_wait_as_one(sandbox: Sandbox, receiver: Receiver, hear: Callable[[str], int]) -> None:
    ticket = sandbox.shop.helpdesk.open_ticket(1, "x")
    hear("action.wc_companion_ticket_status")

    for status in ("hold", "processing"):
        sandbox.shop.helpdesk.set_status(ticket.id, status)
    sandbox.shop.run_queue()

    assert len(receiver.received) == 1
