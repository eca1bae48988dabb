"""How the store uses PostgreSQL: its connections, their settings, and what the server and the database must offer."""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event, text

from storage import errors, json
from storage.driver_errors import name_errors_of

OLDEST = 13
"""The first PostgreSQL where the owner of a database may create pg_trgm in it."""


def engine(url: URL, *, connections: int, patience_s: float) -> Engine:
    """Keeps `connections` open, and for bursts as many more; a transaction waits `patience_s` for another's lock.

    Raises:
        Unusable: the driver is not installed.
    """
    try:
        made = sqlalchemy.create_engine(
            url,
            hide_parameters=True,  # a note's text has no place in an error's
            json_serializer=json.dumps,
            json_deserializer=json.loads,
            pool_size=connections,
            max_overflow=connections,
            pool_timeout=patience_s,
            pool_pre_ping=True,  # a restart of the server costs nobody an error
            connect_args={"connect_timeout": int(patience_s), "application_name": "companion"},
        )
    except ModuleNotFoundError:
        raise errors.Unusable(
            "The driver for PostgreSQL is not installed. Install it with: pip install 'companion[postgresql]'"
        ) from None

    def connected(connection: Any, _record: object) -> None:
        # Settings of the session, alike on all our connections, so that a pooler in between may mix them.
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute(f"SET lock_timeout = '{int(patience_s * 1000)}ms'")
        connection.commit()

    name_errors_of(made)
    event.listen(made, "connect", connected)
    return made


# pg_trgm drops what the locale does not know as a word's letter, so such a database would find no Persian at all.
_ABILITIES = text(
    "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),"
    " 'محمدی' ~ '^\\w+$', EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm')"
)


def require_abilities(tx: Connection) -> None:
    """The server must be recent and offer pg_trgm; the database must know Persian letters.

    Raises:
        Unusable: it does not, with what to do about it.
    """
    version, encoding, knows_persian, has_trigrams = tx.execute(_ABILITIES).one()
    if version < OLDEST:
        raise errors.Unusable(f"The server is PostgreSQL {version}; {OLDEST} or newer is needed.")
    if encoding != "UTF8" or not knows_persian:
        raise errors.Unusable(
            "This database cannot search Persian: its encoding or locale does not know the letters. Create it with "
            "CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' (or an ICU locale)."
        )
    if not has_trigrams:
        raise errors.Unusable(
            "The server lacks the extension pg_trgm. Install PostgreSQL's contrib package (postgresql-contrib) on it."
        )
