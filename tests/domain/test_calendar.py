"""Dates as people of each language and calendar read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.domain import calendar

TEHRAN = ZoneInfo("Asia/Tehran")
AT = datetime(2025, 11, 21, 10, 35, tzinfo=UTC)


@pytest.mark.parametrize(
    ("its_calendar", "language", "short", "long"),
    [
        ("jalali", "fa", "۱۴۰۴/۰۸/۳۰ ۱۴:۰۵", "۳۰ آبان ۱۴۰۴"),
        ("jalali", "en", "1404/08/30 14:05", "30 Aban 1404"),
        ("gregorian", "fa", "۲۰۲۵/۱۱/۲۱ ۱۴:۰۵", "۲۱ نوامبر ۲۰۲۵"),
        ("gregorian", "en", "2025-11-21 14:05", "21 November 2025"),
    ],
)
def test_an_instant_reads_in_the_language_and_calendar(its_calendar: str, language: str, short: str, long: str) -> None:
    assert calendar.format_at(AT, zone=TEHRAN, calendar=its_calendar, language=language) == short
    assert calendar.format_long(AT, zone=TEHRAN, calendar=its_calendar, language=language) == long


def test_the_day_is_that_of_the_zone_not_of_utc() -> None:
    late = datetime(2025, 11, 21, 20, 31, tzinfo=UTC)  # 00:01 of the next day in Tehran
    assert calendar.format_date(late, zone=TEHRAN, calendar="gregorian", language="en") == "2025-11-22"


def test_leap_day_of_the_jalali_calendar() -> None:
    leap = datetime(2025, 3, 20, 12, tzinfo=UTC)
    assert calendar.format_long(leap, zone=TEHRAN, calendar="jalali", language="en") == "30 Esfand 1403"


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(["fa", "en"]), st.sampled_from(["jalali", "gregorian"]))
def test_every_instant_can_be_shown(at: datetime, language: str, its_calendar: str) -> None:
    assert calendar.format_at(at, zone=TEHRAN, calendar=its_calendar, language=language)
    assert calendar.format_long(at, zone=TEHRAN, calendar=its_calendar, language=language)


def test_today_begins_at_the_zones_midnight() -> None:
    assert calendar.start_of_day(AT, TEHRAN) == datetime(2025, 11, 20, 20, 30, tzinfo=UTC)


@given(st.timedeltas(min_value=timedelta(days=-20_000), max_value=timedelta(days=20_000)))
def test_today_holds_now(apart: timedelta) -> None:
    now = AT + apart
    start = calendar.start_of_day(now, TEHRAN)
    assert start <= now < start + timedelta(hours=25)


@given(st.text())
def test_digits_come_back_from_persian(text: str) -> None:
    latin = calendar.to_latin_digits(text)
    assert calendar.to_latin_digits(calendar.to_persian_digits(latin)) == latin
