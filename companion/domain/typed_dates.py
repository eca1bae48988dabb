"""Dates as people type them: 1404/08/30, ۱۴۰۴-۸-۳۰, 2025-11-21. The year tells the calendar."""

from __future__ import annotations

import re
from datetime import date

from persiantools.jdatetime import JalaliDate

from companion.domain.calendar import to_latin_digits

_FIGURES = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})")
_JALALI_UNTIL = 1700  # no shop has dates before this year of the Gregorian calendar, nor after it of the other


def read_date(typed: str) -> date | None:
    """The day that is meant; None for what is no date, or a day that its month does not have."""
    found = _FIGURES.fullmatch(to_latin_digits(typed).strip())
    if found is None:
        return None
    year, month, day = map(int, found.groups())
    try:
        if year < _JALALI_UNTIL:
            gregorian: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]  # untyped half
            return gregorian
        return date(year, month, day)
    except ValueError:
        return None
