"""The search rows of orders and order notes: what the customer wrote when she ordered, and what the shop wrote since.

Only `apply` calls it, inside its own transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from companion.domain.searchable import order_note_text, order_text
from connectors.base import Order, OrderNote
from storage.engine import Tx
from storage.search import index


def of_orders(tx: Tx, shop: str, written: Iterable[Order], *, known: Collection[str]) -> None:
    """Of orders just written. Most customers write nothing, and of a new order there is nothing to forget."""
    texts = {order.id: order_text(order.customer_note) for order in written if order.customer_note or order.id in known}
    if texts:
        index.put_things(tx, "order", shop, texts)


def of_order_notes(tx: Tx, shop: str, written: Iterable[OrderNote]) -> None:
    """Of order notes just written; those that stand no more are left out when they are asked for."""
    index.put_things(tx, "order_note", shop, {note.id: order_note_text(note.body) for note in written})
