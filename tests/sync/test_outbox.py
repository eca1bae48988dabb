"""Note to shop: the summary stands where it should, and after it has settled the shop sees no further write."""

from __future__ import annotations

import json

import pytest
import sqlalchemy

from companion.app import App
from companion.config import Push
from companion.sandbox import Fault, Sandbox
from companion.sync.pushing.outbox import SUMMARY_QUARREL
from connectors.errors import Transient
from storage import shops
from storage.sync import outbox
from tests.fixtures.app import Desk, MakeApp, stored_order
from tests.fixtures.store import Clock

GUEST = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com"}
KEY = "companion_note"


@pytest.fixture
def desk(served: App) -> Desk:
    return Desk(served)


def place(app: App, sandbox: Sandbox, number: int = 1, *, status: str = "completed") -> list[int]:
    """Orders of one customer, a day apart, oldest first, known to both sides."""
    ids = []
    for _ in range(number):
        sandbox.shop.clock.advance(86_400)
        ids.append(sandbox.shop.create_order(billing=GUEST, status=status, quiet=True).id)
    app.backfill("main")
    sandbox.shop.log.clear()
    return ids


def carried(sandbox: Sandbox, order_id: int) -> str | None:
    value = sandbox.shop.order(order_id).meta_value(KEY)
    return None if value is None else str(value)


def settle(app: App, sandbox: Sandbox, rounds: int = 4) -> None:
    """Everything both sides have to say to each other, several times over."""
    for _ in range(rounds):
        app.drain()
        sandbox.shop.clock.advance(61)
        sandbox.shop.run_queue()
    app.drain()
    app.poll("main")
    app.drain()


def outbox_is_empty(app: App) -> bool:
    with app.store.read() as tx:
        return not outbox.counts(tx)


def test_the_summary_stands_on_the_order_and_no_further_write_follows(
    served: App, sandbox: Sandbox, desk: Desk
) -> None:
    (order,) = place(served, sandbox)
    desk.write(order)
    settle(served, sandbox)
    assert carried(sandbox, order) == "۱۴۰۵/۰۸/۳۰ ۲۱:۳۰ · مینا · تماس: منتظر تماس است (۱ یادداشت)"
    assert sandbox.shop.log.writes() == 1
    settle(served, sandbox)
    assert sandbox.shop.log.writes() == 1
    assert outbox_is_empty(served)


def test_only_our_own_key_is_ever_sent(served: App, sandbox: Sandbox, desk: Desk) -> None:
    (order,) = place(served, sandbox)
    sent: list[object] = []
    write = served.shops["main"].source.write_summaries

    def spy(values: dict[str, str | None]) -> object:
        sent.append(values)
        return write(values)

    served.shops["main"].source.write_summaries = spy  # type: ignore[method-assign,assignment]
    sandbox.shop.clock.advance(5)
    before = json.loads(sandbox.shop.serialised(sandbox.shop.order(order)))
    desk.write(order)
    settle(served, sandbox)
    after = json.loads(sandbox.shop.serialised(sandbox.shop.order(order)))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"meta_data", "date_modified", "date_modified_gmt"}
    assert len(sent) == 1


def test_the_five_newest_the_open_and_the_one_pointed_at_carry_it(served: App, sandbox: Sandbox, desk: Desk) -> None:
    still_open = place(served, sandbox, 1, status="on-hold")
    orders = place_more(served, sandbox, 12)
    desk.write(orders[0])
    settle(served, sandbox)
    carrying = {order for order in still_open + orders if carried(sandbox, order)}
    assert carrying == {*still_open, orders[0], *orders[-5:]}
    assert written_orders(served) == 7


def place_more(app: App, sandbox: Sandbox, number: int) -> list[int]:
    ids = []
    for _ in range(number):
        sandbox.shop.clock.advance(86_400)
        ids.append(sandbox.shop.create_order(billing=GUEST, status="completed", quiet=True).id)
    app.poll("main")
    sandbox.shop.log.clear()
    return ids


def written_orders(app: App) -> int:
    with app.store.read() as tx:
        return int(tx.exec_driver_sql("SELECT coalesce(sum(count), 0) FROM writes").scalar_one())


