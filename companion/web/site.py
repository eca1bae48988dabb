"""What the pages stand on: the services and settings of this installation, handed over once, in one frozen value.

`companion.app` fills it in; a view reaches it through `site()`. It opens nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app

from companion.config import Installation, RateLimits, Web
from companion.domain.permissions import Viewer
from companion.domain.trouble import Trouble
from companion.services.customers.customers import Customers
from companion.services.customers.viewings import Viewings
from companion.services.notes import Notes
from companion.services.people.by_hand import ByHand
from companion.services.people.dossier import Dossiers
from companion.services.people.matches import Matches
from companion.services.people.people import People
from companion.services.people.privacy import Erasures
from companion.services.people.quality import Quality
from companion.services.people.whole_page import WholePages
from companion.services.search.search import Search
from companion.services.segments.groups import Groups
from companion.services.segments.segments import Segments
from companion.services.sync.queues import Queues
from companion.services.sync.state import SyncState
from companion.services.users import Users


@dataclass(frozen=True)
class Gauge:
    """One measured value for `/metrics`, read when it is asked for; `labels` tell its series apart."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ShopFreshness:
    """How fresh one shop's records are, for the foot of each page.

    `done` and `total` are orders of the backfill while it runs, None once it is over. `is_late` when the last look
    failed or is longer ago than it should be, with the kind of `trouble` where it failed. `is_paused` while nothing is
    written to the shop.
    """

    shop: str
    updated_at: datetime | None
    done: int | None = None
    total: int | None = None
    is_late: bool = False
    trouble: Trouble | None = None
    is_paused: bool = False


def _nothing() -> None:
    """Always ready."""


def _no_gauges() -> Iterable[Gauge]:
    return ()


def _no_shops(_viewer: Viewer) -> Sequence[ShopFreshness]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything the pages are handed.

    `secret_key` signs the session cookie. `receiver` takes the shops' deliveries and guards itself. `ready` returns
    when the store answers and raises its `StorageError` otherwise. `limiter_storage` is where rate limits are counted:
    "memory://" for one process, Redis's address for several.
    """

    users: Users
    notes: Notes
    customers: Customers
    whole_pages: WholePages
    matches: Matches
    viewings: Viewings
    segments: Segments
    groups: Groups
    search: Search
    by_hand: ByHand
    people: People
    sync_state: SyncState
    queues: Queues
    quality: Quality
    dossiers: Dossiers
    erasures: Erasures
    clock: Callable[[], datetime]
    secret_key: str = field(repr=False)
    installation: Installation = field(default_factory=Installation)
    web: Web = field(default_factory=Web)
    limits: RateLimits = field(default_factory=RateLimits)
    limiter_storage: str = field(default="memory://", repr=False)
    shop_names: Mapping[str, str] = field(default_factory=dict)
    receiver: Blueprint | None = None
    ready: Callable[[], None] = _nothing
    gauges: Callable[[], Iterable[Gauge]] = _no_gauges
    freshness: Callable[[Viewer], Sequence[ShopFreshness]] = _no_shops

    @property
    def zone(self) -> ZoneInfo:
        """The installation's time zone."""
        return ZoneInfo(self.installation.timezone)

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the pages over TLS only."""
        return self.web.public_url.startswith("https:")

    def shop_name(self, shop: str) -> str:
        """What people call a shop."""
        return self.shop_names.get(shop, shop)


def site() -> Site:
    """The site of the request being answered."""
    return cast("Site", current_app.extensions["companion.site"])
