"""The conditions of a group as they come from a form, made into what is kept of them, and back into the form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from companion.domain.calendar import to_latin_digits
from companion.domain.groups import NO_SEGMENT, Conditions
from companion.domain.money import SCALE
from companion.domain.segments import Segment
from companion.domain.typed_dates import read_date
from companion.services import typed
from companion.services.errors import Invalid

CITY_LIMIT = 60
_RIALS_PER_TOMAN = 10
_MOST = 1_000_000
_MOST_MONEY = 10**13  # units of any currency; a thousand times that still fits the column
_KINDS = (*(each.value for each in Segment), NO_SEGMENT)


@dataclass(frozen=True)
class TypedConditions:
    """What a form holds: `segments` as chosen, all else as typed, "" for what was left empty."""

    segments: Sequence[str] = ()
    shop: str = ""
    city: str = ""
    total: str = ""
    currency: str = ""
    orders: str = ""
    ordered_since: str = ""
    ordered_before: str = ""
    complaints: str = ""
    open_ticket: str = ""
    quiet_since: str = ""


def read(form: TypedConditions, *, shops: Mapping[str, str], toman: bool) -> Conditions:
    """The conditions that are meant; raises Invalid, naming the field. `shops` are those that may be named; with
    `toman` sums of rials are typed in toman.
    """
    if not set(form.segments) <= set(_KINDS):
        raise Invalid("segment.unknown", field="segments")
    if form.shop and form.shop not in shops:
        raise Invalid("shop.not_found", field="shop")
    total = _money(form.total, form.currency, toman=toman)
    return Conditions(
        segments=tuple(each for each in _KINDS if each in form.segments),
        shop=form.shop,
        city=typed.line(form.city, field="city", limit=CITY_LIMIT),
        total=total,
        currency=form.currency if total else "",
        orders=_number(form.orders, "orders"),
        ordered_since=_day(form.ordered_since, "ordered_since"),
        ordered_before=_day(form.ordered_before, "ordered_before"),
        complaints=_number(form.complaints, "complaints"),
        open_ticket=bool(form.open_ticket),
        quiet_since=_day(form.quiet_since, "quiet_since"),
    )


def _number(text: str, field: str, most: int = _MOST) -> int:
    plain = re.sub(r"[,٬\s]", "", to_latin_digits(text))
    if not plain:
        return 0
    if not (plain.isascii() and plain.isdigit()) or len(plain) > len(str(most)) or int(plain) > most:
        raise Invalid("typed.no_number", field=field, most=most)
    return int(plain)


def _money(text: str, currency: str, *, toman: bool) -> int:
    units = _number(text, "total", _MOST_MONEY)
    if units and not re.fullmatch(r"[A-Z]{3,4}", currency):
        raise Invalid("group.no_currency", field="currency")
    return units * SCALE * (_RIALS_PER_TOMAN if toman and currency == "IRR" else 1)


def units(amount: int, currency: str, *, toman: bool) -> int:
    """What was typed to mean this amount."""
    return amount // SCALE // (_RIALS_PER_TOMAN if toman and currency == "IRR" else 1)


def _day(text: str, field: str) -> date | None:
    if not text.strip():
        return None
    day = read_date(text)
    if day is None:
        raise Invalid("typed.no_date", field=field)
    return day
