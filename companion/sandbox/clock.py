"""The shop's own clock, which a test can stop, push forwards or set back. It does not move the machine's clock.

And time that passes as fast as one likes: with it a day of a shop is over in a minute, and every answer still took the
seconds that it would have taken.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Time(Protocol):
    """How time passes for a host: Python's own `time` is one."""

    def monotonic(self) -> float:
        """Seconds since some instant."""

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""


class FastTime:
    """Time that passes only by being slept away, at once. Call it for the present; safe for several threads."""

    def __init__(self, begins_at: datetime) -> None:
        self._begins_at = begins_at
        self._lock = threading.Lock()
        self._passed = 0.0

    def __call__(self) -> datetime:
        """The present, aware, in UTC."""
        return self._begins_at + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Seconds since it began."""
        with self._lock:
            return self._passed

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        with self._lock:
            self._passed += max(seconds, 0.0)


def _machine() -> datetime:
    return datetime.now(UTC)


class ShopClock:
    """What time the shop believes it is: the machine's time plus an offset, or one frozen instant.

    Shops' clocks go wrong, and a restored backup takes a shop into its own past: both are a `set` or an `advance` here.
    """

    def __init__(self, frozen_at: datetime | None = None, *, runs_by: Callable[[], datetime] = _machine) -> None:
        """`frozen_at`: an aware instant at which the clock stands still; None follows `runs_by`."""
        self._frozen_at = frozen_at
        self._runs_by = runs_by
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """The shop's present, aware, in UTC."""
        return (self._frozen_at or self._runs_by()) + self._offset

    @property
    def is_frozen(self) -> bool:
        """Whether the clock only moves when it is told to."""
        return self._frozen_at is not None

    def advance(self, seconds: float) -> None:
        """Jump by `seconds`; a negative number jumps back."""
        self._offset += timedelta(seconds=seconds)

    def set(self, at: datetime) -> None:
        """Make the present `at` (aware); a running clock goes on running from there."""
        self._offset += at - self()

    def epoch(self) -> int:
        """The present in whole seconds since 1970: a shop's dates have one-second steps."""
        return int(self().timestamp())
