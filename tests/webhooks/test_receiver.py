"""The receiver over HTTP: 200 only for what is durable or without effect, and never a redirect."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webhooks.receiver import receiver
from webhooks.woocommerce import sign

SECRET = "s3cr3t-کلید"
BODY = b'{"id":469,"status":"processing"}'
PATH = "/in/main/order.updated"


class Shops:
    """What the receiver is handed: two shops, a store that may fail, and a limit on refused requests."""

    def __init__(self) -> None:
        self.accepted: list[dict[str, Any]] = []
        self.broken: Exception | None = None
        self.refused: list[str] = []
        self.limit = 3

    def accept(self, **delivery: Any) -> None:
        if self.broken:
            raise self.broken
        self.accepted.append(delivery)

    def secrets_for(self, shop: str) -> Sequence[str] | None:
        return {"main": [SECRET], "idle": []}.get(shop)

    def failed(self, address: str) -> bool:
        self.refused.append(address)
        return len(self.refused) > self.limit


@pytest.fixture
def shops() -> Shops:
    return Shops()


@pytest.fixture
def web(shops: Shops) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(
        receiver(accept=shops.accept, secrets_for=shops.secrets_for, failed=shops.failed, max_bytes=1000)
    )
    return app.test_client()


def headers(body: bytes = BODY, topic: str = "order.updated", secret: str = SECRET) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Signature": sign(body, secret),
        "X-WC-Webhook-Delivery-ID": "56d49a642c8a0ff40bb064f117af4d30",
    }


def test_a_signed_delivery_is_accepted_and_then_answered_200(web: FlaskClient, shops: Shops) -> None:
    answer = web.post(PATH, data=BODY, headers=headers())
    assert answer.status_code == 200
    (delivery,) = shops.accepted
    assert (delivery["shop"], delivery["topic"], delivery["resource_id"]) == ("main", "order.updated", "469")
    assert delivery["body"] == BODY
    assert len(delivery["body_hash"]) == 16
    assert shops.refused == []


def test_the_ping_is_answered_200_without_effect(web: FlaskClient, shops: Shops) -> None:
    answer = web.post(PATH, data={"webhook_id": "12"})
    assert answer.status_code == 200
    assert (shops.accepted, shops.refused) == ([], [])


@pytest.mark.parametrize(
    "given",
    [
        {},
        headers(secret="wrong"),
        headers(b"other"),
        headers(topic="order.deleted"),
        headers() | {"X-WC-Webhook-Signature": ""},
    ],
)
def test_what_is_not_the_shops_is_answered_401_and_counted(
    web: FlaskClient, shops: Shops, given: dict[str, str]
) -> None:
    answer = web.post(PATH, data=BODY, headers=given)
    assert answer.status_code == 401
    assert shops.accepted == []
    assert shops.refused == ["127.0.0.1"]


def test_a_shop_without_a_secret_yet_takes_nothing(web: FlaskClient) -> None:
    assert web.post("/in/idle/order.updated", data=BODY, headers=headers(secret="")).status_code == 401


def test_an_unknown_shop_is_answered_404_and_counted(web: FlaskClient, shops: Shops) -> None:
    assert web.post("/in/nobody/order.updated", data=BODY, headers=headers()).status_code == 404
    assert len(shops.refused) == 1


def test_an_address_over_its_limit_is_answered_429_for_a_while(web: FlaskClient, shops: Shops) -> None:
    for _ in range(shops.limit):
        assert web.post(PATH, data=BODY).status_code == 401
    answer = web.post(PATH, data=BODY)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert web.post("/in/nobody/x", data=BODY).status_code == 429


def test_a_signed_delivery_passes_whatever_its_address_failed_before(web: FlaskClient, shops: Shops) -> None:
    shops.limit = 0
    assert web.post(PATH, data=BODY).status_code == 429
    assert web.post(PATH, data=BODY, headers=headers()).status_code == 200


@pytest.mark.parametrize("size", [1001, 1002, 50_000])
def test_a_body_too_large_is_answered_413(web: FlaskClient, shops: Shops, size: int) -> None:
    body = b"x" * size
    assert web.post(PATH, data=body, headers=headers(body)).status_code == 413
    assert shops.accepted == []


def test_a_body_too_large_that_does_not_tell_its_length_is_answered_413(web: FlaskClient, shops: Shops) -> None:
    body = b"x" * 1001
    answer = web.post(
        PATH,
        input_stream=io.BytesIO(body),
        headers=headers(body) | {"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413
    assert shops.accepted == []


def test_a_body_just_within_the_limit_is_taken(web: FlaskClient, shops: Shops) -> None:
    body = b"x" * 1000
    assert web.post(PATH, data=body, headers=headers(body)).status_code == 200
    assert shops.accepted[0]["resource_id"] == ""


def test_a_delivery_that_could_not_be_stored_is_answered_503(
    web: FlaskClient, shops: Shops, caplog: pytest.LogCaptureFixture
) -> None:
    shops.broken = OSError("disk full")
    with caplog.at_level(logging.ERROR):
        answer = web.post(PATH, data=BODY, headers=headers())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert b"disk" not in answer.data
    assert "shop main" in caplog.text
    assert "processing" not in caplog.text  # nothing of the body


@pytest.mark.parametrize("path", [PATH, f"{PATH}/", "/in//main/order.updated", "//in/main/order.updated", "/in/main"])
@pytest.mark.parametrize("method", ["POST", "GET", "HEAD", "PUT", "OPTIONS"])
def test_there_is_never_a_redirect(web: FlaskClient, path: str, method: str) -> None:
    answer = web.open(path, method=method, data=BODY, headers=headers())
    assert answer.status_code in {200, 404, 405}


def test_a_slash_at_the_end_is_served_as_well(web: FlaskClient, shops: Shops) -> None:
    assert web.post(f"{PATH}/", data=BODY, headers=headers()).status_code == 200
    assert shops.accepted[0]["topic"] == "order.updated"


@pytest.mark.parametrize("topic", ["action.wc_companion_ticket_reply", "product.updated", "what.ever"])
def test_topics_that_nobody_knows_are_kept(web: FlaskClient, shops: Shops, topic: str) -> None:
    assert web.post(f"/in/main/{topic}", data=BODY, headers=headers(topic=topic)).status_code == 200
    assert shops.accepted[0]["topic"] == topic


def test_no_answer_shows_what_was_sent(web: FlaskClient) -> None:
    answer = web.post("/in/<script>/x", data=b"<script>", headers=headers())
    assert b"script" not in answer.data
