"""The sync engine's memory: inbox and outbox, cursors, leases, and what was set aside."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.schema.base import RowId, metadata
from storage.types import Instant

inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("kind", Text, nullable=False),  # what the topic speaks of: its part before the dot
    Column("resource_id", Text, nullable=False),
    Column("delivery_id", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("body", LargeBinary),  # null once dropped
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant, nullable=False),
    Column("token", Text),  # of the claim
    Column("claimed_until", Instant),
    Column("finished_at", Instant),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("shop", "topic", "resource_id", "delivery_id", "body_hash"),
    CheckConstraint("state in ('waiting', 'applied', 'ignored', 'dead')", name="state"),
    Index(
        "ix_inbox_waiting",
        "shop",
        "next_at",
        "id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_inbox_waiting_things",
        "shop",
        "kind",
        "resource_id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_inbox_dead",
        "shop",
        "finished_at",
        sqlite_where=text("state = 'dead'"),
        postgresql_where=text("state = 'dead'"),
    ),
    Index(
        "ix_inbox_finished_bodies",
        "finished_at",
        sqlite_where=text("body is not null and finished_at is not null"),
        postgresql_where=text("body is not null and finished_at is not null"),
    ),
    Index("ix_inbox_latest", "shop", "topic", "received_at"),  # when a webhook last delivered
)

outbox = Table(
    "outbox",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # order, ticket
    Column("ref_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default="1"),  # raised by every mark
    Column("lane", Integer, nullable=False, server_default="0"),  # 0 at once, 1 slow
    Column("marked_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant, nullable=False),
    Column("token", Text),
    Column("claimed_until", Instant),
    Column("failure", Text, nullable=False, server_default=""),  # why the last attempt came to nothing
    Column("parked", Text, nullable=False, server_default=""),  # the reason; parked refs wait for the next mark
    Index(None, "shop", "lane", "next_at"),
)

writes = Table(
    "writes",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("hour", Instant, primary_key=True),  # the start of the hour
    Column("count", Integer, nullable=False),
)

corrections = Table(
    "corrections",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ref_id", Text, primary_key=True),
    Column("day", Instant, primary_key=True),
    Column("count", Integer, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("stream", Text, primary_key=True),  # orders, customers, refunds, order_notes, tickets, replies, changes
    Column("watermark", Instant),  # everything changed before it is here
    Column("signpost", Instant),  # the ceiling of the sweep under way, from the shop's clock
    Column("is_backfilled", Boolean, nullable=False, server_default=text("false")),
    Column("done", Integer, nullable=False, server_default="0"),  # records read by the backfill
    Column("total", Integer, nullable=False, server_default="0"),  # as the shop counts them
    Column("started_at", Instant),
    Column("succeeded_at", Instant),
    Column("failed_at", Instant),
    Column("failure", Text, nullable=False, server_default=""),
    Column("position", BigInteger, nullable=False, server_default="0"),  # of a stream that counts: the bridge's number
    Column("interval_s", Integer),  # from one whole round of a sweep to the next, as last reached
)

slices = Table(
    "slices",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("slice", Text, primary_key=True),
    Column("records", Integer, nullable=False),
    Column("finished_at", Instant, nullable=False),
)

parked = Table(
    "parked",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ref_id", Text, primary_key=True),
    Column("raw_hash", LargeBinary, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parked_at", Instant, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Instant, nullable=False),
)

# PostgreSQL has a sequence of this name instead; SQLite counts here, in one row.
read_sequence = Table(
    "read_sequence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("value", BigInteger, nullable=False),
    info={"dialect": "sqlite"},
)
