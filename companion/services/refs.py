"""What a note may point at, and what a page may be opened at: an order or a ticket of a shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from companion.services.errors import NotFound
from storage.engine import Tx
from storage.notes import NoteRow
from storage.people import customers
from storage.scope import Scope
from storage.tickets import conversations


@dataclass(frozen=True)
class OrderRef:
    """The order a note points at; `number` is what people call it (left "" when a note is drafted)."""

    kind: ClassVar[str] = "order"
    shop: str
    order_id: str
    number: str = ""

    @property
    def id(self) -> str:
        """Its id in the shop."""
        return self.order_id


@dataclass(frozen=True)
class TicketRef:
    """The ticket a note points at; people call it by its id."""

    kind: ClassVar[str] = "ticket"
    shop: str
    ticket_id: str

    @property
    def id(self) -> str:
        """Its id in the shop."""
        return self.ticket_id


Ref = OrderRef | TicketRef


def account_of(tx: Tx, ref: Ref, customer_id: int, scope: Scope) -> int:
    """The account of this customer that the thing belongs to; raises NotFound where it is nobody's or another's."""
    if isinstance(ref, OrderRef):
        found = customers.of_order(tx, ref.shop, ref.order_id, scope)
        missing = NotFound("order.not_found")
    else:
        found = conversations.owner(tx, ref.shop, ref.ticket_id, scope)
        missing = NotFound("ticket.not_found")
    if found is None or found[1] != customer_id:
        raise missing
    return found[0]


def ref_of(row: NoteRow) -> Ref | None:
    """What a stored note points at, if at anything."""
    if row.ref_kind == OrderRef.kind:
        return OrderRef(row.shop, row.ref_id, row.number)
    return TicketRef(row.shop, row.ref_id) if row.ref_kind == TicketRef.kind else None
