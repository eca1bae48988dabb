"""Tickets with their replies and agents, and what is known of the shops' own doings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _helpdesk()
    _watch()
    _sign_search_rows()


def _helpdesk() -> None:
    """What a helpdesk keeps."""
    op.create_table(
        "tickets",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("assignee_id", sa.Text(), server_default="", nullable=False),
        sa.Column("secondary_assignee_id", sa.Text(), server_default="", nullable=False),
        sa.Column("tertiary_assignee_id", sa.Text(), server_default="", nullable=False),
        sa.Column("tag_ids", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("replies", sa.Integer(), server_default="0", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("modified_at", INSTANT, nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("summary_written", sa.Text(), nullable=True),
        sa.Column("takes_summary", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("read_seq", sa.BigInteger(), nullable=False),
        sa.Column("raw_hash", sa.LargeBinary(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.Column("missing_since", INSTANT, nullable=True),
        sa.Column("replies_due_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_tickets_account_id_accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("shop", "ticket_id", name="uq_tickets_shop_ticket_id"),
    )
    op.create_index("ix_tickets_account_id_created_at", "tickets", ["account_id", "created_at"])
    op.create_index("ix_tickets_created_at", "tickets", ["created_at"])
    op.create_index(
        "ix_tickets_replies_due",
        "tickets",
        ["shop", "replies_due_at"],
        sqlite_where=sa.text("replies_due_at is not null"),
        postgresql_where=sa.text("replies_due_at is not null"),
    )
    op.create_index("ix_tickets_shop_state", "tickets", ["shop", "state"])
    op.create_table(
        "ticket_replies",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("reply_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("modified_at", INSTANT, nullable=True),
        sa.Column("read_seq", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_replies"),
        sa.UniqueConstraint("shop", "reply_id", name="uq_ticket_replies_shop_reply_id"),
    )
    op.create_index("ix_ticket_replies_created_at", "ticket_replies", ["created_at"])
    op.create_index("ix_ticket_replies_shop_ticket_id", "ticket_replies", ["shop", "ticket_id"])
    op.create_table(
        "shop_agents",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("roles", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("read_seq", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("shop", "user_id", name="pk_shop_agents"),
    )


def _watch() -> None:
    """Webhooks, alerts, and what reading costs."""
    op.create_table(
        "subscriptions",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("is_fragile", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("repaired_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("shop", "topic", name="pk_subscriptions"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("facts", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("over_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("shop", "kind", "subject", name="uq_alerts_shop_kind_subject"),
    )
    op.create_index(
        "ix_alerts_standing",
        "alerts",
        ["shop"],
        sqlite_where=sa.text("over_at is null"),
        postgresql_where=sa.text("over_at is null"),
    )
    op.create_table(
        "shop_time",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("hour", INSTANT, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "hour", "stream", name="pk_shop_time"),
    )


def _sign_search_rows() -> None:
    """From now on each text of the index begins with the sign of its kind (storage/search/index.py)."""
    op.execute("UPDATE search_rows SET folded = CASE kind WHEN 'account' THEN '{\u064a}' ELSE '{\u0643}' END || folded")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO search_trigram (search_trigram) VALUES ('rebuild')")
