"""The notes store's tables. This is the truth that the migrations must reach (a test holds them equal).

A thing of a shop is (shop, id as text). Instants are UTC with microseconds; money is an integer of 1/10,000 of a unit
beside its currency; text stands as it came, folded only in `search_rows`. No triggers, no vendor's words but `status`.
"""

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
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives rowid speed only to a column declared INTEGER; PostgreSQL wants room for more.
RowId = BigInteger().with_variant(Integer(), "sqlite")

# --- shops and what they hold -------------------------------------------------------------------------------------

shops = Table(
    "shops",
    metadata,
    Column("shop", Text, primary_key=True),  # its key in config.toml
    Column("facts", JSON, nullable=False, server_default="{}"),  # connectors.base.ShopFacts, as last told
    Column("facts_at", Instant),
    Column("is_paused", Boolean, nullable=False, server_default=text("false")),  # no writes to the shop while true
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
    UniqueConstraint("shop", "kind", "key"),
    CheckConstraint("kind in ('user', 'guest', 'manual')", name="kind"),
    Index(None, "customer_id"),
)

links = Table(
    "links",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_a", RowId, ForeignKey("accounts.id"), nullable=False),  # the smaller id
    Column("account_b", RowId, ForeignKey("accounts.id"), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("strength", Integer, nullable=False, server_default="0"),
    Column("evidence", JSON, nullable=False, server_default="{}"),
    Column("made_at", Instant, nullable=False),
    Column("made_by", RowId, ForeignKey("agents.id")),
    Column("withdrawn_at", Instant),
    CheckConstraint("verdict in ('same', 'different')", name="verdict"),
    CheckConstraint("origin in ('hand', 'evidence')", name="origin"),
    CheckConstraint("account_a < account_b", name="pair"),
    Index(None, "account_a"),
    Index(None, "account_b"),
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
    Column("notes_due_at", Instant),  # when its order notes should be read next; null: they are as fresh as the order
    Index(None, "account_id", "created_at"),
    Index(None, "created_at"),
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

# --- agents and their notes ---------------------------------------------------------------------------------------

agents = Table(
    "agents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False, server_default=""),
    Column("role", Text, nullable=False),
    Column("language", Text, nullable=False, server_default=""),  # "" follows the installation
    Column("calendar", Text, nullable=False, server_default=""),  # "" follows the language
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("sees_all_shops", Boolean, nullable=False, server_default=text("false")),
    Column("session_epoch", Integer, nullable=False, server_default="0"),  # raised to end every session of hers
    Column("created_at", Instant, nullable=False),
    CheckConstraint("role in ('administrator', 'sales_manager', 'support_supervisor', 'agent')", name="role"),
)

agent_identities = Table(
    "agent_identities",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("agent_id", RowId, ForeignKey("agents.id"), nullable=False),
    Column("shop", Text, nullable=False),  # "" for a sign-in here
    Column("subject", Text, nullable=False),  # folded user name here | WordPress user id there
    Column("password_hash", Text),  # sign-ins only
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("shop", "subject"),
    Index(None, "agent_id"),
)

agent_shops = Table(
    "agent_shops",
    metadata,
    Column("agent_id", RowId, ForeignKey("agents.id"), primary_key=True),
    Column("shop", Text, primary_key=True),
)

note_kinds = Table(
    "note_kinds",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name_fa", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("is_pushed", Boolean, nullable=False),
    Column("is_internal", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("customer_id", RowId, ForeignKey("customers.id"), nullable=False),
    Column("account_id", RowId, ForeignKey("accounts.id")),  # where it was written; it follows that account
    Column("shop", Text, nullable=False, server_default=""),  # of the thing it points at
    Column("ref_kind", Text, nullable=False, server_default=""),  # "", order, ticket
    Column("ref_id", Text, nullable=False, server_default=""),
    Column("kind", Text, ForeignKey("note_kinds.kind"), nullable=False),
    Column("body", Text, nullable=False),  # Markdown, as typed
    Column("is_internal", Boolean, nullable=False, server_default=text("false")),
    Column("is_pinned", Boolean, nullable=False, server_default=text("false")),
    Column("author_id", RowId, ForeignKey("agents.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("edited_at", Instant),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("deleted_at", Instant),
    Column("deleted_by", RowId, ForeignKey("agents.id")),
    Column("form_key", Text),  # names one showing of the form, so that a doubled post writes one note
    UniqueConstraint("author_id", "form_key"),
    Index(None, "customer_id", "created_at"),
    Index(None, "account_id"),
)

note_versions = Table(
    "note_versions",
    metadata,
    Column("note_id", RowId, ForeignKey("notes.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("agent_id", RowId, ForeignKey("agents.id"), nullable=False),
)

activity = Table(
    "activity",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("agent_id", RowId, ForeignKey("agents.id")),  # null: the program itself
    Column("action", Text, nullable=False),  # note.written, note.edited, agent.signed_in, …
    Column("customer_id", RowId, ForeignKey("customers.id")),
    Column("note_id", RowId, ForeignKey("notes.id")),
    Column("shop", Text, nullable=False, server_default=""),
    Column("ref_kind", Text, nullable=False, server_default=""),
    Column("ref_id", Text, nullable=False, server_default=""),
    Index(None, "at"),
    Index(None, "customer_id"),
)

# One row for each searchable thing: its folded text. SQLite's index over it is the virtual table `search_trigram`.
search_rows = Table(
    "search_rows",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", Text, nullable=False),  # account, note
    Column("owner_id", RowId, nullable=False),
    Column("folded", Text, nullable=False),
    UniqueConstraint("kind", "owner_id"),
    Index(
        "ix_search_rows_folded",
        "folded",
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
        info={"dialect": "postgresql"},
    ).ddl_if(dialect="postgresql"),
)

# --- the sync engine ----------------------------------------------------------------------------------------------

inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("kind", Text, nullable=False),  # what the topic speaks of: its part before the dot
    Column("resource_id", Text, nullable=False),
    Column("delivery_id", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("body", LargeBinary),  # null once dropped
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant, nullable=False),
    Column("token", Text),  # of the claim
    Column("claimed_until", Instant),
    Column("finished_at", Instant),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("shop", "topic", "resource_id", "delivery_id", "body_hash"),
    CheckConstraint("state in ('waiting', 'applied', 'ignored', 'dead')", name="state"),
    Index(
        "ix_inbox_waiting",
        "next_at",
        "id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_inbox_waiting_things",
        "shop",
        "kind",
        "resource_id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_inbox_dead",
        "finished_at",
        sqlite_where=text("state = 'dead'"),
        postgresql_where=text("state = 'dead'"),
    ),
    Index(
        "ix_inbox_finished_bodies",
        "finished_at",
        sqlite_where=text("body is not null and finished_at is not null"),
        postgresql_where=text("body is not null and finished_at is not null"),
    ),
)

outbox = Table(
    "outbox",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # order
    Column("ref_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default="1"),  # raised by every mark
    Column("lane", Integer, nullable=False, server_default="0"),  # 0 at once, 1 slow
    Column("marked_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant, nullable=False),
    Column("token", Text),
    Column("claimed_until", Instant),
    Column("failure", Text, nullable=False, server_default=""),  # why the last attempt came to nothing
    Column("parked", Text, nullable=False, server_default=""),  # the reason; parked refs wait for the next mark
    Index(None, "shop", "lane", "next_at"),
)

writes = Table(
    "writes",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("hour", Instant, primary_key=True),  # the start of the hour
    Column("count", Integer, nullable=False),
)

corrections = Table(
    "corrections",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ref_id", Text, primary_key=True),
    Column("day", Instant, primary_key=True),
    Column("count", Integer, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("stream", Text, primary_key=True),  # orders, customers, refunds, order_notes
    Column("watermark", Instant),  # everything changed before it is here
    Column("signpost", Instant),  # the ceiling of the sweep under way, from the shop's clock
    Column("is_backfilled", Boolean, nullable=False, server_default=text("false")),
    Column("done", Integer, nullable=False, server_default="0"),  # records read by the backfill
    Column("total", Integer, nullable=False, server_default="0"),  # as the shop counts them
    Column("started_at", Instant),
    Column("succeeded_at", Instant),
    Column("failed_at", Instant),
    Column("failure", Text, nullable=False, server_default=""),
)

slices = Table(
    "slices",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("slice", Text, primary_key=True),
    Column("records", Integer, nullable=False),
    Column("finished_at", Instant, nullable=False),
)

parked = Table(
    "parked",
    metadata,
    Column("shop", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ref_id", Text, primary_key=True),
    Column("raw_hash", LargeBinary, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parked_at", Instant, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Instant, nullable=False),
)

# PostgreSQL has a sequence of this name instead; SQLite counts here, in one row.
read_sequence = Table(
    "read_sequence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("value", BigInteger, nullable=False),
    info={"dialect": "sqlite"},
)
