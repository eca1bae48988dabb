"""When an order is looked at again for what no date of the shop tells: its notes, and refunds that were deleted. Pure.

An order that the shop changed within 14 days has its turn every hour, any other every week. The weekly turns are spread
by the order's id, since a backfill brings thousands of them at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zlib import crc32

RECENT = timedelta(days=14)
"""How long after its last change an order counts as recent."""
RECENT_EVERY = timedelta(minutes=55)  # so that what is added is found within the hour, with the wait for the turn
OTHERS_EVERY = timedelta(days=7)
_SPREAD = timedelta(days=1)


def is_recent(modified_at: datetime | None, now: datetime) -> bool:
    """Whether the shop changed the order lately; one without a date is not recent."""
    return modified_at is not None and modified_at >= now - RECENT


def first_turn(order_id: str, now: datetime) -> datetime:
    """When an order that is not recent, and was just met, has its first turn: within the week."""
    return now + _share(order_id) * OTHERS_EVERY


def next_turn(order_id: str, modified_at: datetime | None, now: datetime) -> datetime:
    """When an order that was looked at `now` has its next turn."""
    if is_recent(modified_at, now):
        return now + RECENT_EVERY
    return now + OTHERS_EVERY - _share(order_id) * _SPREAD


def _share(order_id: str) -> float:
    """Between 0 and 1, always the same for an order."""
    return crc32(order_id.encode()) / 2**32
