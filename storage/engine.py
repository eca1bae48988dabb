"""The open notes store: hands out read and write transactions on SQLite or PostgreSQL, and names every failure.

What people and shops are answered upon is written durably; background work, which would be done again after a power
cut, is not waited for. Knows no table but the counter of reads; the schema is brought up by `storage.migrate`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import sqlalchemy
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from storage import errors, postgresql, sqlite
from storage.fair_lock import FairLock

Tx = Connection
"""An open transaction; storage's functions take it first."""

_PATIENCE_S = 10.0  # for a lock of another process, and for a connection
_PRESSED_S = 5.0
_TURN_S = 30.0  # for our turn among this process's writers

_ADDRESSES = "Write sqlite:///path/to/companion.sqlite3 or postgresql://user:password@host/database."


class Store:
    """One open notes store, shared by every thread of the process.

    Opening finds out whether the database can serve at all. It makes an empty SQLite file where there is none, but no
    tables. `url` prints without its password.

    Raises:
        StorageError: `Unusable`, `Corrupt` or `Unreachable`, with what to do about it.
    """

    url: URL
    dialect: Literal["sqlite", "postgresql"]

    def __init__(self, url: str) -> None:
        self.url, self.dialect = _address(url)
        self._turns = FairLock()
        self._thread = threading.local()
        if self.dialect == "sqlite":
            sqlite.require_library()
            # One connection for each kind of writer is enough: the fair lock lets in one writer at a time.
            self._durable = self._sqlite_writer(sqlite.DURABLE)
            self._background = self._sqlite_writer(sqlite.BACKGROUND)
            self._reading = sqlite.engine(self.url, "DEFERRED", sqlite.READING, connections=32, patience_s=_PATIENCE_S)
        else:
            self._durable = postgresql.engine(self.url, connections=8, patience_s=_PATIENCE_S)
            self._background = postgresql.engine(self.url, connections=4, patience_s=_PATIENCE_S)
            # One snapshot for the whole transaction, as SQLite's readers have it.
            self._reading = self._durable.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        try:
            self._look()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the idle connections; those in use close when they are given back."""
        for engine in (self._reading, self._background, self._durable):
            engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that sees one state of the store from its first statement to its end, and can write nothing."""
        with _transaction(self._reading) as tx:
            yield tx

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Tx]:
        """A transaction that commits when the block ends and rolls back when it raises.

        Keep it short (50 ms) and never call the network in it. `durable=False` is for work that is simply done again
        after a power cut, which may take back the last commits, but neither their order nor the file's soundness.
        Whoever means to go on after an error, say a Duplicate, puts the statement into `tx.begin_nested()`.

        Raises:
            TryAgain: our turn did not come, another process keeps the database, or the server is away.
            RuntimeError: this thread is in a write transaction already, and would wait for itself.
        """
        with self._turn(urgent=durable), _transaction(self._durable if durable else self._background) as tx:
            if not durable and self.dialect == "postgresql":
                tx.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield tx

    def is_pressed(self) -> bool:
        """Whether somebody on whom a person or a shop waits lately had to wait for other writers: then write in small
        parts. Never on PostgreSQL, whose writers do not wait for each other.
        """
        return self._turns.was_urgent_within(_PRESSED_S)

    @contextmanager
    def write_schema(self) -> Iterator[Tx]:
        """A durable write transaction for migrations. SQLite looks at references only at its end,
        because it changes a table by building it anew.
        """
        if self.dialect == "postgresql":
            with self.write() as tx:
                tx.exec_driver_sql("SET LOCAL lock_timeout = 0")
                yield tx
            return
        engine = self._sqlite_writer(sqlite.MIGRATING)
        try:
            with self._turn(urgent=True), _transaction(engine) as tx:
                yield tx
                if tx.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise errors.Violation(
                        "The change of the schema would leave references to nothing; it was not made."
                    )
        finally:
            engine.dispose()

    def next_read_seq(self, tx: Tx | None = None) -> int:
        """The next number for a read from a shop: greater than every one that any process was given before.

        Takes a small transaction of its own; inside a write transaction, pass that one.
        """
        if self.dialect == "postgresql":
            if tx is None:
                with _transaction(self._background) as own:
                    return self.next_read_seq(own)
            return int(tx.exec_driver_sql("SELECT nextval('read_sequence')").scalar_one())
        if tx is None:
            # Not waited for: commits keep their order, so no row outlives the number that it bears.
            with self.write(durable=False) as own:
                return self.next_read_seq(own)
        tx.exec_driver_sql("UPDATE read_sequence SET value = value + 1")
        return int(tx.exec_driver_sql("SELECT value FROM read_sequence").scalar_one())

    @contextmanager
    def _turn(self, *, urgent: bool) -> Iterator[None]:
        """This thread's turn to write: on SQLite one at a time, in order of arrival."""
        if getattr(self._thread, "is_writing", False):
            raise RuntimeError("this thread is in a write transaction already: pass its tx on, or end it first")
        if self.dialect == "sqlite" and not self._turns.acquire(timeout=_TURN_S, urgent=urgent):
            raise errors.Locked("Other writers keep the database. Nothing was written; try again in a moment.")
        self._thread.is_writing = True
        try:
            yield
        finally:
            self._thread.is_writing = False
            if self.dialect == "sqlite":
                self._turns.release()

    def _look(self) -> None:
        with _connection(self._durable):  # the writer comes first: it makes a new file, which no reader may
            pass
        with self.read() as tx:
            if self.dialect == "postgresql":
                postgresql.require_abilities(tx)
            else:
                tx.exec_driver_sql("PRAGMA schema_version")

    def _sqlite_writer(self, settings: sqlite.Settings) -> Engine:
        return sqlite.engine(self.url, "IMMEDIATE", settings, connections=1, patience_s=_PATIENCE_S)


def _address(address: str) -> tuple[URL, Literal["sqlite", "postgresql"]]:
    """The URL with the driver that we use, and its dialect. Errors never repeat it: it may hold a password."""
    try:
        url = sqlalchemy.make_url(address)
    except (ArgumentError, ValueError):
        raise errors.Unusable(f"database.url is not an address. {_ADDRESSES}") from None
    match url.drivername.partition("+")[0]:
        case "sqlite" if url.database and url.database != ":memory:":
            return url.set(drivername="sqlite+pysqlite"), "sqlite"
        case "sqlite":
            raise errors.Unusable(f"database.url names no file, and what is kept in memory is lost. {_ADDRESSES}")
        case "postgresql" | "postgres":  # the short one is some hosting panels' spelling
            return url.set(drivername="postgresql+psycopg"), "postgresql"
        case _:
            raise errors.Unusable(f"database.url names a kind of database that cannot serve. {_ADDRESSES}")


@contextmanager
def _connection(engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except NoConnectionLeft as error:
        raise errors.Locked("Every connection to the database is in use. Try again in a moment.") from error
    with connection:
        yield connection


@contextmanager
def _transaction(engine: Engine) -> Iterator[Tx]:
    with _connection(engine) as tx, tx.begin():
        yield tx
