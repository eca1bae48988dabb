"""What `benchmarks.pages` opens: a customer with a long history, told as a shop tells it, amid a crowd of others."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, insert, text

from companion.app import App
from companion.domain.permissions import Permission, Role, Viewer
from companion.sandbox import Sandbox
from companion.sandbox.seed_bulk import seed_bulk
from companion.services.notes import NoteDraft, Notes, OrderRef
from storage.schema import accounts, customers, notes, orders

ENTRIES = {"order": 110, "order_note": 160, "refund": 10, "ticket": 20, "reply": 80, "note": 120}
_WORDS = "مشتری پیگیر سفارش بود و گفت بسته هنوز نرسیده است قرار شد نشانی درست را بفرستد تا دوباره ارسال شود".split()  # noqa: SIM905
_STATUSES = ("Pending payment", "Processing", "Completed")
_EVERYTHING = Viewer(0, "", Role.ADMINISTRATOR, frozenset(Permission), shops=None)


def fill(sandbox: Sandbox, orders: int) -> None:
    """The shop that is backfilled meanwhile."""
    seed_bulk(sandbox.shop, orders=orders, customers=orders // 5, seed=23)


# --- the history --------------------------------------------------------------------------------------------------


def tell_history(app: App, author: Viewer, chance: random.Random) -> int:
    """A customer with `ENTRIES`; returns her id."""
    now = app.clock()
    days = iter(range(1, 10_000))
    ids = [90_000 + number for number in range(ENTRIES["order"])]
    _apply(app, lambda tx, seq: _orders(app, tx, seq, ids, now, chance))
    customer_id = app.customers.by_order(_EVERYTHING, "main", str(ids[0]))
    noted = {order_id: _order_notes(order_id, number, now) for number, order_id in enumerate(ids)}
    left = ENTRIES["order_note"]
    for order_id, said in noted.items():
        raws, left = said[:left], left - len(said[:left])
        _apply(app, lambda tx, seq, o=order_id, r=raws: app.applier.order_notes(tx, "main", str(o), r, read_seq=seq))  # type: ignore[misc]
    refunds = [
        {"id": 70_000 + n, "parent_id": ids[n], "amount": "120000", "reason": "رنگ دیگری بود"}
        | {"date_created_gmt": _gmt(now - timedelta(days=9 * n + 5))}
        for n in range(ENTRIES["refund"])
    ]
    _apply(app, lambda tx, seq: app.applier.refunds(tx, "main", [_raw(each) for each in refunds], read_seq=seq))
    _tickets(app, now)
    for number in range(ENTRIES["note"]):
        then = now - timedelta(days=next(days) * 5)
        own = Notes(app.store, lambda then=then: then, app.summaries.mark_customer)  # type: ignore[misc]
        body = f"**{chance.choice(_WORDS)}** " + " ".join(chance.choices(_WORDS, k=chance.randrange(8, 50)))
        ref = OrderRef("main", str(chance.choice(ids))) if number % 2 else None
        note = own.write(author, NoteDraft(customer_id, body, chance.choice(("call", "complaint", "general")), ref=ref))
        if number in {40, 80}:
            own.pin(author, note.id, pinned=True)
    return customer_id


def _orders(app: App, tx: Connection, seq: int, ids: Sequence[int], now: datetime, chance: random.Random) -> None:
    who = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com", "phone": "09120001001"}
    place = {"address_1": "خیابان گاندی، کوچه نهم، پلاک ۱۲", "city": "تهران", "postcode": "۱۵۱۷۴۳۳۶۱۱", "country": "IR"}
    raws = [
        _raw(
            {
                "id": order_id,
                "number": str(order_id),
                "status": chance.choice(("completed", "completed", "processing", "cancelled", "failed", "pending")),
                "currency": "IRR",
                "total": str(chance.randrange(100, 9_000) * 10_000),
                "customer_id": 18,
                "billing": who | place,
                "shipping": place,
                "line_items": [
                    {"id": n, "name": f"کفش پیاده‌روی زنانه {n}", "quantity": n, "total": "900000", "sku": f"SH-{n}"}
                    for n in range(1, chance.randrange(2, 5))
                ],
                "payment_method_title": "درگاه زرین‌پال",
                "date_created_gmt": _gmt(now - timedelta(days=9 * number + 6)),
                "date_modified_gmt": _gmt(now - timedelta(days=9 * number + 6)),
            }
        )
        for number, order_id in enumerate(ids)
    ]
    app.applier.orders(tx, "main", app.applier.read_orders("main", raws), read_seq=seq)


def _order_notes(order_id: int, number: int, now: datetime) -> list[bytes]:
    said = (
        f"Order status changed from {_STATUSES[number % 2]} to {_STATUSES[number % 2 + 1]}.",
        "مرسوله تحویل پست شد. کد رهگیری ۲۱۰۴۸۸۳۷۶۱",
    )
    at = _gmt(now - timedelta(days=9 * number + 4))
    return [
        _raw({"id": order_id * 10 + place, "note": words, "author": "WooCommerce", "date_created_gmt": at})
        for place, words in enumerate(said)
    ]


def _tickets(app: App, now: datetime) -> None:
    per_ticket = ENTRIES["reply"] // ENTRIES["ticket"]
    for number in range(ENTRIES["ticket"]):
        at = now - timedelta(days=20 * number + 3)
        ticket = {
            "id": 500 + number,
            "title": {"rendered": "سفارش نرسیده است"},
            "content": {"rendered": "<p>سلام، سفارش من کجاست؟</p><p>شماره: ۱۰۴۲</p>"},
            "status": "processing",
            "state": "open" if number < 2 else "closed",
            "author": 18,
            "assignee": 5,
            "total-reply-count": per_ticket,
            "link": "https://shop.example/ticket/",
            "date_gmt": _gmt(at),
            "modified_gmt": _gmt(at),
        }
        replies = [
            _raw(
                {
                    "id": 5_000 + number * 10 + place,
                    "parent": 500 + number,
                    "author": (5, 18)[place % 2],
                    "content": {"rendered": "<p>سلام خانم احمدی، پیگیری می‌کنیم.</p>"},
                    "date_gmt": _gmt(at + timedelta(hours=6 * place + 1)),
                }
            )
            for place in range(per_ticket)
        ]
        parsed = app.applier.tickets.read_tickets("main", [_raw(ticket)])
        _apply(app, lambda tx, seq, p=parsed: app.applier.tickets.tickets(tx, "main", p, read_seq=seq))  # type: ignore[misc]
        _apply(
            app,
            lambda tx, seq, n=number, r=replies: app.applier.tickets.replies(tx, "main", str(500 + n), r, read_seq=seq),  # type: ignore[misc]
        )


def _apply(app: App, work: Callable[[Connection, int], object]) -> None:
    seq = app.store.next_read_seq()
    with app.store.write() as tx:
        work(tx, seq)


def _raw(record: dict[str, Any]) -> bytes:
    return msgspec.json.encode(record)


def _gmt(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S")


# --- the crowd ----------------------------------------------------------------------------------------------------


def add_crowd(app: App, size: int, author: Viewer) -> None:
    """`size` orders and as many notes of `size / 4` customers: whatever a page must find its way through."""
    now = app.clock()
    people = range(1_000_000, 1_000_000 + size // 4)
    chunk = 5_000
    for start in range(0, len(people), chunk):
        some = people[start : start + chunk]
        _put(app, customers, [{"id": person, "created_at": now} for person in some])
        _put(app, accounts, [_account(person) for person in some])
    for start in range(0, size, chunk):
        numbers = range(start, min(start + chunk, size))
        _put(app, orders, [_order(people[n % len(people)], n, now) for n in numbers])
        _put(app, notes, [_note(people[n % len(people)], n, now, author.agent_id) for n in numbers])
    with app.store.write() as tx:
        tx.execute(text("ANALYZE"))


def _put(app: App, table: Table, rows: list[dict[str, Any]]) -> None:
    if "own_customer_id" in table.c:
        rows = [row | {"own_customer_id": row["customer_id"]} for row in rows]
    with app.store.write(durable=False) as tx:
        tx.execute(insert(table), rows)


def _account(person: int) -> dict[str, Any]:
    return {"id": person, "customer_id": person, "shop": "main", "kind": "user", "key": str(person)}


def _order(person: int, number: int, now: datetime) -> dict[str, Any]:
    texts = ("payment_method", "payment_method_title", "transaction_id", "created_via", "customer_note")
    row = {"shop": "main", "order_id": f"c{number}", "account_id": person, "number": str(number), "currency": "IRR"}
    return {
        **row,
        **dict.fromkeys(texts, ""),
        "status": "completed",
        "total": 10_000,
        "billing": {},
        "shipping": {},
        "meta": {},
        "content_hash": b"",
        "created_at": now - timedelta(minutes=7 * number + 3),
        "read_seq": 1,
    }


def _note(person: int, number: int, now: datetime, author: int) -> dict[str, Any]:
    at = now - timedelta(minutes=6 * number + 2)
    place = {"customer_id": person, "account_id": person, "author_id": author}
    return {**place, "kind": "call", "body": "تماس گرفت", "created_at": at}


# --- measuring ----------------------------------------------------------------------------------------------------
