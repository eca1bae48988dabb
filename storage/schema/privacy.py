"""What is wrong with what the shops know of people, and the people who are to be forgotten."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary, Table, Text, text

from storage.schema.base import RowId, metadata
from storage.types import Instant

# One thing that is wrong with an account's facts: companion.domain.quality.Fault.
faults = Table(
    "faults",
    metadata,
    Column("account_id", RowId, ForeignKey("accounts.id"), primary_key=True),
    Column("fault", Text, primary_key=True),
    Index(None, "fault", "account_id"),
)

# One person who is, or was, erased. Kept for ever: it is the proof that it was done.
erasures = Table(
    "erasures",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("customer_id", RowId, ForeignKey("customers.id"), nullable=False),
    Column("asked_by", RowId, ForeignKey("agents.id")),  # null: at the command line, or a shop told of her again
    Column("asked_at", Instant, nullable=False),
    Column("step", Text, nullable=False),  # the one that is done next
    Column("counts", JSON, nullable=False, server_default="{}"),  # how many of what was erased, by kind
    Column("finished_at", Instant),
    Index(None, "customer_id"),
    Index(
        "ix_erasures_unfinished",
        "id",
        sqlite_where=text("finished_at is null"),
        postgresql_where=text("finished_at is null"),
    ),
)

# The accounts that were hers. What a shop tells of them later is stored without what would name her.
erased_accounts = Table(
    "erased_accounts",
    metadata,
    Column("account_id", RowId, ForeignKey("accounts.id"), primary_key=True),
    Column("erasure_id", RowId, ForeignKey("erasures.id"), nullable=False),
    Index(None, "erasure_id"),
)

# By what she would be known again: keyed hashes, from which nobody without the master key learns anything.
erased_keys = Table(
    "erased_keys",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("erasure_id", RowId, ForeignKey("erasures.id"), nullable=False),
)
