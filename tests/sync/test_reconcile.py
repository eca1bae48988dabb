"""What neither webhooks nor polls can tell is found, and nothing is deleted here on a suspicion."""

from __future__ import annotations

import pytest
import sqlalchemy

from companion.app import App
from companion.sandbox import Fault, Sandbox
from companion.sync.reading.reconcile import TooManyGone
from connectors.errors import ConnectorError
from storage.schema import accounts
from storage.sync import alerts, stamps
from tests.fixtures.app import Desk, stored_order

GUEST = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com"}


def place(app: App, sandbox: Sandbox, number: int) -> list[int]:
    ids = [sandbox.shop.create_order(billing=GUEST, quiet=True).id for _ in range(number)]
    app.backfill("main")
    app.poll("main")
    return ids


def is_gone(app: App, order_id: int) -> bool:
    row = stored_order(app, order_id)
    assert row is not None
    return row.gone_at is not None


def test_a_permanent_deletion_is_believed_at_the_second_sweep(app: App, sandbox: Sandbox) -> None:
    orders = place(app, sandbox, 3)
    sandbox.shop.force_delete_order(orders[1])
    assert app.reconcile("main")["order"].missed == 1
    assert not is_gone(app, orders[1])
    assert app.reconcile("main")["order"].asked == 1
    assert [is_gone(app, order) for order in orders] == [False, True, False]


def test_what_was_only_out_of_sight_for_one_sweep_stays(app: App, sandbox: Sandbox) -> None:
    orders = place(app, sandbox, 3)
    hidden = sandbox.shop.orders.pop(orders[1])
    sandbox.shop.revision += 1
    app.reconcile("main")
    sandbox.shop.orders[orders[1]] = hidden
    sandbox.shop.revision += 1
    app.reconcile("main")
    app.reconcile("main")
    assert not is_gone(app, orders[1])


def test_a_trashed_order_is_not_missing(app: App, sandbox: Sandbox) -> None:
    (order,) = place(app, sandbox, 1)
    sandbox.shop.trash_order(order)
    app.reconcile("main")
    row = stored_order(app, order)
    assert row is not None
    assert (row.status, row.gone_at) == ("trash", None)


def test_a_change_that_no_window_shows_is_found_by_its_date(app: App, sandbox: Sandbox) -> None:
    (order,) = place(app, sandbox, 1)
    sandbox.shop.clock.advance(-86_400)  # the shop's clock was wrong for a day
    sandbox.shop.update_order(order, status="completed")
    app.reconcile("main")
    row = stored_order(app, order)
    assert row is not None
    assert row.status == "completed"


def test_an_order_that_never_arrived_is_fetched(app: App, sandbox: Sandbox) -> None:
    place(app, sandbox, 1)
    sandbox.shop.clock.advance(-86_400 * 30)
    late = sandbox.shop.create_order(billing=GUEST, quiet=True)
    app.reconcile("main")
    assert stored_order(app, late.id) is not None


def test_a_deleted_user_goes_and_an_edited_one_is_read(app: App, sandbox: Sandbox) -> None:
    gone = sandbox.shop.create_customer(email="gone@example.com", first_name="رفته")
    edited = sandbox.shop.create_customer(email="edited@example.com", first_name="پیشین")
    app.backfill("main")
    sandbox.shop.clock.advance(60)
    sandbox.shop.delete_customer(gone.id)
    sandbox.shop.update_customer(edited.id, fields={"first_name": "نو"})
    app.reconcile("main")
    app.reconcile("main")
    with app.store.read() as tx:
        rows = {
            row.key: row
            for row in tx.execute(sqlalchemy.select(accounts.c.key, accounts.c.first_name, accounts.c.gone_at))
        }
    assert rows[str(gone.id)].gone_at is not None
    assert (rows[str(edited.id)].first_name, rows[str(edited.id)].gone_at) == ("نو", None)


def test_too_many_gone_at_once_stops_and_asks(app: App, sandbox: Sandbox) -> None:
    orders = place(app, sandbox, 60)
    for order in orders[:30]:
        sandbox.shop.force_delete_order(order)
    with pytest.raises(TooManyGone, match="30"):
        app.reconcile("main")
    assert not any(is_gone(app, order) for order in orders)
    with app.store.read() as tx:
        (alert,) = alerts.standing(tx, "main")
    assert (alert.kind, alert.subject, alert.facts) == ("too_many_gone", "order", {"absent": 30, "stored": 60})
    app.reconcile("main", force=True)
    with app.store.read() as tx:
        assert alerts.standing(tx, "main") == []
    assert sum(is_gone(app, order) for order in orders) == 30


def test_an_empty_answer_deletes_nothing(app: App, sandbox: Sandbox) -> None:
    (order,) = place(app, sandbox, 1)
    everything = dict(sandbox.shop.orders)
    sandbox.shop.orders.clear()
    sandbox.shop.revision += 1
    with pytest.raises(TooManyGone):
        app.reconcile("main")
    sandbox.shop.orders.update(everything)
    assert not is_gone(app, order)


def test_a_restored_order_comes_back_with_its_summary(app: App, sandbox: Sandbox) -> None:
    orders = place(app, sandbox, 2)
    Desk(app).write(orders[0])
    app.drain()
    taken = sandbox.shop.orders.pop(orders[0])
    sandbox.shop.revision += 1
    app.reconcile("main")
    app.reconcile("main")
    assert is_gone(app, orders[0])
    sandbox.shop.orders[orders[0]] = taken
    sandbox.shop.revision += 1
    app.reconcile("main")
    assert not is_gone(app, orders[0])


def test_a_second_round_reads_only_the_lists(app: App, sandbox: Sandbox) -> None:
    place(app, sandbox, 120)
    app.reconcile("main")
    sandbox.shop.log.clear()
    app.reconcile("main")
    assert len(sandbox.shop.log) == 4  # two pages of orders, the empty trash, the users
    assert sandbox.shop.log.writes() == 0


def test_a_failing_shop_leaves_everything_as_it_is(app: App, sandbox: Sandbox) -> None:
    (order,) = place(app, sandbox, 1)
    sandbox.shop.faults.add(Fault("status", path="_fields", status=400, times=None))
    with pytest.raises(ConnectorError):
        app.reconcile("main")
    assert not is_gone(app, order)


def test_what_happens_while_a_comparison_lasts_is_neither_missed_nor_read_twice(app: App, sandbox: Sandbox) -> None:
    orders = place(app, sandbox, 150)
    steps = app.reconciler.round(app.shops["main"])
    next(steps)  # the first page; hours may pass now
    sandbox.shop.clock.advance(3600)
    trashed, edited = orders[120], orders[140]
    sandbox.shop.trash_order(trashed)
    sandbox.shop.update_order(edited, status="completed")
    placed = sandbox.shop.create_order(billing=GUEST, quiet=True).id
    app.poll("main")
    sandbox.shop.restore_order(trashed)  # behind the main list's page and before the trash is read
    sandbox.shop.log.clear()
    for _ in steps:
        pass
    with app.store.read() as tx:
        rows = stamps.every(tx, "main", "order")
    assert [key for key, row in rows.items() if row.missing_since] == []
    assert str(placed) in rows
    by_id = {request.path.rpartition("/")[2] for request in sandbox.shop.log.requests() if request.path[-1].isdigit()}
    assert by_id <= {str(trashed)}
