"""The months of a backfill, newest first, and their halves where a month is large. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No shop is older; before this a slice without a beginning is not divided any further."""

SHORTEST = timedelta(hours=1)
"""A slice is not halved below this, however many orders it holds."""


class Slice(NamedTuple):
    """The records created from `start` (None: ever) up to but without `end` (None: now and later), whole seconds."""

    start: datetime | None
    end: datetime | None

    @property
    def name(self) -> str:
        """Names the slice among the finished ones."""
        return f"{_text(self.start)}/{_text(self.end)}"


def months(newest: datetime, oldest: datetime) -> Iterator[Slice]:
    """Month slices from the one that `newest` lies in (open towards now) down to the one of `oldest`, and at the end
    everything before it.
    """
    start = datetime(newest.year, newest.month, 1, tzinfo=UTC)
    end: datetime | None = None
    while True:
        yield Slice(start, end)
        if start <= oldest:
            yield Slice(None, start)
            return
        end = start
        start = (start - timedelta(days=1)).replace(day=1)


def halves(whole: Slice, *, now: datetime) -> tuple[Slice, Slice] | None:
    """The newer and the older part of a slice, or None where it is too short to be divided.

    A slice without a beginning gives its last year away: how far back it goes, nobody has told.
    """
    end = whole.end or now
    if whole.start is None:
        a_year_before = end - timedelta(days=365)
        return (Slice(a_year_before, whole.end), Slice(None, a_year_before)) if end > EARLIEST else None
    middle = (whole.start + (end - whole.start) / 2).replace(microsecond=0)
    if middle - whole.start < SHORTEST:
        return None
    return Slice(middle, whole.end), Slice(whole.start, middle)


def _text(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S") if instant else ""
