"""What happened with a customer, entry by entry, as a viewer may see it; and the place in a timeline as opaque text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from companion.domain.permissions import Permission, Viewer
from companion.domain.richtext import html_to_plain
from companion.domain.status_changes import WORDS, StatusChange, status_change
from companion.services.customers.conversations import ReplyEntry, TicketEntry, Tickets
from companion.services.errors import Invalid
from companion.services.notes import Note, shown
from companion.services.scopes import scope_of
from storage import notes
from storage.engine import Tx
from storage.scope import Scope
from storage.timeline import keys, things
from storage.timeline.keys import Key

EntryKind = keys.Kind
TimelinePart = keys.Part
"""What a reader may choose to see of a timeline."""
OrderUrl = Callable[[str, str], str | None]
"""(shop, order id) to the order's address in the shop's own screens, if that is known."""


@dataclass(frozen=True)
class OrderLine:
    """One line of an order; `kind` is line, shipping, fee, coupon or tax; `total` None where money may not be seen."""

    kind: str
    name: str
    quantity: int
    total: int | None
    sku: str


@dataclass(frozen=True)
class OrderEntry:
    """An order on the timeline. `url` leads to it in the shop's own screens, None when that is not known."""

    shop: str
    order_id: str
    number: str
    status: str
    currency: str
    total: int | None
    refunded: int | None
    lines: tuple[OrderLine, ...]
    payment_method_title: str
    customer_note: str
    summary: str | None
    is_trashed: bool
    is_gone: bool
    url: str | None


@dataclass(frozen=True)
class RefundEntry:
    """Money given back on an order; `amount` None where money may not be seen."""

    shop: str
    refund_id: str
    order_id: str
    number: str
    currency: str
    amount: int | None
    reason: str
    is_gone: bool


@dataclass(frozen=True)
class OrderNoteEntry:
    """A note that stands on an order in the shop, as plain text; `to_customer` if the buyer was sent it, `change` what
    it tells of the order's status.
    """

    shop: str
    order_note_id: str
    order_id: str
    number: str
    author: str
    body: str
    to_customer: bool
    is_gone: bool
    change: StatusChange | None


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened: exactly the field named by `kind` is set. `at` is None where the shop told no date."""

    kind: EntryKind
    at: datetime | None
    order: OrderEntry | None = None
    refund: RefundEntry | None = None
    order_note: OrderNoteEntry | None = None
    ticket: TicketEntry | None = None
    reply: ReplyEntry | None = None
    note: Note | None = None


@dataclass(frozen=True)
class Timeline:
    """A page of the timeline; `next` is handed back as `after` for the following page, None at the end."""

    entries: tuple[TimelineEntry, ...]
    next: str | None


@dataclass(frozen=True)
class Stretch:
    """Which part of a timeline: `parts` None is everything; `after` is where another stretch ended."""

    parts: frozenset[TimelinePart] | None = None
    newest_first: bool = True
    after: str | None = None
    limit: int = 50


BEGINNING = Stretch()
"""The newest of everything."""
_MOST_ENTRIES = 200


def timeline(
    tx: Tx, customer_id: int, viewer: Viewer, stretch: Stretch, order_url: OrderUrl, tickets: Tickets
) -> Timeline:
    """A stretch of a customer's timeline; raises Invalid for one after no place of ours."""
    scope = scope_of(viewer)
    limit = max(1, min(stretch.limit, _MOST_ENTRIES))
    after = place_of(stretch.after) if stretch.after else None
    parts = frozenset(keys.PARTS) if stretch.parts is None else stretch.parts
    wanted = keys.Wanted(parts, stretch.newest_first, WORDS)
    found = keys.page(tx, customer_id, scope, wanted, after=after, limit=limit + 1)
    return Timeline(
        entries=read(tx, found[:limit], viewer, scope, order_url, tickets),
        next=place(found[limit - 1]) if len(found) > limit else None,
    )


def read(
    tx: Tx, places: Sequence[Key], viewer: Viewer, scope: Scope, order_url: OrderUrl, tickets: Tickets
) -> tuple[TimelineEntry, ...]:
    """The things of these keys in their order."""
    sees_money = viewer.can(Permission.SEE_MONEY)
    found: dict[Key, TimelineEntry] = {}
    for key, order in things.orders_among(tx, places).items():
        found[key] = TimelineEntry(key.kind, key.at, order=order_entry(order, order_url, sees_money=sees_money))
    for key, refund in things.refunds_among(tx, places).items():
        found[key] = TimelineEntry(key.kind, key.at, refund=_refund(refund, sees_money=sees_money))
    for key, order_note in things.order_notes_among(tx, places).items():
        found[key] = TimelineEntry(key.kind, key.at, order_note=_order_note(order_note))
    ticket_rows, reply_rows = things.tickets_among(tx, places), things.replies_among(tx, places)
    tickets.learn_names(tx, ticket_rows.values(), reply_rows.values())
    for key, ticket in ticket_rows.items():
        found[key] = TimelineEntry(key.kind, key.at, ticket=tickets.entry(ticket))
    for key, reply in reply_rows.items():
        found[key] = TimelineEntry(key.kind, key.at, reply=tickets.reply(reply))
    own = notes.among(tx, [int(key.id) for key in places if key.kind == "note"], scope)
    for key in places:
        if key.kind == "note" and int(key.id) in own:
            found[key] = TimelineEntry(key.kind, key.at, note=shown(own[int(key.id)], viewer))
    return tuple(found[key] for key in places if key in found)


def order_entry(row: things.OrderRow, order_url: OrderUrl, *, sees_money: bool) -> OrderEntry:
    """An order, without its money where that may not be seen."""
    return OrderEntry(
        shop=row.shop,
        order_id=row.order_id,
        number=row.number,
        status=row.status,
        currency=row.currency,
        total=row.total if sees_money else None,
        refunded=row.refunded if sees_money else None,
        lines=tuple(
            OrderLine(line.kind, line.name, line.quantity, line.total if sees_money else None, line.sku)
            for line in row.lines
        ),
        payment_method_title=row.payment_method_title,
        customer_note=row.customer_note,
        summary=row.summary,
        is_trashed=row.status == "trash",
        is_gone=row.is_gone,
        url=None if row.is_gone else order_url(row.shop, row.order_id),
    )


def place(key: Key) -> str:
    """A place in the timeline as text that survives an address."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def place_of(text: str) -> Key:
    """The place again; raises Invalid for a text that `place` did not make."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        key = msgspec.json.decode(raw, type=Key)
        if key.kind == "note":
            int(key.id)
        if key.at is not None:
            key = key._replace(at=key.at.astimezone(UTC))
    except (binascii.Error, ValueError, OverflowError):
        raise Invalid("timeline.cursor", field="after") from None
    return key


def _refund(row: things.RefundRow, *, sees_money: bool) -> RefundEntry:
    return RefundEntry(
        shop=row.shop,
        refund_id=row.refund_id,
        order_id=row.order_id,
        number=row.number,
        currency=row.currency,
        amount=row.amount if sees_money else None,
        reason=row.reason,
        is_gone=row.is_gone,
    )


def _order_note(row: things.OrderNoteRow) -> OrderNoteEntry:
    body = html_to_plain(row.body)
    return OrderNoteEntry(
        shop=row.shop,
        order_note_id=row.order_note_id,
        order_id=row.order_id,
        number=row.number,
        author=row.author,
        body=body,
        to_customer=row.to_customer,
        is_gone=row.is_gone,
        change=status_change(body),
    )
