"""What a customer bought, for people to read: by currency, by year and month of their calendar, and what came of it.

Pure. Unlike currencies are never added; only orders that stand (`companion.domain.money`) count as bought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from companion.domain.calendar import month_of
from companion.domain.money import Money, OrderSum, by_currency, is_paid, stands

MONTHS = 12
"""So many months are told, this one included."""


class Purchase(NamedTuple):
    """One order; `total` in 1/10,000 of its currency, `manner` by what it was to be paid, as the shop names that."""

    currency: str
    status: str
    has_paid_date: bool
    total: int
    created_at: datetime | None
    manner: str


@dataclass(frozen=True)
class Tally:
    """So many orders and their total."""

    orders: int = 0
    total: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.orders + other.orders, self.total + other.total)


@dataclass(frozen=True)
class Period:
    """What was bought in a year, or in one month of it (1 to 12; 0 is the whole year)."""

    year: int
    month: int
    bought: Tally


@dataclass(frozen=True)
class Purchases:
    """What was bought in one currency. `unpaid` stands but its money has not come; `failed` is no purchase at all.

    `months` are the last twelve, oldest first, empty ones too; `years` all in which something was bought, the newest
    first; `this_year` is told even when it is empty. `manners` are the ways of paying of what stands, the usual first.
    """

    money: Money
    unpaid: Tally
    failed: Tally
    this_year: Period
    months: tuple[Period, ...]
    years: tuple[Period, ...]
    manners: tuple[tuple[str, int], ...]


def purchases_of(
    orders: Iterable[Purchase], refunded: Mapping[str, int], *, now: datetime, zone: ZoneInfo, calendar: str
) -> tuple[Purchases, ...]:
    """The purchases of each currency, the one with most orders first; `refunded` holds refunds by currency."""
    found: dict[str, list[Purchase]] = {}
    for order in orders:
        found.setdefault(order.currency, []).append(order)
    sums = (_sum(order) for its in found.values() for order in its)
    this_year, this_month = month_of(now, zone=zone, calendar=calendar)
    told = []
    for money in by_currency(sums, refunded):
        its = found.get(money.currency, [])
        by_month: dict[tuple[int, int], Tally] = {}
        by_year: dict[int, Tally] = {}
        for order in its:
            if stands(order.status) and order.created_at is not None:
                year, month = month_of(order.created_at, zone=zone, calendar=calendar)
                one = Tally(1, order.total)
                by_month[year, month] = by_month.get((year, month), Tally()) + one
                by_year[year] = by_year.get(year, Tally()) + one
        told.append(
            Purchases(
                money=money,
                unpaid=_tally(each for each in its if stands(each.status) and not _paid(each)),
                failed=_tally(each for each in its if each.status == "failed"),
                this_year=Period(this_year, 0, by_year.get(this_year, Tally())),
                months=tuple(
                    Period(year, month, by_month.get((year, month), Tally()))
                    for year, month in _last_months(this_year, this_month)
                ),
                years=tuple(Period(year, 0, by_year[year]) for year in sorted(by_year, reverse=True)),
                manners=tuple(
                    Counter(each.manner for each in its if stands(each.status) and each.manner).most_common()
                ),
            )
        )
    return tuple(told)


def _sum(order: Purchase) -> OrderSum:
    return OrderSum(order.currency, order.status, order.has_paid_date, 1, order.total, order.created_at)


def _paid(order: Purchase) -> bool:
    return is_paid(order.status, has_paid_date=order.has_paid_date)


def _tally(orders: Iterable[Purchase]) -> Tally:
    return sum((Tally(1, order.total) for order in orders), Tally())


def _last_months(year: int, month: int) -> list[tuple[int, int]]:
    """Years and months up to this one, oldest first; both calendars have twelve."""
    last = year * 12 + month - 1
    return [(place // 12, place % 12 + 1) for place in range(last - MONTHS + 1, last + 1)]
