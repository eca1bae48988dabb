"""The orders of a shop, and what changing one of them sets off.

Speaks Python to tests and records to the REST routes; knows nothing of HTTP. Every method takes the one lock, so
threads may call what they like. What a change does to dates and which hooks it runs was observed (HPOS unless said).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from companion.sandbox.clock import ShopClock
from companion.sandbox.meta import LONGEST_VALUE, entries_of, set_order_field, write_meta
from companion.sandbox.premises import Premises
from companion.sandbox.records import (
    BILLING_FIELDS,
    SHIPPING_FIELDS,
    Item,
    Line,
    Order,
    OrderNote,
    Refund,
    address,
)
from companion.sandbox.views import ORDER
from companion.sandbox.wire import php_json

Storage = Literal["hpos", "hpos-sync", "legacy", "legacy-sync"]
STATUS_NAMES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}
_PAID = {"processing", "completed"}


class OrderBook(Premises):
    """Every order of a shop; ids of orders and refunds share one sequence, as posts do."""

    def __init__(
        self, *, clock: ShopClock, name: str, storage: Storage, currency: str, decimals: int, timezone: str
    ) -> None:
        """As Premises, and where the orders live."""
        super().__init__(clock=clock, name=name, currency=currency, decimals=decimals, timezone=timezone)
        self.orders: dict[int, Order] = {}
        self.refunds: dict[int, Refund] = {}
        self.products: dict[int, Item] = {}
        self.next_order_id = 1001
        self._storage: Storage = storage

    @property
    def storage(self) -> Storage:
        """Where orders live; setting it moves them, which gives every row of meta another id."""
        return self._storage

    @storage.setter
    def storage(self, storage: Storage) -> None:
        if storage not in get_args(Storage):
            raise ValueError(f"no such order storage: {storage}")
        with self.lock:
            if storage.startswith("hpos") != self._storage.startswith("hpos"):
                for order in self.orders.values():
                    order.cached = None
                    for row in order.meta:
                        row.id = self.new_id("meta")
            self._storage = storage
            self.revision += 1

    @property
    def is_hpos(self) -> bool:
        """Whether orders live in their own tables."""
        return self._storage.startswith("hpos")

    def forget_serialised(self) -> None:
        """Every order is written anew when it is next asked for."""
        for order in self.orders.values():
            order.cached = None
        self.revision += 1

    def new_post_id(self) -> int:
        """The next id of the sequence that orders, refunds and every other post share."""
        post_id = self.next_order_id
        while post_id in self.orders or post_id in self.refunds:
            post_id += 1
        self.next_order_id = post_id + 1
        return post_id

    def take_post_id(self, post_id: int) -> int:
        """A post's id that the caller has chosen; the sequence goes on after it."""
        self.next_order_id = max(self.next_order_id, post_id + 1)
        return post_id

    def order(self, order_id: int) -> Order:
        """The order; LookupError without it."""
        return self.orders[order_id]

    def serialised(self, order: Order) -> bytes:
        """The order as the API and the webhooks write it, kept until it changes."""
        if order.cached is None:
            order.cached = php_json(ORDER.show(order, self.site()))
        return order.cached

    def serialise_all(self) -> None:
        """Write every order now, so that the first to read them does not wait for it."""
        with self.lock:
            for order in self.orders.values():
                self.serialised(order)

    def create_order(  # noqa: PLR0913 - an order has this many parts, and each may be left out
        self,
        *,
        items: Sequence[Item] = (Item("چای سبز", 1, 120_000, 12, "SKU-1"),),
        order_id: int | None = None,
        status: str = "processing",
        customer_id: int = 0,
        billing: Mapping[str, str] | None = None,
        shipping: Mapping[str, str] | None = None,
        shipping_total: int | Decimal = 0,
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        payment_method: str = "",
        payment_method_title: str = "",
        created_via: str = "checkout",
        customer_note: str = "",
        number: str = "",
        meta: Mapping[str, Any] | None = None,
        quiet: bool = False,
    ) -> Order:
        """Place an order.

        `quiet` runs no hook and is for seeding; otherwise both `created` and `updated` fire, as after a REST creation.
        """
        with self.lock:
            new_id = self.new_post_id() if order_id is None else order_id
            if new_id in self.orders:
                raise ValueError(f"order {new_id} exists")
            now = self.clock.epoch()
            created = now if created_at is None else int(created_at.timestamp())
            order = Order(
                id=new_id,
                status=status,
                currency=self.currency,
                created=created,
                modified=created if modified_at is None else int(modified_at.timestamp()),
                customer_id=customer_id,
                key=f"wc_order_{hashlib.sha256(f'{self.name} {new_id}'.encode()).hexdigest()[:13]}",
                billing=address(dict(billing or {}), BILLING_FIELDS),
                shipping=address(dict(shipping or {}), SHIPPING_FIELDS),
                lines=[self.goods(item) for item in items],
                payment_method=payment_method,
                payment_method_title=payment_method_title,
                created_via=created_via,
                customer_note=customer_note,
                number=number,
            )
            if shipping_total:
                cost = Decimal(shipping_total)
                order.lines.append(
                    Line(self.new_id("line"), "shipping", "پست پیشتاز", 1, cost, cost, method_id="flat_rate")
                )
            self._write_meta(order, entries_of(meta))
            recalculate(order)
            self._note_dates(order, created)
            self.orders[new_id] = order
            self.next_order_id = max(self.next_order_id, new_id + 1)
            self.revision += 1
            if not quiet:
                self.deliveries.do_action("woocommerce_new_order", new_id)
                self.deliveries.do_action("woocommerce_update_order", new_id)
            return order

    def goods(self, item: Item) -> Line:
        """A line of goods, numbered."""
        amount = Decimal(item.price) * item.quantity
        return Line(
            self.new_id("line"), "line", item.name, item.quantity, amount, amount, item.product_id, sku=item.sku
        )

    def update_order(
        self,
        order_id: int,
        *,
        status: str | None = None,
        billing: Mapping[str, str] | None = None,
        shipping: Mapping[str, str] | None = None,
        items: Sequence[Item] | None = None,
        fields: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | Sequence[dict[str, Any]] | None = None,
        author: str = "WooCommerce",
    ) -> Order:
        """Save an order, as a PUT or the order screen does, even with nothing to change in it.

        `fields` are other plain attributes of Order (customer_id, customer_note, payment_method …); `meta` is a
        mapping, or entries as the API takes them. LookupError without the order.
        """
        with self.lock:
            order = self.orders[order_id]
            was_trashed = order.status == "trash"
            only_meta = not (status or billing or shipping or items is not None or fields)
            order.billing.update({k: str(v) for k, v in (billing or {}).items() if k in order.billing})
            order.shipping.update({k: str(v) for k, v in (shipping or {}).items() if k in order.shipping})
            for name, value in (fields or {}).items():
                setattr(order, name, value)
            if items is not None:
                order.lines = [line for line in order.lines if line.kind != "line"]
                order.lines[:0] = [self.goods(item) for item in items]
            recalculate(order)
            self._write_meta(order, meta if isinstance(meta, Sequence) else entries_of(meta))
            if status is not None:
                self._set_status(order, status, author)
            if not (only_meta and not self.is_hpos):  # legacy stores leave the date alone when only meta was saved
                order.modified = self.clock.epoch()
            self.touch(order)
            if not (was_trashed and self.is_hpos):  # restoring by a plain save told nobody
                self.deliveries.do_action("woocommerce_update_order", order_id)
            return order

    def trash_order(self, order_id: int) -> Order:
        """Move an order to the trash; LookupError without it."""
        with self.lock:
            order = self.orders[order_id]
            now = self.clock.epoch()
            rows = {"_wp_trash_meta_status": f"wc-{order.status}", "_wp_trash_meta_time": str(now)}
            self._write_meta(order, entries_of(rows))
            order.status = "trash"
            order.modified = now
            self.touch(order)
            self.deliveries.do_action("woocommerce_trash_order", order_id)
            return order

    def restore_order(self, order_id: int) -> Order:
        """Take an order out of the trash by the screen's own button, which fires order.restored."""
        with self.lock:
            order = self.orders[order_id]
            before = str(order.meta_value("_wp_trash_meta_status") or "wc-pending").removeprefix("wc-")
            self._write_meta(order, entries_of({"_wp_trash_meta_status": None, "_wp_trash_meta_time": None}))
            order.status = before
            order.modified = self.clock.epoch()
            self.touch(order)
            self.deliveries.do_action("woocommerce_untrash_order", order_id)
            return order

    def force_delete_order(self, order_id: int) -> None:
        """Delete an order and its refunds for good. No hook runs that WooCommerce's webhooks listen to."""
        with self.lock:
            order = self.orders.pop(order_id)
            for refund in order.refunds:
                del self.refunds[refund.id]
            self.revision += 1
            self.bridge.happened("order", "deleted", order_id, dateless=True)

    def edit_silently(self, order_id: int, **fields: Any) -> Order:
        """Change attributes of an order behind everybody's back: no date moves and no hook runs.

        Plugins that write to the database do this, and the order screen was reported to when lines are edited.
        """
        with self.lock:
            order = self.orders[order_id]
            for name, value in fields.items():
                setattr(order, name, value)
            recalculate(order)
            self.touch(order)
            return order

    def touch(self, order: Order) -> None:
        """Forget what was computed from the order; its date is the caller's business."""
        order.cached = None
        self.revision += 1

    def _set_status(self, order: Order, status: str, author: str) -> None:
        if status == order.status:
            return
        now = self.clock.epoch()
        before = STATUS_NAMES.get(order.status, order.status)
        text = f"Order status changed from {before} to {STATUS_NAMES.get(status, status)}."
        order.notes.append(OrderNote(self.new_id("note"), order.id, author, now, text, to_customer=False))
        order.status = status
        self._note_dates(order, now)

    @staticmethod
    def _note_dates(order: Order, at: int) -> None:
        if order.status in _PAID and order.paid is None:
            order.paid = at
        if order.status == "completed" and order.completed is None:
            order.completed = at

    def _write_meta(self, order: Order, entries: Sequence[dict[str, Any]]) -> None:
        write_meta(
            order.meta,
            entries,
            new_id=lambda: self.new_id("meta"),
            set_field=lambda key, value: set_order_field(order, key, value),
            longest_value=LONGEST_VALUE if self.is_hpos else None,
        )


def recalculate(order: Order) -> None:
    """Make the order's total the sum of its lines; coupons are discounts already taken off the goods."""
    order.total = sum((line.total for line in order.lines if line.kind != "coupon"), Decimal(0))
