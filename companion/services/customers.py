"""The customer's page: who she is, what she bought, and everything that happened, on one timeline.

Reads only, but that the engine is told which orders somebody looks at. What the viewer may not see is absent from
lists, counts and sums alike: other shops, internal notes, and money (then the figures are None).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from companion.domain.money import Money, OrderSum, by_currency
from companion.domain.permissions import Permission, Viewer
from companion.domain.targets import OPEN_STATUSES
from companion.services import conversations, entries, opened, profile
from companion.services.conversations import (
    Conversation,
    OpenTicket,
    ReplyEntry,
    TicketEntry,
    Tickets,
    TicketTitle,
    TicketUrl,
)
from companion.services.entries import (
    EntryKind,
    OrderEntry,
    OrderLine,
    OrderNoteEntry,
    OrderUrl,
    RefundEntry,
    Timeline,
    TimelineEntry,
)
from companion.services.errors import NotFound
from companion.services.notes import Note, shown
from companion.services.profile import Account, ContactPoint, PostalAddress
from companion.services.scopes import scope_of
from companion.services.segments import CustomerSegment, segment_of
from storage import conversations as stored_tickets
from storage import customers, notes, segments, timeline, timeline_rows
from storage.customers import AccountRow
from storage.engine import Store, Tx
from storage.scope import Scope

__all__ = [
    "Account",
    "ContactPoint",
    "Conversation",
    "CustomerPage",
    "CustomerRow",
    "Customers",
    "EntryKind",
    "Money",
    "OpenTicket",
    "OrderEntry",
    "OrderLine",
    "OrderNoteEntry",
    "PostalAddress",
    "RefundEntry",
    "ReplyEntry",
    "TicketEntry",
    "TicketTitle",
    "Timeline",
    "TimelineEntry",
]

_MOST_ENTRIES = 200


@dataclass(frozen=True)
class CustomerPage:
    """The head of a customer's page. `id` may differ from the one asked for, when customers were united.

    `money` is None where the viewer may not see it. `last_contact_at` is her newest order, note, ticket or reply.
    `open_tickets` are all that somebody still has to work on, the one that waits longest first.
    """

    id: int
    name: str
    accounts: tuple[Account, ...]
    emails: tuple[ContactPoint, ...]
    phones: tuple[ContactPoint, ...]
    addresses: tuple[PostalAddress, ...]
    orders_count: int
    open_orders: int
    money: tuple[Money, ...] | None
    last_contact_at: datetime | None
    tickets_count: int
    open_tickets: tuple[OpenTicket, ...]
    notes_count: int
    pinned: tuple[Note, ...]
    shops: tuple[str, ...]
    segment: CustomerSegment


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
    ) -> None:
        """`order_url` and `ticket_url` lead to the shop's own screens; `region` is the country (two letters) of phone
        numbers that name none.
        """
        self._store = store
        self._clock = clock
        self._order_url = order_url
        self._ticket_url = ticket_url
        self._region = region

    def page(self, viewer: Viewer, customer_id: int) -> CustomerPage:
        """The customer, or the one she was united with; raises NotFound. What the shop may have left on her newest
        orders without a trace is read there soon.
        """
        scope, now = scope_of(viewer), self._clock()
        with self._store.read() as tx:
            customer_id, accounts = _seen(tx, customer_id, scope)
            stale = opened.stale_orders(tx, (row.id for row in accounts), now=now)
            sums = customers.order_sums(tx, customer_id, scope)
            orders = [part for part in sums if part.status != "trash"]
            notes_count, last_note_at = notes.count(tx, customer_id, scope)
            hers = stored_tickets.counts(tx, [customer_id], scope).get(customer_id, stored_tickets.CountRow(0, None))
            money = None
            if viewer.can(Permission.SEE_MONEY):
                placed = (
                    OrderSum(part.currency, part.status, part.has_paid_date, part.orders, part.total, part.last_at)
                    for part in sums
                )
                money = by_currency(placed, customers.refunded(tx, customer_id, scope))
            page = CustomerPage(
                id=customer_id,
                name=profile.name_of(accounts),
                accounts=tuple(profile.account_of(row) for row in accounts),
                emails=profile.emails_of(accounts),
                phones=profile.phones_of(accounts, self._region),
                addresses=profile.addresses_of(accounts),
                orders_count=sum(part.orders for part in orders),
                open_orders=sum(part.orders for part in orders if part.status in OPEN_STATUSES),
                money=money,
                last_contact_at=max(
                    (at for at in (last_note_at, hers.last_at, *(part.last_at for part in orders)) if at), default=None
                ),
                tickets_count=hers.tickets,
                open_tickets=conversations.open_tickets(tx, customer_id, scope) if hers.tickets else (),
                notes_count=notes_count,
                pinned=tuple(shown(row, viewer) for row in notes.pinned(tx, customer_id, scope)),
                shops=profile.shops_of(accounts),
                segment=segment_of(tx, viewer, customer_id),
            )
        opened.mark(self._store, stale, now=now)
        return page

    def timeline(
        self,
        viewer: Viewer,
        customer_id: int,
        *,
        newest_first: bool = True,
        kinds: frozenset[EntryKind] | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Timeline:
        """A page of what happened; `kinds` None is everything. Raises NotFound; Invalid for an `after` not ours."""
        scope = scope_of(viewer)
        limit = max(1, min(limit, _MOST_ENTRIES))
        place = entries.place_of(after) if after else None
        with self._store.read() as tx:
            customer_id, accounts = _seen(tx, customer_id, scope)
            keys = timeline.page(
                tx,
                customer_id,
                scope,
                kinds=timeline.KINDS if kinds is None else kinds,
                newest_first=newest_first,
                after=place,
                limit=limit + 1,
            )
            shown_keys = keys[:limit]
            tickets = Tickets(self._ticket_url, profile.name_of(accounts))
            return Timeline(
                entries=entries.read(tx, shown_keys, viewer, scope, self._order_url, tickets),
                next=entries.place(shown_keys[-1]) if len(keys) > limit else None,
            )

    def order(self, viewer: Viewer, shop: str, order_id: str) -> OrderEntry:
        """One order; raises NotFound."""
        scope = scope_of(viewer)
        with self._store.read() as tx:
            if customers.of_order(tx, shop, order_id, scope) is None:
                raise NotFound("order.not_found")
            key = timeline.Key(None, "order", shop, order_id)
            row = timeline_rows.orders_among(tx, [key])[key]
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
            row = timeline_rows.tickets_among(tx, [key])[key]
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
    resolved = customers.resolve(tx, customer_id)
    accounts = customers.accounts_of(tx, [resolved], scope).get(resolved) if resolved is not None else None
    if resolved is None or not accounts:
        raise NotFound("customer.not_found")
    return resolved, accounts
