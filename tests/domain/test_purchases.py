"""What was bought is told by currency, and by the years and months of the reader's calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from companion.domain.money import SCALE
from companion.domain.purchases import Purchase, Purchases, Tally, purchases_of

TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2025, 11, 21, 8, 30, tzinfo=UTC)  # ۳۰ آبان ۱۴۰۴


def bought(at: datetime | None, total: int = 1, status: str = "completed", *, currency: str = "IRT") -> Purchase:
    return Purchase(currency, status, has_paid_date=False, total=total * SCALE, created_at=at, manner="زرین‌پال")


def told(*orders: Purchase, calendar: str = "jalali") -> tuple[Purchases, ...]:
    return purchases_of(orders, {}, now=NOW, zone=TEHRAN, calendar=calendar)


def test_years_and_months_are_those_of_the_readers_calendar() -> None:
    before_new_year = datetime(2025, 3, 20, 20, 29, tzinfo=UTC)  # 23:59 in Tehran, the last minute of ۱۴۰۳
    after_new_year = datetime(2025, 3, 20, 20, 30, tzinfo=UTC)
    (jalali,) = told(bought(before_new_year, 5), bought(after_new_year, 7), bought(NOW, 11))
    assert [(year.year, year.bought) for year in jalali.years] == [
        (1404, Tally(2, 18 * SCALE)),
        (1403, Tally(1, 5 * SCALE)),
    ]
    assert jalali.this_year.bought == Tally(2, 18 * SCALE)
    assert [(month.year, month.month) for month in jalali.months] == [
        (1403, 9), (1403, 10), (1403, 11), (1403, 12), *((1404, month) for month in range(1, 9)),
    ]  # fmt: skip
    assert [month.bought.total // SCALE for month in jalali.months] == [0, 0, 0, 5, 7, 0, 0, 0, 0, 0, 0, 11]
    (gregorian,) = told(bought(before_new_year, 5), bought(NOW, 11), calendar="gregorian")
    assert gregorian.this_year.year == 2025
    assert gregorian.this_year.bought.orders == 2
    assert (gregorian.months[0].year, gregorian.months[0].month) == (2024, 12)


def test_unlike_currencies_are_never_added() -> None:
    toman, dollar = told(bought(NOW, 2), bought(NOW, 3), bought(NOW, 5, currency="USD"))
    assert (toman.this_year.bought, dollar.this_year.bought) == (Tally(2, 5 * SCALE), Tally(1, 5 * SCALE))


def test_failed_and_unpaid_orders_stand_apart() -> None:
    (told_of,) = told(bought(NOW, 2), bought(NOW, 3, "pending"), bought(NOW, 5, "failed"), bought(NOW, 7, "cancelled"))
    assert (told_of.unpaid, told_of.failed) == (Tally(1, 3 * SCALE), Tally(1, 5 * SCALE))
    assert told_of.this_year.bought == Tally(2, 5 * SCALE)
    assert told_of.manners == (("زرین‌پال", 2),)


def test_an_order_without_a_date_counts_in_no_year() -> None:
    (told_of,) = told(bought(None, 2))
    assert (told_of.money.orders, told_of.years, told_of.this_year.bought) == (1, (), Tally(0, 0))
