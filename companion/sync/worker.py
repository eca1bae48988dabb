"""The worker: keeps every shop and the store together, all the time, until it is told to stop.

Each shop has threads of its own, so that a slow one keeps no other waiting: one drains its inbox, one its outbox, one
reads the order notes that somebody waits for. APScheduler starts the looks: the first, full reads until they are done,
then the upkeep, as often as that asks for. Jobs live in memory and are declared here; a lease in the store lets a
periodic job run once, however many workers there are.
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

from companion.domain import remembered
from companion.domain.backoff import delay
from companion.sync.deliveries.inbox import InboxDrain
from companion.sync.lease import give_back, held, seconds_until_free
from companion.sync.people.erasing import Eraser
from companion.sync.people.segments import Segmentation
from companion.sync.pushing.outbox import OutboxDrain
from companion.sync.reading.aftercare import Aftercare
from companion.sync.reading.backfill import Backfill
from companion.sync.reading.sweep import Stopped
from companion.sync.reading.ticket_backfill import TicketBackfill
from companion.sync.retention import Retention
from companion.sync.shop import Shop
from companion.sync.upkeep import Upkeep
from connectors.errors import ConnectorError, Unavailable
from storage.engine import Store
from storage.errors import StorageError

log = logging.getLogger(__name__)

_AT_LEAST_EVERY_S = 60  # a look asks for the next one itself; should it come to nothing, there is another
_AT_LEAST_AFTER_S = 1.0  # since a job that is not over yet is not started again
_LATE_S = 5.0  # a look may come so late and still find its lease; a worker that was killed is replaced after that
_GRACE_S = 1.0  # for the holder of a lease to prolong it
_FORGET_S = remembered.LONGEST.total_seconds()
_ERASE_S = 30
_SORT_S = 15
_HELPDESK_S = 60  # between two looks whether a helpdesk is to be read for the first time
_LONGEST_DELAY_S = 300.0  # until a first read that failed goes on
_ORDER_NOTES_AT_ONCE = 10  # orders, between two looks for more
_PATIENCE_S = 4.5  # for what is in hand: a page, a batch; the pages in front have as long before us


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What the worker drives. `prepare` is called with a shop before its first read."""

    store: Store
    shops: Sequence[Shop]
    inbox: InboxDrain
    outbox: OutboxDrain
    backfill: Backfill
    ticket_backfill: TicketBackfill
    aftercare: Aftercare
    upkeep: Upkeep
    retention: Retention
    segmentation: Segmentation
    eraser: Eraser
    prepare: Callable[[Shop], None]
    clock: Callable[[], datetime]


