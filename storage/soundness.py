"""Whether a database keeps what it was given through a power cut, and finds Persian in it. Leaves nothing behind."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from storage.engine import Tx
from storage.search.index import put, row_id

_NOBODY = (1 << 40) - 1  # owns nothing, so that no search ever meets it


class Setting(NamedTuple):
    """A setting on which durability hangs, as it is in force for this transaction."""

    name: str
    value: str
    is_safe: bool


def durability(tx: Tx) -> list[Setting]:
    """What a durable write transaction is kept by."""
    return _of_sqlite(tx) if tx.dialect.name == "sqlite" else _of_postgresql(tx)


def _of_sqlite(tx: Tx) -> list[Setting]:
    levels = ("OFF", "NORMAL", "FULL", "EXTRA")
    synchronous = levels[int(tx.exec_driver_sql("PRAGMA synchronous").scalar_one())]
    journal = str(tx.exec_driver_sql("PRAGMA journal_mode").scalar_one())
    options = set(tx.exec_driver_sql("PRAGMA compile_options").scalars())
    return [
        Setting("synchronous", synchronous, synchronous in {"FULL", "EXTRA"}),
        Setting("journal_mode", journal, journal == "wal"),
        # https://www.sqlite.org/compile.html: such a library never waits for the disk, whatever it is told.
        Setting("NO_SYNC", "built in" if "NO_SYNC" in options else "not built in", "NO_SYNC" not in options),
    ]


def _of_postgresql(tx: Tx) -> list[Setting]:
    names = ("fsync", "full_page_writes", "synchronous_commit")
    found = {name: str(tx.exec_driver_sql(f"SHOW {name}").scalar_one()) for name in names}
    # https://www.postgresql.org/docs/current/runtime-config-wal.html: of synchronous_commit only "off" does not wait.
    return [Setting(name, value, value != "off") for name, value in found.items()]


def finds(tx: Tx, folded: str, part: str) -> bool:
    """Whether the index finds `part` (three characters or more) of a folded text; the text is taken away again."""
    savepoint = tx.begin_nested()
    try:
        put(tx, "note", {_NOBODY: folded})
        if tx.dialect.name == "sqlite":
            # LIKE would look at everything where the index is of no use to it.
            trigrams = " AND ".join(f'"{part[start : start + 3]}"' for start in range(len(part) - 2))
            found = tx.exec_driver_sql(
                "SELECT count(*) FROM search_trigram WHERE search_trigram MATCH ? AND rowid = ?",
                (trigrams, row_id("note", _NOBODY)),
            )
        else:
            # What pg_trgm takes no trigrams of, its index can only answer by looking at everything.
            found = tx.execute(
                text(
                    "SELECT count(*) FROM search_rows WHERE id = :id"
                    " AND folded LIKE '%' || :part || '%' AND cardinality(show_trgm(:part)) > 0"
                ),
                {"id": row_id("note", _NOBODY), "part": part},
            )
        return bool(found.scalar_one())
    finally:
        savepoint.rollback()
