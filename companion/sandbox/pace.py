"""How long the recorded shop took, for benchmarks that wait as a real shop makes one wait.

Medians of a two-core machine; between the measured sizes a straight line. They are whole answer times with one client:
with `workers=2` two clients are served about twice as fast as one, and more gain nothing, as was measured.
"""

from __future__ import annotations

from bisect import bisect_right

READING = ((0, 0.121), (10, 0.175), (25, 0.241), (50, 0.341), (100, 0.592))
"""(records, seconds) of a list of orders."""
WRITING = ((0, 0.06), (1, 0.143), (10, 0.303), (25, 0.463), (50, 0.877), (100, 1.471))
"""(records, seconds) of a PUT of one key, and of batches."""

TICKET_SECONDS = 0.057
"""What each ticket of a list adds to the time of an empty answer; fewer `_fields` save nothing."""
TICKET_COUNT_SECONDS = 0.09
"""What counting tickets adds, for a HEAD."""


def recorded_page_seconds(records: int) -> float:
    """How long reading so many records took."""
    return _between(READING, records)


def recorded_write_seconds(records: int) -> float:
    """How long writing so many records took."""
    return _between(WRITING, records)


def _between(measured: tuple[tuple[int, float], ...], records: int) -> float:
    place = min(max(bisect_right(measured, (records, 0.0)), 1), len(measured) - 1)
    (less, quick), (more, slow) = measured[place - 1], measured[place]
    return quick + (slow - quick) * (min(records, more) - less) / (more - less)
