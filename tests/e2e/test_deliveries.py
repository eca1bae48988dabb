"""Whatever is delivered at the shops' entrance: what the shop signed is kept, the rest is refused, and work goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import sqlalchemy

from companion.app import App
from companion.sandbox import Fault, Item, Sandbox
from storage.engine import Store
from storage.schema import inbox
from tests.fixtures.app import stored_order
from tests.fixtures.store import Clock
from webhooks.woocommerce import sign


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """One database: the inbox and the notes themselves are tried on both."""
    return sqlite_store


class Entrance:
    """Delivers to the entrance of one shop, as the shop does unless told otherwise."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.address = app.config.web.public_url
        self.secret = app.secrets.webhook_secret("main")

    def deliver(
        self,
        body: bytes,
        topic: str = "order.updated",
        *,
        shop: str = "main",
        secret: str = "",
        signature: str | None = "right",
        topic_header: str = "",
        delivery_id: str = "d" * 32,
    ) -> requests.Response:
        headers = {
            "X-WC-Webhook-Signature": sign(body, secret or self.secret) if signature == "right" else signature,
            "X-WC-Webhook-Topic": topic_header or topic,
            "X-WC-Webhook-Delivery-ID": delivery_id,
        }
        return requests.post(f"{self.address}/in/{shop}/{topic}", data=body, headers=headers, timeout=30)

    def kept(self) -> list[sqlalchemy.Row[Any]]:
        """What lies in the inbox, in the order of its coming."""
        with self.app.store.read() as tx:
            return list(tx.execute(sqlalchemy.select(inbox).order_by(inbox.c.id)))


@pytest.fixture
def entrance(served: App) -> Entrance:
    return Entrance(served)


@pytest.fixture
def order_id(served: App, sandbox: Sandbox) -> int:
    """An order that both sides know; it is completed in the shop, which companion has not been told yet."""
    order = sandbox.shop.create_order(items=[Item("چای سبز", 1, 120_000)], quiet=True)
    served.backfill("main")
    sandbox.shop.clock.advance(60)
    sandbox.shop.update_order(order.id, status="completed")
    return order.id


def status_here(app: App, order_id: int) -> str:
    row = stored_order(app, order_id)
    assert row is not None
    return str(row.status)


@pytest.mark.parametrize(
    "wrong",
    [{"signature": None}, {"signature": ""}, {"signature": "bm8="}, {"secret": "guessed"}],
    ids=["missing", "empty", "none at all", "by another secret"],
)
def test_what_the_shop_did_not_sign_is_refused_and_not_kept(entrance: Entrance, wrong: dict[str, Any]) -> None:
    answer = entrance.deliver(b'{"id":1042}', **wrong)
    assert answer.status_code == 401
    assert entrance.secret not in answer.text
    assert entrance.kept() == []


def test_what_was_signed_for_another_topic_is_refused(entrance: Entrance) -> None:
    answer = entrance.deliver(b'{"id":1042}', "order.deleted", topic_header="order.updated")
    assert answer.status_code == 401
    assert entrance.kept() == []


def test_guessing_signatures_is_slowed_down_and_the_shop_is_not(entrance: Entrance) -> None:
    answers = [entrance.deliver(b"{}", secret="guessed").status_code for _ in range(60)]
    assert answers[0] == 401
    assert answers[-1] == 429
    assert entrance.deliver(b'{"id":1042}').status_code == 200


def test_unknown_shop_is_refused(entrance: Entrance) -> None:
    assert entrance.deliver(b'{"id":1042}', shop="nobody").status_code == 404
    assert entrance.kept() == []


def test_body_beyond_the_limit_is_refused(entrance: Entrance) -> None:
    body = b'{"id":1042,"x":"' + b"x" * entrance.app.config.web.max_body_bytes + b'"}'
    assert entrance.deliver(body).status_code == 413
    assert entrance.kept() == []


