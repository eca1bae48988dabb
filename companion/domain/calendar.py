"""Instants as people read them: in the installation's zone, in the Jalali or Gregorian calendar, in Persian or English.

Pure: no clock is read, and no locale of the machine is asked. `calendar` is "jalali" or "gregorian", `language` "fa" or
"en"; anything else counts as the latter of the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

_TO_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_TO_LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "0123456789" * 2)

# One string a list: words read best as words.
_JALALI_FA = tuple("فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند".split())  # noqa: SIM905
_JALALI_EN = tuple("Farvardin Ordibehesht Khordad Tir Mordad Shahrivar Mehr Aban Azar Dey Bahman Esfand".split())  # noqa: SIM905
_GREGORIAN_FA = tuple("ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر".split())  # noqa: SIM905
_GREGORIAN_EN = tuple("January February March April May June July August September October November December".split())  # noqa: SIM905

MONTHS = {"jalali": (_JALALI_FA, _JALALI_EN), "gregorian": (_GREGORIAN_FA, _GREGORIAN_EN)}
"""The names of each calendar's months, in Persian and in English."""

# The Jalali calendar begins on the first of these days, and its library ends soon after the last.
_FIRST_JALALI_DAY, _LAST_JALALI_DAY = date(622, 3, 22), date(9997, 12, 31)


def to_persian_digits(text: str) -> str:
    """The text with 0–9 written ۰–۹."""
    return text.translate(_TO_PERSIAN)


def to_latin_digits(text: str) -> str:
    """The text with Persian and Arabic digits written 0–9."""
    return text.translate(_TO_LATIN)


@lru_cache(maxsize=4096)
def format_date(instant: datetime, *, zone: ZoneInfo, calendar: str, language: str) -> str:
    """The day in figures: ۱۴۰۴/۰۸/۳۰, 1404/08/30, ۲۰۲۵/۱۱/۲۱ or 2025-11-21."""
    local = _local(instant, zone)
    year, month, day, is_jalali = _parts(local.date(), calendar)
    separator = "/" if is_jalali or language == "fa" else "-"
    return _digits(f"{year:04}{separator}{month:02}{separator}{day:02}", language)


@lru_cache(maxsize=4096)
def format_time(instant: datetime, *, zone: ZoneInfo, language: str) -> str:
    """The time of day, to the minute: ۱۴:۰۵ or 14:05."""
    return _digits(f"{_local(instant, zone):%H:%M}", language)


def format_at(instant: datetime, *, zone: ZoneInfo, calendar: str, language: str) -> str:
    """Day and time in figures: ۱۴۰۴/۰۸/۳۰ ۱۴:۰۵."""
    day = format_date(instant, zone=zone, calendar=calendar, language=language)
    return f"{day} {format_time(instant, zone=zone, language=language)}"


@lru_cache(maxsize=4096)  # a page says the same few days again and again
def format_long(instant: datetime, *, zone: ZoneInfo, calendar: str, language: str) -> str:
    """The day with its month's name: ۳۰ آبان ۱۴۰۴, 30 Aban 1404, ۲۱ نوامبر ۲۰۲۵ or 21 November 2025."""
    year, month, day, is_jalali = _parts(_local(instant, zone).date(), calendar)
    return _digits(f"{day} {_month_name(month, language, is_jalali=is_jalali)} {year}", language)


def month_of(instant: datetime, *, zone: ZoneInfo, calendar: str) -> tuple[int, int]:
    """The year and the month, 1 to 12, of the calendar in which an instant falls."""
    year, month, _, _ = _parts(_local(instant, zone).date(), calendar)
    return year, month


def format_month(month: int, *, calendar: str, language: str) -> str:
    """The name of a month: آبان, Aban, نوامبر or November."""
    return _month_name(month, language, is_jalali=calendar == "jalali")


def start_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the zone's present day began."""
    return _midnight(now.astimezone(zone).date(), zone)


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    try:
        return instant.astimezone(zone)
    except OverflowError:  # a shop's nonsense date at the very end of the calendar is still shown
        return instant


@lru_cache(maxsize=4096)
def _parts(day: date, calendar: str) -> tuple[int, int, int, bool]:
    if calendar == "jalali" and _FIRST_JALALI_DAY <= day <= _LAST_JALALI_DAY:
        jalali = JalaliDate(day)  # type: ignore[no-untyped-call]  # the library types only half of itself
        return jalali.year, jalali.month, jalali.day, True
    return day.year, day.month, day.day, False


def _month_name(month: int, language: str, *, is_jalali: bool) -> str:
    if language == "fa":
        return (_JALALI_FA if is_jalali else _GREGORIAN_FA)[month - 1]
    return (_JALALI_EN if is_jalali else _GREGORIAN_EN)[month - 1]


def _digits(text: str, language: str) -> str:
    return to_persian_digits(text) if language == "fa" else text
