"""Records to rows: the one place that knows both the connectors' records and the store's columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import msgspec

from companion.domain.also_told import Telling
from companion.domain.identity import AccountKey, Facts
from companion.domain.turns import Turn
from connectors.base import Address, Customer, Order, OrderNote, Refund
from storage.people.accounts import FACT_COLUMNS

Row = dict[str, Any]


def address_row(address: Address) -> Row:
    """An address without its empty fields."""
    found: Row = msgspec.to_builtins(address)
    return found


def order_row(
    shop: str,
    order: Order,
    *,
    account_id: int,
    read_seq: int,
    raw_hash: bytes,
    content_hash: bytes,
    turn: Turn,
) -> Row:
    """The columns of `orders`; `turn` is when its order notes are looked at next."""
    return {
        "shop": shop,
        "order_id": order.id,
        "account_id": account_id,
        "number": order.number,
        "status": order.status,
        "currency": order.currency,
        "total": order.total,
        "payment_method": order.payment_method,
        "payment_method_title": order.payment_method_title,
        "transaction_id": order.transaction_id,
        "created_via": order.created_via,
        "customer_note": order.customer_note,
        "billing": address_row(order.billing),
        "shipping": address_row(order.shipping),
        "meta": dict(order.meta),
        "created_at": order.created_at,
        "modified_at": order.modified_at,
        "paid_at": order.paid_at,
        "completed_at": order.completed_at,
        "summary": order.summary,
        "read_seq": read_seq,
        "raw_hash": raw_hash,
        "content_hash": content_hash,
        "notes_due_at": turn.waited_since,
        "care_due_at": turn.at,
    }


def line_rows(shop: str, order: Order) -> Iterable[tuple[str | int, ...]]:
    """The columns of `order_lines`, in the order of storage.orders.LINE_COLUMNS."""
    for position, line in enumerate(order.lines):
        yield (
            shop,
            order.id,
            position,
            line.line_id,
            line.kind,
            line.name,
            line.quantity,
            line.total,
            line.sku,
            line.product_id,
            line.variation_id,
        )


def refund_row(shop: str, refund: Refund, *, read_seq: int) -> Row:
    """The columns of `refunds`."""
    return {
        "shop": shop,
        "refund_id": refund.id,
        "order_id": refund.order_id,
        "amount": refund.amount,
        "reason": refund.reason,
        "refunded_by": refund.refunded_by,
        "created_at": refund.created_at,
        "read_seq": read_seq,
        "gone_at": None,
    }


def order_note_row(shop: str, note: OrderNote, *, read_seq: int) -> Row:
    """The columns of `order_notes`."""
    return {
        "shop": shop,
        "order_note_id": note.id,
        "order_id": note.order_id,
        "author": note.author,
        "body": note.body,
        "to_customer": note.to_customer,
        "created_at": note.created_at,
        "read_seq": read_seq,
        "gone_at": None,
    }


def facts_row(facts: Facts) -> Row:
    """The columns of `accounts` that tell of the person."""
    row = {name: getattr(facts, name) for name in FACT_COLUMNS}
    row["billing"] = address_row(facts.billing)
    row["shipping"] = address_row(facts.shipping)
    return row


def facts_of_row(values: tuple[Any, ...]) -> Facts:
    """The facts back from an account's columns, in the order of FACT_COLUMNS."""
    known = dict(zip(FACT_COLUMNS, values, strict=True))
    return Facts(
        **{
            **known,
            "billing": Address(**known["billing"]),
            "shipping": Address(**known["shipping"]),
        }
    )


def telling_of(record: Order | Customer, keys: Collection[str]) -> Telling:
    """What it tells besides facts; of its custom fields those of these keys, as the store gives them back."""
    fields = {key: value for key, value in record.meta if key in keys and value} if keys else {}
    return (record.billing.phone, record.shipping.phone), fields


def account_row(shop: str, key: AccountKey, facts: Facts, *, facts_at: datetime | None) -> Row:
    """The columns of a new account known from an order only."""
    return {"shop": shop, "kind": key.kind, "key": key.key, **facts_row(facts), "facts_at": facts_at}


def customer_row(customer: Customer, *, read_seq: int, raw_hash: bytes, content_hash: bytes) -> Row:
    """The columns of an account that only its own record fills."""
    return {
        "meta": dict(customer.meta),
        "created_at": customer.created_at,
        "modified_at": customer.modified_at,
        "read_seq": read_seq,
        "raw_hash": raw_hash,
        "content_hash": content_hash,
        "gone_at": None,
        "missing_since": None,
    }
