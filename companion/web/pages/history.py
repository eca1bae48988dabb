"""What the customer's page shows besides its head: the notes to know first, the timeline with its filter, the form for
a new note. Shared by the views that show the page and those that change a part of it; no routes here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from companion.services.customers import CustomerPage, EntryKind, OrderEntry, Timeline
from companion.services.errors import NotFound
from companion.services.notes import Note, OrderRef
from companion.web.session import viewer
from companion.web.site import site

KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
_ARGUMENTS = ("kinds", "sort", "after", "order")
_ORDERS_OFFERED = 50


@dataclass(frozen=True)
class Filter:
    """Which entries of the timeline, in which order; no kind chosen means all."""

    kinds: frozenset[EntryKind] = frozenset()
    newest_first: bool = True

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> Filter:
        """As an address or a form says it; unknown kinds are nobody's harm."""
        chosen = args.getlist("kinds")
        return cls(frozenset(kind for kind in KINDS if kind in chosen), args.get("sort") != "oldest")

    def query(self) -> dict[str, list[str] | str]:
        """For an address that shows the same."""
        query: dict[str, list[str] | str] = {"kinds": [kind for kind in KINDS if kind in self.kinds]}
        return query if self.newest_first else query | {"sort": "oldest"}

    def shows_new_note_first(self) -> bool:
        """Whether a note written now would stand at the top."""
        return self.newest_first and (not self.kinds or "note" in self.kinds)

    def read(self, customer_id: int, after: str | None) -> Timeline:
        """The page of the timeline after that place."""
        return site().customers.timeline(
            viewer(), customer_id, newest_first=self.newest_first, kinds=self.kinds or None, after=after
        )


@dataclass(frozen=True)
class Form:
    """The form for a new note, as it is shown: empty, or with what was typed and why it was not taken."""

    orders: tuple[OrderEntry, ...]
    body: str = ""
    kind: str = "general"
    is_internal: bool = False
    is_pinned: bool = False
    ref: OrderRef | None = None
    problem: str = ""
    form_key: str = ""

    @classmethod
    def empty(cls, customer_id: int, in_view: OrderEntry | None = None) -> Form:
        """A form nobody has typed into, pointing at the order in view, if any."""
        ref = OrderRef(in_view.shop, in_view.order_id, in_view.number) if in_view else None
        return cls(orders=_orders(customer_id, in_view), ref=ref, form_key=secrets.token_urlsafe(12))

    @classmethod
    def typed(cls, customer_id: int, form: Mapping[str, str], problem: str = "") -> Form:
        """What a browser sent."""
        return cls(
            orders=_orders(customer_id) if problem else (),
            body=form.get("body", ""),
            kind=form.get("kind", "general"),
            is_internal="is_internal" in form,
            is_pinned="is_pinned" in form,
            ref=parse_ref(form.get("ref", "")),
            problem=problem,
            form_key=form.get("form_key", ""),
        )


def address(customer_id: int, args: MultiDict[str, str]) -> str:
    """The page that shows what an address of one of its parts asks for."""
    asked = [(name, value) for name in _ARGUMENTS for value in args.getlist(name)]
    path = url_for("customers.show", customer_id=customer_id)
    return f"{path}?{urlencode(asked)}" if asked else path


def latest_note(page: CustomerPage) -> Note | None:
    """Her newest note, unless it is pinned and so stands at the top already."""
    if not page.notes_count:
        return None
    entries = site().customers.timeline(viewer(), page.id, kinds=frozenset({"note"}), limit=1).entries
    note = entries[0].note if entries else None
    return None if note is None or note.deleted_at or note.id in {pinned.id for pinned in page.pinned} else note


def order_in_view(customer_id: int, ref: OrderRef | None) -> OrderEntry | None:
    """The order that an address points at, if it is one of hers; an address that points elsewhere is nobody's harm."""
    if ref is None:
        return None
    customers = site().customers
    try:
        if customers.by_order(viewer(), ref.shop, ref.order_id) != customer_id:
            return None
        return customers.order(viewer(), ref.shop, ref.order_id)
    except NotFound:
        return None


def parse_ref(text: str) -> OrderRef | None:
    """An order as forms and addresses name it: shop/id."""
    shop, slash, order_id = text.partition("/")
    return OrderRef(shop, order_id) if slash and shop and order_id else None


def _orders(customer_id: int, in_view: OrderEntry | None = None) -> tuple[OrderEntry, ...]:
    """The orders that a new note may be pointed at: her newest, and the one in view."""
    newest_orders = site().customers.timeline(viewer(), customer_id, kinds=frozenset({"order"}), limit=_ORDERS_OFFERED)
    newest = tuple(entry.order for entry in newest_orders.entries if entry.order)
    return newest if in_view is None or in_view in newest else (in_view, *newest)
