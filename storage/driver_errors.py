"""Which of `storage.errors` a driver's error is. Engines have it done for everything they meet, once, at its source."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from storage.errors import (
    Corrupt,
    Duplicate,
    Full,
    Locked,
    ReadOnly,
    StorageError,
    Unreachable,
    Unusable,
    Violation,
)

_LOCKED = "Another process is using the database and does not let go. Nothing was written; try again in a moment."
_FULL = "There is no room left for the database. Nothing was written; free some disk space, then try again."
_READ_ONLY = (
    "The database cannot be written. Let this user write the file and its folder, or check that the server is no "
    "read-only replica."
)
_CORRUPT = "The database is damaged, or is none. Stop the program and restore the latest backup."
_CORRUPT_INDEX = "The search index is damaged; nothing else is. `companion reindex` builds it anew."
_UNREACHABLE = (
    "The database server cannot be reached or takes no more connections. Check that it runs at the configured address, "
    "then try again."
)
_REFUSED = (
    "The database server refuses this user or has no such database. Check database.url: user name, password, name of "
    "the database."
)
_NOT_ALLOWED = (
    "The database's user may not do what the program needs. Make it the owner of its database: "
    "ALTER DATABASE … OWNER TO …"
)
_NOT_OPENED = (
    "The database file cannot be opened. Check that database.url names a file in an existing folder that this user may "
    "write."
)
_BROKEN_DISK = "The disk failed while the database was in use. Check the disk and its file system, then try again."
_DUPLICATE = "A row with this key stands already."
_VIOLATION = "The row breaks a rule of the schema."

# https://www.sqlite.org/rescode.html: the low byte is the primary code, the whole number the extended one.
_SQLITE: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_BUSY: (Locked, _LOCKED),
    sqlite3.SQLITE_LOCKED: (Locked, _LOCKED),
    sqlite3.SQLITE_FULL: (Full, _FULL),
    sqlite3.SQLITE_READONLY: (ReadOnly, _READ_ONLY),
    sqlite3.SQLITE_CORRUPT: (Corrupt, _CORRUPT),
    sqlite3.SQLITE_NOTADB: (Corrupt, _CORRUPT),
    sqlite3.SQLITE_CANTOPEN: (Unusable, _NOT_OPENED),
    sqlite3.SQLITE_PERM: (Unusable, _NOT_OPENED),
    sqlite3.SQLITE_IOERR: (Unusable, _BROKEN_DISK),
    sqlite3.SQLITE_CONSTRAINT: (Violation, _VIOLATION),
}
_SQLITE_DUPLICATES = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html: the longest prefix that is listed decides.
_POSTGRESQL: dict[str, tuple[type[StorageError], str]] = {
    "40001": (Locked, _LOCKED),  # serialization_failure
    "40P01": (Locked, _LOCKED),  # deadlock_detected
    "55P03": (Locked, _LOCKED),  # lock_not_available
    "53": (Unreachable, _UNREACHABLE),  # too_many_connections, out_of_memory …
    "53100": (Full, _FULL),
    "25006": (ReadOnly, _READ_ONLY),  # read_only_sql_transaction
    "XX001": (Corrupt, _CORRUPT),
    "XX002": (Corrupt, _CORRUPT),
    "28": (Unusable, _REFUSED),  # invalid_authorization_specification
    "3D000": (Unusable, _REFUSED),  # invalid_catalog_name
    "42501": (Unusable, _NOT_ALLOWED),  # insufficient_privilege
    "08": (Unreachable, _UNREACHABLE),
    "57P": (Unreachable, _UNREACHABLE),  # shutting down, starting up, terminated by an administrator
    "58": (Unusable, _BROKEN_DISK),  # I/O error of the server
    "23": (Violation, _VIOLATION),
    "23505": (Duplicate, _DUPLICATE),
}


def _kind_of(error: BaseException, *, is_disconnect: bool) -> StorageError | None:
    """The kind that a driver's error belongs to, or None for one that only a programmer can mend."""
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if hasattr(error, "sqlstate"):  # psycopg's, which may not be installed
        return _of_postgresql(error, is_disconnect=is_disconnect)
    return None


def _of_sqlite(error: sqlite3.Error) -> StorageError | None:
    extended: int | None = getattr(error, "sqlite_errorcode", None)
    if extended is None:
        return None
    if extended in _SQLITE_DUPLICATES:
        # "UNIQUE constraint failed: inbox.shop, inbox.topic" names the columns, never their values.
        return Duplicate(_DUPLICATE, constraint=str(error).partition(": ")[2])
    if extended == sqlite3.SQLITE_CORRUPT_VTAB:  # the only virtual table is that of the search
        return Corrupt(_CORRUPT_INDEX)
    kind = _SQLITE.get(extended & 0xFF)
    return kind and kind[0](kind[1])


def _of_postgresql(error: BaseException, *, is_disconnect: bool) -> StorageError | None:
    state: str | None = error.sqlstate  # type: ignore[attr-defined]  # asked for by the caller
    if state is None:
        # No answer from a server: never connected, or cut off. libpq says only in words why it could not log in.
        refused = "authentication failed" in str(error) or "does not exist" in str(error) or "no password" in str(error)
        if refused:
            return Unusable(_REFUSED)
        connecting = type(error).__name__ in {"OperationalError", "ConnectionTimeout"}
        return Unreachable(_UNREACHABLE) if is_disconnect or connecting else None
    kind = next((found for width in (5, 3, 2) if (found := _POSTGRESQL.get(state[:width]))), None)
    if kind is None:
        return None
    told: Any = error.diag  # type: ignore[attr-defined]  # every error with a state has it
    error.args = (told.message_primary,)  # its details repeat the whole row, which no log should
    if kind[0] is Duplicate:
        return Duplicate(kind[1], constraint=told.constraint_name or "")
    return kind[0](kind[1])


def name_errors_of(engine: Engine) -> None:
    """Let every driver's error that `engine` meets leave it as one of `storage.errors`."""

    def name(context: ExceptionContext) -> StorageError | None:
        if context.is_pre_ping:  # the pool itself replaces a connection that died
            return None
        return _kind_of(context.original_exception, is_disconnect=context.is_disconnect)

    event.listen(engine, "handle_error", name, retval=True)
