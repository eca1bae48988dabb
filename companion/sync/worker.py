"""The worker: keeps every shop and the store together, all the time, until it is told to stop.

One thread drains the inbox, one for each shop drains its outbox and reads its order notes, and APScheduler starts the
periodic looks (backfill until it is done, then polls). Jobs live in memory and are declared here; a lease in the store
lets a periodic job run once, however many workers there are.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from companion.domain.backoff import delay
from companion.sync.aftercare import Aftercare
from companion.sync.backfill import Backfill
from companion.sync.inbox import InboxDrain
from companion.sync.lease import give_back, held, seconds_until_free
from companion.sync.outbox import OutboxDrain
from companion.sync.poll import Poll
from companion.sync.reconcile import Reconcile, TooManyGone
from companion.sync.shop import Shop
from companion.sync.sweep import Stopped
from connectors.errors import ConnectorError
from storage import inbox
from storage.engine import Store
from storage.errors import StorageError

log = logging.getLogger(__name__)

_DUE_LOOK_S = 600  # between two looks whether a reconciliation is due

_ORDER_NOTES_AT_ONCE = 10  # orders, between two looks at the outbox
_GRACE_S = 1.0  # for the holder of a lease to prolong it
_PATIENCE_S = 4.5  # for what is in hand: a page, a batch; the pages in front have as long before us


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What the worker drives. `prepare` is called with a shop before each look at it."""

    store: Store
    shops: Sequence[Shop]
    inbox: InboxDrain
    outbox: OutboxDrain
    backfill: Backfill
    poll: Poll
    aftercare: Aftercare
    reconcile: Reconcile
    prepare: Callable[[Shop], None]
    clock: Callable[[], datetime]


