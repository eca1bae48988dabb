"""Money: integers of 1/10,000 of a currency's unit, summed by currency and written for people.

Unlike currencies are never added. A rial amount may be shown in toman (a tenth), as the installation chooses; the
amount itself stays what the shop said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from companion.domain.calendar import to_persian_digits

SCALE = 10_000
_SCALE_DECIMALS = 4
_RIALS_PER_TOMAN = 10

# WooCommerce's Persian localisation adds IRT, IRHR and IRHT (toman, thousand rial, thousand toman) to the ISO codes.
_WITHOUT_FRACTION = frozenset({"IRR", "IRT", "IRHR", "IRHT", "JPY", "KRW"})
_NAMES_FA = {
    "IRR": "ریال",
    "IRT": "تومان",
    "IRHR": "هزار ریال",
    "IRHT": "هزار تومان",
    "USD": "دلار",
    "EUR": "یورو",
    "GBP": "پوند",
    "AED": "درهم",
    "TRY": "لیر",
}
_NAMES_EN = {"IRR": "rial", "IRT": "toman", "IRHR": "thousand rial", "IRHT": "thousand toman"}

# An order in one of these is no purchase: it failed, was called off or thrown away, or was never placed.
FALLEN_STATUSES = frozenset({"cancelled", "failed", "trash", "checkout-draft", "auto-draft"})
# WooCommerce counts processing and completed as paid; a refunded order was paid, and its refunds tell what went back.
PAID_STATUSES = frozenset({"processing", "completed", "refunded"})


class OrderSum(NamedTuple):
    """Orders of one currency and status taken together; `has_paid_date`: the shop told when they were paid."""

    currency: str
    status: str
    has_paid_date: bool
    orders: int
    total: int
    last_at: datetime | None


@dataclass(frozen=True)
class Money:
    """What was bought in one currency, in 1/10,000 of its unit.

    `orders` and `total` count the orders that stand (not failed, cancelled, binned or deleted); `paid` is the total of
    those whose money came; `refunded` what went back on any order; `average` total over orders, rounded to the smallest
    coin in use; `last_at` the date of the newest that stands.
    """

    currency: str
    orders: int
    total: int
    paid: int
    refunded: int
    average: int
    last_at: datetime | None


def stands(status: str) -> bool:
    """Whether an order of this status counts as a purchase; a status that some plugin invented does."""
    return status not in FALLEN_STATUSES


def is_paid(status: str, *, has_paid_date: bool) -> bool:
    """Whether the order's money came: by its status, or by a date of payment on an order that stands."""
    return status in PAID_STATUSES or (has_paid_date and stands(status))


def by_currency(sums: Iterable[OrderSum], refunded: Mapping[str, int]) -> tuple[Money, ...]:
    """The purchases of each currency, the one with most orders first; `refunded` holds refunds by currency."""
    standing: dict[str, list[OrderSum]] = {currency: [] for currency in refunded}
    for part in sums:
        if stands(part.status):
            standing.setdefault(part.currency, []).append(part)
    found = (_of(currency, parts, refunded.get(currency, 0)) for currency, parts in standing.items())
    return tuple(sorted(found, key=lambda money: (-money.orders, money.currency)))


def _of(currency: str, parts: list[OrderSum], refunded: int) -> Money:
    orders = sum(part.orders for part in parts)
    total = sum(part.total for part in parts)
    return Money(
        currency=currency,
        orders=orders,
        total=total,
        paid=sum(part.total for part in parts if is_paid(part.status, has_paid_date=part.has_paid_date)),
        refunded=refunded,
        average=_average(total, orders, currency),
        last_at=max((part.last_at for part in parts if part.last_at), default=None),
    )


def _average(total: int, orders: int, currency: str) -> int:
    coin = SCALE if currency in _WITHOUT_FRACTION else SCALE // 100
    return _divide(total, orders * coin) * coin if orders else 0


def currency_name(currency: str, language: str) -> str:
    """What people call a currency; its code where they have no word for it."""
    return (_NAMES_FA if language == "fa" else _NAMES_EN).get(currency, currency)


def format_money(amount: int, currency: str, *, language: str, toman: bool = False, decimals: int | None = None) -> str:
    """An amount for people: ۱٬۲۵۰٬۰۰۰ تومان, 1,250,000 toman, 12.50 USD.

    `toman` shows rials in toman; `decimals` are the shop's. Without them a currency that has no small coin shows a
    fraction only where there is one, so that nothing is ever hidden; others show two digits.
    """
    if currency == "IRR" and toman:
        amount, currency = _divide(amount, _RIALS_PER_TOMAN), "IRT"
    return f"{_figures(amount, currency, language, decimals)} {currency_name(currency, language)}".rstrip()


def _figures(amount: int, currency: str, language: str, decimals: int | None) -> str:
    wanted = decimals if decimals is not None else 0 if currency in _WITHOUT_FRACTION else 2
    wanted = max(0, min(wanted, _SCALE_DECIMALS))
    step = 10 ** (_SCALE_DECIMALS - wanted)
    whole, fraction = divmod(_divide(abs(amount), step), 10**wanted)
    if decimals is None and amount % step:
        whole, fraction, wanted = *divmod(abs(amount), SCALE), _SCALE_DECIMALS
    text = f"{whole:,}" + (f".{fraction:0{wanted}}" if wanted else "")
    if decimals is None and wanted == _SCALE_DECIMALS:
        text = text.rstrip("0").rstrip(".")
    if language == "fa":
        text = to_persian_digits(text.replace(",", "٬").replace(".", "٫"))
    # The mark keeps the sign before its figures in a line that runs from right to left.
    return f"\u200e−{text}" if amount < 0 else text


def _divide(amount: int, by: int) -> int:
    """The quotient to the nearest integer, halves away from zero, as tills round."""
    quotient, rest = divmod(abs(amount), by)
    quotient += 2 * rest >= by
    return quotient if amount >= 0 else -quotient
