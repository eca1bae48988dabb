"""Measures what our reading costs a shop: how many seconds it took to answer, however many requests at once.

A metered shop is the same shop with a watch on each call of its connectors, so that whatever works with it is measured
without knowing of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar, cast

from companion.sync.shop import Shop
from connectors.errors import Unavailable

ConnectorT = TypeVar("ConnectorT")

_VAIN_S = 2.0


class Taken(NamedTuple):
    """Seconds of a shop's time, and the calls that took them."""

    seconds: float
    requests: int


class Meter:
    """Adds up over several threads. `watch` tells seconds, as time.monotonic does."""

    def __init__(self, watch: Callable[[], float] = time.monotonic) -> None:
        self._watch = watch
        self._lock = threading.Lock()
        self._seconds = 0.0
        self._requests = 0

    def on(self, shop: Shop) -> Shop:
        """The same shop; what is asked of it is measured here."""
        return replace(
            shop,
            source=self._timed(shop.source),
            helpdesk=self._timed(shop.helpdesk) if shop.helpdesk is not None else None,
            bridge=self._timed(shop.bridge) if shop.bridge is not None else None,
        )

    def taken(self) -> Taken:
        """What was measured since this was last asked."""
        with self._lock:
            found = Taken(self._seconds, self._requests)
            self._seconds, self._requests = 0.0, 0
        return found

    def _timed(self, connector: ConnectorT) -> ConnectorT:
        return cast("ConnectorT", _Timed(connector, self._measured))

    def _measured(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*args: Any, **named: Any) -> Any:
            started = self._watch()
            try:
                found = call(*args, **named)
            except Unavailable:  # nothing was sent
                raise
            except Exception:
                # Most of a time-out is nobody's work, and after an outage the shop must be read again soon.
                self._add(min(self._watch() - started, _VAIN_S))
                raise
            self._add(self._watch() - started)
            return found

        return measured

    def _add(self, seconds: float) -> None:
        with self._lock:
            self._seconds += seconds
            self._requests += 1


class _Timed:
    """A connector, each call of which is measured."""

    def __init__(self, connector: object, measured: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        self._connector = connector
        self._measured = measured

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connector, name)
        return self._measured(found) if callable(found) else found
