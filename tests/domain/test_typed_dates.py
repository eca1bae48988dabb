"""Dates are read as people type them, and nothing else is."""

from __future__ import annotations

from datetime import date

import pytest

from companion.domain.typed_dates import read_date


@pytest.mark.parametrize("typed", ["1404/08/30", "۱۴۰۴/۰۸/۳۰", "۱۴۰۴-۸-۳۰", " 1404.8.30 ", "2025-11-21", "٢٠٢٥/١١/٢١"])
def test_one_day_is_read_in_either_calendar_and_any_digits(typed: str) -> None:
    assert read_date(typed) == date(2025, 11, 21)


@pytest.mark.parametrize(
    "typed", ["", "tomorrow", "1404/08", "1404/13/01", "1404/12/30", "2025-02-29", "0000-01-01", "84/1/1"]
)
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_date(typed) is None
