"""Everything that a real shop was seen to send is read without loss of what companion keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Address
from connectors.woocommerce import parse
from connectors.woocommerce.parse import (
    SUMMARY_KEY,
    Unreadable,
    parse_customer,
    parse_order,
    parse_order_note,
    parse_refund,
    record_id,
)
from tests.connectors.recorded import as_php, deliveries, exchanges

ADDRESS = Address.__struct_fields__


def records(wanted: str) -> Iterator[Any]:
    for folder in ("woocommerce", "webhooks"):
        for seen in exchanges(folder):
            rows = seen.json if isinstance(seen.json, list) else [seen.json]
            if isinstance(seen.json, dict) and isinstance(seen.json.get("update"), list):
                rows = seen.json["update"]
            for row in rows:
                if isinstance(row, dict) and kind(row) == wanted:
                    yield pytest.param(row, id=f"{seen.name}-{row['id']}")


def kind(row: dict[str, Any]) -> str:
    for mark, name in (
        ("line_items", "order" if "billing" in row else "refund"),
        ("username", "customer"),
        ("note", "note"),
    ):
        if mark in row:
            return name
    return "other"


def once_each(wanted: str) -> list[Any]:
    """Recorded records of a kind, without those that are the same to the byte."""
    unlike = {as_php(case.values[0]): case for case in records(wanted)}
    return list(unlike.values())


def instant(text: str | None) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC) if text else None


def scaled(text: str) -> int:
    return int(Decimal(text) * 10_000)


def text_of(number: int) -> str:
    return str(number) if number else ""


@pytest.mark.parametrize("row", once_each("order"))
def test_every_recorded_order_is_read_without_loss(row: dict[str, Any]) -> None:
    order = parse_order(as_php(row).encode())

    assert order.id == record_id(as_php(row).encode()) == str(row["id"])
    same = [
        "number",
        "status",
        "currency",
        "payment_method",
        "payment_method_title",
        "transaction_id",
        "created_via",
        "customer_note",
    ]
    assert {name: getattr(order, name) for name in same} == {name: row[name] for name in same}
    assert (order.total, order.customer_note) == (scaled(row["total"]), row["customer_note"])
    assert order.customer_id == text_of(row["customer_id"])
    assert order.created_at == instant(row["date_created_gmt"])
    assert order.modified_at == instant(row["date_modified_gmt"])
    assert order.paid_at == instant(row["date_paid_gmt"])
    assert order.completed_at == instant(row["date_completed_gmt"])
    for name in ("billing", "shipping"):
        assert {field: getattr(getattr(order, name), field) for field in ADDRESS} == (
            dict.fromkeys(ADDRESS, "") | row[name]
        )
    assert [(line.line_id, line.kind, line.name, line.quantity, line.total) for line in order.lines] == [
        *((str(i["id"]), "line", i["name"], i["quantity"], scaled(i["total"])) for i in row["line_items"]),
        *((str(i["id"]), "shipping", i["method_title"], 1, scaled(i["total"])) for i in row["shipping_lines"]),
        *((str(i["id"]), "fee", i["name"], 1, scaled(i["total"])) for i in row["fee_lines"]),
    ]
    assert [(line.sku, line.product_id, line.variation_id) for line in order.lines if line.kind == "line"] == [
        (i["sku"], text_of(i["product_id"]), text_of(i["variation_id"])) for i in row["line_items"]
    ]
    assert order.refund_ids == tuple(str(refund["id"]) for refund in row["refunds"])
    newest = {i["key"]: i["value"] for i in sorted(row["meta_data"], key=lambda i: i["id"])}
    assert order.summary == newest.pop(SUMMARY_KEY, None)
    assert dict(order.meta) == {
        key: value for key, value in newest.items() if isinstance(value, str) and not volatile(key)
    }


def volatile(key: str) -> bool:
    return key in parse.VOLATILE_KEYS or key.startswith(parse.VOLATILE_PREFIXES)


@pytest.mark.parametrize("row", once_each("refund"))
def test_every_recorded_refund_is_read_without_loss(row: dict[str, Any]) -> None:
    refund = parse_refund(as_php(row).encode())

    order_id = row.get("parent_id") or row["_links"]["up"][0]["href"].rpartition("/")[2]
    assert (refund.id, refund.order_id) == (str(row["id"]), str(order_id))
    assert (refund.amount, refund.reason) == (scaled(row["amount"]), row["reason"])
    assert refund.refunded_by == text_of(row["refunded_by"])
    assert refund.created_at == instant(row["date_created_gmt"])


@pytest.mark.parametrize("row", once_each("note"))
def test_every_recorded_order_note_is_read_without_loss(row: dict[str, Any]) -> None:
    note = parse_order_note(as_php(row).encode(), "24")

    assert (note.id, note.order_id, note.author, note.body) == (str(row["id"]), "24", row["author"], row["note"])
    assert note.to_customer is row["customer_note"]
    assert note.created_at == instant(row["date_created_gmt"])


@pytest.mark.parametrize("row", once_each("customer"))
def test_every_recorded_customer_is_read_without_loss(row: dict[str, Any]) -> None:
    customer = parse_customer(as_php(row).encode())

    same = ["username", "email", "first_name", "last_name", "role"]
    assert {name: getattr(customer, name) for name in same} == {name: row[name] for name in same}
    assert customer.id == str(row["id"])
    assert (customer.created_at, customer.modified_at) == (
        instant(row["date_created_gmt"]),
        instant(row["date_modified_gmt"]),
    )
    for name in ("billing", "shipping"):
        assert {field: getattr(getattr(customer, name), field) for field in ADDRESS} == (
            dict.fromkeys(ADDRESS, "") | row[name]
        )


def test_recordings_hold_every_kind_of_record() -> None:
    assert min(len(once_each(wanted)) for wanted in ("order", "refund", "note", "customer")) > 3


@pytest.mark.parametrize(("name", "delivery"), [pytest.param(*pair, id=pair[0]) for pair in deliveries()])
def test_every_recorded_delivery_of_an_order_or_customer_is_read_or_says_why_not(
    name: str, delivery: dict[str, Any]
) -> None:
    topic = dict(delivery["headers"])["X-WC-Webhook-Topic"]
    body = delivery["body"].encode()
    if "gone_at_delivery" in name:
        with pytest.raises(Unreadable, match="woocommerce_rest_shop_order_invalid_id") as refusal:
            record_id(body)
        assert refusal.value.code == "error_object"
    elif topic.endswith(".deleted"):
        assert record_id(body).isdigit()
        with pytest.raises(Unreadable, match="status"):
            parse_order(body)
    elif topic.startswith("order."):
        assert parse_order(body).id == record_id(body)
    elif topic.startswith("customer."):
        assert parse_customer(body).id == record_id(body)


@pytest.mark.parametrize(
    "seen",
    [s for s in exchanges("woocommerce") if isinstance(s.json, dict) and "code" in s.json],
    ids=lambda seen: seen.name,
)
def test_every_recorded_error_object_is_refused_as_such(seen: Any) -> None:
    with pytest.raises(Unreadable) as refusal:
        parse_order(seen.body)
    assert refusal.value.code == "error_object"
    assert seen.json["code"] in str(refusal.value)
