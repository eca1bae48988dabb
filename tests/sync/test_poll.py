"""The incremental read: whatever webhooks do not tell is found, and the watermark never runs ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy

from companion.app import App
from companion.sandbox import Fault, Sandbox
from connectors.base import Page
from connectors.errors import ConnectorError
from storage.schema import accounts, order_notes, refunds
from storage.sync import care, cursors
from tests.fixtures.app import Desk, stored_order
from tests.fixtures.sandbox import SHOP_NOW
from tests.fixtures.store import Clock

GUEST = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com"}


@pytest.fixture
def order_id(app: App, sandbox: Sandbox) -> int:
    """An order that both sides know."""
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    app.backfill("main")
    sandbox.shop.clock.advance(3600)
    return order.id


def somebody_waits(app: App, order_id: int) -> None:
    """For the notes of an order: its customer was opened."""
    with app.store.write() as tx:
        care.opened(tx, [("main", str(order_id))], now=app.clock())


def watermark(app: App) -> object:
    with app.store.read() as tx:
        cursor = cursors.get(tx, "main", "orders")
    assert cursor is not None
    return cursor.watermark


def test_a_changed_order_is_found(app: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.update_order(order_id, status="completed")
    app.poll("main")
    row = stored_order(app, order_id)
    assert row is not None
    assert row.status == "completed"


def test_a_trashed_order_is_found_and_a_restored_one_too(app: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.trash_order(order_id)
    app.poll("main")
    row = stored_order(app, order_id)
    assert row is not None
    assert row.status == "trash"
    sandbox.shop.clock.advance(60)
    sandbox.shop.restore_order(order_id)
    app.poll("main")
    row = stored_order(app, order_id)
    assert row is not None
    assert row.status == "processing"


def test_two_edits_in_one_second_both_arrive(app: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.update_order(order_id, status="on-hold")
    app.poll("main")
    sandbox.shop.update_order(order_id, status="cancelled")
    app.poll("main")
    row = stored_order(app, order_id)
    assert row is not None
    assert row.status == "cancelled"


def test_the_watermark_is_the_shops_own_clock(app: App, sandbox: Sandbox, order_id: int, clock: Clock) -> None:
    clock.advance(-86_400 * 30)  # ours is a month behind; nobody asks it
    app.poll("main")
    assert watermark(app) == sandbox.shop.clock().replace(microsecond=0)


def test_a_failed_poll_leaves_the_watermark(app: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.faults.add(Fault("status", path="modified_after", status=400, times=1))
    with pytest.raises(ConnectorError):
        app.poll("main")
    assert watermark(app) == SHOP_NOW
    sandbox.shop.update_order(order_id, status="completed")
    app.poll("main")
    row = stored_order(app, order_id)
    assert row is not None
    assert row.status == "completed"


def test_an_idle_poll_asks_three_small_questions(app: App, sandbox: Sandbox, order_id: int) -> None:
    app.poll("main")
    sandbox.shop.clock.advance(3600)
    sandbox.shop.log.clear()
    outcome = app.poll("main")
    assert len(sandbox.shop.log) == 3  # orders, the trash, new users
    assert outcome.written == 0


def test_a_refund_arrives_with_its_order(app: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.create_refund(order_id, 20_000, reason="انصراف")
    app.poll("main")
    with app.store.read() as tx:
        found = tx.execute(sqlalchemy.select(refunds.c.order_id, refunds.c.amount)).one()
    assert found == (str(order_id), 20_000 * 10_000)


def test_a_refund_that_could_not_be_read_is_read_with_the_next_poll(app: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.create_refund(order_id, 20_000)
    sandbox.shop.faults.add(Fault("status", path=f"/{order_id}/refunds", status=400))
    app.poll("main")
    app.poll("main")
    with app.store.read() as tx:
        assert tx.execute(sqlalchemy.select(refunds.c.amount)).scalar_one() == 200_000_000
    asked = sandbox.shop.log.count(path=f"/{order_id}/refunds")
    app.poll("main")
    assert sandbox.shop.log.count(path=f"/{order_id}/refunds") == asked


def test_a_deleted_refund_goes_with_the_next_change_of_its_order(app: App, sandbox: Sandbox, order_id: int) -> None:
    refund = sandbox.shop.create_refund(order_id, 20_000)
    app.poll("main")
    sandbox.shop.delete_refund(refund.id)
    sandbox.shop.clock.advance(60)
    sandbox.shop.update_order(order_id, status="completed")
    app.poll("main")
    with app.store.read() as tx:
        assert tx.execute(sqlalchemy.select(refunds.c.gone_at)).scalar_one() is not None


def test_new_users_are_found_newest_first(app: App, sandbox: Sandbox, order_id: int) -> None:
    for number in range(40):
        sandbox.shop.clock.advance(1)
        sandbox.shop.create_customer(email=f"new{number}@example.com", first_name="نو")
    app.poll("main")
    with app.store.read() as tx:
        found = tx.execute(sqlalchemy.select(sqlalchemy.func.count()).where(accounts.c.first_name == "نو")).scalar_one()
    assert found == 40


def test_order_notes_are_read_when_due_and_not_again(app: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.add_order_note(order_id, "کد پیگیری ۲۱۰۴۸۸۳۷۶۱", to_customer=True)
    shop = app.shops["main"]
    assert app.aftercare.urgent(shop, limit=10) == 0  # nobody waits for what a first read brought
    somebody_waits(app, order_id)
    assert app.aftercare.urgent(shop, limit=10) == 1
    with app.store.read() as tx:
        bodies = tx.execute(sqlalchemy.select(order_notes.c.body)).scalars().all()
    assert "کد پیگیری ۲۱۰۴۸۸۳۷۶۱" in bodies
    assert app.aftercare.urgent(shop, limit=10) == 0


def test_an_order_whose_status_was_set_and_set_back_shows_both_order_notes(
    app: App, sandbox: Sandbox, order_id: int
) -> None:
    shop = app.shops["main"]
    somebody_waits(app, order_id)
    app.aftercare.urgent(shop, limit=10)
    sandbox.shop.update_order(order_id, status="on-hold")
    sandbox.shop.update_order(order_id, status="processing")
    app.poll("main")
    app.aftercare.urgent(shop, limit=10)
    assert standing_order_notes(app) == len(sandbox.shop.order(order_id).notes) == 2


def test_order_notes_from_before_our_own_write_are_read_though_its_date_hides_them(
    app: App, sandbox: Sandbox, order_id: int
) -> None:
    shop = app.shops["main"]
    somebody_waits(app, order_id)
    app.aftercare.urgent(shop, limit=10)
    sandbox.shop.update_order(order_id, status="on-hold")
    sandbox.shop.update_order(order_id, status="processing")
    Desk(app).write(order_id)
    assert app.drain()["pushed"] == 1
    app.poll("main")
    app.aftercare.urgent(shop, limit=10)
    assert standing_order_notes(app) == 2


def test_an_order_note_left_while_the_others_were_read_is_read_too(
    app: App, sandbox: Sandbox, order_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = app.shops["main"]
    read = shop.source.order_notes

    def read_while_the_order_changes(order_id: str) -> Sequence[bytes]:
        raws = read(order_id)
        sandbox.shop.update_order(int(order_id), status="completed")
        app.poll("main")
        return raws

    somebody_waits(app, order_id)
    monkeypatch.setattr(shop.source, "order_notes", read_while_the_order_changes)
    app.aftercare.urgent(shop, limit=10)
    monkeypatch.undo()
    app.aftercare.urgent(shop, limit=10)
    assert standing_order_notes(app) == 1


def test_order_notes_that_one_worker_reads_are_not_read_by_another_unless_it_dies(
    app: App, sandbox: Sandbox, order_id: int, clock: Clock
) -> None:
    shop = app.shops["main"]
    somebody_waits(app, order_id)
    now = app.clock()
    with app.store.write() as tx:
        assert care.claim_notes(tx, "main", [str(order_id)], now=now, until=now + timedelta(seconds=60))
        assert not care.claim_notes(tx, "main", [str(order_id)], now=now, until=now + timedelta(seconds=60))
    assert app.aftercare.urgent(shop, limit=10) == 0
    clock.advance(60)
    assert app.aftercare.urgent(shop, limit=10) == 1


def standing_order_notes(app: App) -> int:
    with app.store.read() as tx:
        standing = sqlalchemy.select(sqlalchemy.func.count()).where(order_notes.c.gone_at.is_(None))
        return int(tx.execute(standing).scalar_one())


def test_an_order_note_deleted_in_the_shop_is_tombstoned(app: App, sandbox: Sandbox, order_id: int) -> None:
    note = sandbox.shop.add_order_note(order_id, "خطا")
    shop = app.shops["main"]
    somebody_waits(app, order_id)
    app.aftercare.urgent(shop, limit=10)
    sandbox.shop.delete_order_note(order_id, note.id)
    sandbox.shop.update_order(order_id, status="completed")
    app.poll("main")
    app.aftercare.urgent(shop, limit=10)
    with app.store.read() as tx:
        standing = tx.execute(sqlalchemy.select(order_notes.c.body).where(order_notes.c.gone_at.is_(None))).scalars()
        assert "خطا" not in standing.all()


def test_a_page_that_changes_while_it_is_read_loses_nothing(app: App, sandbox: Sandbox, order_id: int) -> None:
    orders = [sandbox.shop.create_order(billing=GUEST) for _ in range(250)]
    # Between two pages one order goes to the trash: those behind it move up by one.
    shop = app.shops["main"]
    read = shop.source.orders
    seen: list[int] = []

    def meddle(window: object, *, page: int, per_page: int = 100) -> object:
        if page == 2 and not seen:
            seen.append(page)
            sandbox.shop.trash_order(orders[0].id)
        return read(window, page=page, per_page=per_page)  # type: ignore[arg-type]

    shop.source.orders = meddle  # type: ignore[method-assign,assignment]
    app.poll("main")
    missing = [order.id for order in orders if stored_order(app, order.id) is None]
    assert seen
    assert missing == []


def test_an_answer_that_is_no_json_says_what_stood_there(app: App, sandbox: Sandbox, order_id: int) -> None:
    sandbox.shop.faults.add(Fault("html", path="orders", status=200, times=None))
    with pytest.raises(ConnectorError, match="not JSON"):
        app.poll("main")


def test_a_clock_that_was_ahead_and_is_put_right_loses_no_change(
    app: App, sandbox: Sandbox, order_id: int, clock: Clock
) -> None:
    sandbox.shop.clock.advance(3 * 3600)
    app.poll("main")  # its signpost lies three hours ahead
    sandbox.shop.clock.advance(-3 * 3600 + 60)
    clock.advance(60)
    sandbox.shop.update_order(order_id, status="completed")
    sandbox.shop.clock.advance(3600)
    clock.advance(3600)
    app.poll("main")
    row = stored_order(app, order_id)
    assert row is not None
    assert row.status == "completed"
    assert watermark(app) == sandbox.shop.clock().replace(microsecond=0)


def test_a_watermark_that_was_set_back_while_a_poll_ran_stays_there(
    app: App, sandbox: Sandbox, order_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = app.shops["main"]
    read = shop.source.orders
    earlier = SHOP_NOW - timedelta(days=1)

    def read_while_it_is_set_back(*args: Any, **options: Any) -> Page:
        with app.store.write() as tx:
            cursors.put(tx, "main", "orders", watermark=earlier)
        return read(*args, **options)

    monkeypatch.setattr(shop.source, "orders", read_while_it_is_set_back)
    app.poll("main")
    assert watermark(app) == earlier
