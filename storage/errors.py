"""The store's errors, named by what the caller should do. Which driver's error is which is `driver_errors`' matter.

A programming error (a missing column, a syntax error) is none of these: it stays what SQLAlchemy made of it.
No message names a password or a stored value.
"""

from __future__ import annotations

from typing import ClassVar


class StorageError(Exception):
    """Base of them all. `code` names the sentence in the user's language; the English one is the exception's text."""

    code: ClassVar[str] = "storage.failed"


class TryAgain(StorageError):
    """Nothing was written and nothing is wrong with the request: the same call may succeed in a moment."""


class Locked(TryAgain):
    """Someone else holds what this transaction needs, for longer than we wait."""

    code = "storage.locked"


class Unreachable(TryAgain):
    """The database server does not answer, or has no connection left for us."""

    code = "storage.unreachable"


class Full(StorageError):
    """No room left to write. Reading still works."""

    code = "storage.full"


class ReadOnly(StorageError):
    """The database may be read but not written."""

    code = "storage.read_only"


class Corrupt(StorageError):
    """The database's content is damaged, or the file is no database."""

    code = "storage.corrupt"


class Unusable(StorageError):
    """The address, the server or the file cannot serve as a notes store until a person changes something."""

    code = "storage.unusable"


class TooNew(StorageError):
    """The database was written by a newer version of the program."""

    code = "storage.too_new"


class TooOld(StorageError):
    """The database has not been brought up to this version of the program."""

    code = "storage.too_old"


class Duplicate(StorageError):
    """A row with this key stands already. `constraint` names the key as the database does, or is empty."""

    code = "storage.duplicate"

    def __init__(self, message: str, *, constraint: str = "") -> None:
        super().__init__(message)
        self.constraint = constraint


class Violation(StorageError):
    """The row breaks another rule of the schema: a reference to nothing, a missing or impossible value."""

    code = "storage.violation"
