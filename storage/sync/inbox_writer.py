"""The inbox's writer: a delivery is on disk when `accept` returns, at the price of a share in a commit.

A durable commit waits for the disk, and SQLite has one writer. So one thread commits for all: what arrives while it is
busy goes together into its next transaction. Nobody waits for a batch to fill.
"""

from __future__ import annotations

import copy
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from storage.engine import Store, Tx
from storage.errors import StorageError, Unreachable, Violation
from storage.schema import inbox

log = logging.getLogger(__name__)

_BATCH = 200  # deliveries of one transaction

# By the driver itself: one delivery a call is too few for SQLAlchemy's compiled statements to pay.
_INSERT = (
    "INSERT INTO inbox (shop, topic, kind, resource_id, delivery_id, body_hash, body, received_at, next_at, state)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting') ON CONFLICT DO NOTHING"
)


def kind_of(topic: str) -> str:
    """What a topic speaks of: its part before the dot."""
    return topic.partition(".")[0]


class Writer:
    """Accepts deliveries from any number of threads. `on_accepted` is called after each commit, and must not tarry.

    `kind_of` says what kind of thing a topic is about: deliveries of one kind and id are worked together.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime],
        kind_of: Callable[[str], str] = kind_of,
        on_accepted: Callable[[], None] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._kind_of = kind_of
        self._on_accepted = on_accepted
        self._arrived: queue.SimpleQueue[_Delivery | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)
        self._thread.start()

    def accept(
        self, *, shop: str, topic: str, resource_id: str, delivery_id: str, body_hash: bytes, body: bytes
    ) -> None:
        """Returns once the delivery is on disk. One that is there already is accepted again and stored once.

        Raises:
            StorageError: it is not stored; the shop must not be told that it is.
        """
        delivery = _Delivery((shop, topic, self._kind_of(topic), resource_id, delivery_id, body_hash, body))
        with self._door:  # nothing may come in behind the mark that `close` puts
            if self._is_closed:
                raise Unreachable("The program is stopping. Deliver again in a moment.")
            self._arrived.put(delivery)
        delivery.done.acquire()
        if delivery.error is not None:
            raise delivery.error

    def close(self) -> None:
        """Store what has come in, and take nothing more."""
        with self._door:
            if not self._is_closed:
                self._is_closed = True
                self._arrived.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch: list[_Delivery] = []
            arrived = self._arrived.get()
            while arrived is not None:
                batch.append(arrived)
                if len(batch) == _BATCH:
                    break
                try:
                    arrived = self._arrived.get_nowait()
                except queue.Empty:
                    break
            else:
                is_open = False
            if batch:
                self._store_all(batch)

    def _store_all(self, batch: Sequence[_Delivery]) -> None:
        """Store the batch and let its callers go, each with the error that is its own."""
        try:
            self._insert(batch)
        except Exception as error:  # noqa: BLE001 (whatever it is, the callers get it, and the next batch its chance)
            if len(batch) > 1 and not _is_everyones(error):
                for delivery in batch:  # one bad row must not fail the others
                    self._store_all([delivery])
                return
            for delivery in batch:
                delivery.error = copy.copy(error)  # each caller raises its own
        for delivery in batch:
            delivery.done.release()
        if self._on_accepted is not None and batch[0].error is None:
            try:
                self._on_accepted()
            except Exception:
                log.exception("the worker could not be woken; it will find the deliveries by itself")

    def _insert(self, batch: Sequence[_Delivery]) -> None:
        with self._store.write() as tx:
            at = _instant(tx, self._clock())
            statement = _INSERT if self._store.dialect == "sqlite" else _INSERT.replace("?", "%s")
            tx.exec_driver_sql(statement, [(*delivery.values, at, at) for delivery in batch])


def _is_everyones(error: Exception) -> bool:
    """True where the database fails, not a row: then every row would meet the same error, after the same wait."""
    return isinstance(error, StorageError) and not isinstance(error, Violation)


def _instant(tx: Tx, at: datetime) -> object:
    """An instant as the driver wants it."""
    bind = inbox.c.received_at.type.dialect_impl(tx.dialect).bind_processor(tx.dialect)
    return bind(at) if bind is not None else at


class _Delivery:
    """A delivery on its way in; `done` is held until it is stored or refused."""

    __slots__ = ("done", "error", "values")

    def __init__(self, values: tuple[object, ...]) -> None:
        self.values = values
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()
