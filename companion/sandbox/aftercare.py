"""What follows an order: refunds and order notes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from companion.sandbox.credentials import MANAGER_ID
from companion.sandbox.order_book import OrderBook
from companion.sandbox.records import Meta, OrderNote, Refund


class Aftercare(OrderBook):
    """The order book with what is done to its orders afterwards."""

    def create_refund(
        self,
        order_id: int,
        amount: int | Decimal,
        *,
        reason: str = "",
        refunded_by: int = MANAGER_ID,
        created_at: datetime | None = None,
        quiet: bool = False,
    ) -> Refund:
        """Give money back. The order's date moves and order.updated fires; a refund in full makes it `refunded`.

        ValueError for more than is left to give back.
        """
        with self.lock:
            order = self.orders[order_id]
            left = order.total - sum((r.amount for r in order.refunds), Decimal(0))
            given = Decimal(amount)
            if not 0 < given <= left:
                raise ValueError("Invalid refund amount.")
            created = self.clock.epoch() if created_at is None else int(created_at.timestamp())
            refund = Refund(self.new_post_id(), order_id, created, given, reason, refunded_by)
            kind = "full" if given == order.total else "partial"
            refund.meta.append(Meta(self.new_id("meta"), "_refund_type", kind))
            order.refunds.append(refund)
            self.refunds[refund.id] = refund
            if given == left:
                self._set_status(order, "refunded", "WooCommerce")
            order.modified = max(order.modified, created) if quiet else self.clock.epoch()
            self.touch(order)
            if not quiet:
                self.deliveries.do_action("woocommerce_order_refunded", order_id)
            return refund

    def delete_refund(self, refund_id: int) -> None:
        """Take a refund back: neither the order's date nor any webhook tells."""
        with self.lock:
            refund = self.refunds.pop(refund_id)
            order = self.orders[refund.order_id]
            order.refunds.remove(refund)
            self.touch(order)
            self.bridge.happened("order", "refund_deleted", order.id, dateless=True, refund_id=refund_id)

    def add_order_note(
        self,
        order_id: int,
        note: str,
        *,
        author: str = "WooCommerce",
        to_customer: bool = False,
        created_at: datetime | None = None,
    ) -> OrderNote:
        """Write a note on an order: its date stays, and no webhook fires."""
        with self.lock:
            created = self.clock.epoch() if created_at is None else int(created_at.timestamp())
            added = OrderNote(self.new_id("note"), order_id, author, created, note, to_customer)
            self.orders[order_id].notes.append(added)
            self.bridge.happened("order", "note", order_id, dateless=True, note_id=added.id)
            return added

    def delete_order_note(self, order_id: int, note_id: int) -> None:
        """Delete a note of an order; nobody is told."""
        with self.lock:
            order = self.orders[order_id]
            order.notes = [note for note in order.notes if note.id != note_id]
            self.bridge.happened("order", "note_deleted", order_id, dateless=True, note_id=note_id)
