"""Days as people type them, and when they come next."""

from __future__ import annotations

from datetime import date

import pytest

from companion.domain.important_days import Day, next_on, read_day


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1404/09/09", Day("jalali", 1404, 9, 9)),
        (" ۱۴۰۴-۹-۹ ", Day("jalali", 1404, 9, 9)),
        ("2025-11-30", Day("gregorian", 2025, 11, 30)),
        ("30/11/2025", Day("gregorian", 2025, 11, 30)),
        ("۹ آذر", Day("jalali", None, 9, 9)),
        ("9 Azar 1404", Day("jalali", 1404, 9, 9)),
        ("30 november", Day("gregorian", None, 11, 30)),
        ("۹/۲۹", Day("jalali", None, 9, 29)),
        ("29 February", Day("gregorian", None, 2, 29)),
    ],
)
def test_a_day_is_read_as_it_is_written(typed: str, meant: Day) -> None:
    assert read_day(typed, calendar="jalali") == meant


@pytest.mark.parametrize("typed", ["", "soon", "31/6", "1404/12/31", "30 February", "9 Azar 2025", "0900/1/1", "9//9"])
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_day(typed, calendar="gregorian") is None


def test_a_day_without_a_year_is_of_the_readers_calendar() -> None:
    assert read_day("2/3", calendar="gregorian") == Day("gregorian", None, 2, 3)
    assert read_day("2/3", calendar="jalali") == Day("jalali", None, 2, 3)


def test_a_yearly_day_comes_again_in_its_own_calendar() -> None:
    birthday = Day("jalali", 1370, 9, 9)
    assert next_on(birthday, date(2025, 11, 21), is_yearly=True) == date(2025, 11, 30)
    assert next_on(birthday, date(2025, 11, 30), is_yearly=True) == date(2025, 11, 30)
    assert next_on(birthday, date(2024, 11, 30), is_yearly=True) == date(2025, 11, 30)


def test_the_last_day_of_a_leap_year_comes_a_day_early_in_others() -> None:
    assert next_on(Day("jalali", 1403, 12, 30), date(2026, 1, 1), is_yearly=True) == date(2026, 3, 20)
    assert next_on(Day("gregorian", None, 2, 29), date(2026, 1, 1), is_yearly=True) == date(2026, 2, 28)


def test_a_single_day_comes_once() -> None:
    contract = Day("gregorian", 2025, 12, 1)
    assert next_on(contract, date(2025, 11, 21), is_yearly=False) == date(2025, 12, 1)
    assert next_on(contract, date(2025, 12, 2), is_yearly=False) is None
