"""The first tables: shops and what they hold, agents and their notes, the search index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make everything, and put in the note kinds that every installation starts with."""
    _shops_and_what_they_hold()
    _agents_and_their_notes()
    _search()
    _first_note_kinds()


def _shops_and_what_they_hold() -> None:
    """Shops, agents (whom links name), accounts, customers, orders."""
    op.create_table(
        "shops",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("facts_at", INSTANT, nullable=True),
        sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("secret_generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("rotated_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("shop", name="pk_shops"),
    )
    op.create_table(
        "customers",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("merged_into", ROW_ID, nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["customers.id"], name="fk_customers_merged_into_customers"),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_table(
        "agents",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("calendar", sa.Text(), server_default="", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("sees_all_shops", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("session_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "role in ('administrator', 'sales_manager', 'support_supervisor', 'agent')", name="ck_agents_role"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), server_default="", nullable=False),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column("company", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.Column("billing", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("shipping", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("meta", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("facts_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("modified_at", INSTANT, nullable=True),
        sa.Column("read_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("raw_hash", sa.LargeBinary(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=True),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.Column("missing_since", INSTANT, nullable=True),
        sa.CheckConstraint("kind in ('user', 'guest', 'manual')", name="ck_accounts_kind"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_accounts_customer_id_customers"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("shop", "kind", "key", name="uq_accounts_shop_kind_key"),
    )
    op.create_index("ix_accounts_customer_id", "accounts", ["customer_id"])
    op.create_table(
        "links",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_a", ROW_ID, nullable=False),
        sa.Column("account_b", ROW_ID, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("strength", sa.Integer(), server_default="0", nullable=False),
        sa.Column("evidence", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", ROW_ID, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint("origin in ('hand', 'evidence')", name="ck_links_origin"),
        sa.CheckConstraint("verdict in ('same', 'different')", name="ck_links_verdict"),
        sa.CheckConstraint("account_a < account_b", name="ck_links_pair"),
        sa.ForeignKeyConstraint(["account_a"], ["accounts.id"], name="fk_links_account_a_accounts"),
        sa.ForeignKeyConstraint(["account_b"], ["accounts.id"], name="fk_links_account_b_accounts"),
        sa.ForeignKeyConstraint(["made_by"], ["agents.id"], name="fk_links_made_by_agents"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
    )
    op.create_index("ix_links_account_a", "links", ["account_a"])
    op.create_index("ix_links_account_b", "links", ["account_b"])
    op.create_table(
        "orders",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("payment_method", sa.Text(), nullable=False),
        sa.Column("payment_method_title", sa.Text(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("created_via", sa.Text(), nullable=False),
        sa.Column("customer_note", sa.Text(), nullable=False),
        sa.Column("billing", sa.JSON(), nullable=False),
        sa.Column("shipping", sa.JSON(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("modified_at", INSTANT, nullable=True),
        sa.Column("paid_at", INSTANT, nullable=True),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("summary_written", sa.Text(), nullable=True),
        sa.Column("read_seq", sa.BigInteger(), nullable=False),
        sa.Column("raw_hash", sa.LargeBinary(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.Column("missing_since", INSTANT, nullable=True),
        sa.Column("notes_due_at", INSTANT, nullable=True),
        sa.Column("notes_read_at", INSTANT, nullable=True),
        sa.Column("care_due_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_orders_account_id_accounts"),
        sa.PrimaryKeyConstraint("shop", "order_id", name="pk_orders"),
    )
    op.create_index("ix_orders_account_id_created_at", "orders", ["account_id", "created_at"])
    op.create_index("ix_orders_created_at", "orders", ["created_at"])
    op.create_index(
        "ix_orders_carriers",
        "orders",
        ["account_id"],
        sqlite_where=sa.text("summary is not null"),
        postgresql_where=sa.text("summary is not null"),
    )
    op.create_index(
        "ix_orders_notes_due",
        "orders",
        ["shop", "notes_due_at"],
        sqlite_where=sa.text("notes_due_at is not null"),
        postgresql_where=sa.text("notes_due_at is not null"),
    )
    op.create_index(
        "ix_orders_care_due",
        "orders",
        ["shop", "care_due_at"],
        sqlite_where=sa.text("care_due_at is not null"),
        postgresql_where=sa.text("care_due_at is not null"),
    )
    op.create_index("ix_orders_shop_modified_at", "orders", ["shop", "modified_at"])
    op.create_index("ix_orders_shop_number", "orders", ["shop", "number"])
    op.create_table(
        "order_lines",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("variation_id", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('line', 'shipping', 'fee', 'coupon', 'tax')", name="ck_order_lines_kind"),
        sa.ForeignKeyConstraint(
            ["shop", "order_id"],
            ["orders.shop", "orders.order_id"],
            name="fk_order_lines_shop_order_id_orders",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop", "order_id", "position", name="pk_order_lines"),
    )
    op.create_table(
        "refunds",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refunded_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("read_seq", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("shop", "refund_id", name="pk_refunds"),
    )
    op.create_index("ix_refunds_shop_order_id", "refunds", ["shop", "order_id"])
    op.create_table(
        "order_notes",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("order_note_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("to_customer", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("read_seq", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("shop", "order_note_id", name="pk_order_notes"),
    )
    op.create_index("ix_order_notes_shop_order_id", "order_notes", ["shop", "order_id"])


def _agents_and_their_notes() -> None:
    """How agents are known, what they wrote, what they did."""
    op.create_table(
        "agent_identities",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("agent_id", ROW_ID, nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_agent_identities_agent_id_agents"),
        sa.PrimaryKeyConstraint("id", name="pk_agent_identities"),
        sa.UniqueConstraint("shop", "subject", name="uq_agent_identities_shop_subject"),
    )
    op.create_index("ix_agent_identities_agent_id", "agent_identities", ["agent_id"])
    op.create_table(
        "agent_shops",
        sa.Column("agent_id", ROW_ID, nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_agent_shops_agent_id_agents"),
        sa.PrimaryKeyConstraint("agent_id", "shop", name="pk_agent_shops"),
    )
    op.create_table(
        "note_kinds",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_fa", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("is_pushed", sa.Boolean(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_note_kinds"),
    )
    op.create_table(
        "notes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("shop", sa.Text(), server_default="", nullable=False),
        sa.Column("ref_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("ref_id", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("author_id", ROW_ID, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("edited_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", INSTANT, nullable=True),
        sa.Column("deleted_by", ROW_ID, nullable=True),
        sa.Column("form_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_notes_account_id_accounts"),
        sa.ForeignKeyConstraint(["author_id"], ["agents.id"], name="fk_notes_author_id_agents"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_notes_customer_id_customers"),
        sa.ForeignKeyConstraint(["deleted_by"], ["agents.id"], name="fk_notes_deleted_by_agents"),
        sa.ForeignKeyConstraint(["kind"], ["note_kinds.kind"], name="fk_notes_kind_note_kinds"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
        sa.UniqueConstraint("author_id", "form_key", name="uq_notes_author_id_form_key"),
    )
    op.create_index("ix_notes_account_id", "notes", ["account_id"])
    op.create_index("ix_notes_customer_id_created_at", "notes", ["customer_id", "created_at"])
    op.create_table(
        "note_versions",
        sa.Column("note_id", ROW_ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("agent_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_note_versions_agent_id_agents"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_note_versions_note_id_notes"),
        sa.PrimaryKeyConstraint("note_id", "version", name="pk_note_versions"),
    )
    op.create_table(
        "activity",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("agent_id", ROW_ID, nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=True),
        sa.Column("note_id", ROW_ID, nullable=True),
        sa.Column("shop", sa.Text(), server_default="", nullable=False),
        sa.Column("ref_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("ref_id", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_activity_agent_id_agents"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_activity_customer_id_customers"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_activity_note_id_notes"),
        sa.PrimaryKeyConstraint("id", name="pk_activity"),
    )
    op.create_index("ix_activity_at", "activity", ["at"])
    op.create_index("ix_activity_customer_id", "activity", ["customer_id"])


def _search() -> None:
    """Folded text and each engine's index over its substrings."""
    op.create_table(
        "search_rows",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", ROW_ID, nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_rows"),
        sa.UniqueConstraint("kind", "owner_id", name="uq_search_rows_kind_owner_id"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.create_index(
            "ix_search_rows_folded",
            "search_rows",
            ["folded"],
            postgresql_using="gin",
            postgresql_ops={"folded": "gin_trgm_ops"},
        )
    else:
        # detail=none is a quarter of the full index and still serves LIKE '%…%', the only question asked of it.
        op.execute(
            "CREATE VIRTUAL TABLE search_trigram USING"
            " fts5(folded, content='search_rows', content_rowid='id', tokenize='trigram', detail=none)"
        )


def _first_note_kinds() -> None:
    """The note kinds that every installation starts with; people may change them later."""
    kinds = (  # kind, Persian, English, pushed to the shop, internal
        ("general", "عمومی", "General", True, False),
        ("call", "تماس", "Call", True, False),
        ("complaint", "شکایت", "Complaint", False, False),
        ("preference", "ترجیحات", "Preference", True, False),
        ("important_date", "تاریخ مهم", "Important date", True, False),
        ("delivery", "ارسال", "Delivery", True, False),
        ("payment", "پرداخت", "Payment", True, False),
        ("internal", "محرمانه", "Internal", False, True),
    )
    table = sa.table(
        "note_kinds",
        sa.column("kind", sa.Text),
        sa.column("name_fa", sa.Text),
        sa.column("name_en", sa.Text),
        sa.column("is_pushed", sa.Boolean),
        sa.column("is_internal", sa.Boolean),
        sa.column("position", sa.Integer),
    )
    names = ("kind", "name_fa", "name_en", "is_pushed", "is_internal", "position")
    op.bulk_insert(table, [dict(zip(names, (*kind, place), strict=True)) for place, kind in enumerate(kinds)])
