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
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from flask.testing import FlaskClient
from sqlalchemy import text

from benchmarks.common import ShopAddress, app_beside, report, running, shop_process
from benchmarks.pages_store import add_crowd, fill, tell_history
from companion.app import App
from companion.config import RateLimits
from companion.domain.permissions import Role

PASSWORD = "benchmark-password"
_CSRF = re.compile(r'name="csrf-token" id="csrf-token" content="([^"]+)"')


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
