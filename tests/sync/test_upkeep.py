"""A shop is looked after in the order of what matters, and never for more than its share of time."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from companion.domain.turns import RECENT_EVERY
from companion.sandbox import Fault
from companion.sync.pace.meter import Taken
from companion.sync.reading import aftercare, ticket_sweep
from connectors.base import Page, Window
from storage.engine import Store
from storage.sync import due
from tests.fixtures.app import stored_order
from tests.fixtures.sandbox import SHOP_NOW
from tests.sync.days import HOUR, Days, hours_taken

LONG_AGO = SHOP_NOW - timedelta(days=90)
GUEST = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com"}


def opened(
    store: Store, *, share: float, orders: int, old_orders: int = 0, tickets: int = 0, bridge: bool = False
) -> Days:
    """A shop that was read for the first time, with so many orders of late and open tickets; its burst is spent."""
    days = Days(store, share=share, helpdesk=bool(tickets), bridge=bridge)
    for _ in range(orders):
        days.shop.create_order(billing=GUEST, quiet=True)
    for _ in range(old_orders):
        days.shop.create_order(billing=GUEST, quiet=True, created_at=LONG_AGO, modified_at=LONG_AGO)
    author = days.shop.create_customer("zahra@example.test").id
    for _ in range(tickets):
        days.shop.helpdesk.open_ticket(author, "مرسوله نرسیده", assignee=3)
    days.begin()
    days.app.budget.spent("main", "orders", Taken(30.0, 1))
    return days


def taken(days: Days) -> list[float]:
    """Seconds that the shop's sweeps took, hour by hour since the beginning."""
    by_hour = hours_taken(days.app.store)
    return [
        by_hour.get(SHOP_NOW + timedelta(hours=hour), 0.0) for hour in range(int(days.time.monotonic() // HOUR) + 1)
    ]


def reached(days: Days) -> dict[str, int]:
    """The interval of each stream, as last reached."""
    return {stream: cursor.interval_s for stream, cursor in days.cursors.items() if cursor.interval_s is not None}


def test_the_share_holds_over_every_hour_and_the_last_named_wait(sqlite_store: Store) -> None:
    with opened(sqlite_store, share=0.006, orders=90, tickets=10) as days:
        before = sum(taken(days))
        days.pass_time(4 * HOUR)
        hours = taken(days)
        assert sum(request.seconds for request in days.shop.log.requests()) == pytest.approx(sum(hours) - before)
        assert all(seconds <= 0.006 * HOUR + 2 for seconds in hours[1:4])  # a step may run over
        assert sum(hours[1:4]) >= 0.9 * 0.006 * 3 * HOUR  # and nothing of it is wasted
        interval = reached(days)
        for stream in ("orders", "customers", ticket_sweep.CHANGED, ticket_sweep.OPEN):
            assert interval[stream] <= 1.2 * 300, stream
        assert interval[aftercare.STREAM] > 1.5 * RECENT_EVERY.total_seconds()
        assert days.asked("/notes") > 90


def test_whoever_waits_for_his_turn_in_vain_has_a_little_all_the_same(sqlite_store: Store) -> None:
    with opened(sqlite_store, share=0.02, orders=10, tickets=120) as days:  # so many tickets would take twice as much
        days.pass_time(2 * HOUR)
        assert reached(days)[ticket_sweep.OPEN] > 1.3 * 300
        assert 5 <= days.asked("/notes") < 20


def test_where_even_less_is_allowed_the_next_from_the_end_wait_and_the_orders_never(sqlite_store: Store) -> None:
    with opened(sqlite_store, share=0.0025, orders=10, tickets=10) as days:
        days.pass_time(2 * HOUR)
        interval = reached(days)
        assert interval["orders"] <= 1.2 * 300
        assert interval["customers"] <= 1.2 * 300
        assert days.asked("/orders") > 2 * 22  # each poll asks for the trash too
        assert days.shop.log.count(method="GET", path="/tickets") < 0.75 * 24
        assert days.asked("/notes") <= 10
        assert all(seconds <= 0.0025 * HOUR + 2 for seconds in taken(days)[1:2])


def test_what_piled_up_while_nobody_looked_is_read_at_once_and_silences_nothing(sqlite_store: Store) -> None:
    with opened(sqlite_store, share=0.005, orders=0, old_orders=200) as days:
        days.pass_time(600)
        days.time.sleep(3 * HOUR)
        for order_id in list(days.shop.orders):
            days.shop.update_order(order_id, status="completed")
        days.pass_time(900)
        row = stored_order(days.app, max(days.shop.orders))
        assert row is not None
        assert row.status == "completed"
        assert reached(days)["orders"] <= 1.2 * 300
        assert reached(days)["customers"] <= 1.2 * 300


def test_what_happens_just_after_a_look_is_here_within_the_interval_though_the_shop_is_slow(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(sqlite_store, share=0.05, orders=1) as days:
        ask, looks = days.main.source.orders, []

        def slowly(window: Window, **how: Any) -> Page:
            begun = days.time.monotonic()
            days.time.sleep(3.0)
            page = ask(window, **how)
            if not window.trash:
                looks.append((begun, days.time.monotonic()))
            return page

        monkeypatch.setattr(days.main.source, "orders", slowly)
        days.pass_time(HOUR)
        assert 12 <= len(looks) <= 13
        assert all(over - before <= 300 for (before, _), (_, over) in pairwise(looks[1:]))
        assert reached(days)["orders"] >= 0.95 * 300


def test_a_helpdesk_that_is_closed_keeps_no_order_waiting(sqlite_store: Store) -> None:
    with opened(sqlite_store, share=0.05, orders=1, tickets=1) as days:
        closed = days.shop.faults.add(Fault("status", path="wpas-api", status=400, times=None))
        placed = days.shop.create_order(billing=GUEST, quiet=True)
        days.pass_time(900)
        assert stored_order(days.app, placed.id) is not None
        assert days.cursors[ticket_sweep.CHANGED].failure
        assert not days.cursors["orders"].failure
        before = closed.met
        days.pass_time(900)
        assert closed.met - before < before  # tried again, more and more seldom
        days.shop.faults.clear()
        days.pass_time(600)
        assert not days.cursors[ticket_sweep.CHANGED].failure


def test_a_fault_of_ours_in_one_chore_keeps_no_other_waiting(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(sqlite_store, share=0.05, orders=1) as days:
        monkeypatch.setattr(days.main.source, "customers", lambda **_: 1 / 0)
        placed = days.shop.create_order(billing=GUEST, quiet=True)
        days.pass_time(900)
        assert stored_order(days.app, placed.id) is not None
    assert "a chore broke" in caplog.text


def test_a_long_round_is_spread_and_leaves_the_others_their_turns(sqlite_store: Store) -> None:
    with opened(sqlite_store, share=0.01, orders=0, old_orders=1_000) as days:
        days.pass_time(600)
        assert 0 < days.asked_stamps() < 10  # far from done, with a quarter of what may be spent
        days.pass_time(HOUR)
        assert days.asked_stamps() == 12  # ten pages of orders, the empty trash, the users
        assert reached(days)["orders"] <= 1.2 * 300


def test_a_round_that_another_worker_took_over_is_begun_anew(sqlite_store: Store) -> None:
    with opened(sqlite_store, share=0.01, orders=0, old_orders=500) as days:
        days.pass_time(600)
        begun = days.asked_stamps()
        assert 0 < begun < 7
        days.app.upkeep.forget("main")
        days.pass_time(HOUR)
        assert days.asked_stamps() == begun + 7


def test_a_comparison_that_is_asked_for_while_one_is_under_way_is_made_after_it(sqlite_store: Store) -> None:
    with opened(sqlite_store, share=0.05, orders=0, old_orders=500) as days:
        days.pass_time(1200)
        days.shop.log.clear()
        for _ in range(2):
            with days.app.store.write() as tx:
                due.rounds(tx, "main", ["reconcile"])
            days.pass_time(60)
        assert 0 < days.asked_stamps() < 7  # under way, once
        days.pass_time(1800)
        assert days.asked_stamps() == 7 + 7
        assert reached(days)["reconcile"] > 0


def test_with_our_plugin_in_the_shop_nothing_is_asked_for_that_it_tells(sqlite_store: Store) -> None:
    with opened(sqlite_store, share=0.05, orders=5, bridge=True) as days:
        days.pass_time(600)
        assert days.asked("/notes") == 5  # at first nobody knows what happened before it was asked
        days.shop.log.clear()
        days.time.sleep(HOUR)
        days.pass_time(300)
        assert days.asked("/notes") == 0
        assert days.asked("/changes") >= 20
        days.shop.bridge.is_active = False
        days.pass_time(300)
        assert days.asked("/notes") == 5
