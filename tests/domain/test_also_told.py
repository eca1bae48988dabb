"""What is told of a person besides her facts: which of it she is found by."""

from __future__ import annotations

import pytest

from companion.domain.also_told import LONGEST_VALUE, MOST_OF_A_KIND, AlsoTold, Field, Telling, also_told, tells_more
from companion.domain.identity import Facts
from connectors.base import Address

KEYS = ("national_id",)


def order(phone: str = "", national_id: str = "", shipping_phone: str = "") -> Telling:
    return (phone, shipping_phone), {"national_id": national_id, "other": "x"}


def test_each_thing_stands_once_the_newest_first() -> None:
    found = also_told(
        [order("09120001001", "0084575948"), order("+98 912 000 1001", "۰۰۸۴۵۷۵۹۴۸"), order("021 4455 6677", "77")],
        KEYS,
    )
    assert found == AlsoTold(
        ("09120001001", "021 4455 6677"), (Field("national_id", "0084575948"), Field("national_id", "77"))
    )
    assert found.values == ("0084575948", "77")


@pytest.mark.parametrize("value", ["", "  ", "-", "…", "x" * (LONGEST_VALUE + 1)])
def test_what_says_nothing_is_no_value(value: str) -> None:
    assert also_told([order(national_id=value)], KEYS).fields == ()


def test_a_phone_that_a_hand_corrected_is_not_told_in_whatever_spelling() -> None:
    orders = [order("09120001001", shipping_phone="09120001009"), order("۰۹۱۲ ۰۰۰ ۱۰۰۱")]
    assert also_told(orders, (), known_wrong="+989120001001").phones == ("09120001009",)


def test_a_shop_with_a_number_for_each_order_fills_no_text() -> None:
    orders = [order(f"0912000{number:04}", str(number)) for number in range(MOST_OF_A_KIND + 5)]
    found = also_told(orders, KEYS)
    assert (len(found.phones), len(found.fields)) == (MOST_OF_A_KIND, MOST_OF_A_KIND)
    assert found.fields[0].value == "0"


@pytest.mark.parametrize(
    ("telling", "is_more"),
    [
        (order("09120001001"), False),
        (order("+98 912 000 1001"), False),
        (order(shipping_phone="021 4455 6677"), False),
        (order("09120009999"), True),
        (order("no phone at all"), False),
        ((("", ""), {"national_id": "1"}), True),
    ],
)
def test_only_what_the_facts_do_not_say_is_more(telling: Telling, is_more: bool) -> None:
    facts = Facts(phone="0912 000 1001", shipping=Address(phone="02144556677"))
    keys = KEYS if "other" not in telling[1] else ()
    assert tells_more(telling, facts, keys) is is_more
