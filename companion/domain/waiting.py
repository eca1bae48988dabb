"""Who has the word on a ticket: the customer who waits for an answer, or the shop that gave one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def waiting_since(opened_at: datetime | None, replies: Iterable[tuple[datetime | None, bool]]) -> datetime | None:
    """Since when nobody has answered the customer: her first message after the last answer. None: the last word is the
    shop's. `replies` are (when, whether it is hers), in any order; what has no date says nothing.
    """
    since = opened_at
    for at, is_hers in sorted((at, is_hers) for at, is_hers in replies if at is not None):
        if not is_hers:
            since = None
        elif since is None:
            since = at
    return since
