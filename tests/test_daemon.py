"""What the program does with its interpreter before it answers anybody."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from companion.daemon import settle


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    gc.unfreeze()


def test_what_stays_for_good_is_not_searched_for_garbage() -> None:
    kept = [[number] for number in range(1000)]
    settle()
    assert gc.get_freeze_count() > len(kept)
    assert not any(each is kept for each in gc.get_objects())


def test_a_thread_that_computes_gives_way_within_a_millisecond() -> None:
    settle()
    assert sys.getswitchinterval() <= 0.001
