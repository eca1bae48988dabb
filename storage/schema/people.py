"""What agents tell of people besides notes: facts set by hand, what the shop says instead, and dates that matter."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from storage.schema.base import RowId, metadata
from storage.types import Instant

# One fact of an account as an agent set it. It is in force: `accounts` holds it too, where it has a column for it.
facts_by_hand = Table(
    "facts_by_hand",
    metadata,
    Column("account_id", RowId, ForeignKey("accounts.id"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("set_by", RowId, ForeignKey("agents.id"), nullable=False),
    Column("set_at", Instant, nullable=False),
)

# What the shop tells of an account of which something is set by hand: what would stand in `accounts` otherwise.
facts_told = Table(
    "facts_told",
    metadata,
    Column("account_id", RowId, ForeignKey("accounts.id"), primary_key=True),
    Column("facts", JSON, nullable=False),  # by column of `accounts`
)

# A day that matters to a person. Without a year it is known as a day of the year only.
important_dates = Table(
    "important_dates",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", RowId, ForeignKey("accounts.id"), nullable=False),  # it follows that account
    Column("label", Text, nullable=False),
    Column("calendar", Text, nullable=False),
    Column("year", Integer),
    Column("month", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("is_yearly", Boolean, nullable=False, server_default=text("true")),
    Column("made_by", RowId, ForeignKey("agents.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("removed_at", Instant),
    CheckConstraint("calendar in ('jalali', 'gregorian')", name="calendar"),
    Index(None, "account_id"),
)
