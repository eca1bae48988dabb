"""Several workers beside one shop: each look is one's, and whoever is gone is replaced. A slow shop stops no other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from companion.app import App
from companion.sandbox import Fault, Sandbox
from connectors.base import ShopFacts
from storage.sync import alerts, cursors, leases, shop_time
from tests.fixtures.app import MakeApp, stored_order
from tests.fixtures.store import Clock
from tests.storage.waiting import wait_until
from tests.sync.days import hours_taken

RESTS_S = 65  # after the last chore of an idle shop, the longest wait


@pytest.fixture
def two(make_app: MakeApp, sandbox: Sandbox) -> tuple[App, App]:
    """Two processes' worth of the product over one store, their schedulers not started."""
    return make_app({"main": sandbox}), make_app({"main": sandbox})


def look(app: App, sandbox: Sandbox) -> int:
    """How many requests a worker's turn cost the shop."""
    sandbox.shop.log.clear()
    app.worker.look(app.shops["main"])
    return len(sandbox.shop.log)


def test_a_look_is_not_repeated_by_another_worker(two: tuple[App, App], sandbox: Sandbox, clock: Clock) -> None:
    one, other = two
    assert look(one, sandbox) > 0
    assert look(other, sandbox) == 0
    for _ in range(5):
        clock.advance(RESTS_S - 1)
        look(one, sandbox)
        assert look(other, sandbox) == 0


def test_a_worker_that_is_killed_between_two_looks_is_replaced(
    two: tuple[App, App], sandbox: Sandbox, clock: Clock
) -> None:
    killed, other = two
    look(killed, sandbox)
    clock.advance(RESTS_S)
    look(other, sandbox)
    clock.advance(300)
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


def test_a_worker_that_leaves_is_replaced_at_once(two: tuple[App, App], sandbox: Sandbox, clock: Clock) -> None:
    leaving, other = two
    look(leaving, sandbox)
    leaving.worker.stop()
    clock.advance(300)
    assert look(other, sandbox) > 0


def test_a_drain_outlives_whatever_goes_wrong_in_it(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def fails(name: str) -> None:
        calls.append(name)
        raise ZeroDivisionError

    monkeypatch.setattr(app.inbox, "drain", lambda *_, **__: fails("inbox"))
    monkeypatch.setattr(app.outbox, "drain", lambda *_, **__: fails("outbox"))
    monkeypatch.setattr(app.worker, "_drain_seconds", 0.001)
    threads = [
        threading.Thread(target=app.worker._drain_inbox, args=[app.shops["main"]]),
        threading.Thread(target=app.worker._drain_outbox, args=[app.shops["main"]]),
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: calls.count("inbox") > 1 and calls.count("outbox") > 1)
    app.stopping.set()
    for thread in threads:
        thread.join()


def test_summaries_do_not_wait_for_order_notes(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.backfill("main")
    released, drained = threading.Event(), threading.Event()
    monkeypatch.setattr(app.aftercare, "urgent", lambda *_, **__: released.wait())
    monkeypatch.setattr(app.outbox, "drain", lambda *_, **__: drained.set())
    monkeypatch.setattr(app.worker, "_drain_seconds", 0.001)
    app.worker.start()
    assert drained.wait(10)
    released.set()
    assert app.worker.stop()


def test_a_shop_that_hangs_keeps_no_other_waiting(
    make_app: MakeApp, make_sandbox: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, sound = make_sandbox(), make_sandbox()
    placed = sound.shop.create_order(quiet=True)
    app = make_app({"hanging": hanging, "sound": sound})
    asked = threading.Event()
    released = threading.Event()

    def hangs() -> ShopFacts:
        asked.set()
        released.wait()
        raise ZeroDivisionError

    monkeypatch.setattr(app.shops["hanging"].source, "facts", hangs)
    app.worker.start()
    try:
        assert asked.wait(20)
        wait_until(lambda: stored_order(app, placed.id, "sound") is not None)
        assert not released.is_set()
    finally:
        released.set()
        app.worker.stop()


def test_what_nobody_asks_for_any_more_is_forgotten(app: App, clock: Clock) -> None:
    with app.store.write() as tx:
        shop_time.add(tx, "main", "orders", now=clock(), seconds=1.0, requests=1)
        alerts.raise_(tx, "main", "storm", "order 1", {}, clock())
        alerts.over(tx, "main", "storm", "order 1", clock())
        alerts.raise_(tx, "main", "storm", "order 2", {}, clock())
    clock.advance(timedelta(days=13).total_seconds())
    app.worker._forget()
    assert hours_taken(app.store)
    clock.advance(timedelta(days=18).total_seconds())
    app.worker._forget()
    assert hours_taken(app.store) == {}
    with app.store.write() as tx:
        assert [alert.subject for alert in alerts.standing(tx)] == ["order 2"]
        assert not alerts.over(tx, "main", "storm", "order 1", clock())


def test_a_shop_that_is_away_is_read_when_it_is_back(app: App, sandbox: Sandbox, clock: Clock) -> None:
    placed = sandbox.shop.create_order(quiet=True)
    sandbox.shop.faults.add(Fault("status", status=400, times=None))
    app.worker.look(app.shops["main"])
    with app.store.read() as tx:
        cursor = cursors.get(tx, "main", "orders")
    assert cursor is not None
    assert cursor.failure
    sandbox.shop.faults.clear()
    app.worker.look(app.shops["main"])
    assert stored_order(app, placed.id) is not None