def test_a_new_order_carries_it_when_it_arrives_and_the_oldest_lets_go(
    served: App, sandbox: Sandbox, desk: Desk
) -> None:
    orders = place(served, sandbox, 5)
    desk.write(orders[-1])
    settle(served, sandbox)
    sandbox.shop.clock.advance(86_400)
    newest = sandbox.shop.create_order(billing=GUEST, status="completed").id
    settle(served, sandbox)
    assert carried(sandbox, newest)
    assert carried(sandbox, orders[0]) is None


def test_trashed_orders_are_never_written(served: App, sandbox: Sandbox, desk: Desk) -> None:
    kept, trashed = place(served, sandbox, 2)
    sandbox.shop.trash_order(trashed)
    settle(served, sandbox)
    desk.write(kept)
    settle(served, sandbox)
    assert carried(sandbox, kept)
    assert carried(sandbox, trashed) is None
    assert sandbox.shop.order(trashed).status == "trash"


def test_what_may_not_be_pushed_is_not(served: App, sandbox: Sandbox, desk: Desk) -> None:
    (order,) = place(served, sandbox)
    desk.write(order, "خیلی عصبانی", kind="complaint")
    desk.write(order, "به هیچ کس نگویید", internal=True)
    settle(served, sandbox)
    assert carried(sandbox, order) is None
    assert sandbox.shop.log.writes() == 0


def test_a_deleted_note_is_removed_everywhere_and_a_restored_one_comes_back(
    served: App, sandbox: Sandbox, desk: Desk
) -> None:
    orders = place(served, sandbox, 3)
    note = desk.write(orders[0])
    settle(served, sandbox)
    served.notes.delete(desk.viewer, note)
    settle(served, sandbox)
    assert [carried(sandbox, order) for order in orders] == [None, None, None]
    served.notes.restore(desk.viewer, note)
    settle(served, sandbox)
    assert all(carried(sandbox, order) for order in orders)


def test_overwritten_meta_is_put_back_and_a_quarrel_is_parked(
    served: App, sandbox: Sandbox, desk: Desk, clock: Clock
) -> None:
    (order,) = place(served, sandbox)
    desk.write(order)
    settle(served, sandbox)
    right = carried(sandbox, order)
    for turn in range(5):
        sandbox.shop.clock.advance(60)
        sandbox.shop.update_order(order, meta={KEY: f"an old form, saved again ({turn})"})
        settle(served, sandbox)
        assert (carried(sandbox, order) == right) == (turn < 3)
    with served.store.read() as tx:
        parked = outbox.parked(tx, "main", limit=10)
    assert [ref.reason for ref in parked] == [SUMMARY_QUARREL]


def test_a_missing_order_is_dropped_and_the_rest_of_its_batch_stands(served: App, sandbox: Sandbox, desk: Desk) -> None:
    orders = place(served, sandbox, 3)
    sandbox.shop.force_delete_order(orders[1])
    desk.write(orders[0])
    settle(served, sandbox)
    assert carried(sandbox, orders[0])
    assert carried(sandbox, orders[2])
    row = stored_order(served, orders[1])
    assert row is not None
    assert row.gone_at is not None
    assert outbox_is_empty(served)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_a_cut_connection_ends_in_the_right_summary(
    served: App, sandbox: Sandbox, desk: Desk, clock: Clock, kind: str
) -> None:
    (order,) = place(served, sandbox)
    desk.write(order)
    sandbox.shop.faults.add(Fault(kind, method="POST", path="batch"))  # type: ignore[arg-type]
    served.drain()
    clock.advance(3600)
    settle(served, sandbox)
    assert carried(sandbox, order)
    assert outbox_is_empty(served)


def test_too_many_requests_are_answered_with_patience(served: App, sandbox: Sandbox, desk: Desk, clock: Clock) -> None:
    (order,) = place(served, sandbox)
    desk.write(order)
    sandbox.shop.faults.add(Fault("status", method="POST", path="batch", status=429, seconds=120))
    served.drain()
    served.drain()
    assert sandbox.shop.log.writes() == 1, "it asked again before the shop would hear of it"
    clock.advance(7200)
    served.drain()
    assert carried(sandbox, order)


