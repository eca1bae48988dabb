"""Which of a customer's orders, and which of her tickets, carry the summary of her latest note.

Pure: a handful of facts in, a set out. Orders and tickets are chosen apart, by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

OPEN_STATUSES = frozenset({"pending", "processing", "on-hold"})
"""Orders somebody may still work on, in WooCommerce's own words; a plugin's status is not known to be open."""

NEVER_WRITTEN = frozenset({"trash", "checkout-draft", "auto-draft"})
"""A write would move a trashed order's date and fire its webhooks; drafts are not orders yet. What was said of an
erased person is taken from them all the same (companion.sync.summaries).
"""

_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Fact(NamedTuple):
    """What the choice needs to know of one order or ticket of the shop in question. `is_open`: somebody may still work
    on it; `is_writable`: it is neither a draft nor in the trash.
    """

    id: str
    created_at: datetime | None
    is_open: bool
    is_writable: bool


def order_fact(order_id: str, status: str, created_at: datetime | None) -> Fact:
    """What an order's status says of it."""
    return Fact(order_id, created_at, is_open=status in OPEN_STATUSES, is_writable=status not in NEVER_WRITTEN)


def ticket_fact(ticket_id: str, status: str, state: str, created_at: datetime | None) -> Fact:
    """What a ticket's status and state (open, closed) say of it."""
    return Fact(ticket_id, created_at, is_open=state == "open", is_writable=status not in NEVER_WRITTEN)


def carriers(facts: Iterable[Fact], *, pointed_at: str | None, newest: int) -> frozenset[str]:
    """The ids of those that carry the summary: the one the note points at, the open ones, the `newest` newest.

    Trashed and drafted ones never do.
    """
    writable = [fact for fact in facts if fact.is_writable]
    by_age = sorted(writable, key=lambda fact: (fact.created_at or _EARLIEST, fact.id), reverse=True)
    chosen = {fact.id for fact in by_age[:newest]}
    chosen.update(fact.id for fact in writable if fact.is_open or fact.id == pointed_at)
    return frozenset(chosen)
