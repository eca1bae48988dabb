"""What the benchmarks share: a shop in a process of its own, an App over a fresh store, the table and the JSON."""

from __future__ import annotations

import gc
import json
import multiprocessing
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

from companion.app import App, build
from companion.config import Config, Database, Push, Secret, Shop, Sync, Web
from companion.daemon import settle
from companion.sandbox import Sandbox

MASTER_KEY = "benchmark benchmark benchmark benchmark"

# Seconds a page of so many orders took on the recorded shop, one client (the shop's own figures, interpolated).
RECORDED_PAGE_SECONDS = ((0, 0.121), (10, 0.175), (25, 0.241), (50, 0.341), (100, 0.592))
RECORDED_TWO_CLIENTS = 354 / 160
"""How much faster the recorded shop answered two clients at once than one."""


@dataclass(frozen=True)
class ShopAddress:
    """Where the sandbox of another process listens, and its key."""

    url: str
    key: str
    secret: str


def recorded_seconds(records: int) -> float:
    """How long the recorded shop takes for a page of so many orders."""
    for (fewer, quick), (more, slow) in pairwise(RECORDED_PAGE_SECONDS):
        if records <= more:
            return quick + (slow - quick) * (records - fewer) / (more - fewer)
    return RECORDED_PAGE_SECONDS[-1][1]


def _serve(prepare: Callable[[Sandbox], None], options: Mapping[str, object], pipe: Connection) -> None:
    with Sandbox(**options) as sandbox:  # type: ignore[arg-type]  # the caller's own options
        prepare(sandbox)
        pipe.send(ShopAddress(sandbox.url, sandbox.credentials.key, sandbox.credentials.secret))
        pipe.recv()


@contextmanager
def shop_process(prepare: Callable[[Sandbox], None], **options: object) -> Iterator[ShopAddress]:
    """A sandbox in its own process, so that it does not share our interpreter; `prepare` fills it there."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(prepare, options, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(10)
        process.kill()


@contextmanager
def app_beside(
    shops: Mapping[str, ShopAddress], *, public_url: str = "", database: str = "", **sections: object
) -> Iterator[App]:
    """The product over a new SQLite store (or the given database), beside these shops."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            master_key=Secret(MASTER_KEY),
            database=Database(url=Secret(database or f"sqlite:///{Path(folder) / 'store.sqlite3'}")),
            web=Web(public_url=public_url),
            shops=tuple(
                Shop(key=key, url=at.url, consumer_key=Secret(at.key), consumer_secret=Secret(at.secret))
                for key, at in shops.items()
            ),
            **{"push": Push(mode="on"), "sync": Sync(), **sections},  # type: ignore[arg-type]
        )
        app = build(config)
        try:
            yield app
        finally:
            app.close()


@contextmanager
def running(work: Callable[[], object]) -> Iterator[threading.Event]:
    """Work in another thread, under the settings that `companion run` makes; the event says that it is over."""
    over = threading.Event()

    def run() -> None:
        work()
        over.set()

    before = sys.getswitchinterval()
    settle()
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield over
    finally:
        thread.join()
        sys.setswitchinterval(before)
        gc.unfreeze()


def report(benchmark: str, rows: list[tuple[str, str]], figures: Mapping[str, float]) -> None:
    """Prints the table, then the figures as one line of JSON."""
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")
    print(json.dumps({"benchmark": benchmark, "figures": {name: round(value, 4) for name, value in figures.items()}}))
