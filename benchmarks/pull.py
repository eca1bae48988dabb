"""The first full read: the product's own backfill against the plain `woocommerce` package with SQLAlchemy's ORM.

Both read the same orders from the same shop into the same tables of a new SQLite file, with people and the search index
written too; the shop runs in a process of its own and answers at once from prepared bytes. They take turns, and the
medians of the rounds are compared, in orders a second: the baseline is given the first few orders only, since it would
take many minutes for all. `own_share_of_wait` reads a part of them at the recorded shop's page times.

    python benchmarks/pull.py [--orders 10000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session, registry
from woocommerce import API

from benchmarks.common import ShopAddress, app_beside, recorded_seconds, report, shop_process
from companion.app import App
from companion.domain.searchable import account_text
from companion.sandbox import Sandbox
from companion.sandbox.seed_bulk import seed_bulk
from companion.sync.reading.sweep import Sweeper
from connectors.base import Window
from connectors.woocommerce import parse
from storage import schema
from storage.search import index
from storage.sync import cursors

ORDERS = 10_000
PLAIN_ORDERS = 2_000
"""For the baseline: fewer rows to search than in ours, so if anything it gains by that."""


class OrmOrder:
    """schema.orders, mapped."""


class OrmLine:
    """schema.order_lines, mapped."""


class OrmAccount:
    """schema.accounts, mapped."""


class OrmCustomer:
    """schema.customers, mapped."""


def map_tables() -> None:
    mapper = registry()
    mapper.map_imperatively(OrmOrder, schema.orders)
    mapper.map_imperatively(OrmLine, schema.order_lines)
    mapper.map_imperatively(OrmAccount, schema.accounts)
    mapper.map_imperatively(OrmCustomer, schema.customers)


def fill(sandbox: Sandbox, *, orders: int) -> None:
    seed_bulk(sandbox.shop, orders=orders, customers=orders // 5, seed=7)


# --- the baseline: what one writes with the package and the ORM ---------------------------------------------------


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def money(text: str) -> int:
    return round(float(text or 0) * 10_000)


def pull_plainly(app: App, shop: ShopAddress, orders: int) -> None:
    api = API(shop.url, shop.key, shop.secret, version="wc/v3", timeout=60)
    for page in range(1, orders // 100 + 1):
        answer = api.get("orders", params={"per_page": 100, "page": page, "orderby": "id", "order": "asc"})
        with app.store.write(durable=False) as tx, Session(tx) as session:
            for number, order in enumerate(answer.json()):
                save_plainly(session, order, page * 1000 + number)
            session.commit()


def save_plainly(session: Session, order: dict[str, Any], read_seq: int) -> None:
    billing = order["billing"]
    kind, key = ("user", str(order["customer_id"])) if order["customer_id"] else ("guest", billing["email"].lower())
    account: Any = session.execute(
        select(OrmAccount).where(
            schema.accounts.c.shop == "main", schema.accounts.c.kind == kind, schema.accounts.c.key == key
        )
    ).scalar_one_or_none()
    if account is None:
        customer: Any = OrmCustomer()
        customer.created_at = datetime.now(UTC)
        session.add(customer)
        session.flush()
        account = OrmAccount()
        account.shop, account.kind, account.key = "main", kind, key
        account.customer_id = account.own_customer_id = customer.id
        session.add(account)
        is_new = True
    else:
        is_new = False
    for name in ("first_name", "last_name", "company", "email", "phone"):
        setattr(account, name, billing[name])
    account.billing, account.shipping, account.facts_at = billing, order["shipping"], instant(order["date_created_gmt"])
    session.flush()
    if is_new:
        text = account_text(
            first_name=billing["first_name"],
            last_name=billing["last_name"],
            username="",
            email=billing["email"],
            phone=billing["phone"],
            company=billing["company"],
            billing=billing,
            shipping=order["shipping"],
        )
        index.put(session.connection(), "account", {account.id: text})
    row: Any = OrmOrder()
    row.shop, row.order_id, row.account_id, row.number = "main", str(order["id"]), account.id, order["number"]
    for name in ("status", "currency", "payment_method", "payment_method_title", "transaction_id", "created_via"):
        setattr(row, name, order[name])
    row.customer_note, row.total = order["customer_note"], money(order["total"])
    row.billing, row.shipping = billing, order["shipping"]
    row.meta = {meta["key"]: meta["value"] for meta in order["meta_data"]}
    row.created_at, row.modified_at = instant(order["date_created_gmt"]), instant(order["date_modified_gmt"])
    row.paid_at, row.completed_at = instant(order["date_paid_gmt"]), instant(order["date_completed_gmt"])
    row.read_seq, row.content_hash = read_seq, b""
    session.merge(row)
    position = 0
    for lines, line_kind, title in (
        (order["line_items"], "line", "name"),
        (order["shipping_lines"], "shipping", "method_title"),
        (order["fee_lines"], "fee", "name"),
        (order["coupon_lines"], "coupon", "code"),
        (order["tax_lines"], "tax", "label"),
    ):
        for line in lines:
            orm_line: Any = OrmLine()
            orm_line.shop, orm_line.order_id, orm_line.position = "main", str(order["id"]), position
            orm_line.line_id, orm_line.kind, orm_line.name = str(line["id"]), line_kind, line[title]
            orm_line.quantity, orm_line.total = line.get("quantity", 1), money(line.get("total", "0"))
            orm_line.sku = line.get("sku", "")
            orm_line.product_id, orm_line.variation_id = (
                str(line.get("product_id", "")),
                str(line.get("variation_id", "")),
            )
            session.merge(orm_line)
            position += 1


# --- ours ---------------------------------------------------------------------------------------------------------


def nothing_saved(_tx: object, _records: int, _total: int) -> None:
    """The backfill's own progress is measured elsewhere."""


