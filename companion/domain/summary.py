"""The summary of a customer's latest note, as it stands in an order's meta: one line of plain text.

A pure function of the notes: no relative time, or it would change for ever and be pushed for ever. No file names, no
contact data. What may not be pushed (deleted, internal, of a kind that is not pushed) never reaches this module.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from companion.domain import calendar

SUMMARY_LIMIT = 900
"""Characters; far below the 65,535 bytes over which WooCommerce drops a meta value silently, whatever the script."""

_SEPARATOR = " · "
_ELLIPSIS = "…"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\s]+")


class LatestNote(NamedTuple):
    """The newest note that may be pushed, and how many such notes the customer has. `text` is plain."""

    written_at: datetime
    author: str
    kind_fa: str
    kind_en: str
    text: str
    how_many: int


class SummaryStyle(NamedTuple):
    """The installation's language, calendar and zone; never a viewer's, since everybody reads the same line."""

    language: str
    calendar: str
    zone: ZoneInfo


def summarise(note: LatestNote, style: SummaryStyle) -> str:
    """The line: time · author · kind: text (number of notes). At most SUMMARY_LIMIT characters; the text gives way."""
    is_persian = style.language == "fa"
    when = calendar.format_at(note.written_at, zone=style.zone, calendar=style.calendar, language=style.language)
    kind = note.kind_fa if is_persian else note.kind_en
    count = str(note.how_many)
    if is_persian:
        tail = f" ({calendar.to_persian_digits(count)} یادداشت)"
    else:
        tail = f" ({count} note{'' if note.how_many == 1 else 's'})"
    head = f"{when}{_SEPARATOR}{_one_line(note.author)}{_SEPARATOR}{_one_line(kind)}: "
    head = _cut(head, SUMMARY_LIMIT // 2)
    return head + _cut(_one_line(note.text), SUMMARY_LIMIT - len(head) - len(tail)) + tail


def _one_line(text: str) -> str:
    # Direction overrides go too: in a line of mixed scripts they could make the rest read wrongly.
    return _CONTROLS.sub(" ", text).strip()


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + _ELLIPSIS
