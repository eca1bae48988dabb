"""Deliveries in: how many a second are stored durably, and how long a shop waits while everything else is at work.

`share_of_signature_only` compares two receivers in turn, each in a process of its own under waitress and else idle: the
product's, which answers when the delivery is on disk (synchronous=FULL), and the same receiver with an `accept` that
stores nothing. `p99_ms_busy` is measured on `companion run`'s own process while its worker backfills a large shop and
drains inbox and outbox: sixteen clients deliver, each on a new connection as WooCommerce does.

    python -m benchmarks.intake [--deliveries 4000] [--rounds 3] [--seconds 15]
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import logging
import multiprocessing
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from waitress.server import create_server

from benchmarks.common import MASTER_KEY, ShopAddress, recorded_seconds, report, shop_process
from companion.app import build
from companion.config import Config, Database, Push, Secret, Shop, Sync, Web
from companion.domain.permissions import Role
from companion.sandbox import Sandbox, seed_bulk
from companion.secrets import Secrets
from companion.services.notes import NoteDraft
from connectors.base import Window
from storage import migrate
from storage.engine import Store
from storage.sync.inbox_writer import Writer
from webhooks.receiver import receiver

CLIENTS = 16
THREADS = 16  # waitress's, as the configuration's default
BACKFILL_ORDERS = 60_000
PAYLOAD_SECONDS = 0.118
"""A shop builds each payload anew before it delivers it: what the recorded one takes for a single order."""
SECRET = Secrets(Secret(MASTER_KEY)).webhook_secret("main")


# --- the clients --------------------------------------------------------------------------------------------------


def template() -> bytes:
    """An order as the sandbox writes it, its id to be put in."""
    with Sandbox() as sandbox:
        seed_bulk(sandbox.shop, orders=20, customers=5, seed=1)
        order = max(sandbox.shop.orders.values(), key=lambda order: len(sandbox.shop.serialised(order)))
        whole = json.loads(sandbox.shop.serialised(order))
    return json.dumps({**whole, "id": 0, "customer_id": 0}).encode()


TEMPLATE = template()
_ID = b'"id": 0,'


def body_of(number: int) -> bytes:
    """A new order, whole."""
    return TEMPLATE.replace(_ID, f'"id": {number},'.encode(), 1)


def deliver(address: str, number: int, *, connection: http.client.HTTPConnection | None = None) -> tuple[int, float]:
    """One delivery as a shop sends it; the status and the seconds."""
    body = body_of(number)
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {
        "Content-Type": "application/json",
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Resource": "order",
        "X-WC-Webhook-Event": "updated",
        "X-WC-Webhook-Signature": signature,
        "X-WC-Webhook-ID": "1",
        "X-WC-Webhook-Delivery-ID": f"{number:032x}",
    }
    start = time.perf_counter()
    channel = connection or http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    channel.request("POST", "/in/main/order.updated", body, headers)
    answer = channel.getresponse()
    answer.read()
    if connection is None:
        channel.close()
    return answer.status, time.perf_counter() - start


def flood(address: str, first: int, deliveries: int, results: Connection) -> None:
    """Half of the clients, in a process of their own, on kept connections: only the receiver is to be measured."""
    counter = iter(range(first, first + deliveries))
    lock = threading.Lock()
    refused = 0

    def client() -> None:
        nonlocal refused
        channel = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        while True:
            with lock:
                number = next(counter, None)
            if number is None:
                break
            status, _ = deliver(address, number, connection=channel)
            refused += status != 200
        channel.close()

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.send((deliveries / (time.perf_counter() - start), refused))


# --- the receivers ------------------------------------------------------------------------------------------------


def accept_nothing(**_delivery: object) -> None:
    """The signature was right; nothing else is done."""


def serve(folder: str, *, durable: bool, pipe: Connection) -> None:
    """The receiver alone under waitress, storing or not."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    store = Store(f"sqlite:///{Path(folder) / 'store.sqlite3'}")
    migrate.upgrade(store)
    from companion.app import utc_now  # noqa: PLC0415 - in the child only

    writer = Writer(store, clock=utc_now)
    app = Flask(__name__)
    app.register_blueprint(
        receiver(
            accept=writer.accept if durable else accept_nothing,
            secrets_for=lambda _shop: [SECRET],
            failed=lambda _address: False,
            max_bytes=5_000_000,
        )
    )
    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS)
    pipe.send(f"http://127.0.0.1:{server.effective_port}")
    server.run()


