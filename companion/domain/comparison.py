"""Compares what is stored of a shop with what the shop lists: ids, dates and states, never counts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

_FEW = 20
_SHARE = 0.02


class Seen(NamedTuple):
    """What the shop lists of one thing; `status` is "" where it has none."""

    modified_at: datetime | None
    status: str = ""


class Known(NamedTuple):
    """What is stored of one thing."""

    seen: Seen
    is_gone: bool
    missing_since: datetime | None


class Comparison(NamedTuple):
    """What a sweep of ids and dates says must be done; ids of the shop.

    `fetch`: new to us, changed, or there again after it was gone. `missed`: not seen for the first time. `suspected`:
    not seen again; the shop must be asked for each by its id. `seen_again`: was missed, and is there.
    """

    fetch: list[str]
    missed: list[str]
    suspected: list[str]
    seen_again: list[str]


class Absent(NamedTuple):
    """The part of a Comparison that can only be told once the whole list was seen."""

    missed: list[str]
    suspected: list[str]


def compare(stored: Mapping[str, Known], listed: Mapping[str, Seen]) -> Comparison:
    """The plan of a reconciliation. A date that differs in either direction is a change: clocks go backwards too."""
    fetch = [
        thing
        for thing, seen in listed.items()
        if (known := stored.get(thing)) is None or known.is_gone or known.seen != seen
    ]
    gone = absent(stored, listed)
    return Comparison(
        fetch=fetch,
        missed=gone.missed,
        suspected=gone.suspected,
        seen_again=[thing for thing in listed if thing in stored and stored[thing].missing_since is not None],
    )


def absent(stored: Mapping[str, Known], listed: Collection[str]) -> Absent:
    """What is stored and was in no list."""
    unseen = [thing for thing, known in stored.items() if not known.is_gone and thing not in listed]
    return Absent(
        missed=[thing for thing in unseen if stored[thing].missing_since is None],
        suspected=[thing for thing in unseen if stored[thing].missing_since is not None],
    )


def is_alarming(stored: Mapping[str, Known], listed: Collection[str], plan: Comparison | Absent) -> bool:
    """Whether so much is missing that a broken list is likelier than so many deletions: then nothing is believed.

    An empty answer of a shop that had anything, or more than 20 things and 2 % of all at once.
    """
    standing = sum(not known.is_gone for known in stored.values())
    return bool(standing and not listed) or are_many(len(plan.missed) + len(plan.suspected), standing)


def are_many(some: int, of_all: int) -> bool:
    """Whether so many of all are hardly what people did by hand."""
    return some > max(_FEW, of_all * _SHARE)
