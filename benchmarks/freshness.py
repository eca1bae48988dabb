"""How long a change takes to be seen on the other side: from shop to search, from note to shop, and without webhooks.

The product is `companion run` as a process of its own, over SQLite and with its defaults (a look every five minutes);
the shop is a sandbox at the recorded shop's pace; all is measured by this machine's clock, from outside.

`webhook_to_found`: the shop's queue delivers new orders in bursts, as a shop does about once a minute. For each, from
the moment when its delivery is sent until a search finds who placed it.

`note_to_shop`: from the moment when the browser sends the form until the shop has answered the request that wrote the
summary; `shop_own` is that request's own part of it.

`webhooks_dead`: no webhook exists. Orders are placed at moments spread evenly over one interval between two looks,
whatever its phase, and searched until they are found. Real time, since the scheduler's waits are what is measured: it
takes up to two intervals.

    python -m benchmarks.freshness [--orders 5000] [--bursts 12] [--notes 60] [--poll-seconds 300] [--placed 120]
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from benchmarks.common import MASTER_KEY, report
from companion.app import App, build
from companion.config import Config, Database, Log, Push, RateLimits, Secret, Shop, Sync, Web
from companion.domain.permissions import Role, Viewer
from companion.sandbox import Sandbox, delivery
from companion.sandbox.log import LoggedRequest
from companion.sandbox.pace import recorded_page_seconds, recorded_write_seconds
from companion.sandbox.seed_bulk import seed_bulk

BURST = 25
"""Deliveries that a shop sends in one run of its queue."""
PASSWORD = "benchmark-password"
NEVER_S = 60.0
"""After so long without being seen, a change is taken for lost."""
_FIRST_LOOK_S = 5.0
"""For what the product does once when it starts."""

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_ID = re.compile(rb'^\{"id":(\d+)')


@dataclass(frozen=True)
class Stage:
    """The shop, the product's own process at `address`, and a second App over its store to search with."""

    sandbox: Sandbox
    app: App
    viewer: Viewer
    address: str

    def place(self, name: str) -> int:
        """A new order of somebody new; its id."""
        billing = {"first_name": name, "last_name": "تازه", "email": f"{name}@fresh.example"}
        return self.sandbox.shop.create_order(billing=billing).id

    def found(self, word: str, limit: int) -> set[str]:
        """The first names of those whom a search finds."""
        hits = self.app.search.find(self.viewer, word, limit=limit).hits
        return {hit.name.split()[0] for hit in hits}


