"""Who is one person: what identifies accounts, what links them, and what people decided of them."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from storage.schema.base import RowId, metadata
from storage.types import Instant

identifiers = Table(
    "identifiers",
    metadata,
    Column("account_id", RowId, ForeignKey("accounts.id"), primary_key=True),
    Column("kind", Text, primary_key=True),  # email, phone, postcode, name
    Column("key", Text, primary_key=True),  # as companion.domain.evidence makes it: spellings of one are one
    Index(None, "kind", "key"),
    sqlite_with_rowid=False,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", RowId, ForeignKey("agents.id"), nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", RowId, ForeignKey("agents.id")),
    CheckConstraint("kind in ('unite', 'refuse', 'split')", name="kind"),
)

# Rows are never deleted: what holds no more is withdrawn.
links = Table(
    "links",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_a", RowId, ForeignKey("accounts.id"), nullable=False),  # the smaller id
    Column("account_b", RowId, ForeignKey("accounts.id"), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("strength", Integer, nullable=False, server_default="0"),  # 1 to 100; a hand's needs none
    Column("evidence", JSON, nullable=False, server_default="{}"),
    Column("passed_over", Text, nullable=False, server_default=""),  # why it unites nobody, though it says "same"
    Column("decision_id", RowId, ForeignKey("decisions.id")),
    Column("made_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    CheckConstraint("verdict in ('same', 'likely', 'different')", name="verdict"),
    CheckConstraint("origin in ('hand', 'evidence')", name="origin"),
    CheckConstraint("passed_over in ('', 'refused', 'crowded')", name="passed_over"),
    CheckConstraint("account_a < account_b", name="pair"),
    CheckConstraint("(origin = 'hand') = (decision_id is not null)", name="decision"),
    Index(None, "account_a"),
    Index(None, "account_b"),
    Index(None, "decision_id"),
    Index(
        "ix_links_open",  # what may be for a person to look at
        "strength",
        "id",
        sqlite_where=text("withdrawn_at is null and (verdict = 'likely' or passed_over <> '')"),
        postgresql_where=text("withdrawn_at is null and (verdict = 'likely' or passed_over <> '')"),
    ),
    Index(
        "uq_links_evidence",
        "account_a",
        "account_b",
        unique=True,
        sqlite_where=text("origin = 'evidence'"),
        postgresql_where=text("origin = 'evidence'"),
    ),
)
