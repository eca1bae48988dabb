"""Reads one thing of a shop by its id, because something said that it may have changed, and applies it.

A read by id goes past caches and settles doubts: what it says is believed even where its date went backwards, and a
thing that the shop does not know by its id is gone. `settle` runs in the transaction that writes the last of what was
read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from companion.sync.funnel.apply import Applier
from companion.sync.reading import setbacks
from companion.sync.shop import Shop
from companion.sync.source import Helpdesk
from connectors.errors import Missing, Permanent
from storage.engine import Store, Tx
from storage.tickets import tickets

log = logging.getLogger(__name__)

Settle = Callable[[Tx], object]


def _nothing(_tx: Tx) -> None:
    """Nothing is to be settled."""


class Rereader:
    """Reads and applies single things; raises ConnectorError where the shop cannot be asked."""

    def __init__(self, *, store: Store, applier: Applier, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._applier = applier
        self._clock = clock

    def order(self, shop: Shop, order_id: str, *, settle: Settle = _nothing) -> None:
        """One order, and its refunds where they differ from ours. One whose date went backwards may tell of a restored
        backup, which took the newest order with it: that one is read too.
        """
        if self._order(shop, order_id, settle) and (newest := setbacks.unproven(self._store, shop.key, order_id)):
            self._order(shop, newest, _nothing)
            setbacks.prove(self._store, shop.key, newest, now=self._clock())

    def _order(self, shop: Shop, order_id: str, settle: Settle) -> bool:
        """Reads the order; returns whether its date went backwards."""
        read_seq = self._store.next_read_seq()
        try:
            raw = shop.source.order(order_id)
        except Missing:
            with self._store.write(durable=False) as tx:
                self._applier.order_gone(tx, shop.key, order_id, read_seq=read_seq)
                settle(tx)
            return False
        items = self._applier.read_orders(shop.key, [raw])
        with self._store.write(durable=False) as tx:
            outcome = self._applier.orders(tx, shop.key, items, read_seq=read_seq, is_confirmed=True)
            if outcome.went_back:
                setbacks.notice(tx, shop.key, order_id, now=self._clock())
            if not outcome.refunds_due:
                settle(tx)
        if outcome.refunds_due:
            self.refunds(shop, order_id, settle=settle)
        return bool(outcome.went_back)

    def refunds(self, shop: Shop, order_id: str, *, settle: Settle = _nothing) -> None:
        """The refunds of one order."""
        read_seq = self._store.next_read_seq()
        raws = shop.source.order_refunds(order_id)
        with self._store.write(durable=False) as tx:
            self._applier.refunds(tx, shop.key, raws, read_seq=read_seq, of_order=order_id)
            settle(tx)

    def order_notes(self, shop: Shop, order_id: str, *, settle: Settle = _nothing) -> None:
        """The notes standing on one order; of an order that is gone there are none to read."""
        read_seq = self._store.next_read_seq()
        try:
            raws = shop.source.order_notes(order_id)
        except Missing:
            self.order(shop, order_id, settle=settle)
            return
        with self._store.write(durable=False) as tx:
            self._applier.order_notes(tx, shop.key, order_id, raws, read_seq=read_seq)
            settle(tx)

    def customer(self, shop: Shop, customer_id: str, *, settle: Settle = _nothing) -> None:
        """One registered user."""
        read_seq = self._store.next_read_seq()
        try:
            raw = shop.source.customer(customer_id)
        except Missing:
            with self._store.write(durable=False) as tx:
                self._applier.customer_gone(tx, shop.key, customer_id, read_seq=read_seq)
                settle(tx)
            return
        items = self._applier.read_customers(shop.key, [raw])
        with self._store.write(durable=False) as tx:
            self._applier.customers(tx, shop.key, items, read_seq=read_seq, is_confirmed=True)
            settle(tx)

    def people(self, shop: Shop, user_ids: Iterable[str]) -> None:
        """Registered users whom something named before we knew them; one that cannot be read is left nameless."""
        for user_id in dict.fromkeys(user_ids):
            try:
                self.customer(shop, user_id)
            except Permanent as error:
                log.warning("a user cannot be read", extra={"shop": shop.key, "user": user_id, "reason": str(error)})

    def ticket(self, shop: Shop, ticket_id: str, *, settle: Settle = _nothing, is_only_missed: bool = False) -> None:
        """One ticket, and its author where nobody knows her yet. Its replies are due after it, where they may differ.

        `is_only_missed`: a list left it out, and nothing else says that it is gone; if the shop does not know it, that
        is a first suspicion and no more.
        """
        desk = helpdesk_of(shop)
        read_seq = self._store.next_read_seq()
        try:
            raw = desk.ticket(ticket_id)
        except Missing:
            with self._store.write(durable=False) as tx:
                if is_only_missed:
                    tickets.set_missing(tx, shop.key, [ticket_id], self._clock())
                else:
                    self._applier.tickets.ticket_gone(tx, shop.key, ticket_id, read_seq=read_seq)
                settle(tx)
            return
        items = self._applier.tickets.read_tickets(shop.key, [raw])
        with self._store.write(durable=False) as tx:
            outcome = self._applier.tickets.tickets(tx, shop.key, items, read_seq=read_seq, is_confirmed=True)
            settle(tx)
        self.people(shop, outcome.people_due)

    def ticket_replies(self, shop: Shop, ticket_id: str, *, settle: Settle = _nothing) -> None:
        """The replies to one ticket, which are not due after it. Where there are none the ticket itself is asked for
        first: one that is gone has none either, and neither has one that is hidden from us.
        """
        desk = helpdesk_of(shop)
        begun_at = self._clock()
        read_seq = self._store.next_read_seq()
        try:
            raws = desk.replies(ticket_id)
        except Missing:
            raws = ()
        if not raws and not self._is_without_replies(shop, ticket_id):
            with self._store.write(durable=False) as tx:
                settle(tx)
            return
        with self._store.write(durable=False) as tx:
            self._applier.tickets.replies(tx, shop.key, ticket_id, raws, read_seq=read_seq)
            tickets.replies_were_read(tx, shop.key, ticket_id, begun_at=begun_at)
            settle(tx)

    def _is_without_replies(self, shop: Shop, ticket_id: str) -> bool:
        """Reads the ticket, and says whether it stands and counts no reply."""
        self.ticket(shop, ticket_id)
        with self._store.read() as tx:
            state = tickets.states(tx, shop.key, [ticket_id]).get(ticket_id)
        return state is not None and state.gone_at is None and state.replies == 0


def helpdesk_of(shop: Shop) -> Helpdesk:
    """The shop's helpdesk. Raises Permanent where none is configured."""
    if shop.helpdesk is None:
        raise Permanent(f"no helpdesk is configured for {shop.key}", code="no_helpdesk")
    return shop.helpdesk
