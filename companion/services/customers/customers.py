"""The customer's page: who she is, what she bought, and everything that happened, on one timeline.

Reads only, but that the engine is told which orders somebody looks at. What the viewer may not see is absent from
lists, counts and sums alike: other shops, internal notes, and money (then the figures are None).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from companion.domain.also_told import NOTHING_CHOSEN, Chosen
from companion.domain.permissions import Permission, Viewer
from companion.domain.purchases import Purchases
from companion.domain.targets import OPEN_STATUSES
from companion.services import profile
from companion.services.customers import bought, conversations, entries, opened
from companion.services.customers.bought import OrderTitle
from companion.services.customers.contacts import WINDOW, Repeated, repeated
from companion.services.customers.conversations import (
    Conversation,
    OpenTicket,
    ReplyEntry,
    TicketEntry,
    Tickets,
    TicketTitle,
    TicketUrl,
)
from companion.services.customers.entries import (
    BEGINNING,
    EntryKind,
    OrderEntry,
    OrderLine,
    OrderNoteEntry,
    OrderUrl,
    RefundEntry,
    Stretch,
    Timeline,
    TimelineEntry,
    TimelinePart,
)
from companion.services.customers.known import Known, known
from companion.services.errors import NotFound
from companion.services.fields import ChosenField, fields_of, told_of
from companion.services.notes import Note, shown
from companion.services.profile import Account, ContactPoint, PostalAddress
from companion.services.scopes import scope_of
from companion.services.segments.segments import CustomerSegment, segment_of
from storage import notes
from storage.engine import Store, Tx
from storage.people import customers
from storage.people.customers import AccountRow
from storage.scope import Scope
from storage.segments import segments
from storage.sync.care import OrderKey
from storage.tickets import conversations as stored_tickets
from storage.timeline import keys as timeline
from storage.timeline import things

__all__ = [
    "Account",
    "ChosenField",
    "ContactPoint",
    "Conversation",
    "CustomerPage",
    "CustomerRow",
    "Customers",
    "EntryKind",
    "Found",
    "OpenTicket",
    "OrderEntry",
    "OrderLine",
    "OrderNoteEntry",
    "OrderTitle",
    "PostalAddress",
    "Purchases",
    "RefundEntry",
    "Repeated",
    "ReplyEntry",
    "Stretch",
    "TicketEntry",
    "TicketTitle",
    "Timeline",
    "TimelineEntry",
    "TimelinePart",
]

OFFERED = 12
"""So many orders, and tickets, are offered for a note to be about."""
_TEHRAN = ZoneInfo("Asia/Tehran")


@dataclass(frozen=True)
class CustomerPage:
    """The head of a customer's page. `id` may differ from the one asked for, when customers were united.

    `purchases` is None where the viewer may not see money. `last_contact_at` is her newest order, note, ticket or
    reply. `open_tickets` are all that somebody still has to work on, the one that waits longest first. `latest` is her
    newest note, unless it is pinned. `orders` and `tickets` are the newest, which a note may be about.
    """

    id: int
    name: str
    accounts: tuple[Account, ...]
    emails: tuple[ContactPoint, ...]
    phones: tuple[ContactPoint, ...]
    addresses: tuple[PostalAddress, ...]
    orders_count: int
    open_orders: int
    purchases: tuple[Purchases, ...] | None
    last_contact_at: datetime | None
    repeated: Repeated | None
    tickets_count: int
    open_tickets: tuple[OpenTicket, ...]
    notes_count: int
    pinned: tuple[Note, ...]
    latest: Note | None
    orders: tuple[OrderTitle, ...]
    tickets: tuple[TicketTitle, ...]
    shops: tuple[str, ...]
    segment: CustomerSegment
    known: Known
    fields: tuple[ChosenField, ...] = ()


@dataclass(frozen=True)
class Found:
    """A customer whom a viewer may see, by her present id, and her accounts in scope."""

    id: int
    accounts: Sequence[AccountRow]


@dataclass(frozen=True)
class CustomerRow:
    """A customer in a list; `segment` is her kind, "" for none."""

    id: int
    name: str
    shops: tuple[str, ...]
    orders_count: int
    last_order_at: datetime | None
    last_contact_at: datetime | None
    segment: str


def _nowhere(_shop: str, _ticket_id: str) -> str | None:
    return None


class Customers:
    """Reading customers."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        order_url: OrderUrl,
        *,
        ticket_url: TicketUrl = _nowhere,
        region: str = "IR",
        zone: ZoneInfo = _TEHRAN,
        chosen: Chosen = NOTHING_CHOSEN,
    ) -> None:
        """`order_url` and `ticket_url` lead to the shop's own screens; `region` is the country (two letters) of phone
        numbers that name none, `zone` the one in which years and months begin, `chosen` the custom fields that people
        are found by.
        """
        self._store = store
        self._clock = clock
        self._order_url = order_url
        self._ticket_url = ticket_url
        self._region = region
        self._zone = zone
        self._chosen = chosen

    def page(self, viewer: Viewer, customer_id: int) -> CustomerPage:
        """The customer, or the one she was united with; raises NotFound. What the shop may have left on her newest
        orders without a trace is read there soon.
        """
        with self._store.read() as tx:
            found = self.find(tx, viewer, customer_id)
            page, unread = self.head(tx, viewer, found), self.unread(tx, found)
        self.have_read(unread)
        return page

    def timeline(self, viewer: Viewer, customer_id: int, stretch: Stretch = BEGINNING) -> Timeline:
        """A stretch of what happened. Raises NotFound; Invalid for a stretch after no place of ours."""
        with self._store.read() as tx:
            return self.happened(tx, viewer, self.find(tx, viewer, customer_id), stretch)

    # What a page of everything is made of, in the caller's transaction.

    def find(self, tx: Tx, viewer: Viewer, customer_id: int) -> Found:
        """The customer, or the one she was united with, as this viewer sees her; raises NotFound."""
        return Found(*_seen(tx, customer_id, scope_of(viewer)))

    def unread(self, tx: Tx, found: Found) -> Sequence[OrderKey]:
        """Of her newest orders, those of which the shop may hold what was not read lately."""
        return opened.stale_orders(tx, (row.id for row in found.accounts), now=self._clock())

    def have_read(self, orders: Sequence[OrderKey]) -> None:
        """Have these orders read soon, as somebody looks at them; in a transaction of its own, after the reading."""
        opened.mark(self._store, orders, now=self._clock())

    def head(self, tx: Tx, viewer: Viewer, found: Found) -> CustomerPage:
        """The head of her page."""
        scope, now, customer_id, accounts = scope_of(viewer), self._clock(), found.id, found.accounts
        placed = customers.purchases(tx, customer_id, scope)
        orders = [order for order in placed if order.status != "trash"]
        shops = {row.id: row.shop for row in accounts}
        besides = told_of(tx, shops, self._chosen, region=self._region)
        told = notes.tally(tx, customer_id, scope, since=now - WINDOW)
        latest, pinned = notes.first(tx, customer_id, scope) if told.notes else (None, ())
        hers = stored_tickets.counts(tx, [customer_id], scope).get(customer_id, stored_tickets.CountRow(0, None))
        sees_money = viewer.can(Permission.SEE_MONEY)
        return CustomerPage(
            id=customer_id,
            name=profile.name_of(accounts),
            accounts=tuple(profile.account_of(row) for row in accounts),
            emails=profile.emails_of(accounts),
            phones=profile.phones_of(accounts, self._region, besides),
            addresses=profile.addresses_of(accounts),
            orders_count=len(orders),
            open_orders=sum(order.status in OPEN_STATUSES for order in orders),
            purchases=bought.told(placed, now=now, zone=self._zone, calendar=viewer.calendar) if sees_money else None,
            last_contact_at=max(
                (at for at in (told.last_at, hers.last_at, *(order.created_at for order in orders)) if at),
                default=None,
            ),
            repeated=repeated(told),
            tickets_count=hers.tickets,
            open_tickets=conversations.open_tickets(tx, customer_id, scope) if hers.tickets else (),
            notes_count=told.notes,
            pinned=tuple(shown(row, viewer) for row in pinned),
            latest=shown(latest, viewer) if latest and not latest.is_pinned else None,
            orders=bought.titles(orders, limit=OFFERED),
            tickets=conversations.titles(tx, customer_id, scope, limit=OFFERED) if hers.tickets else (),
            shops=profile.shops_of(accounts),
            segment=segment_of(tx, viewer, customer_id),
            known=known(tx, accounts),
            fields=fields_of(besides, shops, self._chosen),
        )

    def happened(self, tx: Tx, viewer: Viewer, found: Found, stretch: Stretch) -> Timeline:
        """A stretch of her timeline; raises Invalid for one after no place of ours."""
        tickets = Tickets(self._ticket_url, profile.name_of(found.accounts))
        return entries.timeline(tx, found.id, viewer, stretch, self._order_url, tickets)

    # Single things of hers.

    def order(self, viewer: Viewer, shop: str, order_id: str) -> OrderEntry:
        """One order; raises NotFound."""
        scope = scope_of(viewer)
        with self._store.read() as tx:
            if customers.of_order(tx, shop, order_id, scope) is None:
                raise NotFound("order.not_found")
            key = timeline.Key(None, "order", shop, order_id)
            row = things.orders_among(tx, [key])[key]
            return entries.order_entry(row, self._order_url, sees_money=viewer.can(Permission.SEE_MONEY))

    def by_order(self, viewer: Viewer, shop: str, order_id: str) -> int:
        """The id of the customer who placed an order; raises NotFound."""
        scope = scope_of(viewer)
        with self._store.read() as tx:
            found = customers.of_order(tx, shop, order_id, scope)
            if found is None:
                raise NotFound("order.not_found")
            return found[1]

    def ticket(self, viewer: Viewer, shop: str, ticket_id: str) -> Conversation:
        """One ticket with what was said on it; raises NotFound."""
        scope = scope_of(viewer)
        with self._store.read() as tx:
            owner = stored_tickets.owner(tx, shop, ticket_id, scope)
            if owner is None:
                raise NotFound("ticket.not_found")
            accounts = customers.accounts_of(tx, [owner[1]], scope).get(owner[1], [])
            key = timeline.Key(None, "ticket", shop, ticket_id)
            row = things.tickets_among(tx, [key])[key]
            return Tickets(self._ticket_url, profile.name_of(accounts)).conversation(tx, row)

    def by_ticket(self, viewer: Viewer, shop: str, ticket_id: str) -> int:
        """The id of the customer who opened a ticket; raises NotFound."""
        scope = scope_of(viewer)
        with self._store.read() as tx:
            owner = stored_tickets.owner(tx, shop, ticket_id, scope)
            if owner is None:
                raise NotFound("ticket.not_found")
            return owner[1]

    def tickets(self, viewer: Viewer, customer_id: int, *, limit: int = 50) -> tuple[TicketTitle, ...]:
        """Her newest tickets, the newest first; raises NotFound."""
        scope = scope_of(viewer)
        with self._store.read() as tx:
            customer_id, _ = _seen(tx, customer_id, scope)
            return conversations.titles(tx, customer_id, scope, limit=limit)

    def recent(self, viewer: Viewer, limit: int = 20) -> tuple[CustomerRow, ...]:
        """Customers with the newest orders, tickets, replies and notes first."""
        scope = scope_of(viewer)
        with self._store.read() as tx:
            ids = customers.recent(tx, scope, limit=limit)
            accounts = customers.accounts_of(tx, ids, scope)
            contacts = customers.contacts(tx, ids, scope)
            kinds = segments.of_many(tx, ids)
        return tuple(
            CustomerRow(
                id=customer_id,
                name=profile.name_of(accounts[customer_id]),
                shops=profile.shops_of(accounts[customer_id]),
                orders_count=contacts[customer_id].orders,
                last_order_at=contacts[customer_id].last_order_at,
                last_contact_at=contacts[customer_id].last_contact_at,
                segment=kinds.get(customer_id, ""),
            )
            for customer_id in ids
            if customer_id in accounts
        )


def _seen(tx: Tx, customer_id: int, scope: Scope) -> tuple[int, list[AccountRow]]:
    """The customer's present id and her accounts in scope; one without any is as good as none."""
    hers = customers.accounts_of(tx, [customer_id], scope).get(customer_id)
    if hers:
        return customer_id, hers
    # Whoever was united with another has no accounts left.
    resolved = customers.resolve(tx, customer_id)
    hers = customers.accounts_of(tx, [resolved], scope).get(resolved) if resolved is not None else None
    if resolved is None or not hers:
        raise NotFound("customer.not_found")
    return resolved, hers
