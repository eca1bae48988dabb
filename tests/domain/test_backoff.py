"""Waiting before trying again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from companion.domain.backoff import LONGEST_S, delay


def test_the_wait_doubles_and_ends_at_an_hour() -> None:
    longest = [delay(attempt, uniform=lambda _low, high: high) for attempt in range(1, 14)]
    assert longest[:4] == [5, 10, 20, 40]
    assert longest[-1] == LONGEST_S


@given(st.integers(1, 10_000))
def test_jitter_never_shortens_the_wait_below_half(attempts: int) -> None:
    assert delay(attempts, uniform=lambda low, _high: low) >= delay(attempts, uniform=lambda _low, high: high) / 2


def test_what_the_other_side_asked_for_is_kept() -> None:
    assert delay(1, asked=120) == 120
