"""Several workers beside one shop: each look is one's, and whoever is gone is replaced."""

from __future__ import annotations

import threading

import pytest

from companion.app import App
from companion.config import Sync
from companion.sandbox import Sandbox
from storage import leases
from tests.fixtures.app import MakeApp
from tests.fixtures.store import Clock
from tests.storage.waiting import wait_until

POLL_SECONDS = 300


@pytest.fixture
def two(make_app: MakeApp, sandbox: Sandbox) -> tuple[App, App]:
    """Two processes' worth of the product over one store, their schedulers not started."""
    apps = tuple(make_app({"main": sandbox}, sync=Sync(poll_seconds=POLL_SECONDS)) for _ in range(2))
    for app in apps:
        app.worker._scheduler.add_job(app.worker._look, "interval", hours=1, args=[app.shops["main"]], id="main")
    return apps[0], apps[1]


def look(app: App, sandbox: Sandbox) -> int:
    """How many requests a worker's turn cost the shop."""
    sandbox.shop.log.clear()
    app.worker._look(app.shops["main"])
    return len(sandbox.shop.log)


def test_a_look_is_not_repeated_by_another_worker(two: tuple[App, App], sandbox: Sandbox, clock: Clock) -> None:
    one, other = two
    assert look(one, sandbox) > 0
    assert look(other, sandbox) == 0
    clock.advance(POLL_SECONDS - 1)
    assert look(one, sandbox) > 0
    clock.advance(POLL_SECONDS - 1)
    assert look(other, sandbox) == 0


def test_a_worker_that_is_killed_between_two_looks_is_replaced_by_the_time_of_the_next(
    two: tuple[App, App], sandbox: Sandbox, clock: Clock
) -> None:
    killed, other = two
    look(killed, sandbox)
    clock.advance(POLL_SECONDS)
    assert look(other, sandbox) > 0


def test_a_worker_that_is_killed_at_a_look_is_replaced_within_a_minute(
    two: tuple[App, App], sandbox: Sandbox, clock: Clock
) -> None:
    other, _ = two
    with other.store.write(durable=False) as tx:
        leases.acquire(tx, "look:main", "killed", now=clock(), seconds=60)
    assert look(other, sandbox) == 0
    clock.advance(60)
    assert look(other, sandbox) > 0


def test_a_worker_that_leaves_is_replaced_at_once(two: tuple[App, App], sandbox: Sandbox) -> None:
    leaving, other = two
    look(leaving, sandbox)
    leaving.worker.stop()
    assert look(other, sandbox) > 0


def test_a_drain_outlives_whatever_goes_wrong_in_it(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def fails(name: str) -> None:
        calls.append(name)
        raise ZeroDivisionError

    monkeypatch.setattr(app.inbox, "drain", lambda **_: fails("inbox"))
    monkeypatch.setattr(app.outbox, "drain", lambda *_, **__: fails("outbox"))
    monkeypatch.setattr(app.worker, "_drain_seconds", 0.001)
    threads = [
        threading.Thread(target=app.worker._drain_inbox),
        threading.Thread(target=app.worker._drain_outbox, args=[app.shops["main"]]),
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: calls.count("inbox") > 1 and calls.count("outbox") > 1)
    app.stopping.set()
    for thread in threads:
        thread.join()
