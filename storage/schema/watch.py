"""What is known of the shops' own doings: their webhooks, what our reading costs them, and what a person should see."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, Table, Text, UniqueConstraint, text

from storage.schema.base import RowId, metadata
from storage.types import Instant

# One webhook of ours in a shop, as last seen there.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("webhook_id", Text, nullable=False),
    Column("status", Text, nullable=False),  # active, paused, disabled, as the shop says
    Column("generation", Integer, nullable=False, server_default="1"),  # of the secret it was given
    Column("is_fragile", Boolean, nullable=False, server_default=text("false")),  # one more failure disables it again
    Column("missed", Integer, nullable=False, server_default="0"),  # changes that a read found and no delivery told
    Column("checked_at", Instant, nullable=False),
    Column("repaired_at", Instant),
)

# Something about a shop that a person should know, until it is over.
alerts = Table(
    "alerts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("kind", Text, nullable=False),  # webhook_disabled, webhooks_silent, too_many_gone, restored_backup, storm, …
    Column("subject", Text, nullable=False, server_default=""),  # what of the shop: a topic, "order 1042", a stream
    Column("facts", JSON, nullable=False, server_default="{}"),  # numbers and names that the words are made with
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("over_at", Instant),
    UniqueConstraint("shop", "kind", "subject"),
    Index(
        "ix_alerts_standing",
        "shop",
        sqlite_where=text("over_at is null"),
        postgresql_where=text("over_at is null"),
    ),
)

# How many seconds of a shop's time may be taken at once: a bucket that fills as time passes.
budgets = Table(
    "budgets",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("level", Float, nullable=False),  # seconds left then; below zero where a step took more than there was
    Column("at", Instant, nullable=False),
)

# Seconds of a shop's time that its sweeps took.
shop_time = Table(
    "shop_time",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("hour", Instant, primary_key=True),  # the start of the hour
    Column("stream", Text, primary_key=True),
    Column("seconds", Float, nullable=False),
    Column("requests", Integer, nullable=False),
)
