from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from storage.engine import Store
from storage.schema import corrections as corrections_table
from storage.schema import writes as writes_table
from storage.sync import corrections, writes
from tests.fixtures.store import Clock


@pytest.fixture
def ten(clock: Clock) -> Clock:
    clock.set(datetime(2025, 11, 21, 10, 0, tzinfo=UTC))
    return clock


def count(store: Store, clock: Clock, shop: str = "tehran") -> int:
    with store.read() as tx:
        return writes.count_last_hour(tx, shop, now=clock())


def test_writes_of_a_shop_add_up(store: Store, ten: Clock) -> None:
    assert count(store, ten) == 0
    with store.write() as tx:
        writes.add(tx, "tehran", now=ten(), count=40)
        ten.advance(1800)
        writes.add(tx, "tehran", now=ten(), count=2)
        writes.add(tx, "shiraz", now=ten(), count=100)
    assert count(store, ten) == 42
    assert count(store, ten, "shiraz") == 100


def test_the_hour_before_counts_less_the_longer_it_is_over(store: Store, ten: Clock) -> None:
    with store.write() as tx:
        writes.add(tx, "tehran", now=ten(), count=100)
    ten.advance(3600)
    assert count(store, ten) == 100
    ten.advance(900)
    assert count(store, ten) == 75
    ten.advance(2699)
    assert count(store, ten) == 1  # rounded up: a cap is never passed by rounding
    ten.advance(1)
    assert count(store, ten) == 0


def test_old_hours_are_forgotten(store: Store, ten: Clock) -> None:
    with store.write() as tx:
        writes.add(tx, "tehran", now=ten(), count=1)
        ten.advance(3 * 86400)
        writes.add(tx, "tehran", now=ten(), count=1)
        assert tx.execute(select(func.count()).select_from(writes_table)).scalar_one() == 1


def test_corrections_are_counted_by_thing_and_day(store: Store, ten: Clock) -> None:
    with store.write() as tx:
        assert [corrections.count(tx, "tehran", "order", "1", now=ten()) for _ in range(3)] == [1, 2, 3]
        assert corrections.count(tx, "tehran", "order", "2", now=ten()) == 1
        assert corrections.count(tx, "shiraz", "order", "1", now=ten()) == 1
        ten.advance(14 * 3600)
        assert corrections.count(tx, "tehran", "order", "1", now=ten()) == 1


def test_corrections_of_long_ago_are_forgotten(store: Store, ten: Clock) -> None:
    with store.write() as tx:
        corrections.count(tx, "tehran", "order", "1", now=ten())
        ten.advance(8 * 86400)
        corrections.count(tx, "tehran", "order", "1", now=ten())
        assert corrections.forget_old(tx, now=ten()) == 1
        assert tx.execute(select(func.count()).select_from(corrections_table)).scalar_one() == 1
