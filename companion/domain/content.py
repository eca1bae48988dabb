"""The content hash: says whether a record means the same as before, whatever bytes it came in.

It leaves out what changes without meaning (the modification date, which viewing an order under HPOS moves) and our own
meta key, or every push would look like a change of the shop. Totals are compared as parsed money, since shops answer
"2485000" or "2485000.00" for the same amount. The first byte names the version of this rule.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from connectors.base import Customer, Order, Ticket

_VERSION = b"\x01"
_SIZE = 15
_encode = msgspec.msgpack.Encoder().encode


def raw_hash(raw: bytes) -> bytes:
    """16 bytes over the very bytes: equal means unchanged without a look inside."""
    return blake2b(raw, digest_size=16).digest()


def order_hash(order: Order) -> bytes:
    """16 bytes over what an order means to people."""
    return _hash(
        (
            order.number,
            order.status,
            order.currency,
            order.total,
            order.customer_id,
            order.billing,
            order.shipping,
            order.created_at,
            order.paid_at,
            order.completed_at,
            order.payment_method,
            order.payment_method_title,
            order.transaction_id,
            order.created_via,
            order.customer_note,
            order.lines,
            sorted(order.refund_ids),
            sorted(order.meta),
        )
    )


def customer_hash(customer: Customer) -> bytes:
    """16 bytes over what a registered customer means to people."""
    return _hash(
        (
            customer.username,
            customer.email,
            customer.first_name,
            customer.last_name,
            customer.role,
            customer.billing,
            customer.shipping,
            customer.created_at,
            sorted(customer.meta),
        )
    )


def ticket_hash(ticket: Ticket) -> bytes:
    """16 bytes over what a ticket means to people. The counts of replies are in it, since they move where no date does.

    Its address is left out, which moves with the whole site, and its channel, which a list does not tell.
    """
    return _hash(
        (
            ticket.title,
            ticket.body,
            ticket.status,
            ticket.state,
            ticket.author_id,
            ticket.assignee_id,
            ticket.secondary_assignee_id,
            ticket.tertiary_assignee_id,
            sorted(ticket.tag_ids),
            ticket.customer_replies,
            ticket.agent_replies,
            ticket.replies,
            ticket.created_at,
        )
    )


def _hash(meaning: tuple[object, ...]) -> bytes:
    return _VERSION + blake2b(_encode(meaning), digest_size=_SIZE).digest()
