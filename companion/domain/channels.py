"""A contact: one call, chat, visit, message or e-mail, as the note that records it tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Channel = Literal["phone", "chat", "visit", "message", "email"]
Direction = Literal["in", "out"]

CHANNELS: tuple[Channel, ...] = get_args(Channel)
"""In the order to offer them."""
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


@dataclass(frozen=True)
class Contact:
    """How somebody was in touch. `direction` "in": she came to us. `outcome` is what came of it, in a few words."""

    channel: Channel
    direction: Direction = "in"
    outcome: str = ""


def contact_of(channel: str, direction: str, outcome: str) -> Contact | None:
    """The contact of three stored or typed words; None where the first two are none of ours."""
    known = next((each for each in CHANNELS if each == channel), None)
    way = next((each for each in DIRECTIONS if each == direction), None)
    return Contact(known, way, outcome) if known and way else None
