"""How the store uses SQLite: its connections, their settings, and what the library and the file must be able to do."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Mapping
from typing import Literal

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, QueuePool, event

from storage import errors, json
from storage.driver_errors import name_errors_of

OLDEST = (3, 35, 0)
"""The first SQLite with RETURNING; the trigram tokenizer is one version older."""

Settings = Mapping[str, str | int]

# Whoever passes `wal_autocheckpoint` (pages of 4 KiB) copies the log into the file. Background work gets there long
# before those whom somebody waits for.
DURABLE: Settings = {"synchronous": "FULL", "wal_autocheckpoint": 8000}
BACKGROUND: Settings = {"synchronous": "NORMAL", "wal_autocheckpoint": 1000}
READING: Settings = {"query_only": "ON"}
MIGRATING: Settings = {"synchronous": "FULL", "foreign_keys": "OFF"}

_COMMON: Settings = {
    "foreign_keys": "ON",
    "recursive_triggers": "OFF",
    "temp_store": "MEMORY",
    "cache_size": -16_000,  # KiB
    "journal_size_limit": 64 * 1024 * 1024,  # bytes: a log that grew under a long reader shrinks again
}


def engine(
    url: URL, begin: Literal["IMMEDIATE", "DEFERRED"], settings: Settings, *, connections: int, patience_s: float
) -> Engine:
    """At most so many `connections` to the file, whose transactions open with BEGIN `begin`.

    A transaction waits `patience_s` for another process, and as long for a connection.
    """
    made = sqlalchemy.create_engine(
        url,
        hide_parameters=True,  # a note's text has no place in an error's
        json_serializer=json.dumps,
        json_deserializer=json.loads,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=patience_s,
        connect_args={"check_same_thread": False, "timeout": patience_s},
    )
    pragmas = [f"PRAGMA {name} = {value}" for name, value in {**_COMMON, **settings}.items()]

    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver would open transactions of its own; `begun` does it instead
        _set_wal(connection)
        for pragma in pragmas:
            connection.execute(pragma)

    def begun(connection: Connection) -> None:
        if begin == "IMMEDIATE":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # takes no lock and cannot fail: no need for what the library does around a statement
            _driver_of(connection).execute("BEGIN DEFERRED")

    name_errors_of(made)
    event.listen(made, "connect", connected)
    event.listen(made, "begin", begun)
    return made


def _driver_of(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 (what else would it be)
    return driver


def _set_wal(connection: sqlite3.Connection) -> None:
    """Readers and the writer do not wait for each other in this journal mode, which stays with the file."""
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise errors.Unusable(
            "The database's file system cannot share memory between processes (a network share?). "
            "Put the file on a local disk, or use PostgreSQL."
        )


@functools.cache
def require_library() -> None:
    """This Python's SQLite must be recent and have full-text search with trigrams.

    Raises:
        Unusable: it is not.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        raise errors.Unusable(
            f"This Python comes with SQLite {sqlite3.sqlite_version}; {'.'.join(map(str, OLDEST))} or newer is needed. "
            "Use a newer Python or system, or PostgreSQL."
        )
    memory = sqlite3.connect(":memory:")
    try:
        memory.execute("CREATE VIRTUAL TABLE probe USING fts5(folded, tokenize = 'trigram')")
    except sqlite3.OperationalError:
        raise errors.Unusable(
            "This Python's SQLite was built without full-text search (FTS5). Use another Python build, or PostgreSQL."
        ) from None
    finally:
        memory.close()