class Worker:
    """`start` it, and `stop` it; in between it needs nobody. `stopping` ends the sweeps and drains of the engine."""

    def __init__(self, engine: Engine, *, stopping: threading.Event, drain_seconds: float) -> None:
        self._engine = engine
        self._stopping = stopping
        self._drain_seconds = drain_seconds
        self._owner = secrets.token_hex(8)
        self._arrived = {shop.key: threading.Event() for shop in engine.shops}
        self._failures: dict[str, int] = {}
        self._threads: list[threading.Thread] = []
        self._looks = threading.Condition()
        self._looking = 0
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(2 * len(engine.shops) + 2)},
            # The library's own grace of one second would silently drop whatever starts late.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def wake(self) -> None:
        """A delivery arrived."""
        for arrived in self._arrived.values():
            arrived.set()

    def start(self) -> None:
        """Starts the threads and the periodic jobs."""
        for shop in self._engine.shops:
            self._spawn(f"inbox-{shop.key}", partial(self._drain_inbox, shop))
            self._spawn(f"outbox-{shop.key}", partial(self._drain_outbox, shop))
            self._spawn(f"order-notes-{shop.key}", partial(self._read_order_notes, shop))
            self._every(_AT_LEAST_EVERY_S, partial(self.look, shop), name=_of_look(shop))
            if shop.helpdesk is not None:
                self._every(_HELPDESK_S, partial(self._read_helpdesk, shop), name=_of_helpdesk(shop))
        self._every(_FORGET_S, self._forget, name="retention")
        self._every(_SORT_S, self._sort, name="segments")
        self._every(_ERASE_S, self._erase, name="erasures")
        self._scheduler.start()

    def stop(self) -> bool:
        """Finishes the item in hand everywhere, within about five seconds; False where something is still at work then.

        That can only be a request to a slow shop. What it brings is read again after the next start.
        """
        self._stopping.set()
        self.wake()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        deadline = time.monotonic() + _PATIENCE_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._looks:
            is_quiet = self._looks.wait_for(lambda: not self._looking, max(0.0, deadline - time.monotonic()))
        for shop in self._engine.shops:
            for lease in (_of_look(shop), _of_helpdesk(shop)):
                try:
                    give_back(self._engine.store, lease, self._owner)
                except StorageError:
                    log.exception("a lease could not be given back", extra={"lease": lease})
        return is_quiet and not any(thread.is_alive() for thread in self._threads)

    def look(self, shop: Shop) -> None:
        """One look: the first read until it is done, then the upkeep, which says when to look again."""
        engine, lease = self._engine, _of_look(shop)
        wait_s = float(_AT_LEAST_EVERY_S)
        with held(
            engine.store, lease, self._owner, clock=engine.clock, rest_seconds=lambda: wait_s + _LATE_S
        ) as is_ours:
            if is_ours:
                wait_s = max(min(self._first_read(shop), engine.upkeep.run(shop)), _AT_LEAST_AFTER_S)
        if not is_ours:
            engine.upkeep.forget(shop.key)
            # Its holder looks again before that; should it be gone, it is our turn.
            wait_s = seconds_until_free(engine.store, lease, clock=engine.clock) + _GRACE_S
        self._again(lease, wait_s)

    # --- threads --------------------------------------------------------------------------------------------------

    def _spawn(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _drain_inbox(self, shop: Shop) -> None:
        arrived = self._arrived[shop.key]
        while not self._stopping.is_set():
            arrived.clear()
            try:
                self._engine.inbox.drain(shop, should_stop=self._stopping.is_set)
            except Exception:
                # Whatever it is, a drain that ended without a word would be the worst of it.
                log.exception("the inbox could not be drained", extra={"shop": shop.key})
            arrived.wait(self._drain_seconds)

    def _drain_outbox(self, shop: Shop) -> None:
        self._repeat(shop, partial(self._engine.outbox.drain, shop, should_stop=self._stopping.is_set))

    def _read_order_notes(self, shop: Shop) -> None:
        """Apart from the outbox: an agent's note must not wait for the requests of orders that all changed at once."""
        self._repeat(shop, partial(self._urgent_order_notes, shop))

    def _urgent_order_notes(self, shop: Shop) -> None:
        if self._engine.backfill.is_done(shop.key):
            self._engine.aftercare.urgent(shop, limit=_ORDER_NOTES_AT_ONCE, should_stop=self._stopping.is_set)

    def _repeat(self, shop: Shop, work: Callable[[], object]) -> None:
        """Works every `drain_seconds`, or less often while the shop cannot be worked with."""
        while not self._stopping.wait(self._drain_seconds):
            try:
                work()
            except Unavailable as error:
                # It was said when the shop failed; there is nothing to do until it is tried again.
                self._stopping.wait(min(error.retry_after or delay(1), _LONGEST_DELAY_S))
            except ConnectorError as error:
                log.warning("the shop cannot be worked with", extra={"shop": shop.key, "reason": str(error)})
                self._stopping.wait(delay(1))
            except Exception:
                log.exception("the work for a shop failed", extra={"shop": shop.key})

    # --- periodic jobs --------------------------------------------------------------------------------------------

    def _every(self, seconds: float, work: Callable[[], None], *, name: str) -> None:
        counted = partial(self._counted, work, name)
        self._scheduler.add_job(counted, "interval", seconds=seconds, id=name, next_run_time=_soon(0))

    def _again(self, name: str, seconds: float) -> None:
        if not self._stopping.is_set() and self._scheduler.get_job(name) is not None:
            self._scheduler.modify_job(name, next_run_time=_soon(seconds))

    def _counted(self, work: Callable[[], None], name: str) -> None:
        """Lets `stop` wait for it, and outlives whatever goes wrong in it."""
        with self._looks:
            self._looking += 1
        try:
            if not self._stopping.is_set():
                work()
        except StorageError as error:
            log.warning("the store cannot be worked with", extra={"job": name, "reason": str(error)})
        except Exception:
            log.exception("a job failed", extra={"job": name})
        finally:
            with self._looks:
                self._looking -= 1
                self._looks.notify_all()

    def _first_read(self, shop: Shop) -> float:
        """Goes on with the first read of a shop; returns the seconds until it should be tried again."""
        engine = self._engine
        if engine.backfill.is_done(shop.key):
            return _AT_LEAST_EVERY_S

        def read() -> None:
            engine.prepare(shop)
            engine.backfill.run(shop)

        return self._tried(shop, "shop", read)

    def _read_helpdesk(self, shop: Shop) -> None:
        """Reads a helpdesk for the first time, once its shop was read. Apart, since it takes long, and must not keep
        the orders waiting where it is closed to us.
        """
        engine, lease = self._engine, _of_helpdesk(shop)
        if engine.ticket_backfill.is_done(shop) or not engine.backfill.is_done(shop.key):
            return
        with held(engine.store, lease, self._owner, clock=engine.clock) as is_ours:
            if is_ours:
                self._again(lease, self._tried(shop, "helpdesk", lambda: engine.ticket_backfill.run(shop)))

    def _tried(self, shop: Shop, what: str, read: Callable[[], object]) -> float:
        """Whatever a first read comes to; returns the seconds until it should be looked at again."""
        key = f"{what} {shop.key}"
        try:
            read()
        except Stopped:
            return _AT_LEAST_EVERY_S
        except Unavailable as error:
            return error.retry_after or _LONGEST_DELAY_S
        except ConnectorError as error:
            self._failures[key] = self._failures.get(key, 0) + 1
            wait_s = min(delay(self._failures[key]), _LONGEST_DELAY_S)
            log.warning(
                "the %s could not be read",
                what,
                extra={"shop": shop.key, "reason": str(error), "hint": error.hint, "again_in_s": round(wait_s)},
            )
            return wait_s
        self._failures.pop(key, None)
        return _AT_LEAST_EVERY_S

    def _forget(self) -> None:
        """Any one worker forgets for all; what stands in memory each forgets for itself."""
        remembered.forget()
        with held(self._engine.store, "retention", self._owner, clock=self._engine.clock) as is_ours:
            if is_ours and not self._stopping.is_set():
                self._engine.inbox.ignore_removed()
                self._engine.retention.forget(should_stop=self._stopping.is_set)

    def _erase(self) -> None:
        """Any one worker goes on with whoever is to be forgotten; nearly always there is nobody."""
        if self._engine.eraser.has_work():
            with held(self._engine.store, "erasures", self._owner, clock=self._engine.clock) as is_ours:
                if is_ours:
                    self._engine.eraser.work(should_stop=self._stopping.is_set)

    def _sort(self) -> None:
        """Any one worker sorts the customers for all."""
        with held(self._engine.store, "segments", self._owner, clock=self._engine.clock) as is_ours:
            if is_ours and not self._stopping.is_set():
                self._engine.segmentation.run(should_stop=self._stopping.is_set)


def _of_look(shop: Shop) -> str:
    """The name of the job, and of its lease."""
    return f"look:{shop.key}"


def _of_helpdesk(shop: Shop) -> str:
    return f"first tickets:{shop.key}"


def _soon(seconds: float) -> datetime:
    # The scheduler runs by the machine's clock, whatever clock the records have.
    return datetime.now(UTC) + timedelta(seconds=seconds)
