"""What PHP, plugins and broken rows do to a record, and what is kept or refused."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Order
from connectors.woocommerce.parse import (
    META_LIMIT,
    Unreadable,
    parse_customer,
    parse_order,
    parse_order_note,
    parse_refund,
    record_id,
)
from tests.connectors.recorded import as_php, exchange

REFUNDED = exchange("woocommerce/a51_order_refunded_full").json


def order_of(**changes: Any) -> Order:
    return parse_order(as_php(REFUNDED | changes).encode())


def reason_of(raw: bytes) -> tuple[str, str]:
    with pytest.raises(Unreadable) as refusal:
        parse_order(raw)
    return refusal.value.code, str(refusal.value)


@pytest.mark.parametrize(
    "bend",
    [
        {"id": "318"},
        {"id": 318.0},
        {"total": 3220000},
        {"total": 3220000.0},
        {"total": "3220000.00"},
        {"customer_id": "0"},
        {"customer_id": ""},
        {"customer_id": None},
        {"number": 318},
        {"customer_note": None},
        {"transaction_id": False},
        {"coupon_lines": {}},
        {"coupon_lines": None},
        {"fee_lines": ""},
        {"tax_lines": False},
        {"date_completed_gmt": ""},
        {"date_completed_gmt": "0000-00-00T00:00:00"},
        {"date_completed_gmt": "-0001-11-30T00:00:00"},
        {"refunds": {"0": {"id": "319"}}},
        {"meta_data": {"3": {"id": "925", "key": "crm_source", "value": "دوستان"}}},
        {"meta_data": [None, *REFUNDED["meta_data"]]},
        {"line_items": {str(place * 2): item for place, item in enumerate(REFUNDED["line_items"])}},
        {"line_items": [item | {"id": str(item["id"]), "quantity": "3.0"} for item in REFUNDED["line_items"]]},
    ],
    ids=lambda bend: as_php(bend)[:40],
)
def test_a_bent_order_is_read_as_the_straight_one(bend: dict[str, Any]) -> None:
    straight = order_of()
    bent = order_of(**bend)
    if "line_items" in bend:
        assert [line.line_id for line in bent.lines] == [line.line_id for line in straight.lines]
    else:
        assert bent == straight


@pytest.mark.parametrize("empty", [[], "", None, False])
def test_an_address_without_a_shape_of_its_own_is_empty(empty: object) -> None:
    assert order_of(shipping=empty).shipping.city == ""


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not_json"),
        (b"<html>", "not_json"),
        (b'{"id":318,', "not_json"),
        (b'{"x":' + b"[" * 100_000, "not_json"),
        (b'{"id":5,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"318"', "not_an_object"),
        (b"{}", "no_id"),
        (b'{"status":"processing"}', "no_id"),
        (b'{"code":"woocommerce_rest_cannot_view","message":"Sorry","data":{"status":401}}', "error_object"),
        (b'{"id":318}', "wrong_shape"),
        (as_php(REFUNDED | {"id": None}).encode(), "wrong_shape"),
        (as_php(REFUNDED | {"id": 0}).encode(), "no_id"),
        (as_php(REFUNDED | {"id": -5}).encode(), "no_id"),
        (as_php(REFUNDED | {"total": "free"}).encode(), "wrong_money"),
        (as_php(REFUNDED | {"total": "NaN"}).encode(), "wrong_money"),
        (as_php(REFUNDED | {"total": "1e400"}).encode(), "wrong_money"),
        (as_php(REFUNDED | {"total": "922337203685477.5808"}).encode(), "wrong_money"),
        (as_php(REFUNDED | {"total": {}}).encode(), "wrong_shape"),
        (as_php(REFUNDED | {"billing": "x"}).encode(), "wrong_shape"),
        (as_php(REFUNDED | {"line_items": "x"}).encode(), "wrong_shape"),
        (as_php(REFUNDED | {"date_created_gmt": "yesterday"}).encode(), "wrong_date"),
    ],
    ids=lambda part: str(part)[-40:],
)
def test_what_cannot_be_kept_says_why(raw: bytes, code: str) -> None:
    assert reason_of(raw)[0] == code


def test_a_refusal_names_the_record_and_the_field() -> None:
    code, reason = reason_of(as_php(REFUNDED | {"billing": "x"}).encode())
    assert code == "wrong_shape"
    assert "318" in reason
    assert "billing" in reason


def test_a_refusal_for_a_missing_id_shows_no_values() -> None:
    _, reason = reason_of(b'{"email":"zahra@example.test","phone":"0912"}')
    assert "email, phone" in reason
    assert "zahra" not in reason


@pytest.mark.parametrize(
    "raw",
    [b'{"id":24,"x":1}', b' { "id" : 24 }', b'{"x":[{"id":1}],"id":24}', b'{"id":"24"}', b'{"number":"7","id":24}'],
)
def test_the_id_is_found_wherever_it_stands(raw: bytes) -> None:
    assert record_id(raw) == "24"


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"id":0}', b'{"id":"x"}', b'{"id":true}', b'{"id":1.5}', b"24"])
def test_no_id_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        record_id(raw)


@given(st.decimals(min_value=-(10**14), max_value=10**14, allow_nan=False, allow_infinity=False))
def test_money_is_exact_and_rounds_half_to_even(amount: Decimal) -> None:
    expected = int(amount.quantize(Decimal("0.0001"), ROUND_HALF_EVEN) * 10_000)
    assert order_of(total=format(amount, "f")).total == expected


def test_money_reaches_the_edge_of_64_bits() -> None:
    assert order_of(total="922337203685477.5807").total == 2**63 - 1


def test_nul_characters_are_removed() -> None:
    order = order_of(customer_note="a\0b\0", billing=REFUNDED["billing"] | {"city": "\0تهران"})
    assert (order.customer_note, order.billing.city) == ("ab", "تهران")


def test_text_that_only_looks_like_an_escaped_nul_is_kept() -> None:
    assert order_of(customer_note=r"C:\u0000").customer_note == r"C:\u0000"


def test_half_a_surrogate_pair_is_replaced_and_whole_pairs_are_kept() -> None:
    assert order_of(customer_note="a\ud83d b🙏 c\udd4f").customer_note == "a\ufffd b🙏 c\ufffd"


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    raw = json.dumps(REFUNDED | {"customer_note": "MARK"}, ensure_ascii=False).encode().replace(b"MARK", b"\xd8")
    assert parse_order(raw).customer_note == "\ufffd"


@given(st.text())
def test_any_text_is_kept_but_for_nul_and_lone_surrogates(text: str) -> None:
    assert order_of(customer_note=text).customer_note == text.replace("\0", "")


def test_meta_keeps_scalars_as_php_prints_them_sorted_by_key() -> None:
    values = {"z": "ز", "a": 7, "f": 1.5, "t": True, "n": False, "list": [1], "dict": {"a": 1}, "none": None, "e": ""}
    rows = [{"id": place, "key": key, "value": value} for place, value_key in enumerate(values.items(), 1)
            for key, value in [value_key]]  # fmt: skip
    assert order_of(meta_data=rows).meta == (
        ("a", "7"),
        ("e", ""),
        ("f", "1.5"),
        ("n", ""),
        ("t", "1"),
        ("z", "ز"),
    )


def test_the_newest_of_several_rows_with_one_key_holds() -> None:
    rows = [{"id": 9, "key": "k", "value": "new"}, {"id": 3, "key": "k", "value": "old"}]
    assert order_of(meta_data=rows).meta == (("k", "new"),)


@pytest.mark.parametrize("key", ["_edit_lock", "_edit_last", "_wp_trash_meta_status", "_wp_trash_meta_time", ""])
def test_volatile_meta_is_left_out(key: str) -> None:
    assert order_of(meta_data=[{"id": 1, "key": key, "value": "x"}]).meta == ()


def test_meta_that_is_too_long_is_left_out_not_cut() -> None:
    rows = [
        {"id": 1, "key": "fits", "value": "x" * META_LIMIT},
        {"id": 2, "key": "long", "value": "x" * (META_LIMIT + 1)},
    ]
    assert [key for key, _ in order_of(meta_data=rows).meta] == ["fits"]


@pytest.mark.parametrize(("value", "summary"), [("خط", "خط"), ("", ""), (5, "5"), ({"a": 1}, '{"a":1}'), (None, None)])
def test_our_own_key_is_the_summary_and_not_in_the_meta(value: object, summary: str | None) -> None:
    order = order_of(meta_data=[{"id": 1, "key": "companion_note", "value": value}])
    assert (order.summary, order.meta) == (summary, ())


@pytest.mark.parametrize(("sold", "kept"), [(3, 3), (0, 0), (-1, -1), (1.5, 2), (0.25, 1), (-0.25, -1), ("2.4", 2)])
def test_goods_by_weight_are_rounded_but_never_to_nothing(sold: object, kept: int) -> None:
    assert order_of(line_items=[REFUNDED["line_items"][0] | {"quantity": sold}]).lines[0].quantity == kept


def test_fees_coupons_and_taxes_are_lines_too() -> None:
    order = order_of(
        line_items=[],
        shipping_lines=[],
        fee_lines=[{"id": 1, "name": "بسته‌بندی", "total": "-500"}],
        coupon_lines=[{"id": 2, "code": "norooz", "discount": "1000"}],
        tax_lines=[{"id": 3, "label": "VAT", "rate_code": "IR-1", "tax_total": "90", "shipping_tax_total": "9.5"}],
    )
    assert [(line.kind, line.name, line.total) for line in order.lines] == [
        ("fee", "بسته‌بندی", -5_000_000),
        ("coupon", "norooz", 10_000_000),
        ("tax", "VAT", 995_000),
    ]


def test_a_refund_of_an_orders_list_takes_its_order_from_the_caller_or_its_link() -> None:
    row = exchange("woocommerce/a53_order_refunds").json[0]
    assert parse_refund(as_php(row).encode()).order_id == "345"
    del row["_links"]
    assert parse_refund(as_php(row).encode(), "77").order_id == "77"
    with pytest.raises(Unreadable, match="which order"):
        parse_refund(as_php(row).encode())


def test_a_refund_with_links_of_plain_permalinks_finds_its_order() -> None:
    row = exchange("woocommerce/a53_order_refunds").json[0]
    row["_links"] = {"up": [{"href": "https://shop.example/index.php?rest_route=/wc/v3/orders/345"}]}
    assert parse_refund(as_php(row).encode()).order_id == "345"


def test_a_refunded_amount_is_positive() -> None:
    row = exchange("woocommerce/a53b_refunds_all").json[0] | {"amount": "-50000.00"}
    assert parse_refund(as_php(row).encode()).amount == 500_000_000


def test_an_order_note_sent_to_the_buyer_is_told_apart_even_as_text() -> None:
    row = exchange("woocommerce/a54_order_notes").json[0]
    assert [
        parse_order_note(as_php(row | {"customer_note": told}).encode(), "24").to_customer
        for told in (True, "1", 1, False, "", 0, None)
    ] == [True, True, True, False, False, False, False]


def test_a_customer_never_edited_has_no_date_of_change() -> None:
    assert parse_customer(exchange("woocommerce/a80_customer_admin").body).modified_at is None
