"""A topic is a hint: it says which thing to look at, and which part of it, and nothing more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from companion.sync.deliveries.hints import Thing, kind_of, nameless, part_of, things_of
from storage.sync.inbox import HELD_BACK, Entry


def entry(number: int, topic: str, resource_id: str = "7", body: bytes | None = b"{}", reason: str = "") -> Entry:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Entry(number, "main", topic, resource_id, f"d{number}", body, 0, at, reason)


@pytest.mark.parametrize(
    ("topic", "kind", "part"),
    [
        ("order.created", "order", "body"),
        ("order.updated", "order", "body"),
        ("order.restored", "order", "body"),
        ("order.deleted", "order", "record"),
        ("order.something", "order", "record"),
        ("customer.updated", "customer", "body"),
        ("customer.deleted", "customer", "record"),
        ("action.wc_companion_order_note", "order", "notes"),
        ("action.wc_companion_order_note_deleted", "order", "notes"),
        ("action.wc_companion_order_refund_deleted", "order", "refunds"),
        ("action.wc_companion_order_deleted", "order", "record"),
        ("action.wc_companion_order_updated", "order", "record"),
        ("action.wc_companion_customer_deleted", "customer", "record"),
        ("action.wc_companion_ticket_created", "ticket", "record"),
        ("action.wc_companion_ticket_status", "ticket", "record"),
        ("action.wc_companion_ticket_reply", "ticket", "replies"),
        ("action.wc_companion_ticket_reply_deleted", "ticket", "replies"),
        ("change.order_note", "order", "notes"),
        ("change.ticket_closed", "ticket", "record"),
    ],
)
def test_a_topic_says_what_to_look_at(topic: str, kind: str, part: str) -> None:
    assert (kind_of(topic), part_of(topic)) == (kind, part)


@pytest.mark.parametrize(
    "topic", ["", "order", "product.updated", "action.woocommerce_order_refunded", "action.wc_companion_", "x.order"]
)
def test_what_nobody_follows_has_no_kind(topic: str) -> None:
    assert kind_of(topic) in {"", "order"}
    assert kind_of(topic) == ("order" if topic == "order" else "")


def test_the_deliveries_of_one_thing_are_worked_as_one() -> None:
    arrived = [
        entry(3, "order.updated", body=b"3"),
        entry(1, "order.created", body=b"1"),
        entry(2, "customer.created"),
        entry(4, "product.updated"),
        entry(5, "order.updated", resource_id=""),
    ]
    things, others = things_of(arrived)
    assert [(thing.key, thing.entry_ids) for thing in things] == [(("order", "7"), [1, 3]), (("customer", "7"), [2])]
    assert [one.id for one in others] == [4, 5]
    assert things[0].body == b"3"


@pytest.mark.parametrize(
    ("topics", "parts", "body"),
    [
        (["order.updated"], {"body"}, b"1"),
        (["order.updated", "action.wc_companion_order_note"], {"body", "notes"}, b"1"),
        (["order.updated", "order.deleted", "order.restored"], {"body", "record"}, None),
        (["order.updated", "action.wc_companion_order_deleted"], {"body", "record"}, None),
        (["change.order_refund_deleted"], {"refunds"}, None),
        (["action.wc_companion_ticket_reply"], {"record", "replies"}, None),
    ],
)
def test_the_last_body_speaks_unless_one_of_them_asks_for_a_read(
    topics: list[str], parts: set[str], body: bytes | None
) -> None:
    entries = tuple(entry(number, topic, body=str(number).encode()) for number, topic in enumerate(topics, 1))
    thing = Thing(kind_of(topics[0]), "7", entries)
    assert set(thing.parts) == parts
    assert thing.body == body


def test_a_thing_remembers_that_it_waited_out_a_storm() -> None:
    waited = (entry(1, "order.updated", reason=HELD_BACK), entry(2, "order.updated"))
    assert Thing("order", "7", waited).was_held_back
    assert not Thing("order", "7", waited[1:]).was_held_back


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b"[]", "a list"),
        (b"<!DOCTYPE html><p>x", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"name":"Maryam"}', "no id"),
        (
            b'{"code":"woocommerce_rest_cannot_view","message":"Maryam"}',
            "an error instead of the thing: woocommerce_re",
        ),
    ],
)
def test_why_a_body_names_nothing_is_said_without_repeating_it(body: bytes | None, words: str) -> None:
    assert words in nameless(body)
    assert "Maryam" not in nameless(body)