@dataclass(frozen=True)
class Installation:
    """What a process must be told to open the product: secrets themselves travel to no other process."""

    folder: str
    port: int
    poll_seconds: int
    is_delivered_to: bool
    shop_url: str
    shop_key: str
    shop_secret: str

    @property
    def address(self) -> str:
        """Where the product answers."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> App:
        """The product over this store."""
        key, secret = Secret(self.shop_key), Secret(self.shop_secret)
        return build(
            Config(
                master_key=Secret(MASTER_KEY),
                database=Database(url=Secret(f"sqlite:///{Path(self.folder) / 'store.sqlite3'}")),
                web=Web(port=self.port, public_url=self.address if self.is_delivered_to else ""),
                shops=(Shop(key="main", url=self.shop_url, consumer_key=key, consumer_secret=secret),),
                push=Push(mode="on"),
                sync=Sync(poll_seconds=self.poll_seconds),
                limits=RateLimits(write="10000/minute", pages="10000/minute"),
                log=Log(level="error"),
            )
        )


def run_product(installation: Installation) -> None:
    """`companion run`."""
    from companion import daemon  # noqa: PLC0415 - in the child only

    daemon.run(installation.open())


@contextmanager
def stage(*, orders: int, poll_seconds: int, webhooks: bool) -> Iterator[Stage]:
    """The shop read once, then left to the running product."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(page_seconds=recorded_page_seconds, write_seconds=recorded_write_seconds, workers=2) as sandbox,
    ):
        seed_bulk(sandbox.shop, orders=orders, customers=orders // 5, seed=11)
        keys = sandbox.credentials
        installation = Installation(folder, free_port(), poll_seconds, webhooks, sandbox.url, keys.key, keys.secret)
        app = installation.open()
        app.users.add(name="b", username="bench", password=PASSWORD, role=Role.ADMINISTRATOR)
        viewer = app.users.sign_in("bench", PASSWORD)
        app.backfill("main")
        seen = len(sandbox.shop.log)
        product = multiprocessing.get_context("spawn").Process(target=run_product, args=(installation,), daemon=True)
        product.start()
        try:
            wait_for(lambda: answers(installation.address), what="the product does not answer")
            wait_for(lambda: len(sandbox.shop.log) > seen, what="the product does not look at the shop")
            time.sleep(_FIRST_LOOK_S)
            yield Stage(sandbox, app, viewer, installation.address)
        finally:
            product.terminate()
            product.join(15)
            product.kill()
            app.close()


# --- shop to search -----------------------------------------------------------------------------------------------


def webhook_to_found(stage: Stage, *, bursts: int) -> list[float]:
    """Seconds from each delivery to the first search that finds it."""
    sent_at: dict[int, float] = {}
    send = delivery.send

    def timed(method: str, url: str, headers: list[tuple[str, str]], body: bytes, timeout: float) -> int:
        if about := _ID.match(body):
            sent_at.setdefault(int(about.group(1)), time.perf_counter())
        return send(method, url, headers, body, timeout)

    delivery.send = timed
    seconds: list[float] = []
    try:
        for number in range(bursts):
            word = f"burst{number}q"
            placed = {f"{word}x{place}": stage.place(f"{word}x{place}") for place in range(BURST)}
            time.sleep(random.random())
            queue = threading.Thread(target=stage.sandbox.shop.run_queue)
            queue.start()
            found_at = watch(lambda word=word: stage.found(word, BURST), placed)  # type: ignore[misc]
            queue.join()
            seconds += [found_at[name] - sent_at[order_id] for name, order_id in placed.items()]
    finally:
        delivery.send = send
    return seconds


def watch(look: Callable[[], set[str]], wanted: dict[str, int], *, every_s: float = 0.005) -> dict[str, float]:
    """When each of these was first seen."""
    found_at: dict[str, float] = {}
    deadline = time.perf_counter() + NEVER_S
    while len(found_at) < len(wanted):
        seen = look()
        now = time.perf_counter()
        if now > deadline:
            raise SystemExit(f"{len(wanted) - len(found_at)} changes were never seen")
        for name in seen & wanted.keys():
            found_at.setdefault(name, now)
        time.sleep(every_s)
    return found_at


# --- note to shop -------------------------------------------------------------------------------------------------


def note_to_shop(stage: Stage, *, notes: int) -> tuple[list[float], list[float]]:
    """Seconds from each note to the end of the request that wrote it, and that request's own."""
    shop = stage.sandbox.shop
    written: list[tuple[float, float]] = []
    arrived = threading.Event()
    add = shop.log.add

    def noticed(request: LoggedRequest) -> None:
        add(request)
        if request.method == "POST" and request.path.endswith("/orders/batch"):
            written.append((time.perf_counter(), request.seconds))
            arrived.set()

    shop.log.add = noticed  # type: ignore[method-assign]
    browser = requests.Session()
    token = csrf(browser, f"{stage.address}/sign-in")
    form = {"csrf_token": token, "username": "bench", "password": PASSWORD}
    browser.post(f"{stage.address}/sign-in", data=form, timeout=30).raise_for_status()
    seconds, own = [], []
    for number, order_id in enumerate(sorted(shop.orders)[-notes:]):
        customer = stage.app.customers.by_order(stage.viewer, "main", str(order_id))
        page = f"{stage.address}/customers/{customer}"
        token = csrf(browser, page)
        time.sleep(random.random())  # wherever the worker stands
        word, begun = f"یادداشت شمارهٔ {number} سنجش", time.perf_counter()
        form = {"csrf_token": token, "body": word, "kind": "call", "ref": f"main/{order_id}"}
        browser.post(f"{page}/notes", data=form, allow_redirects=False, timeout=30).raise_for_status()
        while word not in str(shop.order(order_id).meta_value("companion_note")) or not _is_after(written, begun):
            arrived.clear()
            if not arrived.wait(NEVER_S):
                raise SystemExit("a note never reached the shop")
        ended, took = written[-1]
        seconds.append(ended - begun)
        own.append(took)
    return seconds, own


def _is_after(written: Sequence[tuple[float, float]], begun: float) -> bool:
    return bool(written) and written[-1][0] > begun


def csrf(browser: requests.Session, page: str) -> str:
    answer = browser.get(page, timeout=30)
    answer.raise_for_status()
    found = _CSRF.search(answer.text)
    if found is None:
        raise SystemExit(f"{page} holds no form")
    return found.group(1)


# --- without webhooks ---------------------------------------------------------------------------------------------


def webhooks_dead(stage: Stage, *, placed: int, poll_seconds: float) -> list[float]:
    """Seconds from each order to the first search that finds it."""
    moments = sorted(random.random() * poll_seconds for _ in range(placed))
    begun = time.perf_counter()
    placed_at: dict[str, float] = {}
    found_at: dict[str, float] = {}
    deadline = begun + 3 * poll_seconds + NEVER_S
    while len(found_at) < placed:
        now = time.perf_counter()
        if now > deadline:
            raise SystemExit(f"{placed - len(found_at)} orders were never found")
        while len(placed_at) < placed and begun + moments[len(placed_at)] <= now:
            name = f"quietq{len(placed_at)}x"
            stage.place(name)
            placed_at[name] = time.perf_counter()
        for name in stage.found("quietq", placed):
            found_at.setdefault(name, time.perf_counter())
        time.sleep(min(0.2, poll_seconds / 100))
    return [found_at[name] - at for name, at in placed_at.items()]


# --- measuring ----------------------------------------------------------------------------------------------------


def answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/health", timeout=5).ok
    except requests.RequestException:
        return False


def wait_for(holds: Callable[[], bool], *, what: str) -> None:
    deadline = time.perf_counter() + NEVER_S
    while not holds():
        if time.perf_counter() > deadline:
            raise SystemExit(what)
        time.sleep(0.1)


def p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.95))]


