"""Counts refused deliveries by address, so that nobody can try signatures without end.

A correctly signed delivery is never counted: a 429 would help to disable the shop's webhook.
"""

from __future__ import annotations

from limits import parse_many
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter


class Refusals:
    """`rate` as in the configuration ("30/minute"); `storage` is where limits are counted, shared through Redis."""

    def __init__(self, rate: str, storage: str) -> None:
        self._rates = parse_many(rate)
        self._limiter = FixedWindowRateLimiter(storage_from_string(storage))

    def count(self, address: str) -> bool:
        """Counts one refused request of an address; True where it is over its limit."""
        within = [self._limiter.hit(rate, "delivery", address) for rate in self._rates]
        return not all(within)
