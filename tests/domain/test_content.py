"""The content hash: equal meaning, equal hash; and our own push is no change."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from companion.domain.content import customer_hash, order_hash, raw_hash
from connectors.base import Address, Customer, Order, OrderLine

WHEN = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDER = Order(
    id="1042",
    number="1042",
    status="processing",
    currency="IRT",
    total=24_850_000_000,
    customer_id="9",
    billing=Address(first_name="مریم", phone="09120001001"),
    shipping=Address(),
    created_at=WHEN,
    modified_at=WHEN,
    paid_at=None,
    completed_at=None,
    payment_method="zarinpal",
    payment_method_title="زرین‌پال",
    transaction_id="",
    created_via="checkout",
    customer_note="",
    lines=(OrderLine("1", "line", "چای", 1, 10_000),),
    refund_ids=("7", "8"),
    meta=(("_tracking_code", "21"), ("source", "instagram")),
    summary=None,
)
CUSTOMER = Customer(
    id="9",
    username="maryam",
    email="m@example.com",
    first_name="مریم",
    last_name="احمدی",
    role="customer",
    billing=Address(),
    shipping=Address(),
    created_at=WHEN,
    modified_at=WHEN,
    meta=(),
)


def changed(**fields: object) -> bytes:
    return order_hash(msgspec.structs.replace(ORDER, **fields))


def test_a_moved_modification_date_is_no_change() -> None:
    assert changed(modified_at=None) == order_hash(ORDER)


def test_our_own_key_is_no_change() -> None:
    assert changed(summary="۱۴۰۵/۰۸/۳۰ · مینا · تماس") == order_hash(ORDER)


def test_the_order_of_meta_and_refunds_is_no_change() -> None:
    assert changed(meta=tuple(reversed(ORDER.meta)), refund_ids=("8", "7")) == order_hash(ORDER)


def test_every_other_field_is_one() -> None:
    other = {
        "number": "x",
        "status": "completed",
        "currency": "IRR",
        "total": 1,
        "customer_id": "",
        "billing": Address(),
        "shipping": Address(city="یزد"),
        "created_at": None,
        "paid_at": WHEN,
        "completed_at": WHEN,
        "payment_method": "",
        "payment_method_title": "",
        "transaction_id": "t",
        "created_via": "admin",
        "customer_note": "یادداشت",
        "lines": (),
        "refund_ids": (),
        "meta": (),
    }
    assert {name for name, value in other.items() if changed(**{name: value}) != order_hash(ORDER)} == set(other)
    assert set(other) == set(Order.__struct_fields__) - {"id", "modified_at", "summary"}


def test_a_users_modification_date_is_no_change_and_her_name_is() -> None:
    replace = msgspec.structs.replace
    assert customer_hash(replace(CUSTOMER, modified_at=None)) == customer_hash(CUSTOMER)
    assert customer_hash(replace(CUSTOMER, first_name="میترا")) != customer_hash(CUSTOMER)


def test_hashes_are_sixteen_bytes_and_name_their_rule() -> None:
    assert len(order_hash(ORDER)) == len(raw_hash(b"")) == 16
    assert order_hash(ORDER)[0] == 1


@given(st.binary(), st.binary())
def test_different_bytes_have_different_raw_hashes(one: bytes, other: bytes) -> None:
    assert (raw_hash(one) == raw_hash(other)) == (one == other)
