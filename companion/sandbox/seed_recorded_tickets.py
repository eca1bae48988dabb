"""The forty tickets of the shop whose exchanges were recorded: their ids, people, states, dates and counts of replies.

The agent who is user 5 there is user 3 here. Titles and texts are invented.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from companion.sandbox.credentials import AGENT_ID
from companion.sandbox.helpdesk_records import HistoryEntry
from companion.sandbox.shop import Shop

_FIRST = datetime(2026, 9, 22, 18, 15, 42, tzinfo=UTC)
_CHANGED = datetime(2026, 11, 21, 18, 15, 43, tzinfo=UTC)
_SUBJECTS = ("سفارش نرسیده", "Refund", "کد پیگیری", "Wrong size", "پرداخت", "Address", "فاکتور", "Broken")
_TICKETS, _EVERY = 40, 8
_AGENTS = (AGENT_ID, 6, 7)
_CLOSED_AT, _CLOSED_EVERY = 4, 5
_CUSTOMERS = (8, 9, *range(18, 28), *range(10, 18))
_PROCESSING = frozenset({1, 7, 10, 13, 16, 22, 25, 28, 31, 37})
_HOLD = frozenset({2, 23, 30})


def seed_recorded_tickets(shop: Shop) -> None:
    """Open the tickets, one a day; a fifth of them closed, a third of them looked at since."""
    desk = shop.helpdesk
    next_id = 348
    for number in range(_TICKETS):
        at = _FIRST + timedelta(days=number)
        status = "processing" if number in _PROCESSING else "hold" if number in _HOLD else "queued"
        ticket = desk.open_ticket(
            _CUSTOMERS[number % len(_CUSTOMERS)],
            f"{_SUBJECTS[number % _EVERY]} #{number}",
            f"سلام، لطفاً بررسی کنید. Order no. {100 + number}\n<b>متشکرم</b>",
            ticket_id=next_id,
            assignee=_AGENTS[number % 3],
            status=status,
            state="closed" if number % _CLOSED_EVERY == _CLOSED_AT else "open",
            created_at=at,
            modified_at=at if status == "queued" else _CHANGED,
            quiet=True,
        )
        for place in range(number % 4):
            author = ticket.author if place % 2 else ticket.assignee
            moment = at + timedelta(hours=place + 1)
            reply_id = ticket.id + 1 + place
            desk.reply(ticket.id, author, f"پاسخ {place}", reply_id=reply_id, created_at=moment, quiet=True)
        next_id = ticket.id + 1 + len(ticket.replies)
        if status != "queued" or ticket.state == "closed":
            text = "<p>Ticket state changed to On Hold</p>\n" if status == "hold" else "<p>The ticket changed.</p>\n"
            ticket.history.append(HistoryEntry(next_id, ticket.id, int(_CHANGED.timestamp()), text))
            next_id += 1
    shop.next_order_id = next_id
