"""Faults on request: what hosts, caches, firewalls and networks do to a shop's answers and to its deliveries."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Literal, get_args

AnswerFault = Literal[
    "status", "html", "notice", "challenge", "slow", "cut_before", "cut_after", "half", "stale", "malformed"
]
DeliveryFault = Literal["drop", "double", "delay", "reorder"]


@dataclass(slots=True)
class Fault:
    """Something that goes wrong, `times` times (None: always), after `skip` matching requests went well.

    Answers, matched by `method` and `path` (a regular expression, searched in path and query):
    status       answers `status` (with Retry-After of `seconds` if given) instead of doing anything
    html         an HTML page with `status` instead of JSON
    challenge    a firewall's "checking your browser" page, 403
    notice       a byte order mark and a PHP notice before the JSON
    malformed    the first order of a list is not an object of an order
    slow         answers after `seconds`
    cut_before   the connection is cut, and nothing was done
    cut_after    the connection is cut, but the request took effect
    half         half of the answer's body, then a cut
    stale        a cache answers what this very URL answered before

    Deliveries, matched by `topic`:
    drop         never sent, and the shop believes it was
    double       sent twice
    delay        waits for the next run of the queue
    reorder      this run of the queue delivers backwards
    """

    kind: AnswerFault | DeliveryFault
    method: str | None = None
    path: str = ""
    topic: str | None = None
    times: int | None = 1
    skip: int = 0
    status: int = 500
    seconds: float | None = None
    met: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in (*get_args(AnswerFault), *get_args(DeliveryFault)):
            raise ValueError(f"no such fault: {self.kind}")

    @property
    def is_delivery(self) -> bool:
        """Whether it befalls deliveries rather than answers."""
        return self.kind in get_args(DeliveryFault)

    def _strikes(self) -> bool:
        self.met += 1
        return self.met > self.skip and (self.times is None or self.met <= self.skip + self.times)


class Faults:
    """The faults in force, asked for each request and each delivery; the first that matches strikes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._faults.clear()

    def of_request(self, method: str, target: str) -> Fault | None:
        """The fault that strikes this request, if one does."""
        with self._lock:
            for fault in self._faults:
                matches = fault.method in {None, method} and re.search(fault.path, target) is not None
                if not fault.is_delivery and matches and fault._strikes():  # noqa: SLF001 - its own module
                    return fault
        return None

    def of_delivery(self, topic: str) -> Fault | None:
        """The fault that strikes a delivery of this topic, if one does."""
        with self._lock:
            for fault in self._faults:
                if fault.is_delivery and fault.topic in {None, topic} and fault._strikes():  # noqa: SLF001
                    return fault
        return None