class Worker:
    """`start` it, and `stop` it; in between it needs nobody. `stopping` ends the sweeps and drains of the engine."""

    def __init__(
        self,
        engine: Engine,
        *,
        stopping: threading.Event,
        poll_seconds: float,
        reconcile_seconds: float,
        drain_seconds: float,
    ) -> None:
        self._engine = engine
        self._stopping = stopping
        self._poll_seconds = poll_seconds
        self._reconcile_seconds = reconcile_seconds
        self._drain_seconds = drain_seconds
        self._owner = secrets.token_hex(8)
        self._arrived = threading.Event()
        self._failures: dict[str, int] = {}
        self._threads: list[threading.Thread] = []
        self._looks = threading.Condition()
        self._looking = 0
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max(len(engine.shops), 1) + 1)},
            # The library's own grace of one second would silently drop whatever starts late.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def wake(self) -> None:
        """A delivery arrived."""
        self._arrived.set()

    def start(self) -> None:
        """Starts the threads and the periodic jobs."""
        self._spawn("inbox", self._drain_inbox)
        for shop in self._engine.shops:
            self._spawn(f"outbox-{shop.key}", partial(self._drain_outbox, shop))
            self._scheduler.add_job(
                self._look, "interval", seconds=self._poll_seconds, args=[shop], id=shop.key, next_run_time=_soon(0)
            )
            self._scheduler.add_job(
                self._reconcile, "interval", seconds=_DUE_LOOK_S, args=[shop], id=f"reconcile {shop.key}"
            )
        self._scheduler.add_job(self._forget, "interval", hours=1, id="retention")
        self._scheduler.start()

    def stop(self) -> bool:
        """Finishes the item in hand everywhere, within about five seconds; False where something is still at work then.

        That can only be a request to a slow shop. What it brings is read again after the next start.
        """
        self._stopping.set()
        self._arrived.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        deadline = time.monotonic() + _PATIENCE_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._looks:
            is_quiet = self._looks.wait_for(lambda: not self._looking, max(0.0, deadline - time.monotonic()))
        for shop in self._engine.shops:
            try:
                give_back(self._engine.store, _lease(shop), self._owner)
            except StorageError:
                log.exception("a lease could not be given back", extra={"shop": shop.key})
        return is_quiet and not any(thread.is_alive() for thread in self._threads)

    def _spawn(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _drain_inbox(self) -> None:
        while not self._stopping.is_set():
            self._arrived.clear()
            try:
                self._engine.inbox.drain(should_stop=self._stopping.is_set)
            except Exception:
                # Whatever it is, a drain that ended without a word would be the worst of it.
                log.exception("the inbox could not be drained")
            self._arrived.wait(self._drain_seconds)

    def _drain_outbox(self, shop: Shop) -> None:
        while not self._stopping.wait(self._drain_seconds):
            try:
                self._engine.outbox.drain(shop, should_stop=self._stopping.is_set)
                if self._engine.backfill.is_done(shop.key):
                    self._engine.aftercare.urgent(shop, limit=_ORDER_NOTES_AT_ONCE, should_stop=self._stopping.is_set)
            except ConnectorError as error:
                log.warning("the shop cannot be worked with", extra={"shop": shop.key, "reason": str(error)})
                self._stopping.wait(min(delay(1), self._poll_seconds))
            except Exception:
                log.exception("the outbox could not be drained", extra={"shop": shop.key})

    def _look(self, shop: Shop) -> None:
        with self._looks:
            self._looking += 1
        try:
            if not self._stopping.is_set():
                self._look_at(shop)
        finally:
            with self._looks:
                self._looking -= 1
                self._looks.notify_all()

    def _look_at(self, shop: Shop) -> None:
        """One look: the backfill until it is done, then a poll. After a failure the next look comes sooner."""
        store, clock = self._engine.store, self._engine.clock
        with held(store, _lease(shop), self._owner, clock=clock, rest_seconds=self._poll_seconds) as is_ours:
            if not is_ours:
                # Its holder looks again before that; should it be gone, it is our turn.
                self._look_again(shop, seconds_until_free(store, _lease(shop), clock=clock) + _GRACE_S)
                return
            try:
                self._engine.prepare(shop)
                if not self._engine.backfill.is_done(shop.key):
                    self._engine.backfill.run(shop)
                self._engine.poll.run(shop)
            except Stopped:
                return
            except (ConnectorError, StorageError) as error:
                self._failures[shop.key] = self._failures.get(shop.key, 0) + 1
                wait = min(delay(self._failures[shop.key]), self._poll_seconds)
                hint = error.hint if isinstance(error, ConnectorError) else ""
                log.warning(
                    "the shop could not be read",
                    extra={"shop": shop.key, "reason": str(error), "hint": hint, "again_in_s": wait},
                )
                self._look_again(shop, wait)
            else:
                self._failures.pop(shop.key, None)

    def _look_again(self, shop: Shop, seconds: float) -> None:
        if not self._stopping.is_set():
            self._scheduler.modify_job(shop.key, next_run_time=_soon(seconds))

    def _reconcile(self, shop: Shop) -> None:
        """Compares everything once in a while, after the backfill."""
        engine = self._engine
        if not engine.backfill.is_done(shop.key):
            return
        if not engine.reconcile.is_due(shop.key, every_seconds=self._reconcile_seconds):
            return
        with held(engine.store, f"reconcile:{shop.key}", self._owner, clock=engine.clock) as is_ours:
            if is_ours:
                try:
                    engine.reconcile.run(shop)
                except Stopped:
                    return
                except (ConnectorError, StorageError, TooManyGone) as error:
                    log.warning("the shop was not reconciled", extra={"shop": shop.key, "reason": str(error)})

    def _forget(self) -> None:
        """Drops the bodies of old deliveries; their facts stay."""
        dropped = 1
        while dropped and not self._stopping.is_set():
            with self._engine.store.write(durable=False) as tx:
                dropped = inbox.drop_old_bodies(tx, now=self._engine.clock())


def _lease(shop: Shop) -> str:
    return f"look:{shop.key}"


def _soon(seconds: float) -> datetime:
    # The scheduler runs by the machine's clock, whatever clock the records have.
    return datetime.now(UTC) + timedelta(seconds=seconds)
