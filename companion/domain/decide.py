"""What to do with one record, given what is stored and what came in. Two values in, a decision out; no I/O.

Dates in a shop have one-second steps, may go backwards (a restored backup) or be missing. So every read takes a number
before its request is sent, and a full record read later wins whatever its date. A delivery's body has no such number:
it was built at some unknown moment before it arrived, and is believed only where its date proves it newer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple


class Verdict(Enum):
    """What becomes of the stored record."""

    CREATE = auto()
    UPDATE = auto()
    DELETE = auto()
    RESTORE = auto()
    UNCHANGED = auto()
    STALE = auto()


class Decision(NamedTuple):
    """`needs_read`: what came in cannot settle the matter, so the shop must be asked again, past any cache."""

    verdict: Verdict
    needs_read: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store holds of the thing. `read_seq` is the number of the read that it came from."""

    read_seq: int
    content_hash: bytes | None
    modified_at: datetime | None
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came in. `read_seq` is None for a delivery's body, `content_hash` None where the thing is gone in the shop.

    `is_confirmed`: this read was made to settle a doubt, so a date that went backwards is believed.
    """

    read_seq: int | None
    content_hash: bytes | None
    modified_at: datetime | None = None
    is_confirmed: bool = False


def decide(stored: Stored | None, incoming: Incoming) -> Decision:
    """The whole rule of which read wins."""
    if stored is None:
        return Decision(Verdict.UNCHANGED if incoming.content_hash is None else Verdict.CREATE)
    if incoming.read_seq is None:
        return _decide_delivery(stored, incoming)
    return _decide_read(stored, incoming, incoming.read_seq)


def _decide_read(stored: Stored, incoming: Incoming, read_seq: int) -> Decision:
    is_same = stored.is_gone if incoming.content_hash is None else incoming.content_hash == stored.content_hash
    if read_seq < stored.read_seq:
        # Ours was read later. Where they differ, two reads crossed on the way and only a third can tell.
        return Decision(Verdict.STALE, needs_read=not is_same)
    if incoming.content_hash is None:
        return Decision(Verdict.UNCHANGED if stored.is_gone else Verdict.DELETE)
    if stored.is_gone:
        return Decision(Verdict.RESTORE)
    if is_same:
        return Decision(Verdict.UNCHANGED)
    if not incoming.is_confirmed and _went_backwards(stored.modified_at, incoming.modified_at):
        # A cache on the way, or a restored backup: ask once more before believing it.
        return Decision(Verdict.STALE, needs_read=True)
    return Decision(Verdict.UPDATE)


def _decide_delivery(stored: Stored, incoming: Incoming) -> Decision:
    if stored.is_gone or incoming.content_hash is None:
        return Decision(Verdict.STALE, needs_read=True)
    if incoming.content_hash == stored.content_hash:
        return Decision(Verdict.UNCHANGED)
    if _went_backwards(incoming.modified_at, stored.modified_at):
        return Decision(Verdict.UPDATE)
    return Decision(Verdict.STALE, needs_read=True)


def _went_backwards(earlier: datetime | None, later: datetime | None) -> bool:
    """True where both dates are known and `later` lies before `earlier`."""
    return earlier is not None and later is not None and later < earlier
