"""When an order is looked at again for what no date of the shop tells: its notes, and refunds that were deleted. Pure.

An order that the shop changed within 14 days has its turn every hour, any other every week. The weekly turns are spread
by the order's id, since a backfill brings thousands of them at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zlib import crc32

RECENT = timedelta(days=14)
"""How long after its last change an order counts as recent."""
RECENT_EVERY = timedelta(minutes=55)  # so that what is added is found within the hour, with the wait for the turn
OTHERS_EVERY = timedelta(days=7)
_SPREAD = timedelta(days=1)


class Turn(NamedTuple):
    """Since when somebody waits to have an order looked at, None where nobody does; else when its turn is."""

    waited_since: datetime | None
    at: datetime | None


def is_recent(modified_at: datetime | None, now: datetime) -> bool:
    """Whether the shop changed the order lately; one without a date is not recent."""
    return modified_at is not None and modified_at >= now - RECENT


def met(order_id: str, modified_at: datetime | None, now: datetime, *, is_known: bool, is_first_read: bool) -> Turn:
    """What becomes of an order that was read `now`, and is new or not as we knew it.

    Whatever changed it lately may have left an order note, for which somebody waits. Nobody does for what a first read
    brings, which is hundreds: those have their turn, as has what was not changed lately. A turn is at once where the
    order is recent or was known, else some day of the week.
    """
    is_of_late = is_recent(modified_at, now)
    if is_of_late and (is_known or not is_first_read):
        return Turn(now, None)
    return Turn(None, now if is_of_late or is_known else now + _share(order_id) * OTHERS_EVERY)


def next_turn(order_id: str, modified_at: datetime | None, now: datetime) -> datetime:
    """When an order that was looked at `now` has its next turn."""
    if is_recent(modified_at, now):
        return now + RECENT_EVERY
    return now + OTHERS_EVERY - _share(order_id) * _SPREAD


def _share(order_id: str) -> float:
    """Between 0 and 1, always the same for an order."""
    return crc32(order_id.encode()) / 2**32