@pytest.mark.parametrize(
    "topic", ["product.updated", "action.wc_companion_ticket_opened", "action.woocommerce_x", "x" * 900]
)
def test_unknown_topic_is_kept_and_not_worked(entrance: Entrance, topic: str) -> None:
    assert entrance.deliver(b'{"id":1042}', topic).status_code == 200
    entrance.app.inbox.drain()
    (row,) = entrance.kept()
    assert (row.topic, row.state, row.body) == (topic, "ignored", b'{"id":1042}')


NAMELESS = {
    "empty": b"",
    "not JSON": b"<html>a firewall</html>",
    "not text": b"\xff\xfe\x00\x01",
    "null": b"null",
    "list": b'[{"id":1001}]',
    "text": b'"1001"',
    "object of nothing": b"{}",
    "id that is none": b'{"id":true}',
    "id below one": b'{"id":-1001}',
    "id in the clouds": b'{"id":1e400}',
    "nested without end": b"[" * 100_000,
    "half a letter": b'{"id":1001,"billing":{"first_name":"\\ud800"}}',
    "gone when it was sent": b'{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID."}',
}


@pytest.mark.parametrize("body", NAMELESS.values(), ids=NAMELESS)
def test_signed_body_that_names_no_order_is_kept_with_its_reason(
    entrance: Entrance, order_id: int, body: bytes
) -> None:
    assert entrance.deliver(body).status_code == 200
    assert entrance.deliver(b'{"id":%d}' % order_id, delivery_id="e" * 32).status_code == 200
    entrance.app.inbox.drain()
    bad, good = entrance.kept()
    assert (bad.state, bad.body) == ("ignored", body)
    assert "a poll finds what changed" in bad.reason
    assert good.state == "applied"
    assert status_here(entrance.app, order_id) == "completed"


MISSHAPEN: dict[str, dict[str, Any]] = {
    "amounts that are none": {"total": "NaN", "status": "completed"},
    "fields of other types": {"status": 5, "total": ["x"], "billing": "?", "line_items": {"0": None}},
    "NUL in texts": {"status": "\0refunded", "billing": {"first_name": "a\0b"}, "total": "1"},
    "a date far off": {"date_modified_gmt": "9999-99-99T99:99:99", "status": "refunded", "total": "1"},
    "hardly anything": {"status": "refunded"},
}


@pytest.mark.parametrize("fields", MISSHAPEN.values(), ids=MISSHAPEN)
def test_signed_order_of_the_wrong_shape_is_read_from_the_shop_instead(
    entrance: Entrance, order_id: int, fields: dict[str, Any]
) -> None:
    body = json.dumps({"id": order_id, **fields}).encode()
    assert entrance.deliver(body).status_code == 200
    entrance.app.inbox.drain()
    (row,) = entrance.kept()
    assert row.state == "applied"
    assert status_here(entrance.app, order_id) == "completed"


def test_delivery_about_an_order_that_never_was_is_settled(entrance: Entrance) -> None:
    assert entrance.deliver(b'{"id":99999999999999999999999}').status_code == 200
    entrance.app.inbox.drain()
    (row,) = entrance.kept()
    assert row.state in {"applied", "ignored"}


def test_the_same_delivery_twice_is_kept_once(entrance: Entrance) -> None:
    for _ in range(2):
        assert entrance.deliver(b'{"id":1042}').status_code == 200
    assert len(entrance.kept()) == 1


def test_deliveries_that_come_while_the_shop_is_away_are_worked_once_it_is_back(
    entrance: Entrance, order_id: int, sandbox: Sandbox, clock: Clock
) -> None:
    sandbox.shop.faults.add(Fault("status", status=503, times=None))
    entrance.deliver(b'{"id":%d}' % order_id)
    entrance.app.inbox.drain()
    (waiting,) = entrance.kept()
    assert (waiting.state, waiting.attempts) == ("waiting", 1)
    sandbox.shop.faults.clear()
    clock.advance(3600)
    entrance.app.inbox.drain()
    assert entrance.kept()[0].state == "applied"
    assert status_here(entrance.app, order_id) == "completed"