def sweeper(app: App) -> Sweeper:
    return Sweeper(store=app.store, applier=app.applier, rereader=app.rereader)


def pull_all(app: App) -> None:
    """The backfill of the orders alone, which is what the baseline reads."""
    with app.store.write() as tx:
        for stream in ("refunds", "customers"):
            cursors.put(tx, "main", stream, is_backfilled=True)
    app.backfill("main")


def pull_again(app: App) -> None:
    sweeper(app).orders(app.shops["main"], Window(by="created"), saved=nothing_saved)


# --- measuring ----------------------------------------------------------------------------------------------------


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def raw_chain(shop: ShopAddress, orders: int) -> float:
    """Orders a second of the bare steps: kept-alive HTTP, msgspec, and nothing stored."""
    with app_beside({"main": shop}) as app:
        source = app.shops["main"].source
        start = time.perf_counter()
        for page in range(1, orders // 100 + 1):
            for raw in source.orders(None, page=page).items:
                parse.parse_order(raw)
        return orders / (time.perf_counter() - start)


def share_of_wait(orders: int) -> tuple[float, float]:
    """Our time over the shop's, with a shop that takes as long for a page as the recorded one."""
    filling = partial(fill, orders=orders)
    with shop_process(filling, page_seconds=recorded_seconds, workers=2) as shop, app_beside({"main": shop}) as app:
        waited = 0.0
        source = app.shops["main"].source
        fetch = source.orders

        def timed_fetch(window: Window | None, *, page: int, per_page: int = 100) -> object:
            nonlocal waited
            start = time.perf_counter()
            found = fetch(window, page=page, per_page=per_page)
            waited += time.perf_counter() - start
            return found

        cpu = time.process_time()
        pages = orders // 100
        for page in range(1, pages + 1):
            reading = sweeper(app).read(lambda page=page: timed_fetch(None, page=page))  # type: ignore[misc,arg-type]
            items = app.applier.read_orders("main", reading.page.items)
            with app.store.write(durable=False) as tx:
                app.applier.orders(tx, "main", items, read_seq=reading.read_seq)
        own = time.process_time() - cpu
        return own / waited, own / pages


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--orders", type=int, default=ORDERS)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    few = min(given.orders, PLAIN_ORDERS)
    map_tables()
    first, again, plain, plain_again = [], [], [], []
    asked = 0
    with shop_process(partial(fill, orders=given.orders)) as shop:
        raw_chain(shop, given.orders)  # warms the shop's prepared bytes
        for _ in range(given.rounds):
            with app_beside({"main": shop}) as app:
                plain.append(timed(lambda: pull_plainly(app, shop, few)) / few)
                plain_again.append(timed(lambda: pull_plainly(app, shop, few)) / few)
            with app_beside({"main": shop}) as app:
                first.append(timed(lambda: pull_all(app)) / given.orders)
                again.append(timed(lambda: pull_again(app)) / given.orders)
        raw = raw_chain(shop, given.orders)
        with app_beside({"main": shop}) as app:
            asked = requests_of_backfill(app)
    share, own_page = share_of_wait(min(given.orders, 2_000))
    speeds = {
        name: 1 / statistics.median(seconds)
        for name, seconds in {"first": first, "again": again, "plain": plain, "plain again": plain_again}.items()
    }
    report(
        "pull",
        [(f"{name} (orders/s, median of {given.rounds})", f"{speed:,.0f}") for name, speed in speeds.items()]
        + [
            ("raw chain, nothing stored (orders/s)", f"{raw:,.0f}"),
            ("own CPU time a page of 100 (ms)", f"{own_page * 1000:.1f}"),
        ],
        {
            "ratio_first": speeds["first"] / speeds["plain"],
            "ratio_again": speeds["again"] / speeds["plain again"],
            "own_share_of_wait": share,
            "requests_per_1000_orders": asked / given.orders * 1000,
            "share_of_raw_chain": speeds["first"] / raw,
        },
    )


def requests_of_backfill(app: App) -> int:
    """How many requests a whole backfill makes."""
    sent = 0
    send = requests.Session.send

    def counted(self: requests.Session, *args: Any, **how: Any) -> requests.Response:
        nonlocal sent
        sent += 1
        return send(self, *args, **how)

    requests.Session.send = counted  # type: ignore[method-assign]
    try:
        app.backfill("main")
    finally:
        requests.Session.send = send  # type: ignore[method-assign]
    return sent


if __name__ == "__main__":
    main()