def test_an_edit_while_a_push_is_under_way_is_not_lost(served: App, sandbox: Sandbox, desk: Desk) -> None:
    (order,) = place(served, sandbox)
    note = desk.write(order, "نخست")
    write = served.shops["main"].source.write_summaries

    def edit_meanwhile(values: dict[str, str | None]) -> object:
        served.shops["main"].source.write_summaries = write  # type: ignore[method-assign]
        found = write(values)
        served.notes.edit(desk.viewer, note, version=1, body="سپس", kind="call")
        return found

    served.shops["main"].source.write_summaries = edit_meanwhile  # type: ignore[method-assign,assignment]
    settle(served, sandbox)
    assert "سپس" in str(carried(sandbox, order))


def test_many_edits_are_one_write(served: App, sandbox: Sandbox, desk: Desk) -> None:
    (order,) = place(served, sandbox)
    note = desk.write(order, "یک")
    for version in range(1, 10):
        served.notes.edit(desk.viewer, note, version=version, body=f"بار {version}", kind="call")
    settle(served, sandbox)
    assert sandbox.shop.log.writes() == 1


def test_the_hours_writes_are_capped(make_app: MakeApp, sandbox: Sandbox, clock: Clock) -> None:
    app = make_app({"main": sandbox}, push=Push(mode="on", max_per_hour=2))
    orders = place(app, sandbox, 5)
    Desk(app).write(orders[0])
    app.drain()
    assert sum(bool(carried(sandbox, order)) for order in orders) == 2
    clock.advance(7200)
    app.drain()
    assert sum(bool(carried(sandbox, order)) for order in orders) == 4


def test_a_dry_run_writes_nothing_and_says_what_it_would(make_app: MakeApp, sandbox: Sandbox) -> None:
    app = make_app({"main": sandbox}, push=Push(mode="dry-run"))
    (order,) = place(app, sandbox)
    Desk(app).write(order)
    app.drain()
    (planned,) = app.outbox.plan("main")
    assert (planned.kind, planned.id) == ("order", str(order))
    assert planned.observed is None
    assert "منتظر تماس است" in str(planned.text)
    assert sandbox.shop.log.writes() == 0


def test_a_paused_shop_is_not_written(served: App, sandbox: Sandbox, desk: Desk) -> None:
    (order,) = place(served, sandbox)
    with served.store.write() as tx:
        shops.pause(tx, "main")
    desk.write(order)
    settle(served, sandbox)
    assert carried(sandbox, order) is None
    with served.store.write() as tx:
        shops.resume(tx, "main")
    settle(served, sandbox)
    assert carried(sandbox, order)


@pytest.mark.parametrize("storage", ["hpos", "hpos-sync", "legacy", "legacy-sync"])
def test_it_settles_in_every_order_storage(served: App, sandbox: Sandbox, desk: Desk, storage: str) -> None:
    sandbox.shop.storage = storage  # type: ignore[assignment]
    (order,) = place(served, sandbox)
    desk.write(order)
    settle(served, sandbox)
    assert carried(sandbox, order)
    assert sandbox.shop.log.writes() == 1


def test_a_note_of_another_shops_account_stays_out_of_this_shop(served: App, sandbox: Sandbox, desk: Desk) -> None:
    (order,) = place(served, sandbox)
    desk.write(order)
    with served.store.write() as tx:
        tx.execute(sqlalchemy.text("UPDATE accounts SET shop = 'custom' WHERE kind = 'guest'"))
    served.drain()
    assert carried(sandbox, order) is None


def test_what_waited_out_a_long_absence_is_pushed_as_soon_as_the_shop_is_tried_again(
    served: App, sandbox: Sandbox, desk: Desk, clock: Clock
) -> None:
    (order_id,) = place(served, sandbox)
    sandbox.shop.faults.add(Fault("status", status=503, times=None))
    for _ in range(5):
        with pytest.raises(Transient):
            served.shops["main"].source.orders(None, page=1)
    desk.write(order_id, "زود زنگ بزنید")
    asked = len(sandbox.shop.log)
    for _ in range(30):  # hours of it
        served.drain()
        clock.advance(300)
    assert len(sandbox.shop.log) <= asked + 30
    sandbox.shop.faults.clear()
    clock.advance(300)
    served.drain()
    assert "زود زنگ بزنید" in (carried(sandbox, order_id) or "")
