"""People, orders and agents put straight into the store, for tests of what reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert

from companion.domain.searchable import account_text
from storage import agents
from storage.engine import Tx
from storage.identity import unions
from storage.people import accounts
from storage.schema import order_lines, order_notes, orders, refunds, shop_agents, ticket_replies, tickets
from storage.search import index

NOW = datetime(2025, 11, 21, 8, 30, tzinfo=UTC)


def ago(**units: float) -> datetime:
    return NOW - timedelta(**units)


class Person(NamedTuple):
    account_id: int
    customer_id: int


def add_person(tx: Tx, key: str, *, shop: str = "main", kind: str = "guest", **facts: Any) -> Person:
    """An account with a customer of its own, findable by its facts."""
    ((account_id, customer_id),) = accounts.create(tx, [{"shop": shop, "kind": kind, "key": key, **facts}], now=NOW)
    told = {
        "first_name": "",
        "last_name": "",
        "username": "",
        "email": "",
        "phone": "",
        "company": "",
        "billing": {},
        "shipping": {},
    }
    known = {name: facts.get(name, empty) for name, empty in told.items()}
    index.put(tx, "account", {account_id: account_text(**known)})
    return Person(account_id, customer_id)


def unite(tx: Tx, person: Person, into: Person) -> Person:
    """One customer of two, written as `companion.sync.people.identity` does; who is united is given here."""
    unions.move(tx, {person.account_id: into.customer_id})
    unions.redirect(tx, {person.customer_id: into.customer_id})
    return Person(person.account_id, into.customer_id)


def add_order(tx: Tx, account_id: int, order_id: str, *, shop: str = "main", **columns: Any) -> None:
    values = {
        "number": order_id,
        "status": "completed",
        "currency": "IRT",
        "total": 0,
        "payment_method": "",
        "payment_method_title": "",
        "transaction_id": "",
        "created_via": "",
        "customer_note": "",
        "billing": {},
        "shipping": {},
        "meta": {},
        "created_at": NOW,
        "read_seq": 1,
        "content_hash": b"",
    }
    tx.execute(insert(orders).values(shop=shop, order_id=order_id, account_id=account_id, **{**values, **columns}))


def add_line(tx: Tx, order_id: str, name: str, *, shop: str = "main", position: int = 0, total: int = 0) -> None:
    tx.execute(
        insert(order_lines).values(
            shop=shop,
            order_id=order_id,
            position=position,
            line_id=str(position),
            kind="line",
            name=name,
            quantity=1,
            total=total,
            sku="",
            product_id="",
            variation_id="",
        )
    )


def add_refund(tx: Tx, order_id: str, amount: int, *, shop: str = "main", **columns: Any) -> None:
    values = {"refund_id": f"r{order_id}", "reason": "", "refunded_by": "", "created_at": NOW, "read_seq": 1}
    tx.execute(insert(refunds).values(shop=shop, order_id=order_id, amount=amount, **{**values, **columns}))


def add_order_note(tx: Tx, order_id: str, body: str, *, shop: str = "main", **columns: Any) -> None:
    values = {
        "order_note_id": f"n{order_id}",
        "author": "سیستم",
        "to_customer": False,
        "created_at": NOW,
        "read_seq": 1,
    }
    tx.execute(insert(order_notes).values(shop=shop, order_id=order_id, body=body, **{**values, **columns}))


def add_ticket(tx: Tx, ticket_id: str, *, shop: str = "main", **columns: Any) -> int:
    """A ticket, open and new unless told otherwise; returns our id of it."""
    values = {
        "account_id": None,
        "title": "",
        "body": "",
        "status": "queued",
        "state": "open",
        "created_at": NOW,
        "read_seq": 1,
        "content_hash": b"",
    }
    row = {"shop": shop, "ticket_id": ticket_id, **values, **columns}
    return int(tx.execute(insert(tickets).values(row).returning(tickets.c.id)).scalar_one())


def add_reply(
    tx: Tx, reply_id: str, ticket_id: str, body: str = "", *, author: str = "", shop: str = "main", **columns: Any
) -> int:
    """A reply to a ticket by a WordPress user; returns our id of it."""
    values = {"body": body, "author_id": author, "created_at": NOW, "read_seq": 1}
    row = {"shop": shop, "reply_id": reply_id, "ticket_id": ticket_id, **values, **columns}
    return int(tx.execute(insert(ticket_replies).values(row).returning(ticket_replies.c.id)).scalar_one())


def add_shop_agent(tx: Tx, user_id: str, name: str, *, shop: str = "main", **columns: Any) -> None:
    """Somebody who answers tickets in the shop."""
    tx.execute(
        insert(shop_agents).values(
            **{"shop": shop, "user_id": user_id, "username": name, "name": name, "read_seq": 1, **columns}
        )
    )


def add_agent(tx: Tx, name: str = "سارا", *, role: str = "agent", email: str = "") -> int:
    return agents.add(tx, name=name, email=email, role=role, sees_all_shops=True, shops=(), now=NOW)
