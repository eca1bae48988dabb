"""What WooCommerce keeps: shops, people as shops know them, orders and what hangs on them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
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

shops = Table(
    "shops",
    metadata,
    Column("shop", Text, primary_key=True),  # its key in config.toml
    Column("facts", JSON, nullable=False, server_default="{}"),  # connectors.base.ShopFacts, as last told
    Column("facts_at", Instant),
    Column("is_paused", Boolean, nullable=False, server_default=text("false")),  # no writes to the shop while true
    Column("secret_generation", Integer, nullable=False, server_default="1"),  # of its webhook and bridge secrets
    Column("rotated_at", Instant),  # since when; the generation before stays good for a while
)

customers = Table(
    "customers",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("merged_into", RowId, ForeignKey("customers.id")),  # the older customer that this one redirects to
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("customer_id", RowId, ForeignKey("customers.id"), nullable=False),
    Column("shop", Text, nullable=False),  # "" for a person whom no shop knows
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),  # WordPress user id | folded e-mail, else E.164 phone, else order id
    Column("username", Text, nullable=False, server_default=""),
    Column("first_name", Text, nullable=False, server_default=""),
    Column("last_name", Text, nullable=False, server_default=""),
    Column("company", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),
    Column("role", Text, nullable=False, server_default=""),
    Column("billing", JSON, nullable=False, server_default="{}"),  # connectors.base.Address
    Column("shipping", JSON, nullable=False, server_default="{}"),
    Column("meta", JSON, nullable=False, server_default="{}"),
    Column("facts_at", Instant),  # the date of the newest order or record that the facts above were taken from
    Column("created_at", Instant),  # in the shop
    Column("modified_at", Instant),  # in the shop
    Column("read_seq", BigInteger, nullable=False, server_default="0"),  # 0: never read itself, known from orders only
    Column("raw_hash", LargeBinary),
    Column("content_hash", LargeBinary),
    Column("gone_at", Instant),  # tombstone
    Column("missing_since", Instant),  # a sweep of all ids did not see it; a second one makes sure
    Column("own_customer_id", RowId, ForeignKey("customers.id"), nullable=False),  # made together with it, for ever
    Column("reference", Text, nullable=False, server_default=""),  # into another system; only people tell it
    UniqueConstraint("shop", "kind", "key"),
    CheckConstraint("kind in ('user', 'guest', 'manual')", name="kind"),
    Index(None, "customer_id"),
)

orders = Table(
    "orders",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("order_id", Text, primary_key=True),
    Column("account_id", RowId, ForeignKey("accounts.id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("payment_method", Text, nullable=False),
    Column("payment_method_title", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("created_via", Text, nullable=False),
    Column("customer_note", Text, nullable=False),
    Column("billing", JSON, nullable=False),
    Column("shipping", JSON, nullable=False),
    Column("meta", JSON, nullable=False),
    Column("created_at", Instant),
    Column("modified_at", Instant),
    Column("paid_at", Instant),
    Column("completed_at", Instant),
    Column("summary", Text),  # our key as last observed in the shop; null: the order does not carry it
    Column("summary_written", Text),  # our key as last written by us; where they differ, something else writes it
    Column("read_seq", BigInteger, nullable=False),
    Column("raw_hash", LargeBinary),
    Column("content_hash", LargeBinary, nullable=False),
    Column("gone_at", Instant),  # tombstone: deleted for good in the shop
    Column("missing_since", Instant),  # a sweep of all ids did not see it; a second one makes sure
    Column("notes_due_at", Instant),  # since when somebody waits for its order notes; null: nobody does
    Column("notes_read_at", Instant),  # when they were last read; null: never
    Column("care_due_at", Instant),  # its turn to be looked at for what no date tells: order notes, deleted refunds
    # A customer's orders by date; and what lists and the sorting add up of everybody's, without a look at the orders.
    Index(
        "ix_orders_purchases",
        "account_id",
        "created_at",
        "status",
        "gone_at",
        "paid_at",
        "currency",
        "total",
        "shop",
    ),
    Index(None, "created_at"),
    Index(None, "shop", "modified_at"),
    Index(None, "shop", "number"),
    Index(
        "ix_orders_carriers",
        "account_id",
        sqlite_where=text("summary is not null"),
        postgresql_where=text("summary is not null"),
    ),
    Index(
        "ix_orders_notes_due",
        "shop",
        "notes_due_at",
        sqlite_where=text("notes_due_at is not null"),
        postgresql_where=text("notes_due_at is not null"),
    ),
    Index(
        "ix_orders_care_due",
        "shop",
        "care_due_at",
        sqlite_where=text("care_due_at is not null"),
        postgresql_where=text("care_due_at is not null"),
    ),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("order_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("line_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("sku", Text, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("variation_id", Text, nullable=False),
    ForeignKeyConstraint(["shop", "order_id"], ["orders.shop", "orders.order_id"], ondelete="CASCADE"),
    CheckConstraint("kind in ('line', 'shipping', 'fee', 'coupon', 'tax')", name="kind"),
)

# Refunds and order notes may be read before their order is, so they point at it without a foreign key.
refunds = Table(
    "refunds",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("refund_id", Text, primary_key=True),
    Column("order_id", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("refunded_by", Text, nullable=False),
    Column("created_at", Instant),
    Column("read_seq", BigInteger, nullable=False),
    Column("gone_at", Instant),
    Index(None, "shop", "order_id"),
)

order_notes = Table(
    "order_notes",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("order_note_id", Text, primary_key=True),
    Column("order_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("to_customer", Boolean, nullable=False),
    Column("created_at", Instant),
    Column("read_seq", BigInteger, nullable=False),
    Column("gone_at", Instant),
    Index(None, "shop", "order_id"),
)
