from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from companion.domain.clocks import where_the_clock_went_back_to

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
OVERLAP = timedelta(minutes=10)
minutes = st.integers(0, 10_000).map(lambda number: timedelta(minutes=number))


def test_a_clock_that_only_went_on_needs_no_second_reading() -> None:
    later = NOON + timedelta(minutes=5)
    assert where_the_clock_went_back_to(NOON, later, elapsed=timedelta(minutes=5), overlap=OVERLAP) is None


@given(ahead=minutes, elapsed=minutes, change=st.floats(0, 1))
def test_whatever_a_corrected_clock_dates_is_within_one_of_the_two_readings(
    ahead: timedelta, elapsed: timedelta, change: float
) -> None:
    """The clock was ahead when the watermark was set, was put right at once, and something changed before this poll."""
    watermark, signpost = NOON + ahead, NOON + elapsed
    dated = NOON + elapsed * change
    again = where_the_clock_went_back_to(watermark, signpost, elapsed=elapsed, overlap=OVERLAP)
    begins = [watermark - OVERLAP] + ([again] if again else [])
    assert any(dated > since for since in begins)


def test_our_own_clock_going_back_asks_for_nothing() -> None:
    later = NOON + timedelta(minutes=5)
    assert where_the_clock_went_back_to(NOON, later, elapsed=timedelta(hours=-3), overlap=OVERLAP) is None
