"""Reads the pages of a list, several in flight, and finds out how many the shop likes best.

Real shops are the limit of every full read: two requests at once may double the rate, eight may halve it. So the width
climbs only while the rate rises for it, and gives way at once when the shop complains.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import NamedTuple

from connectors.base import Page

_WORTH_IT = 1.1  # a wider flight must be a tenth faster to be kept
_LOOK_AGAIN_AFTER = 30  # pages; a shop that was busy may have become idle


class Reading(NamedTuple):
    """A page, with the number that its read took before the request was sent."""

    read_seq: int
    page: Page


class Pace:
    """How many pages of one shop are in flight; safe for several threads. `most` is the configured ceiling."""

    def __init__(self, most: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self.width = 1
        self._now = now
        self._lock = threading.Lock()
        self._rates: dict[int, float] = {}
        self._pages = 0
        self._records = 0
        self._since = now()
        self._settled_for = 0

    def landed(self, page: Page) -> None:
        """Counts a page that came; after a few at one width, climbs, stays or steps back."""
        with self._lock:
            self._pages += 1
            self._records += len(page.items)
            if self._pages < 2 * self.width + 2:
                return
            elapsed = max(self._now() - self._since, 1e-6)
            self._rates[self.width] = self._records / elapsed
            self._choose()
            self._restart()

    def complained(self) -> None:
        """The shop failed or said "too many": half as many at once, and nothing measured so far holds any more."""
        with self._lock:
            self.width = max(1, self.width // 2)
            self._rates.clear()
            self._restart()

    def _choose(self) -> None:
        slower = self._rates.get(self.width - 1)
        if slower is not None and self._rates[self.width] < slower * _WORTH_IT:
            self.width -= 1
            self._settled_for = 0
        elif self.width + 1 in self._rates:
            # It was tried and not worth it; forget that after a while, to try again.
            self._settled_for += self._pages
            if self._settled_for >= _LOOK_AGAIN_AFTER:
                del self._rates[self.width + 1]
                self._settled_for = 0
        elif self.width < self.most:
            self.width += 1

    def _restart(self) -> None:
        self._pages = self._records = 0
        self._since = self._now()


def pages(fetch: Callable[[int], Reading], pace: Pace) -> Iterator[Reading]:
    """Every page of a list, in the order in which they land (page one first). `fetch(number)` makes one request.

    While the caller works on one page the others are on their way. A failed page ends the reading with its error.
    """
    first = fetch(1)
    yield first
    last = first.page.pages
    if last <= 1:
        return
    with ThreadPoolExecutor(pace.most, thread_name_prefix="pages") as pool:
        flying: set[Future[Reading]] = set()
        upcoming = 2
        try:
            while flying or upcoming <= last:
                while upcoming <= last and len(flying) < pace.width:
                    flying.add(pool.submit(fetch, upcoming))
                    upcoming += 1
                landed, flying = wait(flying, return_when=FIRST_COMPLETED)
                for future in landed:
                    reading = future.result()
                    pace.landed(reading.page)
                    yield reading
        except Exception:
            pace.complained()
            raise
        finally:
            for future in flying:
                future.cancel()


def one_by_one(fetch: Callable[[int], Reading]) -> Iterator[Reading]:
    """The same, one request at a time and none before it is asked for: for who may stop between two pages for long."""
    number, last = 1, 1
    while number <= last:
        reading = fetch(number)
        last = reading.page.pages
        yield reading
        number += 1
