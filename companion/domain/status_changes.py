"""Changes of an order's status, told from the notes that WooCommerce writes about them on the order.

WooCommerce keeps no record of statuses but these sentences, in the language of the shop. English and Persian ones are
known; any other stays the order note that it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORDS: tuple[str, ...] = ("Order status changed from ", "وضعیت سفارش از ", "وضعيت سفارش از ")
"""Each such sentence holds one of these: what a database can look for. The last has the Arabic letter."""

_SENTENCES = (
    re.compile(r"Order status changed from (?P<before>.+?) to (?P<after>.+?)\.\s*$"),
    re.compile(r"وضعیت سفارش از (?P<before>.+?) به (?P<after>.+?) (?:تغییر|تبدیل) [^.]*\.?\s*$"),
)
_PERSIAN_LETTERS = str.maketrans({"ي": "ی", "ك": "ک"})

# The names that WooCommerce and its Persian translations give to its own statuses, without spaces of any kind.
_STATUSES = {
    "pendingpayment": "pending",
    "processing": "processing",
    "onhold": "on-hold",
    "completed": "completed",
    "cancelled": "cancelled",
    "refunded": "refunded",
    "failed": "failed",
    "draft": "checkout-draft",
    "درانتظارپرداخت": "pending",
    "درحالانجام": "processing",
    "درانتظاربررسی": "on-hold",
    "تکمیلشده": "completed",
    "لغوشده": "cancelled",
    "مستردشده": "refunded",
    "ناموفق": "failed",
    "پیشنویس": "checkout-draft",
}
_SPACES = re.compile(r"[\s\u200c\u200f-]+")


@dataclass(frozen=True)
class StatusChange:
    """An order's status before and after, as WooCommerce's own words for them ("on-hold"), or as a plugin names it.
    `because` is what the note says beside: "Payment received."
    """

    before: str
    after: str
    because: str


def status_change(note: str) -> StatusChange | None:
    """What an order note's plain text tells of the order's status; None where it tells of something else."""
    for sentence in _SENTENCES:
        if found := sentence.search(note.translate(_PERSIAN_LETTERS)):
            # The same length as the note itself: letters were changed one for one.
            return StatusChange(_status(found["before"]), _status(found["after"]), note[: found.start()].strip())
    return None


def _status(name: str) -> str:
    name = name.strip(" «»\"'")
    return _STATUSES.get(_SPACES.sub("", name).lower(), name)
