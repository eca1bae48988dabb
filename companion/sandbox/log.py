"""What was asked of the shop: a log with counters, for tests that say "and no further write". No bodies are kept."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass

READING = frozenset({"GET", "HEAD", "OPTIONS"})
_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One answered request; `method` is the effective one, after any override. `status` 0: the connection was cut."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    status: int
    seconds: float


class RequestLog:
    """The latest requests, and counts of all of them since the last `clear`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[LoggedRequest] = deque(maxlen=_KEPT)
        self._counts: Counter[tuple[str, str, int]] = Counter()

    def add(self, request: LoggedRequest) -> None:
        """Note a request that was answered, or cut."""
        with self._lock:
            self._requests.append(request)
            self._counts[request.method, request.path, request.status] += 1

    def clear(self) -> None:
        """Start counting from nothing."""
        with self._lock:
            self._requests.clear()
            self._counts.clear()

    def __len__(self) -> int:
        with self._lock:
            return self._counts.total()

    def requests(self) -> list[LoggedRequest]:
        """The latest requests, oldest first."""
        with self._lock:
            return list(self._requests)

    def count(self, *, method: str | None = None, path: str = "", status: int | None = None) -> int:
        """How many requests had this method, a path ending so, this status; what is left out matches all."""
        with self._lock:
            return sum(
                count
                for (its_method, its_path, its_status), count in self._counts.items()
                if method in {None, its_method} and its_path.endswith(path) and status in {None, its_status}
            )

    def writes(self) -> int:
        """How many requests could have changed the shop."""
        with self._lock:
            return sum(count for (method, _, _), count in self._counts.items() if method not in READING)

    def counters(self) -> list[tuple[str, str, int, int]]:
        """(method, path, status, count), the most frequent first."""
        with self._lock:
            return [(*key, count) for key, count in self._counts.most_common()]
