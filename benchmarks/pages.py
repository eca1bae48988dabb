"""How long the pages take that are looked at all day: a customer with a long history, and the home page.

The server's whole answer, from the request at Flask's WSGI entrance to the last byte of HTML, over SQLite with a crowd
in the store. The customer has 500 things on her timeline: orders, order notes and changes of status, refunds, tickets
with replies, and notes. Every tenth answer is another viewer's, so that nothing is measured that only one may see.

The baseline is the least that anybody could do: plain SELECTs of the rows that the customer's page is made of, as JSON.
`customer_p95_ms_under_backfill` is measured while a backfill of a shop (in a process of its own) runs in this process,
under the settings that `companion run` makes.

    python -m benchmarks.pages [--crowd 100000] [--rounds 300] [--orders 6000]
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import msgspec
from flask.testing import FlaskClient
from sqlalchemy import Connection, Table, insert, text

from benchmarks.common import ShopAddress, app_beside, report, running, shop_process
from companion.app import App
from companion.config import RateLimits
from companion.domain.permissions import Permission, Role, Viewer
from companion.sandbox import Sandbox
from companion.sandbox.seed_bulk import seed_bulk
from companion.services.notes import NoteDraft, Notes, OrderRef
from storage.schema import accounts, customers, notes, orders

PASSWORD = "benchmark-password"
ENTRIES = {"order": 110, "order_note": 160, "refund": 10, "ticket": 20, "reply": 80, "note": 120}
_CSRF = re.compile(r'name="csrf-token" id="csrf-token" content="([^"]+)"')
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


def signed_in(app: App, username: str, role: Role, language: str) -> FlaskClient:
    """The browser of a new agent."""
    app.users.add(name=f"کارشناس {username}", username=username, password=PASSWORD, role=role)
    who = app.users.sign_in(username, PASSWORD)
    app.users.set_preferences(who.agent_id, language, "jalali" if language == "fa" else "gregorian")
    client: FlaskClient = _flask(app).test_client()
    token = _CSRF.search(client.get("/sign-in").text)
    assert token is not None
    form = {"username": username, "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/sign-in", data=form).status_code == 303
    return client


_FLASKS: dict[int, Any] = {}


def _flask(app: App) -> Any:
    return _FLASKS.setdefault(id(app), app.flask())


class Took(NamedTuple):
    """How long something took, in seconds: by the clock, and of the processor's own time, which does not grow where
    others keep the machine busy.
    """

    wall: float
    cpu: float


def time_of(client: FlaskClient, path: str, *, at_least: int) -> Took:
    """How long the whole answer takes."""
    cpu, wall = time.thread_time(), time.perf_counter()
    answer = client.get(path)
    page = answer.get_data()
    took = Took(time.perf_counter() - wall, time.thread_time() - cpu)
    assert answer.status_code == 200, (path, answer.status_code)
    assert len(page) > at_least, path
    return took


def told(times: Sequence[Took]) -> str:
    """Median and 95th percentile by the clock, and the median of the processor's time, in milliseconds."""
    wall, cpu = (sorted(each) for each in zip(*times, strict=True))
    return f"{statistics.median(wall) * 1000:.1f}, {p95(wall):.1f}, {statistics.median(cpu) * 1000:.1f}"


def plainly(app: App, customer_id: int) -> float:
    """The baseline: the rows that the page is made of, by the plainest statements, as JSON."""
    hers = "(select id from accounts where customer_id = :customer)"
    on_orders = f"(shop, order_id) in (select shop, order_id from orders where account_id in {hers})"
    on_tickets = f"(shop, ticket_id) in (select shop, ticket_id from tickets where account_id in {hers})"
    statements = (
        "select * from accounts where customer_id = :customer",
        f"select * from orders where account_id in {hers} order by created_at desc",
        f"select * from order_lines where {on_orders}",
        f"select * from refunds where {on_orders}",
        f"select * from order_notes where {on_orders}",
        f"select * from tickets where account_id in {hers}",
        f"select * from ticket_replies where {on_tickets}",
        "select * from notes where customer_id = :customer order by created_at desc",
    )
    start = time.perf_counter()
    with app.store.read() as tx:
        found = [[tuple(row) for row in tx.execute(text(each), {"customer": customer_id})] for each in statements]
    json.dumps(found, default=str, ensure_ascii=False)
    return time.perf_counter() - start


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return statistics.quantiles(seconds, n=20)[-1] * 1000


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--crowd", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=300)
    arguments.add_argument("--orders", type=int, default=6_000)
    given = arguments.parse_args()
    nowhere = ShopAddress("http://127.0.0.1:9", "ck", "cs")
    endless = RateLimits(pages="100000/second", search="100000/second", write="100000/second")
    with (
        shop_process(partial(fill, orders=given.orders)) as other,
        app_beside({"main": nowhere, "other": other}, limits=endless) as app,
    ):
        clients = [signed_in(app, "one", Role.AGENT, "fa"), signed_in(app, "two", Role.SALES_MANAGER, "en")]
        author = app.users.sign_in("one", PASSWORD)
        customer = tell_history(app, author, random.Random(5))
        add_crowd(app, given.crowd, author)
        page = f"/customers/{customer}"
        for client in clients:
            time_of(client, page, at_least=30_000)
            time_of(client, "/", at_least=5_000)
        quiet: list[Took] = []
        home: list[Took] = []
        plain = []
        for number in range(given.rounds):
            client = clients[number % 10 == 0]
            quiet.append(time_of(client, page, at_least=30_000))
            home.append(time_of(client, "/", at_least=5_000))
            plain.append(plainly(app, customer))
        busy: list[Took] = []
        home_busy: list[Took] = []
        with running(partial(app.backfill, "other")) as over:
            while not over.is_set():
                client = clients[len(busy) % 10 == 0]
                busy.append(time_of(client, page, at_least=30_000))
                home_busy.append(time_of(client, "/", at_least=5_000))
                time.sleep(0.02)  # nobody asks without a pause
        size = len(clients[0].get(page).get_data())
    report(
        "pages",
        [
            ("customer, 500 entries: median, p95, of the processor (ms)", told(quiet)),
            (f"while a backfill runs, {len(busy)} times", told(busy)),
            ("baseline: plain SELECTs as JSON", f"{statistics.median(plain) * 1000:.1f}, {p95(plain):.1f}"),
            (f"home, {given.crowd:,} orders and notes", told(home)),
            ("home while a backfill runs", told(home_busy)),
            ("size of the customer's page (bytes of HTML)", f"{size:,}"),
        ],
        {
            "customer_p95_ms": p95([each.wall for each in quiet]),
            "customer_cpu_ms": statistics.median(each.cpu for each in quiet) * 1000,
            "customer_p95_ms_under_backfill": p95([each.wall for each in busy]),
            "customer_cpu_ms_under_backfill": statistics.median(each.cpu for each in busy) * 1000,
            "home_p95_ms": p95([each.wall for each in home]),
            "home_p95_ms_under_backfill": p95([each.wall for each in home_busy]),
            "customer_ratio_to_plain_rows": statistics.median(each.wall for each in quiet) / statistics.median(plain),
        },
    )


if __name__ == "__main__":
    main()
