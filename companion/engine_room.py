"""The store, and the engine that brings the shops and the store together.

Read it top to bottom: what reads and writes a shop's records, what keeps them fresh, what drives it all. What reaches a
shop is built in `companion.connect`. Nothing runs yet when it is built.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec

from companion.config import Config
from companion.connect import Clock, connect
from companion.domain.evidence import NoEvidence, site_of
from companion.domain.summary import SummaryStyle
from companion.secrets import Remembered, Rotation, Secrets
from companion.sync import failures, reachability, roster
from companion.sync.deliveries.changes import BridgePoll
from companion.sync.deliveries.inbox import InboxDrain
from companion.sync.deliveries.subscriptions import Subscriptions
from companion.sync.funnel.apply import Applier
from companion.sync.pace.budget import Budget
from companion.sync.people.erasing import Eraser
from companion.sync.people.forgotten import Forgotten
from companion.sync.people.identity import Identity
from companion.sync.people.regroup import Regrouped, regroup
from companion.sync.people.segments import Segmentation
from companion.sync.pushing.outbox import OutboxDrain, PushPolicy
from companion.sync.reading.aftercare import Aftercare
from companion.sync.reading.backfill import Backfill, Progress
from companion.sync.reading.own_lines import OwnLines
from companion.sync.reading.poll import Poll
from companion.sync.reading.reconcile import Reconcile, Reconciled
from companion.sync.reading.reread import Rereader
from companion.sync.reading.sweep import Sweeper
from companion.sync.reading.ticket_backfill import TicketBackfill
from companion.sync.reading.ticket_sweep import CHANGED, TicketSweep
from companion.sync.records.outcome import Outcome
from companion.sync.retention import Retention
from companion.sync.shop import Shop
from companion.sync.summaries import Summaries
from companion.sync.upkeep import Upkeep
from companion.sync.worker import Engine, Worker
from connectors.awesome_support import parse as helpdesk_parse
from connectors.errors import ConnectorError, Permanent, Refused
from connectors.woocommerce import parse
from storage import migrate, shops
from storage.engine import Store, Tx
from storage.segments import segments

log = logging.getLogger(__name__)

_FACTS_STAY_GOOD_FOR = timedelta(hours=24)
_REPLIES_AT_ONCE = 500  # tickets whose replies are read in one poll by hand


class EngineRoom:
    """Everything behind the pages. `stopping`, once set, ends every sweep and drain after its item."""

    def __init__(self, config: Config, *, clock: Clock) -> None:
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
        self.chosen = {shop.key: shop.meta_keys for shop in config.shops}
        self.summaries = Summaries(style=style, newest=config.push.newest, clock=clock)
        forgotten = Forgotten(self.secrets.erasure_key(), region=installation.country)
        self.identity = Identity(
            region=installation.country,
            no_evidence=NoEvidence(
                config.identity.not_evidence,
                domains=map(site_of, (shop.url for shop in config.shops)),
                region=installation.country,
            ),
            told=self._moved,
        )
        self.applier = Applier(
            store=self.store,
            parser=parse,
            helpdesk_parser=helpdesk_parse,
            summaries=self.summaries,
            region=installation.country,
            clock=clock,
            forgotten=forgotten,
            identity=self.identity,
            chosen=self.chosen,
        )
        self.eraser = Eraser(
            store=self.store,
            forgotten=forgotten,
            summaries=self.summaries,
            region=installation.country,
            clock=clock,
        )
        self.rereader = Rereader(store=self.store, applier=self.applier, clock=clock)
        self.sweeper = Sweeper(
            store=self.store, applier=self.applier, rereader=self.rereader, should_stop=self.stopping.is_set
        )
        self.budget = Budget(store=self.store, clock=clock, share=config.sync.share_of_shop_time)
        self.inbox = InboxDrain(
            store=self.store,
            applier=self.applier,
            rereader=self.rereader,
            shops=self.shops,
            budget=self.budget,
            clock=clock,
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
            own_lines=OwnLines(store=self.store, sweeper=self.sweeper),
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

        self.segmentation = Segmentation(store=self.store, clock=clock)

        # What drives it, all the time.
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
                segmentation=self.segmentation,
                eraser=self.eraser,
                prepare=self.prepare,
                clock=clock,
            ),
            stopping=self.stopping,
            drain_seconds=config.sync.drain_seconds,
        )

    def _moved(self, tx: Tx, customer_ids: Collection[int]) -> None:
        """Accounts went from one of these customers to another."""
        self.summaries.mark_customers(tx, customer_ids)
        segments.mark(tx, customer_ids)

    def regroup(self, tell: Callable[[Regrouped], None] = lambda _: None) -> Regrouped:
        """Works out anew which accounts are one person. Raises StorageError."""
        return regroup(self.store, self.identity, self.clock, tell)

    def backfill(self, shop_key: str, tell: Callable[[Progress], None] = lambda _: None) -> None:
        """Reads what is not here yet of a shop, then of its helpdesk. Raises ConnectorError, or Stopped."""
        self._backfill(tell).run(self.shops[shop_key])
        self._ticket_backfill(tell).run(self.shops[shop_key])

    def poll(self, shop_key: str) -> Outcome:
        """Reads what changed in a shop, then in its helpdesk once that was read; that one may fail, which is kept with
        its stream. Raises ConnectorError, or Stopped.
        """
        # Somebody asked for it: it waits for no budget, and the looks that nobody asked for give way to it.
        with self.budget.metered(self.shops[shop_key], "orders", is_urgent=True) as shop:
            outcome = self.poller.run(shop)
        if shop.helpdesk is not None and self._ticket_backfill().is_done(shop):
            try:
                with self.budget.metered(self.shops[shop_key], CHANGED, is_urgent=True) as shop:
                    outcome.add(self.ticket_sweep.changed(shop))
                    self.ticket_sweep.replies(shop, limit=_REPLIES_AT_ONCE, should_stop=self.stopping.is_set)
            except ConnectorError as error:
                log.warning("the helpdesk could not be read", extra={"shop": shop_key, "reason": str(error)})
        return outcome

    def reconcile(self, shop_key: str, *, force: bool = False) -> dict[str, Reconciled]:
        """Compares every id and date with a shop. Raises ConnectorError, TooManyGone, or Stopped."""
        with self.budget.metered(self.shops[shop_key], "reconcile", is_urgent=True) as shop:
            return self.reconciler.run(shop, force=force)

    def drain(self) -> Counter[str]:
        """Works the inbox and every outbox until nothing is due; counts what was done."""
        done = Counter(deliveries=self.inbox.drain(should_stop=self.stopping.is_set))
        for shop in self.shops.values():
            done += self.outbox.drain(shop, should_stop=self.stopping.is_set)
        return done

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

    def close(self) -> None:
        """Lets go of everything."""
        self.stopping.set()
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
