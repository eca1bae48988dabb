"""build(config) -> App: puts the house together.

The engine room below (`companion.engine_room`), the use cases over its store, the pages and the shops' entrance in
front. Nothing runs yet when an App is built; `companion.daemon` runs it, and the command line uses parts of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask

from companion.config import Config
from companion.connect import Clock
from companion.domain.permissions import Viewer
from companion.engine_room import EngineRoom
from companion.screens import Screens
from companion.services.customers.customers import Customers
from companion.services.customers.viewings import Viewings
from companion.services.notes import Notes
from companion.services.people.by_hand import ByHand
from companion.services.people.dossier import Dossier, Dossiers
from companion.services.people.matches import Matches
from companion.services.people.people import People
from companion.services.people.privacy import Erasures
from companion.services.people.quality import Quality
from companion.services.people.whole_page import WholePages
from companion.services.search.reindex import Reindex, Reindexed
from companion.services.search.search import Search
from companion.services.segments.groups import Groups
from companion.services.segments.segments import Segments
from companion.services.sync.figures import Expected
from companion.services.sync.queues import Queues
from companion.services.sync.state import SyncState
from companion.services.users import Users
from companion.sync.deliveries.inbox import kind_of
from companion.web import Gauge, ShopFreshness, Site, create_app
from companion.web.files import rendered
from companion.web.gauges import freshness, gauges
from companion.web.refusals import Refusals
from storage import migrate, shops
from storage.engine import Tx
from storage.sync.inbox_writer import Writer
from webhooks.receiver import receiver


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class App(EngineRoom):
    """The whole product over one configuration."""

    def __init__(self, config: Config, *, clock: Clock = utc_now) -> None:
        super().__init__(config, clock=clock)

        # The use cases.
        installation = config.installation
        self.screens = Screens(self.store, config.shops)
        self.users = Users(
            self.store,
            clock,
            language=installation.language,
            calendar=installation.calendar,
            appointed=lambda tx, email: self.identity.appointed(tx, email, now=clock()),
        )
        self.notes = Notes(self.store, clock, self.summaries.mark_customer)
        self.customers = Customers(
            self.store,
            clock,
            self.screens.order,
            ticket_url=self.screens.ticket,
            region=installation.country,
            zone=ZoneInfo(installation.timezone),
            chosen=self.chosen,
        )
        self.whole_pages = WholePages(self.store, self.customers)
        self.matches = Matches(self.store, clock, self.identity.regroup)
        self.viewings = Viewings(self.store, clock)
        zone = ZoneInfo(installation.timezone)
        self.segments = Segments(self.store, clock, self.segmentation.of, zone=zone)
        self.groups = Groups(self.store, clock, zone=zone, region=installation.country)
        self.search = Search(self.store, clock, region=installation.country, chosen=self.chosen)
        self.by_hand = ByHand(self.store, clock, look=self._look, region=installation.country, chosen=self.chosen)
        self.people = People(
            self.store, clock, search=self.search, notes=self.notes, look=self._look, region=installation.country
        )
        self.sync_state = SyncState(
            self.store,
            clock,
            shops=self.shops,
            expected=Expected(
                intervals=self.upkeep.intervals,
                intervals_told={
                    chore.stream: max(chore.bridged, chore.aim or chore.every).total_seconds()
                    for chore in self.upkeep.chores
                    if chore.bridged
                },
                push_mode=config.push.mode,
                max_per_hour=config.push.max_per_hour,
                may_deliver=bool(config.web.public_url),
                share_of_shop_time=config.sync.share_of_shop_time,
            ),
        )
        self._reindex = Reindex(self.store, clock, region=installation.country, chosen=self.chosen)
        self._reindex.begin()
        self.quality = Quality(self.store, clock, region=installation.country)
        self.dossiers = Dossiers(self.store, clock)
        self.erasures = Erasures(self.store, clock, begin=self.eraser.begin, work=self.eraser.work)
        self.queues = Queues(self.store, clock, shops=self.shops, wake=self.worker.wake)

        # The entrance for shops.
        self.inbox_writer = Writer(self.store, clock=clock, kind_of=kind_of, on_accepted=self.worker.wake)

    def reindex(self, tell: Callable[[Reindexed], None] = lambda _: None) -> Reindexed:
        """Builds the search index anew, or goes on where an interrupted call stood. Raises StorageError."""
        return self._reindex.run(tell)

    def reindex_is_due(self) -> bool:
        """Whether the search index was made for other settings, or by an older version that made other texts."""
        return self._reindex.is_due()

    def removed_shops(self) -> list[str]:
        """The shops of which the store holds something, and that the configuration does not name any more."""
        with self.store.read() as tx:
            return [row.shop for row in shops.every(tx) if row.shop not in self.shops]

    def flask(self) -> Flask:
        """The web application: pages and the shops' entrance."""
        config = self.config
        limiter_storage = config.redis_url.reveal() if config.redis_url else "memory://"
        refusals = Refusals(config.limits.failed_signatures, limiter_storage)
        return create_app(
            Site(
                users=self.users,
                notes=self.notes,
                customers=self.customers,
                whole_pages=self.whole_pages,
                matches=self.matches,
                viewings=self.viewings,
                segments=self.segments,
                groups=self.groups,
                search=self.search,
                by_hand=self.by_hand,
                people=self.people,
                sync_state=self.sync_state,
                queues=self.queues,
                quality=self.quality,
                dossiers=self.dossiers,
                erasures=self.erasures,
                clock=self.clock,
                secret_key=self.secrets.session_key(),
                installation=config.installation,
                web=config.web,
                limits=config.limits,
                limiter_storage=limiter_storage,
                shop_names={shop.key: shop.title for shop in config.shops},
                receiver=receiver(
                    accept=self.inbox_writer.accept,
                    secrets_for=self._webhook_secrets,
                    failed=refusals.count,
                    max_bytes=config.web.max_body_bytes,
                ),
                ready=self._ready,
                gauges=self._gauges,
                freshness=self._freshness,
            )
        )

    def dossier_page(self, found: Dossier) -> str:
        """Everything known about a customer as a page that needs nothing else, in the installation's language."""
        return rendered(self.flask(), found)

    def close(self) -> None:
        """Finishes what was accepted and lets go of everything."""
        self.stopping.set()
        self.inbox_writer.close()
        super().close()

    def _look(self, tx: Tx, account_ids: Collection[int]) -> None:
        """Facts of these accounts changed by a person's hand: may be somebody is one person now, or two."""
        self.identity.look(tx, account_ids, now=self.clock())

    def _webhook_secrets(self, shop_key: str) -> Sequence[str] | None:
        return self.secrets.webhook_secrets(shop_key, self.clock()) if shop_key in self.shops else None

    def _ready(self) -> None:
        migrate.require_current(self.store)

    def _freshness(self, viewer: Viewer) -> tuple[ShopFreshness, ...]:
        return freshness(self.sync_state.briefs(), viewer)

    def _gauges(self) -> Iterator[Gauge]:
        return gauges(self.sync_state.states(), self.sync_state.expected, now=self.clock())


def build(config: Config, *, clock: Clock = utc_now) -> App:
    """The product over this configuration, its store open and migrated. Raises StorageError."""
    return App(config, clock=clock)
