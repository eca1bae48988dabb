"""Who has whose page open: kept for minutes, and worth nothing after that."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from storage.schema.base import RowId, metadata
from storage.types import Instant

viewings = Table(
    "viewings",
    metadata,
    Column("customer_id", RowId, ForeignKey("customers.id"), primary_key=True),
    Column("agent_id", RowId, ForeignKey("agents.id"), primary_key=True),
    Column("seen_at", Instant, nullable=False),  # when her browser last said that the page is in sight
    Index(None, "seen_at"),
)
