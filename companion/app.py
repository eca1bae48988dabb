"""build(config) -> App: puts the house together.

Read it top to bottom: the store, the engine over it, the use cases beside it, the pages in front. What reaches a shop
is built in `companion.connect`. Nothing runs yet when an App is built; `companion.daemon` runs it, and the command
line uses parts of it.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from flask import Flask

from companion.config import Config
from companion.connect import connect
from companion.domain.permissions import Viewer
from companion.domain.summary import SummaryStyle
from companion.screens import Screens
from companion.secrets import Remembered, Rotation, Secrets
from companion.services.customers import Customers
from companion.services.notes import Notes
from companion.services.queues import Queues
from companion.services.reindex import Reindex, Reindexed
from companion.services.search import Search
from companion.services.sync_figures import Expected
from companion.services.sync_state import SyncState
from companion.services.users import Users
from companion.sync import failures, reachability, roster
from companion.sync.aftercare import Aftercare
from companion.sync.apply import Applier
from companion.sync.backfill import Backfill, Progress
from companion.sync.budget import Budget
from companion.sync.changes import BridgePoll
from companion.sync.inbox import InboxDrain, kind_of
from companion.sync.outbox import OutboxDrain, PushPolicy
from companion.sync.outcome import Outcome
from companion.sync.poll import Poll
from companion.sync.reconcile import Reconcile, Reconciled
from companion.sync.reread import Rereader
from companion.sync.retention import Retention
from companion.sync.shop import Shop
from companion.sync.subscriptions import Subscriptions
from companion.sync.summaries import Summaries
from companion.sync.sweep import Sweeper
from companion.sync.ticket_backfill import TicketBackfill
from companion.sync.ticket_sweep import TicketSweep
from companion.sync.upkeep import Upkeep
from companion.sync.worker import Engine, Worker
from companion.web import Gauge, ShopFreshness, Site, create_app
from companion.web.gauges import freshness, gauges
from companion.web.refusals import Refusals
from connectors.awesome_support import parse as helpdesk_parse
from connectors.errors import Permanent, Refused
from connectors.woocommerce import parse
from storage import migrate, shops
from storage.engine import Store
from storage.inbox_writer import Writer
from webhooks.receiver import receiver

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

_FACTS_STAY_GOOD_FOR = timedelta(hours=24)


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class App:
    """The whole product over one configuration. `stopping`, once set, ends every sweep and drain after its item."""

    def __init__(self, config: Config, *, clock: Clock = utc_now) -> None:
        self.config = config
        self.clock = clock
        self.stopping = threading.Event()

        # The store.
        self.store = Store(config.database.url.reveal())
        migrate.upgrade(self.store)
        self.secrets = Secrets(config.master_key, Remembered(self._rotation))

        # The engine: everything that comes in goes through one applier, everything that goes out through one outbox.
        installation = config.installation
        style = SummaryStyle(installation.language, installation.calendar, ZoneInfo(installation.timezone))
        self.shops = {
            shop.key: connect(
                shop, secrets=self.secrets, clock=clock, heard=reachability.watch(self.store, shop.key, clock=clock)
            )
            for shop in config.shops
        }
        self.summaries = Summaries(style=style, newest=config.push.newest, clock=clock)
        self.applier = Applier(
            store=self.store,
            parser=parse,
            helpdesk_parser=helpdesk_parse,
            summaries=self.summaries,
            region=installation.country,
            clock=clock,
        )
        self.rereader = Rereader(store=self.store, applier=self.applier, clock=clock)
        self.sweeper = Sweeper(
            store=self.store, applier=self.applier, rereader=self.rereader, should_stop=self.stopping.is_set
        )
        self.inbox = InboxDrain(
            store=self.store, applier=self.applier, rereader=self.rereader, shops=self.shops, clock=clock
        )
        self.outbox = OutboxDrain(
            store=self.store,
            applier=self.applier,
            rereader=self.rereader,
            summaries=self.summaries,
            policy=PushPolicy(config.push.mode, config.push.max_per_hour),
            clock=clock,
        )
        self.poller = Poll(
            store=self.store,
            sweeper=self.sweeper,
            clock=clock,
            overlap=timedelta(seconds=config.sync.overlap_seconds),
        )
        self.budget = Budget(store=self.store, clock=clock, share=config.sync.share_of_shop_time)
        self.aftercare = Aftercare(store=self.store, rereader=self.rereader, budget=self.budget, clock=clock)

        self.ticket_sweep = TicketSweep(
            store=self.store,
            applier=self.applier,
            sweeper=self.sweeper,
            rereader=self.rereader,
            clock=clock,
            overlap=timedelta(seconds=config.sync.overlap_seconds),
        )
        self.reconciler = Reconcile(
            store=self.store,
            rereader=self.rereader,
            parser=parse,
            tickets=self.ticket_sweep,
            clock=clock,
            should_stop=self.stopping.is_set,
        )
        self.bridge_poll = BridgePoll(
            store=self.store, clock=clock, told=lambda _: self.worker.wake(), should_stop=self.stopping.is_set
        )
        self.upkeep = Upkeep(
            store=self.store,
            budget=self.budget,
            chores=roster.chores(
                prepare=self.prepare,
                changes=self.bridge_poll.run,
                poll=self.poller,
                tickets=self.ticket_sweep,
                reconcile=self.reconciler,
                aftercare=self.aftercare,
                poll_every=timedelta(seconds=config.sync.poll_seconds),
                reconcile_every=timedelta(hours=config.sync.reconcile_hours),
            ),
            clock=clock,
            should_stop=self.stopping.is_set,
        )

        self.subscriptions = Subscriptions(
            store=self.store,
            secret_of=self.secrets.webhook_secret,
            public_url=config.web.public_url,
            may_write=config.push.mode != "off",
            poll_seconds=config.sync.poll_seconds,
            clock=clock,
        )

        # The use cases.
        self.screens = Screens(self.store, config.shops)
        self.users = Users(self.store, clock, language=installation.language, calendar=installation.calendar)
        self.notes = Notes(self.store, clock, self.summaries.mark_customer)
        self.customers = Customers(
            self.store, clock, self.screens.order, ticket_url=self.screens.ticket, region=installation.country
        )
        self.search = Search(self.store, clock, region=installation.country)
        self.sync_state = SyncState(
            self.store,
            clock,
            shops=self.shops,
            expected=Expected(
                intervals=self.upkeep.intervals,
                intervals_told={
                    chore.stream: chore.bridged.total_seconds() for chore in self.upkeep.chores if chore.bridged
                },
                push_mode=config.push.mode,
                max_per_hour=config.push.max_per_hour,
                may_deliver=bool(config.web.public_url),
                share_of_shop_time=config.sync.share_of_shop_time,
            ),
        )

        # The entrance for shops, and the worker behind it.
        self.worker = Worker(
            Engine(
                store=self.store,
                shops=list(self.shops.values()),
                inbox=self.inbox,
                outbox=self.outbox,
                backfill=self._backfill(),
                ticket_backfill=self._ticket_backfill(),
                aftercare=self.aftercare,
                upkeep=self.upkeep,
                retention=Retention(store=self.store, clock=clock),
                prepare=self.prepare,
                clock=clock,
            ),
            stopping=self.stopping,
            drain_seconds=config.sync.drain_seconds,
        )
        self.queues = Queues(self.store, clock, shops=self.shops, wake=self.worker.wake)
        self.inbox_writer = Writer(self.store, clock=clock, kind_of=kind_of, on_accepted=self.worker.wake)

    # --- parts for the command line -------------------------------------------------------------------------------

    def backfill(self, shop_key: str, tell: Callable[[Progress], None] = lambda _: None) -> None:
        """Reads what is not here yet of a shop, then of its helpdesk. Raises ConnectorError, or Stopped."""
        self._backfill(tell).run(self.shops[shop_key])
        self._ticket_backfill(tell).run(self.shops[shop_key])

    def poll(self, shop_key: str) -> Outcome:
        """Reads what changed in a shop. Raises ConnectorError, or Stopped."""
        return self.poller.run(self.shops[shop_key])

    def reconcile(self, shop_key: str, *, force: bool = False) -> dict[str, Reconciled]:
        """Compares every id and date with a shop. Raises ConnectorError, TooManyGone, or Stopped."""
        return self.reconciler.run(self.shops[shop_key], force=force)

    def drain(self) -> Counter[str]:
        """Works the inbox and every outbox until nothing is due; counts what was done."""
        done = Counter(deliveries=self.inbox.drain(should_stop=self.stopping.is_set))
        for shop in self.shops.values():
            done += self.outbox.drain(shop, should_stop=self.stopping.is_set)
        return done

    def reindex(self, tell: Callable[[Reindexed], None] = lambda _: None) -> Reindexed:
        """Builds the search index anew, or goes on where an interrupted call stood. Raises StorageError."""
        return Reindex(self.store, self.clock, region=self.config.installation.country).run(tell)

    def removed_shops(self) -> list[str]:
        """The shops of which the store holds something, and that the configuration does not name any more."""
        with self.store.read() as tx:
            return [row.shop for row in shops.every(tx) if row.shop not in self.shops]

    def prepare(self, shop: Shop) -> None:
        """What a shop needs before it is read: its facts, once a day, and our webhooks. Raises ConnectorError."""
        with failures.kept(self.store, shop.key, clock=self.clock):
            with self.store.read() as tx:
                known = shops.get(tx, shop.key)
            if known is None or known.facts_at is None or self.clock() - known.facts_at > _FACTS_STAY_GOOD_FOR:
                facts = shop.source.facts()
                with self.store.write(durable=False) as tx:
                    shops.set_facts(tx, shop.key, msgspec.to_builtins(facts), now=self.clock())

        try:
            self.subscriptions.look(shop)
        except (Permanent, Refused) as error:
            # With a key that may only read, say, the shop is polled all the same.
            log.warning(
                "webhooks cannot be seen to; changes arrive by polling",
                extra={"shop": shop.key, "reason": str(error), "hint": error.hint},
            )

    def order_url(self, shop_key: str, order_id: str) -> str | None:
        """The order's address in the shop's own screens; None for a shop that is not configured any more."""
        return self.screens.order(shop_key, order_id)

    def ticket_url(self, shop_key: str, ticket_id: str) -> str | None:
        """The ticket's address in the shop's own screens; None for a shop that is not configured any more."""
        return self.screens.ticket(shop_key, ticket_id)

    # --- the pages ------------------------------------------------------------------------------------------------

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
                search=self.search,
                sync_state=self.sync_state,
                queues=self.queues,
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

    def close(self) -> None:
        """Finishes what was accepted and lets go of everything."""
        self.stopping.set()
        self.inbox_writer.close()
        for shop in self.shops.values():
            for reached in (shop.source, shop.helpdesk, shop.bridge):
                if reached is not None:
                    reached.close()
        self.store.close()

    def _backfill(self, tell: Callable[[Progress], None] = lambda _: None) -> Backfill:
        return Backfill(store=self.store, applier=self.applier, sweeper=self.sweeper, clock=self.clock, tell=tell)

    def _ticket_backfill(self, tell: Callable[[Progress], None] = lambda _: None) -> TicketBackfill:
        return TicketBackfill(
            store=self.store,
            applier=self.applier,
            sweeper=self.sweeper,
            sweep=self.ticket_sweep,
            clock=self.clock,
            tell=tell,
            should_stop=self.stopping.is_set,
        )

    def _rotation(self, shop_key: str) -> Rotation:
        with self.store.read() as tx:
            return Rotation(*shops.generation(tx, shop_key))

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
