"""Values as the reader of this answer writes them: numbers, money, dates, phones, initials.

Thin filters over `companion.domain`, bound to the reader's language and calendar and the installation's zone.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask import Flask
from markupsafe import Markup, escape

from companion.domain import calendar as dates
from companion.domain.contact import phone_display
from companion.domain.money import format_money
from companion.domain.purchases import Period
from companion.web.i18n import catalogue, gettext, language
from companion.web.reader import reader
from companion.web.site import site

_DAYS_COUNTED = 60  # beyond, a date says more than a number of days
_TIME = Markup('<time datetime="%s" title="%s">%s</time>')
_ISOLATED = Markup("<bdi>%s</bdi>")


def install(app: Flask) -> None:
    """Give the templates these filters."""
    days = (day, day_in_figures, when, ago, month, period_name, as_time)
    for each in (number, digits, money, *days, shop_name, phone, initials, marked, isolated):
        app.jinja_env.filters[each.__name__] = each


def calendar() -> str:
    """The calendar of this answer."""
    return reader().calendar


def number(value: int) -> str:
    """A whole number: ۱٬۲۵۰ or 1,250."""
    text = f"{value:,}"
    return dates.to_persian_digits(text.replace(",", "٬")) if language() == "fa" else text


def digits(text: object) -> str:
    """A text with its digits in the reader's script, without grouping: order numbers, versions."""
    return dates.to_persian_digits(str(text)) if language() == "fa" else str(text)


def money(amount: int, currency: str) -> str:
    """An amount in 1/10,000 of its unit."""
    its = reader()
    return format_money(amount, currency, language=its.language, toman=its.toman)


def day(instant: datetime) -> str:
    """The day with its month's name: ۳۰ آبان ۱۴۰۴."""
    its = reader()
    return dates.format_long(instant, zone=its.zone, calendar=its.calendar, language=its.language)


def day_in_figures(on: date | datetime) -> str:
    """A date, or that of an instant, in figures, as it may be typed: ۱۴۰۴/۰۸/۳۰."""
    its = reader()
    at = on if isinstance(on, datetime) else datetime.combine(on, time(12), tzinfo=its.zone)
    return dates.format_date(at, zone=its.zone, calendar=its.calendar, language=its.language)


def when(instant: datetime) -> str:
    """Day and time of day, "today" and "yesterday" by their names."""
    clock = dates.format_time(instant, zone=reader().zone, language=language())
    days = _days_ago(instant)
    if days == 0:
        return gettext("Today %(time)s", time=clock)
    if days == 1:
        return gettext("Yesterday %(time)s", time=clock)
    return gettext("%(day)s, %(time)s", day=day(instant), time=clock)


def ago(instant: datetime) -> str:
    """How long ago in days, as long as that says more than the date."""
    days = _days_ago(instant)
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("yesterday")
    if 1 < days <= _DAYS_COUNTED:
        return catalogue().ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": number(days)}
    return day(instant)


def month(instant: datetime) -> str:
    """The month and its year: آبان ۱۴۰۴."""
    return day(instant).partition(" ")[2]


def period_name(period: Period) -> str:
    """A year, or a month of it: ۱۴۰۴, آبان ۱۴۰۴."""
    year = digits(period.year)
    if not period.month:
        return year
    return f"{dates.format_month(period.month, calendar=calendar(), language=language())} {year}"


def shop_name(shop: str) -> str:
    """What people call a shop."""
    return site().shop_name(shop)


def phone(text: str) -> str:
    """A phone as people of the installation's country write it."""
    return digits(phone_display(text, site().installation.country))


def initials(name: str) -> str:
    """Up to two first letters, for the round sign beside a name; a half-space keeps Persian letters from joining."""
    return "\u200c".join(word[0] for word in name.split()[:2] if word[0].isalnum())


def marked(text: str, span: tuple[int, int] | None) -> Markup:
    """The text with its matched part marked."""
    if span is None:
        return escape(text)
    start, end = span
    return escape(text[:start]) + Markup("<mark>") + escape(text[start:end]) + Markup("</mark>") + escape(text[end:])


def isolated(text: object) -> Markup:
    """Text of either direction, kept from disturbing the line around it."""
    return _ISOLATED % text


def as_time(instant: datetime, shown: str) -> Markup:
    """What is shown of an instant, with the exact one for machines and under the pointer."""
    its = reader()
    exact = dates.format_at(instant, zone=its.zone, calendar=its.calendar, language=its.language)
    return _TIME % (instant.isoformat(), exact, shown)


def _days_ago(instant: datetime) -> int:
    """Whole days of the installation's calendar between then and now; negative for the future."""
    its = reader()
    passed = its.midnight - dates.start_of_day(instant, its.zone)
    return (passed + timedelta(hours=12)).days  # a day may have 23 or 25 hours
