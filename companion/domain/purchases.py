"""What a customer bought, for people to read: by currency, by year and month of their calendar, and what came of it.

Pure. Unlike currencies are never added; only orders that stand (`companion.domain.money`) count as bought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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

    orders: int
    total: int


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
        standing = [order for order in its if stands(order.status)]
        placed: dict[tuple[int, int], list[int]] = {}
        for order in standing:
            if order.created_at is not None:
                placed.setdefault(month_of(order.created_at, zone=zone, calendar=calendar), []).append(order.total)
        years: dict[int, list[int]] = {}
        for (year, _), totals in placed.items():
            years.setdefault(year, []).extend(totals)
        told.append(
            Purchases(
                money=money,
                unpaid=_tally([each.total for each in standing if not _paid(each)]),
                failed=_tally([each.total for each in its if each.status == "failed"]),
                this_year=Period(this_year, 0, _tally(years.get(this_year, []))),
                months=tuple(
                    Period(*month, _tally(placed.get(month, []))) for month in _last_months(this_year, this_month)
                ),
                years=tuple(Period(year, 0, _tally(years[year])) for year in sorted(years, reverse=True)),
                manners=tuple(Counter(each.manner for each in standing if each.manner).most_common()),
            )
        )
    return tuple(told)


def _sum(order: Purchase) -> OrderSum:
    return OrderSum(order.currency, order.status, order.has_paid_date, 1, order.total, order.created_at)


def _paid(order: Purchase) -> bool:
    return is_paid(order.status, has_paid_date=order.has_paid_date)


def _tally(totals: Sequence[int]) -> Tally:
    return Tally(len(totals), sum(totals))


def _last_months(year: int, month: int) -> list[tuple[int, int]]:
    """Years and months up to this one, oldest first; both calendars have twelve."""
    last = year * 12 + month - 1
    return [(place // 12, place % 12 + 1) for place in range(last - MONTHS + 1, last + 1)]
