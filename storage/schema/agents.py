"""What agents make: themselves, notes and their versions, and the log of their doings."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.schema.base import RowId, metadata
from storage.types import Instant

agents = Table(
    "agents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False, server_default=""),
    Column("role", Text, nullable=False),
    Column("language", Text, nullable=False, server_default=""),  # "" follows the installation
    Column("calendar", Text, nullable=False, server_default=""),  # "" follows the language
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("sees_all_shops", Boolean, nullable=False, server_default=text("false")),
    Column("session_epoch", Integer, nullable=False, server_default="0"),  # raised to end every session of hers
    Column("created_at", Instant, nullable=False),
    CheckConstraint("role in ('administrator', 'sales_manager', 'support_supervisor', 'agent')", name="role"),
)

agent_identities = Table(
    "agent_identities",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("agent_id", RowId, ForeignKey("agents.id"), nullable=False),
    Column("shop", Text, nullable=False),  # "" for a sign-in here
    Column("subject", Text, nullable=False),  # folded user name here | WordPress user id there
    Column("password_hash", Text),  # sign-ins only
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("shop", "subject"),
    Index(None, "agent_id"),
)

agent_shops = Table(
    "agent_shops",
    metadata,
    Column("agent_id", RowId, ForeignKey("agents.id"), primary_key=True),
    Column("shop", Text, primary_key=True),
)

note_kinds = Table(
    "note_kinds",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name_fa", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("is_pushed", Boolean, nullable=False),
    Column("is_internal", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("customer_id", RowId, ForeignKey("customers.id"), nullable=False),
    Column("account_id", RowId, ForeignKey("accounts.id")),  # where it was written; it follows that account
    Column("shop", Text, nullable=False, server_default=""),  # of the thing it points at
    Column("ref_kind", Text, nullable=False, server_default=""),  # "", order, ticket
    Column("ref_id", Text, nullable=False, server_default=""),
    Column("kind", Text, ForeignKey("note_kinds.kind"), nullable=False),
    Column("body", Text, nullable=False),  # Markdown, as typed
    Column("is_internal", Boolean, nullable=False, server_default=text("false")),
    Column("is_pinned", Boolean, nullable=False, server_default=text("false")),
    Column("author_id", RowId, ForeignKey("agents.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("edited_at", Instant),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("deleted_at", Instant),
    Column("deleted_by", RowId, ForeignKey("agents.id")),
    Column("form_key", Text),  # names one showing of the form, so that a doubled post writes one note
    Column("channel", Text, nullable=False, server_default=""),  # of a contact: phone, chat, visit, message, email
    Column("direction", Text, nullable=False, server_default=""),  # of a contact: in, out
    Column("outcome", Text, nullable=False, server_default=""),  # of a contact: what came of it, in a few words
    UniqueConstraint("author_id", "form_key"),
    Index(None, "customer_id", "created_at"),
    Index(None, "account_id"),
)

note_versions = Table(
    "note_versions",
    metadata,
    Column("note_id", RowId, ForeignKey("notes.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("agent_id", RowId, ForeignKey("agents.id"), nullable=False),
    Column("channel", Text, nullable=False, server_default=""),
    Column("direction", Text, nullable=False, server_default=""),
    Column("outcome", Text, nullable=False, server_default=""),
)

activity = Table(
    "activity",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("agent_id", RowId, ForeignKey("agents.id")),  # null: the program itself
    Column("action", Text, nullable=False),  # note.written, note.edited, agent.signed_in, …
    Column("customer_id", RowId, ForeignKey("customers.id")),
    Column("note_id", RowId, ForeignKey("notes.id")),
    Column("shop", Text, nullable=False, server_default=""),
    Column("ref_kind", Text, nullable=False, server_default=""),
    Column("ref_id", Text, nullable=False, server_default=""),
    Index(None, "at"),
    Index(None, "customer_id"),
)
