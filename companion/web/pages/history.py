"""What the customer's page shows besides its head: the notes to know first, the timeline with its filter, the form for
a new note. Shared by the views that show the page and those that change a part of it; no routes here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from flask import render_template, url_for
from werkzeug.datastructures import MultiDict

from companion.domain.channels import Contact, contact_of
from companion.services.customers.customers import (
    Conversation,
    CustomerPage,
    OrderEntry,
    OrderTitle,
    Stretch,
    TicketTitle,
    TimelinePart,
)
from companion.services.errors import NotFound
from companion.services.notes import Note, OrderRef, Ref, TicketRef
from companion.services.people.whole_page import WholePage
from companion.web.session import viewer
from companion.web.site import site
from companion.web.wording import offer_kinds

PARTS: tuple[TimelinePart, ...] = get_args(TimelinePart)
_ARGUMENTS = ("kinds", "sort", "after", "order", "ticket", "contact")
_FIRST = 20  # entries that come with the page; the rest follows as one scrolls
_MORE = 50
_TICKET = "ticket:"


@dataclass(frozen=True)
class Filter:
    """Which entries of the timeline, in which order; no kind chosen means all."""

    kinds: frozenset[TimelinePart] = frozenset()
    newest_first: bool = True

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> Filter:
        """As an address or a form says it; unknown kinds are nobody's harm."""
        chosen = args.getlist("kinds")
        return cls(frozenset(part for part in PARTS if part in chosen), args.get("sort") != "oldest")

    def query(self) -> dict[str, list[str] | str]:
        """For an address that shows the same."""
        query: dict[str, list[str] | str] = {"kinds": [part for part in PARTS if part in self.kinds]}
        return query if self.newest_first else query | {"sort": "oldest"}

    def shows_first(self, note: Note) -> bool:
        """Whether a note written just now stands at the top."""
        return self.newest_first and (not self.kinds or ("contact" if note.contact else "note") in self.kinds)

    def stretch(self, after: str | None) -> Stretch:
        """Of the timeline, the entries after that place."""
        return Stretch(self.kinds or None, self.newest_first, after, limit=_MORE if after else _FIRST)


@dataclass(frozen=True)
class InView:
    """What a page was opened at, if it is the customer's: an order, or a ticket with what was said on it."""

    order: OrderEntry | None = None
    conversation: Conversation | None = None

    @classmethod
    def of(cls, customer_id: int, ref: Ref | None) -> InView:
        """An address that points at nothing of hers, or at nothing one may see, is nobody's harm."""
        try:
            if isinstance(ref, OrderRef):
                return cls(order=_order(customer_id, ref))
            if isinstance(ref, TicketRef):
                return cls(conversation=_conversation(customer_id, ref))
        except NotFound:
            pass
        return NOTHING

    @property
    def ref(self) -> Ref | None:
        """What a note would point at."""
        if self.order:
            return OrderRef(self.order.shop, self.order.order_id, self.order.number)
        if self.conversation:
            return TicketRef(self.conversation.ticket.shop, self.conversation.ticket.ticket_id)
        return None


NOTHING = InView()


@dataclass(frozen=True)
class Form:
    """The form for a new note, as it is shown: empty, or with what was typed and why it was not taken."""

    orders: tuple[OrderTitle, ...]
    tickets: tuple[TicketTitle, ...]
    body: str = ""
    kind: str = "general"
    is_internal: bool = False
    is_pinned: bool = False
    ref: Ref | None = None
    contact: Contact | None = None
    problem: str = ""
    form_key: str = ""

    @classmethod
    def empty(cls, page: CustomerPage, in_view: InView = NOTHING, contact: Contact | None = None) -> Form:
        """A form nobody has typed into, pointing at the order or ticket in view, if any; ready to record a contact."""
        orders, tickets = _offered(page, in_view)
        return cls(
            orders=orders,
            tickets=tickets,
            kind="call" if contact else "general",
            ref=in_view.ref,
            contact=contact,
            form_key=secrets.token_urlsafe(12),
        )

    @classmethod
    def typed(cls, form: Mapping[str, str], page: CustomerPage | None = None, problem: str = "") -> Form:
        """What a browser sent; with the `page` where it is shown again, and why."""
        orders, tickets = _offered(page, NOTHING) if page else ((), ())
        return cls(
            orders=orders,
            tickets=tickets,
            body=form.get("body", ""),
            kind=form.get("kind", "general"),
            is_internal="is_internal" in form,
            is_pinned="is_pinned" in form,
            ref=parse_ref(form.get("ref", "")),
            contact=contact_typed(form),
            problem=problem,
            form_key=form.get("form_key", ""),
        )

    def points_at(self, kind: str, shop: str, thing_id: str) -> bool:
        """Whether the note is to be about this order or ticket."""
        return self.ref is not None and (self.ref.kind, self.ref.shop, self.ref.id) == (kind, shop, thing_id)


