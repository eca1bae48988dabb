"""Who has whose page open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "viewings",
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("agent_id", ROW_ID, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_viewings_customer_id_customers"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_viewings_agent_id_agents"),
        sa.PrimaryKeyConstraint("customer_id", "agent_id", name="pk_viewings"),
    )
    op.create_index("ix_viewings_seen_at", "viewings", ["seen_at"])
