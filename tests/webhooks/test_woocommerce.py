"""Only what a shop has signed is taken for its word, and nothing that it signed is lost."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.recorded import deliveries
from webhooks.woocommerce import Delivery, Ping, VerificationError, from_http, sign

SECRET = "s3cr3t-کلید"
OTHER = "A1b2C3d4"


def signed(body: bytes, topic: str = "order.updated", secret: str = SECRET) -> dict[str, str]:
    return {
        "X-WC-Webhook-Signature": sign(body, secret),
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Delivery-ID": "56d49a642c8a0ff40bb064f117af4d30",
    }


def received(body: bytes, topic: str = "order.updated", secret: str = SECRET) -> Delivery:
    delivery = from_http(shop="main", topic=topic, headers=signed(body, topic, secret), body=body, secrets=[SECRET])
    assert isinstance(delivery, Delivery)
    return delivery


def refusal(body: bytes, headers: dict[str, str], *secrets: str) -> str:
    with pytest.raises(VerificationError) as error:
        from_http(shop="main", topic="order.updated", headers=headers, body=body, secrets=secrets)
    return error.value.code


RECORDED = [pytest.param(name, seen, id=name) for name, seen in deliveries()]


@pytest.mark.parametrize(("name", "seen"), RECORDED)
def test_every_recorded_signature_verifies_byte_for_byte(name: str, seen: dict[str, Any]) -> None:
    headers, body = dict(seen["headers"]), seen["body"].encode()
    topic = seen["path"].rpartition("/")[2]
    secret = "abc" if name.startswith("c41") else SECRET
    delivery = from_http(shop="main", topic=topic, headers=headers, body=body, secrets=[secret])
    assert isinstance(delivery, Delivery)
    assert (delivery.shop, delivery.topic, delivery.body) == ("main", topic, body)
    assert delivery.delivery_id == headers["X-WC-Webhook-Delivery-ID"]
    assert delivery.body_hash == hashlib.blake2b(body, digest_size=16).digest()
    has_id = topic.startswith(("order.", "customer.")) and "gone" not in name
    assert delivery.resource_id.isdigit() is has_id


@pytest.mark.parametrize(("name", "seen"), RECORDED)
def test_a_recorded_delivery_changed_by_one_byte_is_refused(name: str, seen: dict[str, Any]) -> None:
    body = seen["body"].encode()
    topic = seen["path"].rpartition("/")[2]
    with pytest.raises(VerificationError) as error:
        from_http(shop="main", topic=topic, headers=dict(seen["headers"]), body=body + b" ", secrets=[SECRET, "abc"])
    assert error.value.code == "wrong_signature"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_any_secret_still_valid_verifies(place: int) -> None:
    secrets = [OTHER, "older"]
    secrets.insert(place, SECRET)
    body = b'{"id":5}'
    delivery = from_http(shop="main", topic="order.updated", headers=signed(body), body=body, secrets=secrets)
    assert isinstance(delivery, Delivery)


@pytest.mark.parametrize(
    "signature", ["", "x", "é", "\udcff", "AAAA" * 11, sign(b"other", SECRET), sign(b'{"id":5}', OTHER)]
)
def test_a_wrong_signature_is_refused(signature: str) -> None:
    body = b'{"id":5}'
    headers = signed(body) | {"X-WC-Webhook-Signature": signature}
    assert refusal(body, headers, SECRET) == ("wrong_signature" if signature else "no_signature")


def test_without_a_secret_nothing_verifies() -> None:
    body = b'{"id":5}'
    assert refusal(body, signed(body)) == "wrong_signature"


def test_a_request_without_a_signature_is_refused() -> None:
    assert refusal(b'{"id":5}', {"X-WC-Webhook-Topic": "order.updated"}, SECRET) == "no_signature"


@pytest.mark.parametrize("topic", ["order.deleted", "customer.updated", ""])
def test_a_delivery_for_another_address_is_refused(topic: str) -> None:
    body = b'{"id":5}'
    assert refusal(body, signed(body, topic), SECRET) == "wrong_topic"


def test_a_delivery_without_a_topic_is_refused() -> None:
    body = b'{"id":5}'
    assert refusal(body, {"X-WC-Webhook-Signature": sign(body, SECRET)}, SECRET) == "wrong_topic"


def test_names_of_headers_and_topics_are_the_same_in_any_case() -> None:
    body = b'{"id":5}'
    headers = {name.lower(): value.replace("order", "ORDER") for name, value in signed(body).items()}
    headers["x-wc-webhook-signature"] = sign(body, SECRET)
    delivery = from_http(shop="main", topic="order.updated", headers=headers, body=body, secrets=[SECRET])
    assert isinstance(delivery, Delivery)
    assert delivery.topic == "order.updated"


@pytest.mark.parametrize("body", [b"webhook_id=1", b"webhook_id=12345"])
def test_the_unsigned_ping_is_known(body: bytes) -> None:
    assert from_http(shop="main", topic="order.updated", headers={}, body=body, secrets=[SECRET]) == Ping()


@pytest.mark.parametrize("body", [b"webhook_id=", b"webhook_id=1&x=2", b"webhook_id=x", b" webhook_id=1", b"", b"{}"])
def test_what_only_resembles_a_ping_is_refused(body: bytes) -> None:
    assert refusal(body, {}, SECRET) == "no_signature"


def test_a_signed_body_that_reads_like_a_ping_is_a_delivery() -> None:
    assert received(b"webhook_id=1").resource_id == ""


@pytest.mark.parametrize(
    ("topic", "body", "resource_id"),
    [
        ("order.updated", b'{"id":5,"status":"x"}', "5"),
        ("order.updated", b'{"status":"x","id":"5"}', "5"),
        ("order.deleted", b'{"id":5}', "5"),
        ("customer.created", b'{"id":7}', "7"),
        ("coupon.updated", b'{"id":9}', "9"),
        ("order.updated", b'{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID."}', ""),
        ("order.updated", b"[]", ""),
        ("order.updated", b"", ""),
        ("order.updated", b"not json", ""),
        ("order.updated", b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", ""),
        ("order.updated", b'{"id":5', ""),
        ("order.updated", b'{"id":0}', ""),
        ("order.updated", b'{"id":-1}', ""),
        ("order.updated", b'{"id":true}', ""),
        ("order.updated", b'{"id":"5; drop"}', ""),
        ("order.updated", b'{"id":{"x":1}}', ""),
        ("order.updated", b'\xff{"id":5}', ""),
        ("action.wc_companion_ticket_reply", b'{"action":"wc_companion_ticket_reply","arg":{"id":356}}', "356"),
        ("action.wc_companion_ticket_reply", b'{"action":"wc_companion_ticket_reply","arg":{"id":"356"}}', "356"),
        ("action.wc_companion_ticket_reply", b'{"action":"wc_companion_ticket_reply","arg":{}}', ""),
        ("action.wc_companion_ticket_reply", b'{"action":"wc_companion_ticket_reply","arg":[]}', ""),
        ("action.wc_companion_ticket_reply", b'{"id":4}', ""),
        ("action.woocommerce_thankyou", b'{"action":"woocommerce_thankyou","arg":{"id":356}}', ""),
        ("something.unheard_of", b'{"id":3}', "3"),
    ],
)
def test_whose_delivery_it_is_stands_in_the_body_and_none_is_lost(topic: str, body: bytes, resource_id: str) -> None:
    delivery = received(body, topic)
    assert (delivery.topic, delivery.resource_id, delivery.body) == (topic, resource_id, body)


def test_a_delivery_without_an_id_of_its_own_is_kept() -> None:
    body = b'{"id":5}'
    headers = signed(body)
    del headers["X-WC-Webhook-Delivery-ID"]
    delivery = from_http(shop="main", topic="order.updated", headers=headers, body=body, secrets=[SECRET])
    assert isinstance(delivery, Delivery)
    assert delivery.delivery_id == ""


@given(body=st.binary(max_size=300), secret=st.text(min_size=1, max_size=40))
def test_what_is_signed_is_received_whole_and_what_is_not_is_refused(body: bytes, secret: str) -> None:
    secret = secret.encode("utf-8", "ignore").decode() or "x"
    headers = signed(body, secret=secret)
    delivery = from_http(shop="main", topic="order.updated", headers=headers, body=body, secrets=[secret])
    assert isinstance(delivery, Delivery)
    assert delivery.body == body
    assert refusal(body, headers, secret + "x") == "wrong_signature"
