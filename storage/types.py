"""Column types that behave alike on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_WITHOUT_OFFSET = len("2025-11-21 08:30:00.000000")


class Instant(TypeDecorator[datetime]):
    """An instant: aware, UTC, microseconds. Refuses naive datetimes, which are how time zones get lost.

    PostgreSQL keeps it as TIMESTAMPTZ; SQLite as text that sorts like time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], datetime | str | None]:
        """A value to what the driver takes. One plain function: a page of a hundred orders has five hundred dates."""
        as_text = dialect.name == "sqlite"

        def process(value: datetime | None) -> datetime | str | None:
            if value is None:
                return None
            if value.tzinfo is None:
                msg = f"a naive datetime cannot be stored: {value!r}"
                raise ValueError(msg)
            if value.tzinfo is not UTC:
                value = value.astimezone(UTC)
            return value.isoformat(" ", "microseconds")[:_WITHOUT_OFFSET] if as_text else value

        return process

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """A value of the database as an aware one."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
