"""What is wrong with facts, and people who are to be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "faults",
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_faults_account_id_accounts"),
        sa.PrimaryKeyConstraint("account_id", "fault", name="pk_faults"),
    )
    op.create_index("ix_faults_fault_account_id", "faults", ["fault", "account_id"])
    op.create_table(
        "erasures",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("asked_by", ROW_ID, nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["agents.id"], name="fk_erasures_asked_by_agents"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_erasures_customer_id_customers"),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_customer_id", "erasures", ["customer_id"])
    op.create_index(
        "ix_erasures_unfinished",
        "erasures",
        ["id"],
        sqlite_where=sa.text("finished_at is null"),
        postgresql_where=sa.text("finished_at is null"),
    )
    op.create_table(
        "erased_accounts",
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("erasure_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_erased_accounts_account_id_accounts"),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasures.id"], name="fk_erased_accounts_erasure_id_erasures"),
        sa.PrimaryKeyConstraint("account_id", name="pk_erased_accounts"),
    )
    op.create_index("ix_erased_accounts_erasure_id", "erased_accounts", ["erasure_id"])
    op.create_table(
        "erased_keys",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("erasure_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasures.id"], name="fk_erased_keys_erasure_id_erasures"),
        sa.PrimaryKeyConstraint("key", name="pk_erased_keys"),
    )
