"""What every source of shop records gives: plain immutable records and pages of them.

A thing of a shop is the plain triple (shop, kind, id as text). Records hold the shop's facts as companion keeps them:
text as it came, instants in UTC, money as integers of 1/10,000 of a unit. No I/O here, and no vendor.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

MONEY_SCALE = 10_000
"""Money is an integer count of 1/10,000 of the currency's unit."""

SUMMARY_KEY = "companion_note"
"""The one meta key that companion writes (without an underscore: stock WordPress shows it in Custom Fields)."""


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    """A billing or shipping address, text as it came."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""


class OrderLine(msgspec.Struct, frozen=True):
    """One line of an order; `total` in 1/10,000 of the order's currency."""

    line_id: str
    kind: Literal["line", "shipping", "fee", "coupon", "tax"]
    name: str
    quantity: int
    total: int
    sku: str = ""
    product_id: str = ""
    variation_id: str = ""


class Order(msgspec.Struct, frozen=True):
    """An order, whole.

    `customer_id` is the WordPress user ("" for a guest). `meta` is what other plugins keep on the order, scalars only;
    our own key is not in it: its value is `summary` (None where the order does not carry it).
    """

    id: str
    number: str
    status: str
    currency: str
    total: int
    customer_id: str
    billing: Address
    shipping: Address
    created_at: datetime | None
    modified_at: datetime | None
    paid_at: datetime | None
    completed_at: datetime | None
    payment_method: str
    payment_method_title: str
    transaction_id: str
    created_via: str
    customer_note: str
    lines: tuple[OrderLine, ...]
    refund_ids: tuple[str, ...]
    meta: tuple[tuple[str, str], ...]
    summary: str | None


class Refund(msgspec.Struct, frozen=True):
    """Money given back on an order; `amount` is positive, in 1/10,000 of the order's currency."""

    id: str
    order_id: str
    amount: int
    reason: str
    refunded_by: str
    created_at: datetime | None


class OrderNote(msgspec.Struct, frozen=True):
    """A note that stands on an order in the shop (not one of ours); `to_customer` if the buyer was sent it."""

    id: str
    order_id: str
    author: str
    body: str
    to_customer: bool
    created_at: datetime | None


class Customer(msgspec.Struct, frozen=True):
    """A registered user of the shop, of any role."""

    id: str
    username: str
    email: str
    first_name: str
    last_name: str
    role: str
    billing: Address
    shipping: Address
    created_at: datetime | None
    modified_at: datetime | None
    meta: tuple[tuple[str, str], ...]


class Ticket(msgspec.Struct, frozen=True):
    """A ticket of the shop's helpdesk, without its replies.

    `body` is HTML as the shop renders it, to be sanitised before it is shown; `title` is plain text. `status` says how
    far the work is (queued, processing, hold, or the shop's own; trash), `state` whether it is open or closed. People
    are WordPress users, "" for nobody. `replies` counts what the shop counts, and rises where `modified_at` does not.
    `summary` is our own key's value (None where the ticket does not carry it); `takes_summary` says whether the shop
    shows that key on tickets at all, without which writing it has no effect.
    """

    id: str
    title: str
    body: str
    status: str
    state: str
    author_id: str
    assignee_id: str
    secondary_assignee_id: str
    tertiary_assignee_id: str
    channel: str
    tag_ids: tuple[str, ...]
    customer_replies: int
    agent_replies: int
    replies: int
    created_at: datetime | None
    modified_at: datetime | None
    url: str
    summary: str | None
    takes_summary: bool


class TicketReply(msgspec.Struct, frozen=True):
    """A reply to a ticket, by a WordPress user; `body` as in `Ticket`, `status` read or unread."""

    id: str
    ticket_id: str
    author_id: str
    body: str
    status: str
    created_at: datetime | None
    modified_at: datetime | None


class Agent(msgspec.Struct, frozen=True):
    """A WordPress user who works in the shop; one may hold several roles."""

    id: str
    username: str
    name: str
    first_name: str
    last_name: str
    email: str
    roles: tuple[str, ...]
    created_at: datetime | None


class Window(msgspec.Struct, frozen=True):
    """Which records a sweep asks for: those whose `by` date lies in (since, until), either end open with None.

    Both ends are exclusive and the shop's dates have one-second steps, so callers overlap by at least one second.
    `trash` asks for the trash alone, which no other sweep sees.
    """

    by: Literal["created", "modified"]
    since: datetime | None = None
    until: datetime | None = None
    trash: bool = False


class Stamp(msgspec.Struct, frozen=True):
    """A record's id, status ("" where it has none) and date of change: enough to see that it differs from ours."""

    id: str
    status: str
    modified_at: datetime | None


class Page(msgspec.Struct, frozen=True):
    """One page of a list: the raw items (one JSON object's bytes each), the shop's totals, its clock (the Date header),
    and how many seconds the answer took. `fresh` is False where a cache on the way answered in the shop's place.
    """

    items: tuple[bytes, ...]
    total: int
    pages: int
    shop_now: datetime | None
    seconds: float
    fresh: bool = True


class Count(msgspec.Struct, frozen=True):
    """How many records a list has by the shop's own count, asked without reading them. The shop also counts what it
    hides from us, so it tells whether something may have changed, and nothing else. `total` is None where a host drops
    the header that tells it; the rest as in `Page`.
    """

    total: int | None
    shop_now: datetime | None
    seconds: float
    fresh: bool = True


class Change(msgspec.Struct, frozen=True):
    """Something that happened in a shop, as our plugin there remembers it under its own rising number: `event` as
    ticket_reply or order_note_deleted, with the id of that ticket, order or customer.
    """

    number: int
    event: str
    id: str


class Changes(msgspec.Struct, frozen=True):
    """What happened since the number that was asked for: ask next time from `number`, and at once where there is
    `more`. `sweep`: it is not remembered that far back, so everything must be compared.
    """

    number: int
    sweep: bool
    more: bool
    changes: tuple[Change, ...]


class ShopFacts(msgspec.Struct, frozen=True):
    """What the shop says of itself. `order_storage`: hpos, hpos-sync, legacy, legacy-sync, or "" where it is not told.
    `gmt_offset` is in hours. `runs_jobs` says whether WordPress starts its own jobs (WP-Cron), or leaves that to the
    server; None where it is not told.
    """

    name: str
    url: str
    timezone: str
    gmt_offset: float
    woocommerce_version: str
    wordpress_version: str
    order_storage: str
    currency: str
    decimals: int
    runs_jobs: bool | None = None


class WriteResult(msgspec.Struct, frozen=True):
    """What became of one write of a batch: the record as the shop answered it, or the error (then `raw` is empty)."""

    id: str
    raw: bytes = b""
    error: Exception | None = None


class Webhook(msgspec.Struct, frozen=True):
    """A webhook registered in the shop (its secret and its failure count are never told)."""

    id: str
    name: str
    status: str
    topic: str
    delivery_url: str
