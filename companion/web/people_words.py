"""Words of what agents tell about people: names of fields, days that come, and ways to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from flask import Flask

from companion.domain import calendar as dates
from companion.domain.also_told import Label
from companion.domain.by_hand import PERSON_FIELDS, PLACE_FIELDS, REFERENCE
from companion.domain.important_days import Day, next_on
from companion.services.customers.known import ImportantDate
from companion.web.formats import digits
from companion.web.i18n import N_, catalogue, gettext, language
from companion.web.site import site

_FIELDS = {
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "company": N_("Company"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "address_1": N_("Address"),
    "city": N_("City"),
    "postcode": N_("Postcode"),
    "reference": N_("Reference in another system"),
}
_LATIN = frozenset({"phone", "email", "postcode", "reference"})


class Coming(NamedTuple):
    """A day that matters, and when it comes next: None for one that is over."""

    date: ImportantDate
    at: datetime | None
    days: int


def install(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.filters["field_named"] = field_name
    app.jinja_env.filters["label"] = label
    app.jinja_env.filters["latin_digits"] = dates.to_latin_digits  # what is copied goes into other programs
    app.jinja_env.globals.update(
        coming=coming,
        in_days=in_days,
        day_as_set=day_as_set,
        field_name=field_name,
        is_latin_field=_LATIN.__contains__,
        person_fields=PERSON_FIELDS,
        place_fields=PLACE_FIELDS,
        reference_field=REFERENCE,
    )


def field_name(field: str) -> str:
    """What a fact is called."""
    return gettext(_FIELDS[field])


def label(its: Label) -> str:
    """What a chosen field is called."""
    return its.told_in(language())


def coming(known: Sequence[ImportantDate]) -> list[Coming]:
    """The days that matter, the next one first, those that are over at the end."""
    today = site().clock().astimezone(site().zone).date()
    found = [_coming(each, today) for each in known]
    return sorted(found, key=lambda each: (each.at is None, each.days))


def in_days(count: int) -> str:
    """How far away a day is."""
    if count == 0:
        return gettext("today")
    if count == 1:
        return gettext("tomorrow")
    return catalogue().ngettext("in %(count)s day", "in %(count)s days", count) % {"count": digits(count)}


def day_as_set(its: Day) -> str:
    """A day of a calendar by its own words: ۹ آذر ۱۴۰۴, or without the year where none is known."""
    names = dates.MONTHS[its.calendar][0 if language() == "fa" else 1]
    text = f"{its.day} {names[its.month - 1]}"
    return digits(f"{text} {its.year}" if its.year is not None else text)


def _coming(each: ImportantDate, today: date) -> Coming:
    on = next_on(each.day, today, is_yearly=each.is_yearly)
    at = datetime.combine(on, time(12), tzinfo=site().zone) if on else None
    return Coming(each, at, (on - today).days if on else 0)
