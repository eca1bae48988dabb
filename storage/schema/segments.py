"""What kind of customer each is, what is left to sort, groups of one's own, and what people set on pages."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from storage.schema.base import RowId, metadata
from storage.types import Instant

_KNOWN = "segment in ('gold', 'silver', 'newcomer', 'challenging')"

# Said by hand, at one account, with which it goes when customers are united or split.
segment_choices = Table(
    "segment_choices",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", RowId, ForeignKey("accounts.id"), nullable=False),
    Column("segment", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until_at", Instant),  # null: until it is taken back
    Column("made_at", Instant, nullable=False),
    Column("made_by", RowId, ForeignKey("agents.id"), nullable=False),
    Column("withdrawn_at", Instant),
    CheckConstraint(_KNOWN, name="segment"),
    Index(None, "account_id"),
)

# One row for each customer who was sorted; what may be computed again at any time.
segments = Table(
    "segments",
    metadata,
    Column("customer_id", RowId, ForeignKey("customers.id"), primary_key=True),
    Column("segment", Text, nullable=False),  # in force: by hand, else as computed; "" for none
    Column("computed", Text, nullable=False),  # by the rules; "" for none
    Column("terms", JSON, nullable=False),  # why so: companion.domain.segments.Term
    Column("computed_at", Instant, nullable=False),
    Column("choice_id", RowId, ForeignKey("segment_choices.id")),  # in force by this one
    Column("until_at", Instant),  # when that runs out
    Index(None, "segment"),
    Index(
        "ix_segments_until_at",
        "until_at",
        sqlite_where=text("until_at is not null"),
        postgresql_where=text("until_at is not null"),
    ),
)

# Customers of whom something changed since they were sorted. No reference: marking must cost a backfill nothing.
segment_marks = Table(
    "segment_marks",
    metadata,
    Column("customer_id", RowId, primary_key=True, autoincrement=False),
    Column("times", Integer, nullable=False, server_default="1"),
)

# From which value on somebody belongs to the so many percent who buy most.
segment_bounds = Table(
    "segment_bounds",
    metadata,
    Column("measure", Text, primary_key=True),  # orders, money
    Column("currency", Text, primary_key=True),  # "" for orders
    Column("percent", Integer, primary_key=True),
    Column("bound", BigInteger, nullable=False),
    Column("buyers", Integer, nullable=False),  # among how many
)

customer_groups = Table(
    "customer_groups",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", Text, nullable=False),
    Column("conditions", JSON, nullable=False),  # companion.domain.groups.Conditions
    Column("made_at", Instant, nullable=False),
    Column("made_by", RowId, ForeignKey("agents.id"), nullable=False),
    Column("changed_at", Instant, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", RowId, ForeignKey("agents.id")),  # null: the program itself
)
