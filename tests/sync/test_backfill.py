"""The first full read: everything arrives, once, resumably."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy

from companion.app import App
from companion.sandbox import Fault, Sandbox
from companion.sync.reading.backfill import Progress
from connectors.errors import ConnectorError
from storage.schema import accounts, order_lines, orders, parked, refunds
from tests.fixtures.app import stored_order
from tests.fixtures.sandbox import SHOP_NOW

GUEST = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com", "phone": "۰۹۱۲۰۰۰۱۰۰۱"}


def count(app: App, table: sqlalchemy.Table) -> int:
    with app.store.read() as tx:
        return int(tx.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(table)).scalar_one())


def fill(sandbox: Sandbox, number: int, *, days: float = 3.0) -> None:
    for index in reversed(range(number)):
        sandbox.shop.create_order(
            billing={**GUEST, "email": f"guest{index % 7}@example.com"},
            created_at=SHOP_NOW - timedelta(days=days * index),
            quiet=True,
        )


def test_every_order_arrives_with_lines_trash_and_refunds(app: App, sandbox: Sandbox) -> None:
    fill(sandbox, 150)
    trashed = sandbox.shop.create_order(billing=GUEST, quiet=True)
    sandbox.shop.trash_order(trashed.id)
    refunded = sandbox.shop.create_order(billing=GUEST, quiet=True)
    sandbox.shop.create_refund(refunded.id, 50_000, reason="کالا آسیب دیده")
    app.backfill("main")
    assert count(app, orders) == 152
    assert count(app, order_lines) == 152
    assert count(app, refunds) == 1
    row = stored_order(app, trashed.id)
    assert row is not None
    assert row.status == "trash"


def test_registered_users_arrive_and_own_their_orders(app: App, sandbox: Sandbox) -> None:
    user = sandbox.shop.create_customer(email="reza@example.com", first_name="رضا", last_name="کریمی")
    order = sandbox.shop.create_order(customer_id=user.id, billing=GUEST, quiet=True)
    app.backfill("main")
    row = stored_order(app, order.id)
    assert row is not None
    with app.store.read() as tx:
        owner = tx.execute(sqlalchemy.select(accounts).where(accounts.c.id == row.account_id)).one()
    assert (owner.kind, owner.key, owner.first_name, owner.phone) == ("user", str(user.id), "رضا", GUEST["phone"])


def test_guests_with_one_address_are_one_account(app: App, sandbox: Sandbox) -> None:
    for email in ("Maryam@Example.com", "maryam@example.com", ""):
        sandbox.shop.create_order(billing={**GUEST, "email": email}, quiet=True)
    app.backfill("main")
    with app.store.read() as tx:
        guests = tx.execute(sqlalchemy.select(accounts.c.key).where(accounts.c.kind == "guest")).scalars().all()
    assert sorted(guests) == ["+989120001001", "maryam@example.com"]


def test_the_newest_order_says_who_a_guest_is_whatever_came_first(app: App, sandbox: Sandbox) -> None:
    sandbox.shop.create_order(billing={**GUEST, "city": "کرج"}, created_at=SHOP_NOW - timedelta(days=400), quiet=True)
    sandbox.shop.create_order(billing={**GUEST, "city": "تهران"}, created_at=SHOP_NOW - timedelta(days=2), quiet=True)
    app.backfill("main")
    with app.store.read() as tx:
        billing = tx.execute(sqlalchemy.select(accounts.c.billing).where(accounts.c.kind == "guest")).scalar_one()
    assert billing["city"] == "تهران"


def test_a_second_backfill_reads_nothing(app: App, sandbox: Sandbox) -> None:
    fill(sandbox, 30)
    app.backfill("main")
    sandbox.shop.log.clear()
    app.backfill("main")
    assert len(sandbox.shop.log) == 0


def test_a_killed_backfill_resumes_where_it_stood(app: App, sandbox: Sandbox) -> None:
    fill(sandbox, 120, days=1.0)
    # The third month fails; what was finished before stays finished.
    sandbox.shop.faults.add(Fault("status", path="after=2026-08-31", status=400, times=None))
    with pytest.raises(ConnectorError):
        app.backfill("main")
    assert 0 < count(app, orders) < 120
    sandbox.shop.faults.clear()
    sandbox.shop.log.clear()
    app.backfill("main")
    assert count(app, orders) == 120
    asked = {value for request in sandbox.shop.log.requests() for name, value in request.query if name == "after"}
    assert "2026-08-31T23:59:59" in asked
    assert "2026-10-31T23:59:59" not in asked, "a finished month was read again"


def test_orders_older_than_the_lowest_id_are_found(app: App, sandbox: Sandbox) -> None:
    sandbox.shop.create_order(created_at=SHOP_NOW - timedelta(days=10), quiet=True)
    imported = sandbox.shop.create_order(created_at=SHOP_NOW - timedelta(days=3000), quiet=True)
    app.backfill("main")
    assert stored_order(app, imported.id) is not None


def test_a_malformed_order_is_parked_and_the_rest_of_its_page_goes_on(app: App, sandbox: Sandbox) -> None:
    fill(sandbox, 5, days=0.1)
    sandbox.shop.faults.add(Fault("malformed", path="orders.*after=", times=1))
    app.backfill("main")
    assert count(app, orders) == 4
    assert count(app, parked) == 1


def test_baskets_are_not_orders(app: App, sandbox: Sandbox) -> None:
    sandbox.shop.create_order(status="checkout-draft", quiet=True)
    app.backfill("main")
    assert count(app, orders) == 0


def test_progress_can_be_read_by_a_person(app: App, sandbox: Sandbox) -> None:
    fill(sandbox, 130, days=0.5)
    told: list[Progress] = []
    app.backfill("main", told.append)
    of_orders = [progress for progress in told if progress.stream == "orders"]
    assert of_orders[-1].done == of_orders[-1].total == 130
    assert [progress.done for progress in of_orders] == sorted(progress.done for progress in of_orders)
    assert of_orders[-1].seconds_left == 0
