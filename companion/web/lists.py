"""Lists of customers, page by page and as a file: what the pages of kinds and of groups share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil

from flask import Response

from companion.domain.calendar import format_date
from companion.domain.groups import Conditions
from companion.domain.money import SCALE
from companion.services.segments.groups import MemberRecord, Members
from companion.web import spreadsheet
from companion.web.formats import calendar
from companion.web.i18n import gettext
from companion.web.segment_words import name_of
from companion.web.session import viewer
from companion.web.site import site
from storage.segments.members import Order

_AT_ONCE = 50
_LAST = 10_000  # pages; whoever asks for a later one gets this
_ORDERS: Mapping[str, Order] = {"last": "last", "orders": "orders", "total": "total"}


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for, 1 being the first, and in which order."""

    number: int
    order: Order

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Page:
        """As an address asks for it; whatever makes no sense is the first page, the latest order first."""
        text = asked.get("page", "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(_LAST * 10)) else 1
        return cls(max(1, min(number, _LAST)), _ORDERS.get(asked.get("order", ""), "last"))

    def read(self, conditions: Conditions) -> Members:
        """The members on it, as the person looking may see them."""
        offset = (self.number - 1) * _AT_ONCE
        return site().groups.members(viewer(), conditions, order=self.order, limit=_AT_ONCE, offset=offset)

    def last(self, count: int) -> int:
        """The number of the last page of so many members."""
        return max(1, ceil(count / _AT_ONCE))


def members_file(name: str, records: Iterable[MemberRecord], conditions: Conditions) -> Response:
    """All members as a file; money only where the conditions name a currency."""
    has_total = bool(conditions.currency)
    header = [
        gettext("Number"),
        gettext("Name"),
        gettext("Company"),
        gettext("Customer type"),
        gettext("Phone"),
        gettext("E-mail"),
        gettext("City"),
        gettext("Shop"),
        gettext("Orders"),
        gettext("Last order"),
        *([gettext("Total"), gettext("Currency")] if has_total else []),
    ]
    rows = (_row(record, conditions.currency if has_total else "") for record in records)
    return spreadsheet.answer(name, header, rows)


def _row(record: MemberRecord, currency: str) -> list[str | int]:
    last = ""
    if record.last_order_at:
        last = format_date(record.last_order_at, zone=site().zone, calendar=calendar(), language="en")
    return [
        record.id,
        record.name,
        record.company,
        name_of(record.segment) if record.segment else "",
        _joined(record.phones),
        _joined(record.emails),
        _joined(record.cities),
        _joined(site().shop_name(shop) for shop in record.shops),
        record.orders_count,
        last,
        *([_units(record.total), currency] if currency else []),
    ]


def _joined(texts: Iterable[str]) -> str:
    return " | ".join(texts)


def _units(amount: int) -> str:
    whole, rest = divmod(amount, SCALE)
    return f"{whole}.{rest:04}".rstrip("0").rstrip(".")
