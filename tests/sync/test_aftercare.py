"""What no date of a shop tells is found all the same: order notes, and refunds that were deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy

from companion.app import App
from companion.domain.turns import OTHERS_EVERY
from companion.sandbox import Fault
from companion.sync.pace.meter import Taken
from companion.sync.reading.aftercare import STREAM
from storage.engine import Store
from storage.schema import order_notes, orders, refunds
from tests.fixtures.app import Desk, stored_order
from tests.fixtures.sandbox import SHOP_NOW
from tests.sync.days import HOUR, Days, hours_taken

GUEST = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com"}


@pytest.fixture
def days(sqlite_store: Store) -> Iterator[Days]:
    with Days(sqlite_store) as days:
        yield days


@pytest.fixture
def days_on_either(store: Store) -> Iterator[Days]:
    """On each database in turn."""
    with Days(store) as days:
        yield days


def bodies(app: App, order_id: int) -> list[str]:
    standing = (order_notes.c.order_id == str(order_id), order_notes.c.gone_at.is_(None))
    with app.store.read() as tx:
        return list(tx.execute(sqlalchemy.select(order_notes.c.body).where(*standing)).scalars())


def standing_refunds(app: App) -> int:
    with app.store.read() as tx:
        found = sqlalchemy.select(sqlalchemy.func.count()).where(refunds.c.gone_at.is_(None))
        return int(tx.execute(found).scalar_one())


def test_a_note_added_to_an_untouched_order_is_found_within_the_hour(days: Days) -> None:
    order = days.shop.create_order(billing=GUEST, quiet=True)
    days.begin()
    days.shop.add_order_note(order.id, "کد پیگیری ۲۱۰۴۸۸۳۷۶۱")
    days.pass_time(HOUR)
    assert bodies(days.app, order.id) == ["کد پیگیری ۲۱۰۴۸۸۳۷۶۱"]
    reached = days.cursors[STREAM].interval_s
    assert reached is not None
    assert 0.9 * HOUR <= reached <= HOUR


def test_order_notes_of_a_first_read_wait_for_the_budget_and_those_of_a_change_do_not(sqlite_store: Store) -> None:
    with Days(sqlite_store) as days:
        placed = [days.shop.create_order(billing=GUEST, quiet=True).id for _ in range(300)]
        days.app.backfill("main")
        days.app.budget.spent("main", STREAM, Taken(30.0, 1))  # the burst
        days.read_urgent()
        assert days.asked("/notes") == 0
        days.shop.update_order(placed[7], status="completed")
        days.app.poll("main")
        days.read_urgent()
        assert days.asked("/notes") == days.asked(f"/{placed[7]}/notes") == 1
        days.pass_time(600)
        assert 20 < days.asked("/notes") < len(placed)
        assert sum(hours_taken(days.app.store).values()) <= 30.0 + 0.05 * 600 + 2  # a step may run over


def test_a_deleted_refund_is_found_within_the_hour_and_costs_only_orders_that_have_one(days: Days) -> None:
    refunded, other = (days.shop.create_order(billing=GUEST, quiet=True) for _ in range(2))
    refund = days.shop.create_refund(refunded.id, 20_000)
    days.begin()
    assert standing_refunds(days.app) == 1
    days.shop.delete_refund(refund.id)
    days.pass_time(HOUR)
    assert standing_refunds(days.app) == 0
    assert days.asked(f"/orders/{other.id}/refunds") == 0
    asked = days.asked(f"/orders/{refunded.id}/refunds")
    days.pass_time(HOUR)
    assert days.asked(f"/orders/{refunded.id}/refunds") == asked


def test_an_order_that_nobody_touched_for_long_has_its_turn_within_a_week(days: Days) -> None:
    long_ago = SHOP_NOW - timedelta(days=90)
    old = [
        days.shop.create_order(billing=GUEST, quiet=True, created_at=long_ago, modified_at=long_ago) for _ in range(20)
    ]
    days.begin()
    assert days.asked("/notes") == 0
    with days.app.store.read() as tx:
        turns = list(tx.execute(sqlalchemy.select(orders.c.care_due_at)).scalars())
    assert all(SHOP_NOW < turn <= SHOP_NOW + OTHERS_EVERY + timedelta(minutes=1) for turn in turns)
    assert max(turns) - min(turns) > timedelta(days=3)  # not in a lump
    days.shop.add_order_note(old[7].id, "بازگشت از انبار")
    days.time.sleep(OTHERS_EVERY.total_seconds())  # nobody looked meanwhile
    days.pass_time(HOUR)
    assert bodies(days.app, old[7].id) == ["بازگشت از انبار"]
    assert days.asked("/notes") == len(old)


def test_orders_are_read_at_once_when_their_customer_is_opened_and_not_for_every_glance(
    days_on_either: Days,
) -> None:
    days = days_on_either
    long_ago = SHOP_NOW - timedelta(days=90)
    order = days.shop.create_order(billing=GUEST, quiet=True, created_at=long_ago, modified_at=long_ago)
    days.begin()
    desk = Desk(days.app)
    customer = desk.customer_of(order.id)
    days.shop.add_order_note(order.id, "مشتری تماس گرفت")
    days.app.customers.page(desk.viewer, customer)
    days.read_urgent()
    assert bodies(days.app, order.id) == ["مشتری تماس گرفت"]
    days.app.customers.page(desk.viewer, customer)
    days.read_urgent()
    assert days.asked("/notes") == 1
    days.time.sleep(301)
    days.app.customers.page(desk.viewer, customer)
    days.read_urgent()
    assert days.asked("/notes") == 2


def test_an_order_whose_notes_cannot_be_read_keeps_no_other_waiting(days: Days) -> None:
    broken, sound = (days.shop.create_order(billing=GUEST, quiet=True) for _ in range(2))
    days.begin()
    days.shop.faults.add(Fault("status", path=f"/{broken.id}/notes", status=400, times=None))
    days.shop.add_order_note(sound.id, "رسید")
    days.pass_time(HOUR)
    assert bodies(days.app, sound.id) == ["رسید"]
    assert days.asked(f"/{broken.id}/notes") <= 2  # its turn again, and no more


def test_an_order_that_is_gone_is_not_asked_for_again(days_on_either: Days) -> None:
    days = days_on_either
    order = days.shop.create_order(billing=GUEST, quiet=True)
    days.begin()
    days.shop.force_delete_order(order.id)
    days.time.sleep(HOUR)
    days.pass_time(300)
    assert days.asked(f"/{order.id}/notes") == 1
    days.time.sleep(HOUR)
    days.pass_time(300)
    row = stored_order(days.app, order.id)
    assert row is not None
    assert row.gone_at is not None
    assert days.asked(f"/{order.id}/notes") == 1
