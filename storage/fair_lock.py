"""A lock that serves in the order of arrival, those first on whom people and shops wait.

`threading.Lock` lets a thread that asks again at once overtake those that wait, so one busy writer could keep a person
waiting for ever. Here the lock is handed to the first in the queue; it is never free while somebody waits. Who is
urgent waits in a queue of its own, which goes first; after each of its turns one of the others has theirs, so that
nobody waits for ever.
"""

from __future__ import annotations

import threading
import time
from collections import deque


class FairLock:
    """First come, first served, within the urgent and within the others, of one process's threads. Not reentrant."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._urgent: deque[threading.Lock] = deque()
        self._others: deque[threading.Lock] = deque()
        self._is_held = False
        self._others_are_next = False
        self._urgent_at = float("-inf")

    def acquire(self, timeout: float = -1, *, urgent: bool = False) -> bool:
        """Wait for our turn, at most `timeout` seconds (-1: as long as it takes); False if it did not come."""
        with self._guard:
            if not self._is_held:
                self._is_held = True
                return True
            turn = threading.Lock()
            turn.acquire()  # released by whoever hands the lock on to us
            (self._urgent if urgent else self._others).append(turn)
            if urgent:
                self._urgent_at = time.monotonic()
        try:
            if turn.acquire(timeout=timeout):
                return True
        except BaseException:  # an interrupt while waiting must leave neither a ghost in the queue nor a lost turn
            if not self._leave(turn):
                self.release()
            raise
        return not self._leave(turn)

    def release(self) -> None:
        """Hand the lock to the one who waits longest, or let it go."""
        with self._guard:
            if not self._is_held:
                raise RuntimeError("a lock that nobody holds was released")
            if self._urgent and not (self._others_are_next and self._others):
                self._others_are_next = True
                self._urgent.popleft().release()
            elif self._others:
                self._others_are_next = False
                self._others.popleft().release()
            else:
                self._is_held = False

    def waiting(self) -> int:
        """How many wait now."""
        with self._guard:
            return len(self._urgent) + len(self._others)

    def was_urgent_within(self, seconds: float) -> bool:
        """Whether somebody urgent had to wait during the last `seconds`."""
        return time.monotonic() - self._urgent_at < seconds

    def _leave(self, turn: threading.Lock) -> bool:
        """Give up the place in the queue; False if the lock was handed over at the last instant and is ours."""
        with self._guard:
            for queue in (self._urgent, self._others):
                if turn in queue:
                    queue.remove(turn)
                    return True
            return False
