"""The months of a backfill cover all time, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from companion.domain.slices import SHORTEST, Slice, halves, months

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def test_months_come_newest_first_and_end_with_everything_before() -> None:
    found = list(months(NOW, datetime(2026, 9, 30, tzinfo=UTC)))
    assert [part.name for part in found] == [
        "2026-11-01T00:00:00/",
        "2026-10-01T00:00:00/2026-11-01T00:00:00",
        "2026-09-01T00:00:00/2026-10-01T00:00:00",
        "/2026-09-01T00:00:00",
    ]


@given(st.datetimes(datetime(2015, 1, 1), datetime(2026, 11, 21)).map(lambda date: date.replace(tzinfo=UTC)))  # noqa: DTZ001 - made aware
def test_every_instant_lies_in_exactly_one_slice(instant: datetime) -> None:
    found = list(months(NOW, datetime(2020, 5, 5, tzinfo=UTC)))
    holding = [
        part
        for part in found
        if (part.start is None or part.start <= instant) and (part.end is None or instant < part.end)
    ]
    assert len(holding) == 1


def test_halves_meet_in_the_middle() -> None:
    whole = Slice(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
    parts = halves(whole, now=NOW)
    assert parts is not None
    newer, older = parts
    assert (newer.end, older.start, newer.start) == (whole.end, whole.start, older.end)


def test_the_open_slice_is_halved_by_now_and_stays_open() -> None:
    parts = halves(Slice(NOW - timedelta(days=2), None), now=NOW)
    assert parts is not None
    assert parts[0].end is None
    assert parts[0].start == NOW - timedelta(days=1)


def test_what_is_an_hour_long_is_not_halved() -> None:
    assert halves(Slice(NOW - SHORTEST, NOW), now=NOW) is None


def test_what_has_no_beginning_gives_its_last_year_away_down_to_the_first_shops() -> None:
    parts = halves(Slice(None, NOW), now=NOW)
    years = 0
    while parts:
        years += 1
        newer, older = parts
        assert newer.start == older.end
        parts = halves(older, now=NOW)
    assert 20 < years < 40
