"""What is done for a shop again and again: each chore a sweep in small steps, with the interval that it aims at.

A round is one whole sweep. Between two of its steps anything may happen: a more urgent chore, a pause until the shop's
time allows more, a stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from companion.sync.shop import Shop


class Step(NamedTuple):
    """What a step of a round tells. `done` is which share of the round lies behind it, 1.0 for the last step, None
    where that is not known. `interval_s` is from one look at a thing to the next, where the round measures it itself.
    """

    done: float | None = None
    interval_s: int | None = None


LAST = Step(done=1.0)
"""A round is over, and has nothing more to tell."""

Round = Callable[[Shop], Iterator[Step]]
"""Begins a round of a shop. The iterator does one step at a time, and may raise ConnectorError or Stopped."""


def _every_shop(_shop: Shop) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Chore:
    """One chore. `stream` names its cursor and what it costs; `every` is from one whole round to the next.

    `aim` is how often each thing is looked at, where a round looks only at those whose turn has come. `after` is the
    stream whose first, full read comes before. `bridged` takes the place of `every` while our own plugin in the shop
    tells what this would look for. A round that `is_long` is spread, so that others have their turns while it lasts.
    One that `catches_up` reads as much as there is after a time when nobody looked.
    """

    stream: str
    every: timedelta
    round: Round
    after: str
    aim: timedelta | None = None
    bridged: timedelta | None = None
    suits: Callable[[Shop], bool] = _every_shop
    is_long: bool = False
    catches_up: bool = False


def at_once(work: Callable[[Shop], object]) -> Round:
    """A round of a single step."""

    def whole(shop: Shop) -> Iterator[Step]:
        work(shop)
        yield LAST

    return whole
