"""Does the chores of a shop when they are due, the first named first, as far as the budget of the shop's time reaches.

What is due is known from the cursors, so that it does not matter which worker did the last round. A round under way is
held in memory: who takes over begins it anew. Where the budget is too small for all, the last named wait, and each
cursor tells which interval was reached. They wait, but not for ever: a little of what is spent goes to whoever would
otherwise have nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from companion.domain.backoff import delay
from companion.sync.deliveries import changes
from companion.sync.failures import NotThere, TooManyGone
from companion.sync.pace.budget import Budget
from companion.sync.pace.chores import LAST, Chore, Step
from companion.sync.pace.meter import Meter
from companion.sync.reading.sweep import Stopped
from companion.sync.shop import Shop
from connectors.errors import ConnectorError, Transient, Unavailable
from storage.engine import Store
from storage.errors import StorageError
from storage.sync import cursors
from storage.sync.cursors import Cursor

log = logging.getLogger(__name__)

_ASKED_FOR = 0  # the interval of a round that was asked for, by taking its interval away, and is under way
_LONGEST_WAIT_S = 60.0  # until somebody looks again whether something is due
_KEPT = 1 / 3  # of the burst; the last named leave so much in the bucket for all others
_LONG_SHARE = 1 / 4  # of the budget, for a long round; the rest is for what cannot wait for its end
_LONG_WITHIN = 1 / 2  # of its interval a long round is done, if it must take more than that share
_LONGEST_DELAY_S = 300.0  # after failures, unless a chore's turn comes more seldom anyway
_TRICKLE = 0.05  # of what is spent goes to those that are due and wait in vain
_IN_VAIN = timedelta(minutes=1)
_GONE_AGAIN_S = 6 * 3600.0  # until a list is looked at again that was too empty to be believed
_AWAY = timedelta(hours=1)  # after which reading on is catching up
_BRIDGE_FRESH = timedelta(minutes=10)
_OVER_BY = 2  # times as long as the last round, the next one may take and still be over in time
_LATE_START = timedelta(seconds=1)  # of a look that is due, where the machine is busy
_MOST_EARLY = 0.05  # of an interval, so that a shop that is slow today is not asked much more often


@dataclass(slots=True)
class _Round:
    """A round under way. `last_at` is when the one before was over; `spent` what it took of the shop, in seconds."""

    steps: Iterator[Step]
    meter: Meter
    begun_at: datetime
    last_at: datetime | None
    is_catching_up: bool
    spent: float = 0.0
    next_at: datetime | None = None
    told_s: int | None = None


@dataclass(slots=True)
class _Failing:
    times: int
    again_at: datetime


class _Made(NamedTuple):
    """A whole round that was made here."""

    begun_at: datetime
    succeeded_at: datetime

    def early(self, every: timedelta) -> timedelta:
        """How much sooner the next round begins than `every` after this one did, so that it is over within that time:
        what happened just after we looked must not be older than promised when it is found.
        """
        lasted = self.succeeded_at - self.begun_at
        return min(_OVER_BY * lasted + _LATE_START, every * _MOST_EARLY)


@dataclass(slots=True)
class _Spending:
    """Seconds taken of a shop since the start: in all, and by each stream whose turn it was not. `since` is from when
    each has been due.
    """

    in_all: float = 0.0
    trickled: dict[str, float] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)

    def in_vain(self, due: Sequence[Chore], now: datetime) -> Chore | None:
        """Of the chores that are due behind the first, the one that had least of what those get that wait in vain; None
        where none waits for long, or enough was given.
        """
        self.since = {chore.stream: self.since.get(chore.stream, now) for chore in due}
        waiting = [chore for chore in due[1:] if now - self.since[chore.stream] >= _IN_VAIN]
        if not waiting or sum(self.trickled.values()) > _TRICKLE * self.in_all:
            return None
        return min(waiting, key=lambda chore: self.trickled.get(chore.stream, 0.0))

    def add(self, chore: Chore, seconds: float, *, is_trickle: bool) -> None:
        """A step of the chore took so long."""
        self.since.pop(chore.stream, None)
        self.in_all += seconds
        if is_trickle:
            self.trickled[chore.stream] = self.trickled.get(chore.stream, 0.0) + seconds


class Upkeep:
    """The upkeep of every shop; for each, one thread at a time. `chores` stand in the order of their importance."""

    def __init__(
        self,
        *,
        store: Store,
        budget: Budget,
        chores: Sequence[Chore],
        clock: Callable[[], datetime],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.chores = tuple(chores)
        self._store = store
        self._budget = budget
        self._clock = clock
        self._should_stop = should_stop
        self._rounds: dict[tuple[str, str], _Round] = {}
        self._failing: dict[tuple[str, str], _Failing] = {}
        self._made: dict[tuple[str, str], _Made] = {}
        self._spending: dict[str, _Spending] = {}

    @property
    def intervals(self) -> dict[str, float]:
        """Seconds that each stream aims at, from one look at a thing to the next."""
        return {chore.stream: (chore.aim or chore.every).total_seconds() for chore in self.chores}

    def run(self, shop: Shop) -> float:
        """Does what is due and may be done; returns the seconds until there may be something again.

        What fails is put off and remembered with its stream, and the rest goes on. Raises StorageError.
        """
        while not self._should_stop():
            due, wait_s = self._due(shop)
            if not due:
                return wait_s
            spending = self._spending.setdefault(shop.key, _Spending())
            chore = spending.in_vain(due, self._clock()) or due[0]
            try:
                spending.add(chore, self._step(shop, chore), is_trickle=chore is not due[0])
            except Stopped:
                break
        return 0.0

    def forget(self, shop_key: str) -> None:
        """Another worker looks after the shop now: rounds under way are its own affair."""
        for key in [key for key in self._rounds if key[0] == shop_key]:
            del self._rounds[key]

    # --- what comes next ------------------------------------------------------------------------------------------

    def _due(self, shop: Shop) -> tuple[list[Chore], float]:
        """The chores that are due, the most important first, where that one may be done now; else none, and for how
        many seconds.
        """
        now = self._clock()
        with self._store.read() as tx:
            known = {cursor.stream: cursor for cursor in cursors.of_shop(tx, shop.key)}
        wait_s = _LONGEST_WAIT_S
        due: list[Chore] = []
        for place, chore in enumerate(self.chores):
            after = known.get(chore.after)
            if not chore.suits(shop) or after is None or not after.is_backfilled:
                continue
            due_in_s = (self._due_at(shop, chore, known, now) - now).total_seconds()
            if due_in_s > 0:
                wait_s = min(wait_s, due_in_s)
                continue
            lacking_s = 0.0 if due else self._budget.wait_s(shop.key, leaving=self._leaving(place))
            if lacking_s > 0:
                # All that come after it would have to leave more.
                return [], min(wait_s, lacking_s)
            due.append(chore)
        return due, wait_s

    def _due_at(self, shop: Shop, chore: Chore, known: Mapping[str, Cursor], now: datetime) -> datetime:
        key = (shop.key, chore.stream)
        if key in self._failing:
            return self._failing[key].again_at
        if key in self._rounds:
            return self._rounds[key].next_at or now
        cursor = known.get(chore.stream)
        if cursor is None or cursor.succeeded_at is None or not cursor.interval_s:
            return now
        made = self._made.get(key)
        every = _every(chore, known.get(changes.STREAM), now)
        if made is None or made.succeeded_at != cursor.succeeded_at:
            return cursor.succeeded_at + every
        return made.begun_at + every - (timedelta() if chore.is_long else made.early(every))

    def _leaving(self, place: int) -> float:
        return self._budget.burst_s * _KEPT * place / max(len(self.chores) - 1, 1)

    # --- one step -------------------------------------------------------------------------------------------------

    def _step(self, shop: Shop, chore: Chore) -> float:
        """One step; returns the seconds that it took of the shop."""
        key = (shop.key, chore.stream)
        current = self._rounds.get(key) or self._begun(shop, chore)
        told: Step | None = None
        try:
            told = next(current.steps, LAST)
        except NotThere as error:
            self._failing[key] = _Failing(0, self._clock() + error.again_in)
        except (ConnectorError, TooManyGone) as error:
            self._failed(shop, chore, error)
        except (Stopped, StorageError):
            raise
        except Exception:
            # A fault of ours in one chore must not keep the shop from all the others.
            log.exception("a chore broke", extra={"shop": shop.key, "stream": chore.stream})
            self._failing[key] = _Failing(1, self._clock() + timedelta(seconds=_LONGEST_DELAY_S))
        finally:
            if told is None:
                self._rounds.pop(key, None)
            taken = current.meter.taken()
            current.spent += taken.seconds
            self._budget.spent(shop.key, chore.stream, taken, is_urgent=current.is_catching_up)
        if told is not None:
            self._failing.pop(key, None)
            self._told(shop, chore, current, told)
        return taken.seconds

    def _begun(self, shop: Shop, chore: Chore) -> _Round:
        with self._store.read() as tx:
            cursor = cursors.get(tx, shop.key, chore.stream)
        if cursor is None or cursor.interval_s is None:
            # Whoever asks for it while it is under way wants another one.
            with self._store.write(durable=False) as tx:
                cursors.put(tx, shop.key, chore.stream, interval_s=_ASKED_FOR)
        now, meter = self._clock(), self._budget.meter()
        last_at = cursor.succeeded_at if cursor else None
        current = self._rounds[shop.key, chore.stream] = _Round(
            steps=chore.round(meter.on(shop)),
            meter=meter,
            begun_at=now,
            last_at=last_at,
            is_catching_up=chore.catches_up and last_at is not None and now - last_at > _AWAY,
        )
        return current

    def _told(self, shop: Shop, chore: Chore, current: _Round, told: Step) -> None:
        """Keeps how far the round is, and at its end that it was made."""
        now = self._clock()
        measured, current.told_s = current.told_s, told.interval_s or current.told_s
        if told.done == 1.0:
            del self._rounds[shop.key, chore.stream]
            self._made[shop.key, chore.stream] = _Made(current.begun_at, now)
            with self._store.write(durable=False) as tx:
                cursor = cursors.get(tx, shop.key, chore.stream)
                is_asked_for_anew = cursor is not None and cursor.interval_s is None
                reached = None if is_asked_for_anew else _reached(chore, current, now)
                cursors.put(tx, shop.key, chore.stream, succeeded_at=now, interval_s=reached, failure="")
            return
        current.next_at = self._next_at(chore, current, told)
        if current.told_s is not None and current.told_s != measured:
            with self._store.write(durable=False) as tx:
                cursors.put(tx, shop.key, chore.stream, interval_s=current.told_s)

    def _next_at(self, chore: Chore, current: _Round, told: Step) -> datetime | None:
        """When the next step of a long round is due, so that the round takes no more than its share where it can."""
        if not chore.is_long:
            return None
        by_cost = current.spent / (self._budget.share * _LONG_SHARE)
        by_time = chore.every.total_seconds() * _LONG_WITHIN * told.done if told.done is not None else by_cost
        return current.begun_at + timedelta(seconds=min(by_cost, by_time))

    def _failed(self, shop: Shop, chore: Chore, error: ConnectorError | TooManyGone) -> None:
        key, now = (shop.key, chore.stream), self._clock()
        failing = self._failing.get(key) or _Failing(0, now)
        if isinstance(error, Unavailable):
            # Said already, when the shop failed.
            self._failing[key] = _Failing(failing.times, now + timedelta(seconds=error.retry_after or _LONGEST_WAIT_S))
            return
        times = failing.times + 1
        asked = error.retry_after if isinstance(error, Transient) else None
        wait_s = delay(times, asked=asked)
        if isinstance(error, TooManyGone):
            wait_s = _GONE_AGAIN_S
        elif asked is None:
            wait_s = min(wait_s, max(chore.every.total_seconds(), _LONGEST_DELAY_S))
        self._failing[key] = _Failing(times, now + timedelta(seconds=wait_s))
        with self._store.write(durable=False) as tx:
            cursors.put(tx, shop.key, chore.stream, failed_at=now, failure=str(error))
        log.warning(
            "a look at the shop came to nothing",
            extra={
                "shop": shop.key,
                "stream": chore.stream,
                "reason": str(error),
                "hint": error.hint if isinstance(error, ConnectorError) else "",
                "again_in_s": round(wait_s),
            },
        )


def _every(chore: Chore, bridge: Cursor | None, now: datetime) -> timedelta:
    """The interval in force: another one while our own plugin in the shop tells what the chore would look for."""
    is_told = bridge is not None and bridge.succeeded_at is not None and now - bridge.succeeded_at < _BRIDGE_FRESH
    return chore.bridged if chore.bridged is not None and is_told else chore.every


def _reached(chore: Chore, current: _Round, now: datetime) -> int:
    """The interval that this round reached, in seconds, one at least."""
    if current.told_s is not None:
        return max(current.told_s, 1)
    since = now - current.last_at if current.last_at else chore.every
    return max(int(since.total_seconds()), 1)
