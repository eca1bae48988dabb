"""The sync engine's memory: inbox and outbox, cursors and slices, what was set aside, and the numbers of reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and what numbers the reads."""
    _sync()
    _read_numbers()


def _sync() -> None:
    """Inbox, outbox, cursors and what else the sync engine remembers."""
    op.create_table(
        "inbox",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("claimed_until", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state in ('waiting', 'applied', 'ignored', 'dead')", name="ck_inbox_state"),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint(
            "shop",
            "topic",
            "resource_id",
            "delivery_id",
            "body_hash",
            name="uq_inbox_shop_topic_resource_id_delivery_id_body_hash",
        ),
    )
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["shop", "next_at", "id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_inbox_waiting_things",
        "inbox",
        ["shop", "kind", "resource_id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_inbox_dead",
        "inbox",
        ["shop", "finished_at"],
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_inbox_finished_bodies",
        "inbox",
        ["finished_at"],
        sqlite_where=sa.text("body is not null and finished_at is not null"),
        postgresql_where=sa.text("body is not null and finished_at is not null"),
    )
    op.create_index("ix_inbox_latest", "inbox", ["shop", "topic", "received_at"])
    op.create_table(
        "outbox",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("lane", sa.Integer(), server_default="0", nullable=False),
        sa.Column("marked_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("claimed_until", INSTANT, nullable=True),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.Column("parked", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("shop", "kind", "ref_id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_shop_lane_next_at", "outbox", ["shop", "lane", "next_at"])
    op.create_table(
        "writes",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("hour", INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "hour", name="pk_writes"),
    )
    op.create_table(
        "corrections",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.Text(), nullable=False),
        sa.Column("day", INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "kind", "ref_id", "day", name="pk_corrections"),
    )
    op.create_table(
        "cursors",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("watermark", INSTANT, nullable=True),
        sa.Column("signpost", INSTANT, nullable=True),
        sa.Column("is_backfilled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("succeeded_at", INSTANT, nullable=True),
        sa.Column("failed_at", INSTANT, nullable=True),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("shop", "stream", name="pk_cursors"),
    )
    op.create_table(
        "slices",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("finished_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("shop", "stream", "slice", name="pk_slices"),
    )
    op.create_table(
        "parked",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.Text(), nullable=False),
        sa.Column("raw_hash", sa.LargeBinary(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("parked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("shop", "kind", "ref_id", name="pk_parked"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def _read_numbers() -> None:
    """What numbers the reads from shops: a sequence, or on SQLite a row that counts."""
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE read_sequence")
        return
    op.create_table(
        "read_sequence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_read_sequence"),
    )
    op.execute("INSERT INTO read_sequence (id, value) VALUES (1, 0)")