def free_port() -> int:
    import socket  # noqa: PLC0415 - here only

    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--orders", type=int, default=5_000)
    arguments.add_argument("--bursts", type=int, default=12)
    arguments.add_argument("--notes", type=int, default=60)
    arguments.add_argument("--poll-seconds", type=int, default=Sync().poll_seconds)
    arguments.add_argument("--placed", type=int, default=120)
    given = arguments.parse_args()
    with stage(orders=given.orders, poll_seconds=Sync().poll_seconds, webhooks=True) as at_work:
        by_webhook = webhook_to_found(at_work, bursts=given.bursts)
        by_note, own = note_to_shop(at_work, notes=given.notes)
    with stage(orders=given.orders, poll_seconds=given.poll_seconds, webhooks=False) as at_work:
        by_look = webhooks_dead(at_work, placed=given.placed, poll_seconds=given.poll_seconds)
    report(
        "freshness",
        [
            (f"webhook to found: median of {len(by_webhook)} (ms)", f"{statistics.median(by_webhook) * 1000:.0f}"),
            ("webhook to found: slowest (ms)", f"{max(by_webhook) * 1000:.0f}"),
            (f"note to shop: median of {len(by_note)} (ms)", f"{statistics.median(by_note) * 1000:.0f}"),
            ("note to shop: slowest (ms)", f"{max(by_note) * 1000:.0f}"),
            ("the shop's own answer within it: median (ms)", f"{statistics.median(own) * 1000:.0f}"),
            (f"no webhooks, a look every {given.poll_seconds:g} s: median (s)", f"{statistics.median(by_look):.1f}"),
            ("no webhooks: slowest (s)", f"{max(by_look):.1f}"),
        ],
        {
            "webhook_to_found_p95_ms": p95(by_webhook) * 1000,
            "note_to_shop_p95_ms": p95(by_note) * 1000,
            "shop_own_p95_ms": p95(own) * 1000,
            "webhooks_dead_p95_s": p95(by_look),
        },
    )


if __name__ == "__main__":
    main()
