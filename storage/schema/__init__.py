"""The notes store's tables. This is the truth that the migrations must reach (a test holds them equal).

A thing of a shop is (shop, id as text). Instants are UTC with microseconds; money is an integer of 1/10,000 of a unit
beside its currency; text stands as it came, folded only in `search_rows`. No triggers, no vendor's words but `status`.
"""

from __future__ import annotations

from storage.schema.agents import (
    activity,
    agent_identities,
    agent_shops,
    agents,
    note_kinds,
    note_versions,
    notes,
)
from storage.schema.base import RowId, metadata
from storage.schema.identity import decisions, identifiers, links
from storage.schema.people import facts_by_hand, facts_told, important_dates
from storage.schema.privacy import erased_accounts, erased_keys, erasures, faults
from storage.schema.search import search_rows, search_words
from storage.schema.segments import (
    customer_groups,
    segment_bounds,
    segment_choices,
    segment_marks,
    segments,
    settings,
)
from storage.schema.shops import (
    accounts,
    customers,
    order_lines,
    order_notes,
    orders,
    refunds,
    shops,
)
from storage.schema.sync import (
    corrections,
    cursors,
    inbox,
    leases,
    outbox,
    parked,
    read_sequence,
    slices,
    writes,
)
from storage.schema.tickets import shop_agents, ticket_replies, tickets
from storage.schema.viewings import viewings
from storage.schema.watch import alerts, budgets, shop_time, subscriptions

__all__ = [
    "RowId",
    "accounts",
    "activity",
    "agent_identities",
    "agent_shops",
    "agents",
    "alerts",
    "budgets",
    "corrections",
    "cursors",
    "customer_groups",
    "customers",
    "decisions",
    "erased_accounts",
    "erased_keys",
    "erasures",
    "facts_by_hand",
    "facts_told",
    "faults",
    "identifiers",
    "important_dates",
    "inbox",
    "leases",
    "links",
    "metadata",
    "note_kinds",
    "note_versions",
    "notes",
    "order_lines",
    "order_notes",
    "orders",
    "outbox",
    "parked",
    "read_sequence",
    "refunds",
    "search_rows",
    "search_words",
    "segment_bounds",
    "segment_choices",
    "segment_marks",
    "segments",
    "settings",
    "shop_agents",
    "shop_time",
    "shops",
    "slices",
    "subscriptions",
    "ticket_replies",
    "tickets",
    "viewings",
    "writes",
]
