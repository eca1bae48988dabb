"""Who is one person: what identifies accounts, and what was decided of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables. Nobody was united so far, so the customer of an account is the one made together with it."""
    op.add_column("accounts", sa.Column("own_customer_id", ROW_ID, nullable=True))
    op.execute("UPDATE accounts SET own_customer_id = customer_id")
    with op.batch_alter_table("accounts") as accounts:
        accounts.alter_column("own_customer_id", existing_type=ROW_ID, nullable=False)
        accounts.create_foreign_key("fk_accounts_own_customer_id_customers", "customers", ["own_customer_id"], ["id"])
    op.create_table(
        "identifiers",
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_identifiers_account_id_accounts"),
        sa.PrimaryKeyConstraint("account_id", "kind", "key", name="pk_identifiers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identifiers_kind_key", "identifiers", ["kind", "key"])
    op.create_table(
        "decisions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", ROW_ID, nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", ROW_ID, nullable=True),
        sa.CheckConstraint("kind in ('unite', 'refuse', 'split')", name="ck_decisions_kind"),
        sa.ForeignKeyConstraint(["made_by"], ["agents.id"], name="fk_decisions_made_by_agents"),
        sa.ForeignKeyConstraint(["undone_by"], ["agents.id"], name="fk_decisions_undone_by_agents"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    _links()


def _links() -> None:
    """Links as they are used now; nothing ever wrote into the first ones."""
    op.drop_table("links")
    op.create_table(
        "links",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_a", ROW_ID, nullable=False),
        sa.Column("account_b", ROW_ID, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("strength", sa.Integer(), server_default="0", nullable=False),
        sa.Column("evidence", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("passed_over", sa.Text(), server_default="", nullable=False),
        sa.Column("decision_id", ROW_ID, nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint("verdict in ('same', 'likely', 'different')", name="ck_links_verdict"),
        sa.CheckConstraint("origin in ('hand', 'evidence')", name="ck_links_origin"),
        sa.CheckConstraint("passed_over in ('', 'refused', 'crowded')", name="ck_links_passed_over"),
        sa.CheckConstraint("account_a < account_b", name="ck_links_pair"),
        sa.CheckConstraint("(origin = 'hand') = (decision_id is not null)", name="ck_links_decision"),
        sa.ForeignKeyConstraint(["account_a"], ["accounts.id"], name="fk_links_account_a_accounts"),
        sa.ForeignKeyConstraint(["account_b"], ["accounts.id"], name="fk_links_account_b_accounts"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_links_decision_id_decisions"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
    )
    op.create_index("ix_links_account_a", "links", ["account_a"])
    op.create_index("ix_links_account_b", "links", ["account_b"])
    op.create_index("ix_links_decision_id", "links", ["decision_id"])
    is_open = sa.text("withdrawn_at is null and (verdict = 'likely' or passed_over <> '')")
    op.create_index("ix_links_open", "links", ["strength", "id"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index(
        "uq_links_evidence",
        "links",
        ["account_a", "account_b"],
        unique=True,
        sqlite_where=sa.text("origin = 'evidence'"),
        postgresql_where=sa.text("origin = 'evidence'"),
    )