def run_product(folder: str, shop: ShopAddress, port_pipe: Connection) -> None:
    """`companion run`: pages, entrance and worker in one process, over one SQLite file."""
    from companion import daemon  # noqa: PLC0415 - in the child only

    port = port_pipe.recv()
    config = Config(
        master_key=Secret(MASTER_KEY),
        database=Database(url=Secret(f"sqlite:///{Path(folder) / 'store.sqlite3'}")),
        web=Web(port=port, threads=THREADS),
        shops=(Shop(key="main", url=shop.url, consumer_key=Secret(shop.key), consumer_secret=Secret(shop.secret)),),
        push=Push(mode="on", max_per_hour=100_000),
        sync=Sync(poll_seconds=10),
    )
    app = build(config)
    # Notes on the newest people, so that the outbox has something to drain while the backfill goes on.
    month = Window(by="created", since=app.clock() - timedelta(days=30))
    app.sweeper.orders(app.shops["main"], month, saved=lambda *_: None)
    app.users.add(name="b", username="bench", password="benchmark-password", role=Role.ADMINISTRATOR)
    viewer = app.users.sign_in("bench", "benchmark-password")
    for row in app.customers.recent(viewer, 200):
        app.notes.write(viewer, NoteDraft(customer_id=row.id, body="یادداشت", ref=None))
    port_pipe.send("ready")
    daemon.run(app)


@contextmanager
def process(target: Callable[..., None], *arguments: object, **named: object) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    if "pipe" in named:
        named["pipe"] = theirs
    else:
        arguments = (*arguments, theirs)
    child = context.Process(target=target, args=arguments, kwargs=named, daemon=True)
    child.start()
    try:
        yield ours
    finally:
        child.kill()
        child.join()


def rate(*, durable: bool, deliveries: int, first: int) -> float:
    """Deliveries a second of one receiver, asked by sixteen clients of another process."""
    with tempfile.TemporaryDirectory() as folder, process(serve, folder, durable=durable, pipe=None) as served:
        address = served.recv()
        with process(flood, address, first, deliveries // 4) as warm:
            warm.recv()
        with process(flood, address, first + deliveries, deliveries) as flooding:
            per_second, refused = flooding.recv()
    if refused:
        raise SystemExit(f"{refused} deliveries were refused while idle")
    return float(per_second)


# --- while everything is at work ----------------------------------------------------------------------------------


def fill(sandbox: Sandbox) -> None:
    seed_bulk(sandbox.shop, orders=BACKFILL_ORDERS, customers=BACKFILL_ORDERS // 5, seed=3)


def paced_clients(address: str, seconds: float, results: Connection) -> None:
    """Sixteen shops' queues at once, each delivery on a new connection, as fast as it can build them."""
    times: list[float] = []
    refused = [0]
    until = time.perf_counter() + seconds

    def client(number: int) -> None:
        sent = 0
        while time.perf_counter() < until:
            try:
                status, took = deliver(address, number * 1_000_000 + sent)
            except OSError:
                status, took = 0, seconds
            refused[0] += status != 200
            times.append(took)
            sent += 1
            time.sleep(PAYLOAD_SECONDS)

    threads = [threading.Thread(target=client, args=[number]) for number in range(1, CLIENTS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.send((times, refused[0]))


def free_port() -> int:
    import socket  # noqa: PLC0415 - here only

    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def busy(seconds: float) -> tuple[list[float], int]:
    port = free_port()
    with (
        shop_process(fill, page_seconds=recorded_seconds, workers=2) as shop,
        tempfile.TemporaryDirectory() as folder,
        process(run_product, folder, shop) as product,
    ):
        product.send(port)
        if product.recv() != "ready":
            raise SystemExit("the product did not start")
        wait_for(port)
        with process(partial(paced_clients, f"http://127.0.0.1:{port}", seconds)) as clients:
            times, refused = clients.recv()
    return times, refused


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            channel = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            channel.request("GET", "/health")
            channel.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the product does not answer")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--deliveries", type=int, default=4_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=15)
    given = arguments.parse_args()
    durable, plain = [], []
    for number in range(given.rounds):
        first = (number + 1) * 100_000
        plain.append(rate(durable=False, deliveries=given.deliveries, first=first))
        durable.append(rate(durable=True, deliveries=given.deliveries, first=first))
    times, refused = busy(given.seconds)
    times.sort()
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))] * 1000
    shares = [ours / baseline for ours, baseline in zip(durable, plain, strict=True)]
    report(
        "intake",
        [
            (f"durable (deliveries/s, median of {given.rounds})", f"{statistics.median(durable):,.0f}"),
            ("signature only (deliveries/s)", f"{statistics.median(plain):,.0f}"),
            ("busy: deliveries", f"{len(times):,}"),
            ("busy: median (ms)", f"{statistics.median(times) * 1000:.1f}"),
            ("busy: p99 (ms)", f"{p99:.1f}"),
            ("busy: slowest (ms)", f"{times[-1] * 1000:.1f}"),
            ("busy: refused", f"{refused}"),
        ],
        {
            "p99_ms_busy": p99,
            "refused_busy": refused,
            "share_of_signature_only": statistics.median(shares),
            "deliveries_per_s": statistics.median(durable),
        },
    )


if __name__ == "__main__":
    main()
