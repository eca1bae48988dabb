"""How long to wait before trying again: doubling, with jitter so that many do not come back at once."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_S = 5.0
LONGEST_S = 3600.0


def delay(
    attempts: int, *, asked: float | None = None, uniform: Callable[[float, float], float] = random.uniform
) -> float:
    """Seconds to wait after the given number of failed attempts (1 or more); never less than the other side `asked`."""
    longest = min(LONGEST_S, FIRST_S * 2.0 ** min(attempts - 1, 20))
    return max(uniform(longest / 2, longest), asked or 0.0)
