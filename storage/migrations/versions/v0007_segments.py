"""What kind of customer each is, and groups of one's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


_PURCHASES = ["account_id", "created_at", "status", "gone_at", "paid_at", "currency", "total", "shop"]


def upgrade() -> None:
    """Make the tables, and what the orders of everybody are added up by."""
    op.drop_index("ix_orders_account_id_created_at", "orders")
    op.create_index("ix_orders_purchases", "orders", _PURCHASES)
    op.create_table(
        "segment_choices",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until_at", INSTANT, nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", ROW_ID, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "segment in ('gold', 'silver', 'newcomer', 'challenging')", name="ck_segment_choices_segment"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_segment_choices_account_id_accounts"),
        sa.ForeignKeyConstraint(["made_by"], ["agents.id"], name="fk_segment_choices_made_by_agents"),
        sa.PrimaryKeyConstraint("id", name="pk_segment_choices"),
    )
    op.create_index("ix_segment_choices_account_id", "segment_choices", ["account_id"])
    op.create_table(
        "segments",
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("computed", sa.Text(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("computed_at", INSTANT, nullable=False),
        sa.Column("choice_id", ROW_ID, nullable=True),
        sa.Column("until_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_segments_customer_id_customers"),
        sa.ForeignKeyConstraint(["choice_id"], ["segment_choices.id"], name="fk_segments_choice_id_segment_choices"),
        sa.PrimaryKeyConstraint("customer_id", name="pk_segments"),
    )
    op.create_index("ix_segments_segment", "segments", ["segment"])
    is_dated = sa.text("until_at is not null")
    op.create_index("ix_segments_until_at", "segments", ["until_at"], sqlite_where=is_dated, postgresql_where=is_dated)
    op.create_table(
        "segment_marks",
        sa.Column("customer_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_segment_marks"),
    )
    op.create_table(
        "segment_bounds",
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("bound", sa.BigInteger(), nullable=False),
        sa.Column("buyers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("measure", "currency", "percent", name="pk_segment_bounds"),
    )
    op.create_table(
        "customer_groups",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", ROW_ID, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["agents.id"], name="fk_customer_groups_made_by_agents"),
        sa.PrimaryKeyConstraint("id", name="pk_customer_groups"),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", ROW_ID, nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["agents.id"], name="fk_settings_changed_by_agents"),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
