"""Days that matter to a person: a birthday, an anniversary, the end of a contract; as typed, and when they come next.

A day of the year belongs to a calendar: what is kept on 9 آذر comes on 30 November in one year and on 29 in another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from persiantools.jdatetime import JalaliDate

from companion.domain.calendar import MONTHS, to_latin_digits
from companion.domain.text import fold

Calendar = Literal["jalali", "gregorian"]
CALENDARS: tuple[Calendar, ...] = ("jalali", "gregorian")

_JALALI_UNTIL = 1700  # no person's date lies before this year of the Gregorian calendar, nor after it of the other
_FIRST_YEAR, _LAST_YEAR = 1200, 2200
_A_LEAP_YEAR: dict[Calendar, int] = {"jalali": 1403, "gregorian": 2024}
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-\s](\d{1,2})[/.\-\s](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[/.\-\s](\d{1,2})[/.\-\s](\d{4})")
_NO_YEAR = re.compile(r"(\d{1,2})[/.\-](\d{1,2})")
_NAMED = re.compile(r"(\d{1,2})\s+(\D+?)(?:\s+(\d{4}))?")
_MONTHS: dict[str, tuple[Calendar, int]] = {
    fold(name): (calendar, number)
    for calendar in CALENDARS
    for names in MONTHS[calendar]
    for number, name in enumerate(names, 1)
}


@dataclass(frozen=True)
class Day:
    """A day of a calendar; `year` None: the same day of any year."""

    calendar: Calendar
    year: int | None
    month: int
    day: int


def read_day(typed: str, *, calendar: str) -> Day | None:
    """The day that is meant: 1404/09/09, 2025-11-30, 9/9, ۹ آذر, 30 November 2025; None for what is no day.

    A year tells its calendar, and so does a month's name; `calendar` is that of days in figures without a year, which
    are month and day.
    """
    text = " ".join(to_latin_digits(typed).split())
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
        return _checked(_of_year(year), year, month, day)
    if found := _YEAR_LAST.fullmatch(text):
        day, month, year = map(int, found.groups())
        return _checked(_of_year(year), year, month, day)
    if found := _NO_YEAR.fullmatch(text):
        return _checked("jalali" if calendar == "jalali" else "gregorian", None, int(found[1]), int(found[2]))
    if (found := _NAMED.fullmatch(text)) and (named := _MONTHS.get(fold(found[2]))):
        its_year = int(found[3]) if found[3] else None
        if its_year is not None and _of_year(its_year) != named[0]:
            return None
        return _checked(named[0], its_year, named[1], int(found[1]))
    return None


def next_on(day: Day, today: date, *, is_yearly: bool) -> date | None:
    """When the day comes next, today included; None for one that comes no more.

    The last day of a leap year's month comes a day early in other years.
    """
    if not is_yearly:
        only = _gregorian(day, day.year) if day.year is not None else None
        return only if only and only >= today else None
    year = _year_of(day.calendar, today)
    return next((on for turn in (year, year + 1) if (on := _gregorian(day, turn)) and on >= today), None)


def _of_year(year: int) -> Calendar:
    return "jalali" if year < _JALALI_UNTIL else "gregorian"


def _checked(calendar: Calendar, year: int | None, month: int, day: int) -> Day | None:
    if year is not None and not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        _date(calendar, year or _A_LEAP_YEAR[calendar], month, day)
    except ValueError:
        return None
    return Day(calendar, year, month, day)


def _gregorian(day: Day, year: int) -> date | None:
    try:
        return _date(day.calendar, year, day.month, day.day)
    except ValueError:  # 29 February or 30 اسفند, and no leap year
        return _date(day.calendar, year, day.month, day.day - 1)


def _date(calendar: Calendar, year: int, month: int, day: int) -> date:
    if calendar == "gregorian":
        return date(year, month, day)
    found: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]  # untyped half
    return found


def _year_of(calendar: Calendar, today: date) -> int:
    if calendar == "gregorian":
        return today.year
    return int(JalaliDate(today).year)  # type: ignore[no-untyped-call]  # untyped half