def whole_page(whole: WholePage, chosen: Filter, in_view: InView, form: Form) -> str:
    """A customer's page, drawn."""
    offer_kinds(whole.kinds)
    return render_template(
        "customers/page.html",
        page=whole.head,
        in_view=in_view.order,
        conversation=in_view.conversation,
        filter=chosen,
        timeline=whole.timeline,
        matches=whole.matches,
        decisions=whole.decisions,
        erasure=whole.erasure,
        form=form,
    )


def contact_typed(form: Mapping[str, str]) -> Contact | None:
    """The contact that a form tells of, if its switch is on."""
    if "is_contact" not in form:
        return None
    return contact_of(form.get("channel", "phone"), form.get("direction", "in"), form.get("outcome", ""))


def contact_asked(args: Mapping[str, str]) -> Contact | None:
    """The contact that the form of a page is to be ready for: ?contact=phone."""
    return contact_of(args.get("contact", ""), "in", "")


def address(customer_id: int, args: MultiDict[str, str]) -> str:
    """The page that shows what an address of one of its parts asks for."""
    asked = [(name, value) for name in _ARGUMENTS for value in args.getlist(name)]
    path = url_for("customers.show", customer_id=customer_id)
    return f"{path}?{urlencode(asked)}" if asked else path


def ref_of(args: Mapping[str, str]) -> Ref | None:
    """What the address of a page asks to see."""
    if ticket := args.get("ticket"):
        return parse_ref(_TICKET + ticket)
    return parse_ref(args.get("order", ""))


def parse_ref(text: str) -> Ref | None:
    """An order as forms name it, shop/id, or a ticket, ticket:shop/id."""
    is_ticket = text.startswith(_TICKET)
    shop, slash, thing_id = text.removeprefix(_TICKET).partition("/")
    if not (slash and shop and thing_id):
        return None
    return TicketRef(shop, thing_id) if is_ticket else OrderRef(shop, thing_id)


def _order(customer_id: int, ref: OrderRef) -> OrderEntry | None:
    customers = site().customers
    if customers.by_order(viewer(), ref.shop, ref.order_id) != customer_id:
        return None
    return customers.order(viewer(), ref.shop, ref.order_id)


def _conversation(customer_id: int, ref: TicketRef) -> Conversation | None:
    customers = site().customers
    if customers.by_ticket(viewer(), ref.shop, ref.ticket_id) != customer_id:
        return None
    return customers.ticket(viewer(), ref.shop, ref.ticket_id)


def _offered(page: CustomerPage, in_view: InView) -> tuple[tuple[OrderTitle, ...], tuple[TicketTitle, ...]]:
    """The orders and tickets that a new note may be pointed at: her newest, and what is in view."""
    orders, tickets = page.orders, page.tickets
    if in_view.order:
        order = in_view.order
        title = OrderTitle(order.shop, order.order_id, order.number, order.status)
        if title not in orders:
            orders = (title, *orders)
    if in_view.conversation:
        its = in_view.conversation.ticket
        ticket = TicketTitle(its.shop, its.ticket_id, its.title, its.status, its.is_open)
        if ticket not in tickets:
            tickets = (ticket, *tickets)
    return orders, tickets
