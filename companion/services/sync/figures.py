"""The figures of a shop's sync, as values: what `state` reads, and pages, metrics and monitoring show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from companion.domain.trouble import Trouble, trouble_of
from storage.sync.alerts import Alert
from storage.sync.subscriptions import Subscription

_CLEARLY_MORE = 1.5


@dataclass(frozen=True)
class Expected:
    """What the configuration expects: seconds between two readings of each stream, and of those that are read more
    seldom while the shop's plugin tells what changed; how writing to shops is set; whether they have an address to
    deliver to; and how much of their time sweeps may take (of 1.0).
    """

    intervals: Mapping[str, float] = field(default_factory=dict)
    intervals_told: Mapping[str, float] = field(default_factory=dict)
    push_mode: str = "on"
    max_per_hour: int = 0
    may_deliver: bool = True
    share_of_shop_time: float = 0.05


@dataclass(frozen=True)
class StreamState:
    """One stream of a shop.

    `lag_seconds` is how long ago it was last read. `wanted_s` is how often that should happen, `interval_s` how often
    it lately did. `done` of `total` records were brought by the first full read while it runs, `per_second` of them;
    None after it. `requests_per_hour` and `share` (of an hour 1.0) are what its sweeps take of the shop.
    """

    stream: str
    updated_at: datetime | None = None
    lag_seconds: float | None = None
    wanted_s: float | None = None
    interval_s: int | None = None
    done: int | None = None
    total: int | None = None
    per_second: float | None = None
    failure: str = ""
    failed_at: datetime | None = None
    is_late: bool = False
    requests_per_hour: float = 0.0
    share: float = 0.0

    @property
    def trouble(self) -> Trouble | None:
        """What kind of failure the last reading ended in; None where it went well."""
        return trouble_of(self.failure) if self.failure else None

    @property
    def is_stretched(self) -> bool:
        """Whether it is read clearly more seldom than wanted, so that the shop keeps its time for its customers."""
        return bool(self.interval_s and self.wanted_s) and (self.interval_s or 0) > _CLEARLY_MORE * (self.wanted_s or 0)


@dataclass(frozen=True)
class Brief:
    """What every page says of a shop at its foot."""

    shop: str
    streams: tuple[StreamState, ...] = ()
    is_paused: bool = False

    @property
    def orders(self) -> StreamState:
        """The stream that people ask for first."""
        return next((stream for stream in self.streams if stream.stream == "orders"), StreamState("orders"))

    @property
    def updated_at(self) -> datetime | None:
        """When its orders were last read."""
        return self.orders.updated_at

    @property
    def done(self) -> int | None:
        """How many orders the first full read has brought, None when it is over."""
        return self.orders.done

    @property
    def total(self) -> int | None:
        """How many orders it will bring, as the shop counts them."""
        return self.orders.total

    @property
    def failing(self) -> StreamState | None:
        """The first of its streams whose last reading failed."""
        return next((stream for stream in self.streams if stream.failure), None)

    @property
    def failure(self) -> str:
        """What that reading ended with, "" where all went well."""
        return self.failing.failure if self.failing else ""

    @property
    def is_late(self) -> bool:
        """Whether any stream failed, or was not read for longer than it should be."""
        return any(stream.is_late for stream in self.streams)


@dataclass(frozen=True)
class ShopState(Brief):
    """Everything about one shop."""

    inbox_waiting: int = 0
    inbox_oldest_at: datetime | None = None
    inbox_dead: int = 0
    outbox_waiting: int = 0
    outbox_oldest_at: datetime | None = None
    outbox_parked: int = 0
    parked: int = 0
    writes_last_hour: int = 0
    webhooks: tuple[Subscription, ...] = ()
    alerts: tuple[Alert, ...] = ()

    @property
    def share(self) -> float:
        """What all sweeps together took of the shop's time, over at most the last day; 1.0 is all of it."""
        return sum(stream.share for stream in self.streams)
