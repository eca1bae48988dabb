"""Money is summed by currency and written for people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.domain.money import SCALE, OrderSum, by_currency, format_money, is_paid, stands

AT = datetime(2025, 11, 21, tzinfo=UTC)


def of(status: str, total: int, *, currency: str = "IRT", orders: int = 1, dated: bool = False) -> OrderSum:
    return OrderSum(currency, status, dated, orders, total * SCALE, AT)


def test_unlike_currencies_are_never_added() -> None:
    money = by_currency([of("completed", 10), of("completed", 7, currency="USD")], {})
    assert [(its.currency, its.total) for its in money] == [("IRT", 10 * SCALE), ("USD", 7 * SCALE)]


def test_failed_cancelled_and_binned_orders_are_no_purchases() -> None:
    (money,) = by_currency([of("completed", 10), *(of(s, 99) for s in ("failed", "cancelled", "trash"))], {})
    assert (money.orders, money.total, money.paid) == (1, 10 * SCALE, 10 * SCALE)


@pytest.mark.parametrize(
    ("status", "dated", "paid"),
    [
        ("processing", False, True),
        ("completed", False, True),
        ("refunded", False, True),
        ("pending", False, False),
        ("on-hold", False, False),
        ("on-hold", True, True),
        ("packed-by-a-plugin", True, True),
        ("packed-by-a-plugin", False, False),
        ("cancelled", True, False),
    ],
)
def test_what_counts_as_paid(status: str, dated: bool, paid: bool) -> None:
    assert is_paid(status, has_paid_date=dated) is paid


def test_a_status_that_a_plugin_invented_stands() -> None:
    assert stands("packed-by-a-plugin")


def test_refunds_stand_beside_what_was_paid_not_within() -> None:
    (money,) = by_currency([of("completed", 10, orders=3), of("refunded", 5)], {"IRT": 5 * SCALE})
    assert (money.total, money.paid, money.refunded, money.average) == (15 * SCALE, 15 * SCALE, 5 * SCALE, 4 * SCALE)


@pytest.mark.parametrize(("currency", "average"), [("IRT", 33_330_000), ("USD", 33_333_300)])
def test_an_average_has_no_smaller_coin_than_its_currency(currency: str, average: int) -> None:
    (money,) = by_currency([of("completed", 10_000, currency=currency, orders=3)], {})
    assert money.average == average


def test_a_refund_alone_is_not_lost() -> None:
    (money,) = by_currency([of("cancelled", 5)], {"IRT": 5 * SCALE})
    assert (money.orders, money.average, money.refunded, money.last_at) == (0, 0, 5 * SCALE, None)


@pytest.mark.parametrize(
    ("amount", "currency", "toman", "decimals", "fa", "en"),
    [
        (1_250_000 * SCALE, "IRT", False, None, "۱٬۲۵۰٬۰۰۰ تومان", "1,250,000 toman"),
        (1_250_000 * SCALE, "IRR", False, None, "۱٬۲۵۰٬۰۰۰ ریال", "1,250,000 rial"),
        (1_250_000 * SCALE, "IRR", True, None, "۱۲۵٬۰۰۰ تومان", "125,000 toman"),
        (1_250_000 * SCALE, "IRT", True, None, "۱٬۲۵۰٬۰۰۰ تومان", "1,250,000 toman"),
        (15 * SCALE, "IRR", True, None, "۱٫۵ تومان", "1.5 toman"),
        (12_5000, "USD", False, None, "۱۲٫۵۰ دلار", "12.50 USD"),
        (12_3456, "USD", False, None, "۱۲٫۳۴۵۶ دلار", "12.3456 USD"),
        (12_3456, "USD", False, 2, "۱۲٫۳۵ دلار", "12.35 USD"),
        (12_5000, "USD", False, 0, "۱۳ دلار", "13 USD"),
        (-12_5000, "USD", False, None, "\u200e−۱۲٫۵۰ دلار", "\u200e−12.50 USD"),
        (0, "IRT", False, None, "۰ تومان", "0 toman"),
        (7 * SCALE, "", False, None, "۷٫۰۰", "7.00"),
    ],
)
def test_amounts_as_people_write_them(
    amount: int, currency: str, toman: bool, decimals: int | None, fa: str, en: str
) -> None:
    assert format_money(amount, currency, language="fa", toman=toman, decimals=decimals) == fa
    assert format_money(amount, currency, language="en", toman=toman, decimals=decimals) == en


@given(st.integers(-(10**18), 10**18), st.sampled_from(["IRR", "IRT", "USD", "KWD"]))
def test_nothing_is_hidden_where_no_decimals_are_set(amount: int, currency: str) -> None:
    text = format_money(amount, currency, language="en").split()[0]
    sign = -1 if "−" in text else 1
    whole, _, fraction = text.lstrip("\u200e−").replace(",", "").partition(".")
    assert sign * (int(whole) * SCALE + int(fraction.ljust(4, "0") or 0)) == amount
