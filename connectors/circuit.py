"""A circuit before one shop: where it does not answer, nobody asks it for a while.

Everything that speaks with one shop shares one circuit. It opens after several failures in a row, lets one request
through when its pause is over, and closes at the first answer. What an answer means is not its business: a shop that
refuses us, or does not know an order, is there.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from connectors.errors import ConnectorError, Transient, Unavailable

log = logging.getLogger(__name__)

_NOBODY_ANSWERED = frozenset(
    {"dns", "unreachable", "connection_refused", "connect_timeout", "read_timeout", "cut", "tls_failed"}
)
"""The codes of what the network did to us. An answer that came and cannot be unpacked is an answer."""

_LONGEST_TOLD = 3600.0
"""Seconds for which a shop that asks us to slow down is believed."""


@dataclass(frozen=True, slots=True)
class CircuitState:
    """How a circuit stands. `until` is when the next request may try (None: closed), `failures` and `pauses` how many
    there were in a row, `reason` what the last failure was, in words.
    """

    until: datetime | None = None
    failures: int = 0
    pauses: int = 0
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether requests are held back."""
        return self.until is not None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Circuit:
    """Safe for several threads. `borne` failures in a row open it; the pause then begins at `first` seconds and doubles
    up to `longest` with each trial that fails, shortened by up to half by chance.

    `heard` is told how it stands at the first answer, and whenever it opens or closes; it must not ask the shop.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = _utc_now,
        borne: int = 5,
        first: float = 5.0,
        longest: float = 300.0,
        chance: Callable[[], float] = random.random,
        heard: Callable[[CircuitState], object] = lambda _: None,
    ) -> None:
        self._heard = heard
        self._is_new = True
        self._clock = clock
        self._borne = borne
        self._first = first
        self._longest = longest
        self._chance = chance
        self._lock = threading.Lock()
        self._asked = 0
        self._opened_after = 0
        self._opened_at: datetime | None = None
        self._until: datetime | None = None
        self._trial: int | None = None
        self._pauses = 0
        self._failures = 0
        self._failing: set[str] = set()
        self._reason = ""

    @property
    def state(self) -> CircuitState:
        """How it stands now."""
        with self._lock:
            return self._state()

    @contextmanager
    def passage(self) -> Iterator[Passage]:
        """For one request: made in the block, its answer told to the passage. Raises `Unavailable` instead of opening
        the block while the shop is left alone.
        """
        number = self._admitted()
        passage = Passage()
        try:
            yield passage
        except ConnectorError as error:
            if isinstance(error, Transient) and error.code in _NOBODY_ANSWERED:
                passage.failed(str(error))
            self._settle(number, passage)
            raise
        except BaseException:
            self._let_go(number)  # it says nothing of the shop
            raise
        self._settle(number, passage)

    def _admitted(self) -> int:
        with self._lock:
            self._asked += 1
            if self._until is not None:
                now = self._clock()
                left = (self._until - now).total_seconds()
                # A clock that was set back says nothing of how long the shop was left alone.
                is_over = left <= 0 or (self._opened_at is not None and now < self._opened_at)
                if self._trial is not None or not is_over:
                    wait = left if left > 0 else self._first
                    raise Unavailable(f"the shop is left alone for a while: {self._reason}", retry_after=wait)
                self._trial = self._asked
            return self._asked

    def _settle(self, number: int, passage: Passage) -> None:
        with self._lock:
            has_changed = self._settled(number, passage)
            state = self._state()
        if has_changed:
            try:
                self._heard(state)
            except Exception:  # whoever listens must not spoil the request
                log.exception("it could not be told how a circuit stands")

    def _settled(self, number: int, passage: Passage) -> bool:
        """Whether it opened, or is known to be closed."""
        is_trial = number == self._trial
        if not is_trial and (self._until is not None or number <= self._opened_after):
            return False  # sent before it opened: it says nothing new
        if is_trial:
            self._trial = None
        if passage.told_to_wait:
            self._reason = passage.reason
            self._open(min(passage.told_to_wait, _LONGEST_TOLD))
            return True
        if not passage.has_failed:
            was_open, self._is_new = self._is_new or self._until is not None, False
            self._close()
            return was_open
        if not is_trial and passage.place and passage.place in self._failing:
            return False
        self._failing.add(passage.place)
        self._failures += 1
        self._reason = passage.reason
        if not is_trial and self._failures < self._borne:
            return False
        self._open(self._pause(passage.named))
        return True

    def _state(self) -> CircuitState:
        return CircuitState(self._until, self._failures, self._pauses, self._reason)

    def _pause(self, named: float) -> float:
        doubled = min(self._longest, self._first * 2.0 ** min(self._pauses, 20))
        self._pauses += 1
        # WordPress names ten minutes for an update that takes seconds: our own longest is enough.
        return max(doubled * (1 - self._chance() / 2), min(named, self._longest))

    def _open(self, seconds: float) -> None:
        now = self._clock()
        self._opened_at, self._until = now, now + timedelta(seconds=seconds)
        self._opened_after = self._asked

    def _close(self) -> None:
        self._until = self._opened_at = None
        self._pauses = self._failures = 0
        self._failing.clear()
        self._reason = ""

    def _let_go(self, number: int) -> None:
        with self._lock:
            if number == self._trial:
                self._trial = None


class Passage:
    """One request on its way through a circuit, and what became of it."""

    def __init__(self) -> None:
        self.has_failed = False
        self.place = ""
        self.reason = ""
        self.named = 0.0
        self.told_to_wait = 0.0

    def answered(self, status: int, place: str, retry_after: float | None) -> None:
        """The answer came whole. `place` is the address without what changes from one request to the next;
        `retry_after` is in seconds, where the shop named it.
        """
        if status == HTTPStatus.TOO_MANY_REQUESTS and retry_after:
            self.reason, self.told_to_wait = "it asks us to slow down", retry_after
        elif status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED:
            self.has_failed, self.reason, self.named = True, f"it answers {status}", retry_after or 0.0
            # WordPress falls over with a 500, perhaps at this one order: the same place counts once. The others mean
            # that it is not there.
            self.place = place if status == HTTPStatus.INTERNAL_SERVER_ERROR else ""

    def failed(self, reason: str) -> None:
        """No answer came."""
        self.has_failed, self.reason = True, reason
