"""What agents tell of people: contacts, facts by hand, important dates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    for table in ("notes", "note_versions"):
        for name in ("channel", "direction", "outcome"):
            op.add_column(table, sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("reference", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "facts_by_hand",
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("set_by", ROW_ID, nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_facts_by_hand_account_id_accounts"),
        sa.ForeignKeyConstraint(["set_by"], ["agents.id"], name="fk_facts_by_hand_set_by_agents"),
        sa.PrimaryKeyConstraint("account_id", "field", name="pk_facts_by_hand"),
    )
    op.create_table(
        "facts_told",
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_facts_told_account_id_accounts"),
        sa.PrimaryKeyConstraint("account_id", name="pk_facts_told"),
    )
    op.create_table(
        "important_dates",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("is_yearly", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("made_by", ROW_ID, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.CheckConstraint("calendar in ('jalali', 'gregorian')", name="ck_important_dates_calendar"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_important_dates_account_id_accounts"),
        sa.ForeignKeyConstraint(["made_by"], ["agents.id"], name="fk_important_dates_made_by_agents"),
        sa.PrimaryKeyConstraint("id", name="pk_important_dates"),
    )
    op.create_index("ix_important_dates_account_id", "important_dates", ["account_id"])
