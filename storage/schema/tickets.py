"""What a helpdesk keeps: tickets, their replies, and the people who answer them.

Tickets and replies have an id of ours beside the shop's, because search rows name what they index by a number.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
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

tickets = Table(
    "tickets",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("ticket_id", Text, nullable=False),
    Column("account_id", RowId, ForeignKey("accounts.id")),  # of its author; null: the shop names none
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),  # HTML as the shop renders it
    Column("status", Text, nullable=False),  # queued, processing, hold, the shop's own; trash
    Column("state", Text, nullable=False),  # open, closed
    Column("channel", Text, nullable=False, server_default=""),
    Column("assignee_id", Text, nullable=False, server_default=""),  # WordPress user; "" for nobody
    Column("secondary_assignee_id", Text, nullable=False, server_default=""),
    Column("tertiary_assignee_id", Text, nullable=False, server_default=""),
    Column("tag_ids", JSON, nullable=False, server_default="[]"),
    Column("replies", Integer, nullable=False, server_default="0"),  # as the shop counts them
    Column("url", Text, nullable=False, server_default=""),
    Column("created_at", Instant),
    Column("modified_at", Instant),  # not moved by a reply
    Column("summary", Text),  # our key as last observed in the shop; null: the ticket does not carry it
    Column("summary_written", Text),  # our key as last written by us
    Column("takes_summary", Boolean, nullable=False, server_default=text("false")),  # the shop shows our key on it
    Column("read_seq", BigInteger, nullable=False),
    Column("raw_hash", LargeBinary),
    Column("content_hash", LargeBinary, nullable=False),
    Column("gone_at", Instant),  # tombstone
    Column("missing_since", Instant),  # a sweep of all ids did not see it; a second one makes sure
    Column("replies_due_at", Instant),  # its replies may differ from ours since then; null: they were read
    UniqueConstraint("shop", "ticket_id"),
    Index(None, "account_id", "created_at"),
    Index(None, "created_at"),
    Index(None, "shop", "state"),
    Index(
        "ix_tickets_replies_due",
        "shop",
        "replies_due_at",
        sqlite_where=text("replies_due_at is not null"),
        postgresql_where=text("replies_due_at is not null"),
    ),
)

# A reply may be read before its ticket is, so it points at it without a foreign key.
ticket_replies = Table(
    "ticket_replies",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("reply_id", Text, nullable=False),
    Column("ticket_id", Text, nullable=False),
    Column("author_id", Text, nullable=False),  # WordPress user; "" for nobody
    Column("body", Text, nullable=False),  # HTML as the shop renders it
    Column("status", Text, nullable=False, server_default=""),  # read, unread
    Column("created_at", Instant),
    Column("modified_at", Instant),
    Column("read_seq", BigInteger, nullable=False),
    Column("gone_at", Instant),
    UniqueConstraint("shop", "reply_id"),
    Index(None, "shop", "ticket_id"),
    Index(None, "created_at"),
)

shop_agents = Table(
    "shop_agents",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),  # WordPress user
    Column("username", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False, server_default=""),
    Column("roles", JSON, nullable=False, server_default="[]"),
    Column("read_seq", BigInteger, nullable=False),
    Column("gone_at", Instant),  # no agent any more
)
