"""Pages in flight: the width climbs only while the shop answers faster for it, and gives way at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from companion.sync.pages import Pace, Reading, pages
from connectors.base import Page
from connectors.errors import Transient


class Stopwatch:
    """A monotonic clock that moves when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def page(number: int = 1, *, records: int = 100, last: int = 10) -> Page:
    return Page(items=(b"{}",) * records, total=records * last, pages=last, shop_now=None, seconds=0.1)


def widths(rate_at: Callable[[int], float], *, most: int, rounds: int = 40) -> list[int]:
    """The widths that a pace goes through where the shop gives `rate_at(width)` records a second."""
    watch = Stopwatch()
    pace = Pace(most, now=watch)
    seen = []
    for _ in range(rounds):
        seen.append(pace.width)
        for _ in range(2 * pace.width + 2):
            watch.now += 100 / rate_at(pace.width)
            pace.landed(page())
    return seen


def test_it_climbs_while_the_rate_rises() -> None:
    assert widths(lambda width: 100.0 * width, most=4)[-1] == 4


def test_it_never_exceeds_what_is_configured() -> None:
    assert max(widths(lambda width: 100.0 * width, most=3)) == 3


def test_it_steps_back_where_a_wider_flight_is_not_worth_it() -> None:
    recorded = {1: 160.0, 2: 354.0, 3: 330.0, 4: 317.0}  # the recorded shop
    seen = widths(lambda width: recorded[width], most=4)
    assert max(seen) == 3
    assert seen.count(2) > len(seen) / 2


def test_it_looks_again_after_a_while_since_a_busy_shop_may_become_idle() -> None:
    rounds = 0

    def rate(width: int) -> float:
        nonlocal rounds
        rounds += 1
        return 100.0 if width == 1 or rounds < 60 else 300.0

    assert widths(rate, most=2, rounds=60)[-1] == 2


def test_a_complaint_halves_the_width_at_once() -> None:
    pace = Pace(8)
    pace.width = 8
    pace.complained()
    assert pace.width == 4


def test_every_page_is_read_once_and_page_one_first() -> None:
    asked: list[int] = []
    lock = threading.Lock()

    def fetch(number: int) -> Reading:
        with lock:
            asked.append(number)
        return Reading(number, page(number, last=25))

    pace = Pace(4)
    pace.width = 4
    read = [reading.read_seq for reading in pages(fetch, pace)]
    assert read[0] == 1
    assert sorted(read) == sorted(asked) == list(range(1, 26))


def test_as_many_are_in_flight_as_the_pace_allows() -> None:
    at_once = threading.Barrier(3, timeout=10)

    def fetch(number: int) -> Reading:
        if number > 1:
            at_once.wait()  # breaks unless three are asked for together
        return Reading(number, page(number, last=7))

    pace = Pace(3)
    pace.width = 3
    assert len(list(pages(fetch, pace))) == 7


def test_a_failed_page_ends_the_reading_with_its_error_and_slows_the_next() -> None:
    def fetch(number: int) -> Reading:
        if number == 3:
            raise Transient("the shop is away")
        return Reading(number, page(number))

    pace = Pace(4)
    pace.width = 4
    with pytest.raises(Transient):
        list(pages(fetch, pace))
    assert pace.width == 2


def test_a_page_that_is_the_only_one_costs_no_thread() -> None:
    assert len(list(pages(lambda number: Reading(number, page(last=1)), Pace(4)))) == 1
