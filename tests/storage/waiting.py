"""Waiting for another thread without guessing how long it takes."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest


def wait_until(is_so: Callable[[], bool]) -> None:
    """Let the other threads get there: they need no more than their turn of the processor."""
    pause = threading.Event()
    for _ in range(10_000):
        if is_so():
            return
        pause.wait(0.001)
    pytest.fail("the other thread never got there")
