"""Reads one thing of a shop by its id, because something said that it may have changed, and applies it.

A read by id goes past caches and settles doubts: what it says is believed even where its date went backwards, and a
thing that the shop does not know by its id is gone. `settle` runs in the transaction that writes the last of what was
read.
"""

from __future__ import annotations

from collections.abc import Callable

from companion.sync.apply import Applier
from companion.sync.shop import Shop
from connectors.errors import Missing
from storage.engine import Store, Tx

Settle = Callable[[Tx], object]


def _nothing(_tx: Tx) -> None:
    """Nothing is to be settled."""


class Rereader:
    """Reads and applies single things; raises ConnectorError where the shop cannot be asked."""

    def __init__(self, *, store: Store, applier: Applier) -> None:
        self._store = store
        self._applier = applier

    def order(self, shop: Shop, order_id: str, *, settle: Settle = _nothing) -> None:
        """One order, and its refunds where they differ from ours."""
        read_seq = self._store.next_read_seq()
        try:
            raw = shop.source.order(order_id)
        except Missing:
            with self._store.write(durable=False) as tx:
                self._applier.order_gone(tx, shop.key, order_id, read_seq=read_seq)
                settle(tx)
            return
        items = self._applier.read_orders(shop.key, [raw])
        with self._store.write(durable=False) as tx:
            outcome = self._applier.orders(tx, shop.key, items, read_seq=read_seq, is_confirmed=True)
            if not outcome.refunds_due:
                settle(tx)
        if outcome.refunds_due:
            self.refunds(shop, order_id, settle=settle)

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
            self.order(shop, order_id)
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
