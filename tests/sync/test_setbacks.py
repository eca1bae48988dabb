"""A shop that was restored from a backup is noticed by the first orders that show it."""

from __future__ import annotations

import pytest

from companion.app import App
from companion.sandbox import Fault, Sandbox
from companion.sync.reading.setbacks import SEVERAL
from storage.sync import alerts, cursors
from storage.sync.alerts import Alert
from tests.fixtures.app import stored_order
from tests.fixtures.store import Clock

GUEST = {"first_name": "مریم", "email": "maryam@example.com"}


def alert(app: App) -> Alert | None:
    with app.store.read() as tx:
        return next((one for one in alerts.standing(tx, "main") if one.kind == "restored_backup"), None)


def is_compared_now(app: App) -> bool:
    with app.store.read() as tx:
        cursor = cursors.get(tx, "main", "reconcile")
    return cursor is not None and cursor.interval_s is None


@pytest.fixture
def ids(app: App, sandbox: Sandbox) -> list[int]:
    """Orders that were edited today, as both sides know; everything was compared a moment ago."""
    found = [sandbox.shop.create_order(billing=GUEST, quiet=True).id for _ in range(SEVERAL + 2)]
    sandbox.shop.clock.advance(86_400)
    for order_id in found:
        sandbox.shop.update_order(order_id, status="completed")
    app.backfill("main")
    with app.store.write() as tx:
        cursors.put(tx, "main", "reconcile", succeeded_at=app.clock(), interval_s=86_400)
    return found


def restore(app: App, sandbox: Sandbox, order_id: int) -> None:
    """The order is as it was yesterday, and something makes us look at it."""
    sandbox.shop.clock.advance(-86_400)
    sandbox.shop.update_order(order_id, status="processing")
    sandbox.shop.clock.advance(86_400)
    app.rereader.order(app.shops["main"], str(order_id))


def test_one_order_that_went_back_is_believed_and_no_more(app: App, sandbox: Sandbox, ids: list[int]) -> None:
    restore(app, sandbox, ids[0])
    row = stored_order(app, ids[0])
    assert row is not None
    assert row.status == "processing"
    assert alert(app) is None
    assert not is_compared_now(app)


def test_several_orders_that_went_back_have_everything_compared(app: App, sandbox: Sandbox, ids: list[int]) -> None:
    for order_id in ids[: SEVERAL - 1]:
        restore(app, sandbox, order_id)
    restore(app, sandbox, ids[0])  # again the same is no further sign
    assert alert(app) is None
    restore(app, sandbox, ids[SEVERAL - 1])
    found = alert(app)
    assert found is not None
    assert found.facts == {"records": SEVERAL, "newest_is_gone": False}
    assert is_compared_now(app)


def test_one_is_enough_where_the_newest_order_is_unknown_to_the_shop(
    app: App, sandbox: Sandbox, ids: list[int]
) -> None:
    sandbox.shop.clock.advance(60)
    newest = sandbox.shop.create_order(billing=GUEST).id
    app.poll("main")
    sandbox.shop.force_delete_order(newest)
    restore(app, sandbox, ids[0])
    found = alert(app)
    assert found is not None
    assert found.facts == {"records": 1, "newest_is_gone": True}
    assert is_compared_now(app)
    row = stored_order(app, newest)
    assert row is not None
    assert row.gone_at is not None


def test_a_stale_cache_is_no_restored_backup(app: App, sandbox: Sandbox, ids: list[int]) -> None:
    app.poll("main")
    sandbox.shop.update_order(ids[0], status="on-hold")
    app.poll("main")
    sandbox.shop.faults.add(Fault("stale", path="modified_after"))
    app.poll("main")
    assert alert(app) is None
    row = stored_order(app, ids[0])
    assert row is not None
    assert row.status == "on-hold"


def test_a_person_is_told_for_a_day_and_no_more_once_nothing_goes_back(
    app: App, sandbox: Sandbox, ids: list[int], clock: Clock
) -> None:
    for order_id in ids[:SEVERAL]:
        restore(app, sandbox, order_id)
    app.reconcile("main")
    assert alert(app) is not None
    clock.advance(86_400)
    app.reconcile("main")
    assert alert(app) is None


def test_a_comparison_that_finds_them_tells_it_too(app: App, sandbox: Sandbox, ids: list[int]) -> None:
    sandbox.shop.clock.advance(-86_400)
    for order_id in ids:
        sandbox.shop.update_order(order_id, status="processing")
    sandbox.shop.clock.advance(86_400)
    app.reconcile("main")
    found = alert(app)
    assert found is not None
    assert found.facts["records"] >= SEVERAL
