"""The ground a shop stands on: its lock, clock, address, settings, sequences of ids, log, faults and webhook queue."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Any
from zoneinfo import ZoneInfo

from companion.sandbox.bridge import Bridge
from companion.sandbox.clock import ShopClock
from companion.sandbox.delivery import Delivered, DeliveryQueue
from companion.sandbox.faults import Faults
from companion.sandbox.log import RequestLog
from companion.sandbox.view import Site


class Premises(ABC):
    """What every part of a shop shares.

    `revision` rises with every change, so that what was computed from the shop can be kept until then. `lock` guards
    everything and is never held while the network is waited for. `runs_jobs`: WordPress starts its own jobs (WP-Cron),
    the webhook queue among them.
    """

    def __init__(self, *, clock: ShopClock, name: str, currency: str, decimals: int, timezone: str) -> None:
        """`decimals`: how many the shop is set to print in amounts; `timezone`: what its bare dates mean."""
        self.lock = threading.RLock()
        self.clock = clock
        self.name = name
        self.currency = currency
        self.decimals = decimals
        self.zone = ZoneInfo(timezone)
        self.url = "http://sandbox.invalid"
        self.revision = 0
        self.runs_jobs = True
        self.faults = Faults()
        self.log = RequestLog()
        self.deliveries = DeliveryQueue(self)
        self.bridge = Bridge(self)
        self._next: dict[str, int] = {}

    @abstractmethod
    def payload(self, resource: str, arg: Any) -> Any:
        """What a webhook sends of an order or a customer: the record as the API gives it, or the API's error."""

    @abstractmethod
    def forget_serialised(self) -> None:
        """Drop everything kept in written form: a setting changed that shows in it."""

    def set_decimals(self, decimals: int) -> None:
        """Change how many decimals the shop prints: every amount of every order is written differently from now on."""
        with self.lock:
            self.decimals = decimals
            self.forget_serialised()

    def move_to(self, url: str) -> None:
        """Give the shop its address, which stands in every record's links."""
        with self.lock:
            self.url = url
            self.forget_serialised()

    def site(self, decimals: int | None = None) -> Site:
        """What views need to know of this shop."""
        return Site(self.url, self.zone, self.decimals if decimals is None else decimals)

    def new_id(self, kind: str) -> int:
        """The next number of a sequence of ids: "meta", "line", "note", "webhook"."""
        self._next[kind] = self._next.get(kind, 0) + 1
        return self._next[kind]

    def do_action(self, hook: str, arg: Any) -> None:
        """Run a WordPress hook, as a plugin would: webhooks that listen to it queue a delivery."""
        self.deliveries.do_action(hook, arg)

    def run_queue(self) -> list[Delivered]:
        """Deliver what is waiting, now; the deliveries made, in their order."""
        return self.deliveries.run()
