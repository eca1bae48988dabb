"""Brings a store's tables up to this program's schema: Alembic, run by code. The steps are `storage.migrations`'.

There is no way back: whoever must return to an older program restores the backup taken before.
"""

from __future__ import annotations

import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage import errors
from storage.engine import Store, Tx

_ONE_AT_A_TIME = 0x636F6D70  # the name of our advisory lock on PostgreSQL: any number that is always the same


def upgrade(store: Store) -> None:
    """Bring the tables up to this program's version, in one transaction; does nothing where they are there already.

    Of several processes that start at once, one does it and the others wait.

    Raises:
        TooNew: a newer program has been here.
        Unusable: the database's user may not install pg_trgm.
    """
    if version(store) == newest():
        return
    with store.write_schema() as tx:
        if store.dialect == "postgresql":
            tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")
            _install_pg_trgm(tx)
        _refuse_unknown(_found(tx))
        config = _config()
        config.attributes["connection"] = tx
        command.upgrade(config, "head")


def require_current(store: Store) -> None:
    """For processes that must not change the tables themselves.

    Raises:
        TooNew: a newer program has been here.
        TooOld: nobody has brought the tables up to this program's version yet.
    """
    found = version(store)
    _refuse_unknown(found)
    if found != newest():
        raise errors.TooOld("The database is not set up for this version of the program. Start `companion run` once.")


def version(store: Store) -> str | None:
    """The last step that the store has taken; None for an empty one."""
    with store.read() as tx:
        return _found(tx)


def newest() -> str:
    """The last step that this program knows."""
    head = _steps().get_current_head()
    assert head is not None  # noqa: S101 (there is always a first step)
    return head


def _found(tx: Tx) -> str | None:
    return MigrationContext.configure(tx).get_current_revision()


def _refuse_unknown(found: str | None) -> None:
    if found is not None and found not in {step.revision for step in _steps().walk_revisions()}:
        raise errors.TooNew(
            f"The database was written by a newer version of companion (its step is {found}, ours {newest()}). "
            "Nothing was changed; install that version or a newer one, or restore a backup taken before the update."
        )


def _install_pg_trgm(tx: Tx) -> None:
    """The substring index stands on it; the first step would need it too, but says less when it may not."""
    if tx.exec_driver_sql("SELECT FROM pg_extension WHERE extname = 'pg_trgm'").first() is not None:
        return
    may = tx.exec_driver_sql("SELECT has_database_privilege(current_database(), 'CREATE')").scalar_one()
    if not may:
        raise errors.Unusable(
            "The database's user may not install the extension pg_trgm. "
            "Let an administrator run in this database: CREATE EXTENSION pg_trgm"
        )
    tx.exec_driver_sql("CREATE EXTENSION pg_trgm")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


@functools.cache
def _steps() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
