"""How a shop's sync stands, and what there is to say of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from companion.domain.permissions import ROLE_PERMISSIONS, Role, Viewer
from companion.domain.trouble import Trouble
from companion.services.errors import Forbidden
from companion.services.sync.figures import Expected, ShopState, StreamState
from companion.services.sync.matters import Level, Matter, matters
from companion.services.sync.state import SyncState
from companion.sync.failures import TooManyGone
from storage import shops
from storage.engine import Store
from storage.schema import inbox
from storage.sync import alerts, cursors, shop_time, slices
from tests.fixtures.store import Clock

EXPECTED = Expected(
    intervals={"orders": 300, "order_notes": 3600}, intervals_told={"order_notes": 86_400}, max_per_hour=10
)


@pytest.fixture
def state(store: Store, clock: Clock) -> SyncState:
    return SyncState(store, clock, shops=("main", "custom"), expected=EXPECTED)


def put(store: Store, shop: str, stream: str, **change: Any) -> None:
    with store.write() as tx:
        cursors.put(tx, shop, stream, **change)


def said(shop: ShopState, clock: Clock, expected: Expected = EXPECTED) -> dict[str, Matter]:
    return {matter.code: matter for matter in matters(shop, expected, now=clock())}


def test_each_stream_has_its_lag_beside_what_is_wanted(state: SyncState, store: Store, clock: Clock) -> None:
    put(store, "main", "order_notes", succeeded_at=clock() - timedelta(hours=2), interval_s=7200)
    put(store, "main", "orders", succeeded_at=clock() - timedelta(minutes=14))
    main, custom = state.states()
    orders, notes = main.streams
    assert (orders.stream, orders.lag_seconds, orders.wanted_s, orders.is_late) == ("orders", 840, 300, False)
    assert (notes.is_stretched, notes.is_late) == (True, False)
    assert custom.streams == ()
    assert set(said(main, clock)) == {"stretched"}
    clock.advance(120)
    assert state.briefs()[0].is_late


def test_what_the_plugin_tells_is_read_more_seldom_and_not_late(state: SyncState, store: Store, clock: Clock) -> None:
    put(store, "main", "order_notes", succeeded_at=clock() - timedelta(hours=20), interval_s=3600)
    assert state.briefs()[0].is_late
    put(store, "main", "changes", succeeded_at=clock())
    main, _ = state.states()
    assert [(stream.stream, stream.is_late) for stream in main.streams] == [("order_notes", False), ("changes", False)]
    assert main.streams[0].wanted_s == 86_400
    clock.advance(700)
    assert state.briefs()[0].is_late, "the plugin is silent"


def test_nobody_works_where_orders_are_overdue_without_a_failure(state: SyncState, store: Store, clock: Clock) -> None:
    put(store, "main", "orders", succeeded_at=clock() - timedelta(hours=1))
    put(store, "custom", "orders", succeeded_at=clock())
    put(store, "custom", "order_notes", succeeded_at=clock() - timedelta(hours=4))
    main, custom = state.states()
    assert said(main, clock)["nobody_works"].level is Level.ACT
    assert said(custom, clock)["late"].subjects == ("order_notes",)


def test_a_failure_a_person_must_mend_is_told_from_one_that_passes(
    state: SyncState, store: Store, clock: Clock
) -> None:
    put(store, "main", "orders", failed_at=clock(), failure="shop.example refuses connections")
    put(store, "main", "tickets", failed_at=clock(), failure="shop.example refuses connections")
    put(store, "custom", "orders", failed_at=clock(), failure="the shop rejects the key: x")
    main, custom = state.states()
    assert said(main, clock) == {
        "failing": Matter(
            "failing", Level.WAIT, since=clock(), subjects=("orders", "tickets"), trouble=Trouble.UNREACHABLE
        )
    }
    assert said(custom, clock)["failing"].level is Level.ACT


def test_a_first_read_has_its_progress_and_speed_and_makes_nothing_late(
    state: SyncState, store: Store, clock: Clock
) -> None:
    put(store, "main", "orders", is_backfilled=True, total=90, succeeded_at=clock() - timedelta(hours=1))
    put(store, "main", "customers", done=50, total=400, started_at=clock() - timedelta(minutes=1))
    with store.write() as tx:
        slices.finish(tx, "main", "customers", "a", records=50, now=clock() - timedelta(seconds=10))
    main, _ = state.states()
    orders, customers = main.streams
    assert not orders.is_late
    assert orders.done is None
    assert (customers.done, customers.total, customers.per_second) == (50, 400, 1.0)


def test_the_share_of_the_shops_time_is_over_the_hours_there_were(state: SyncState, store: Store, clock: Clock) -> None:
    with store.write() as tx:
        shop_time.add(tx, "main", "orders", now=clock() - timedelta(hours=2), seconds=100, requests=30)
        shop_time.add(tx, "main", "changes", now=clock(), seconds=80, requests=20)
    main, _ = state.states()
    hours = (clock() - (clock() - timedelta(hours=2)).replace(minute=0)) / timedelta(hours=1)
    assert main.share == pytest.approx(180 / 3600 / hours)
    assert {stream.stream: stream.requests_per_hour for stream in main.streams} == {
        "orders": pytest.approx(30 / hours),
        "changes": pytest.approx(20 / hours),
    }


def test_alerts_of_one_kind_are_one_matter(state: SyncState, store: Store, clock: Clock) -> None:
    with store.write() as tx:
        for order in ("order 1", "order 2"):
            alerts.raise_(tx, "main", "quarrel", order, {}, clock())
            clock.advance(60)
    main, _ = state.states()
    quarrel = said(main, clock)["quarrel"]
    assert (quarrel.count, quarrel.subjects) == (2, ("order 2", "order 1"))
    assert quarrel.since == clock() - timedelta(minutes=2)


def test_a_shop_that_is_away_is_one_matter_with_its_reason(state: SyncState, store: Store, clock: Clock) -> None:
    put(store, "main", "orders", succeeded_at=clock() - timedelta(hours=2))
    put(store, "main", "customers", failed_at=clock(), failure="shop.example took too long to answer")
    put(store, "main", "tickets", failed_at=clock(), failure="the application password is wrong: x")
    with store.write() as tx:
        facts = {"failures": 9, "reason": "shop.example took too long to answer"}
        alerts.raise_(tx, "main", "unreachable", "", facts, clock())
    main, _ = state.states()
    found = [(matter.code, matter.trouble) for matter in matters(main, EXPECTED, now=clock())]
    assert found == [("failing", Trouble.CREDENTIALS), ("failing", Trouble.SLOW)]


def test_what_is_missing_is_said_once_though_its_stream_fails_too(state: SyncState, store: Store, clock: Clock) -> None:
    error = TooManyGone("main", "order", absent=900, stored=1000)
    put(store, "main", "reconcile", failed_at=clock(), failure=str(error))
    main, _ = state.states()
    assert said(main, clock)["failing"].trouble is Trouble.TOO_MANY_GONE
    with store.write() as tx:
        error.alert(tx, clock())
    main, _ = state.states()
    assert {code: matter.subjects for code, matter in said(main, clock).items()} == {"too_many_gone": ("order",)}


def test_silent_webhooks_are_told_from_a_sleeping_shop(state: SyncState, store: Store, clock: Clock) -> None:
    facts = {"topics": ["order.updated"], "cause": "unknown"}
    with store.write() as tx:
        alerts.raise_(tx, "main", "webhooks_silent", "", facts, clock())
        alerts.raise_(tx, "custom", "webhooks_silent", "", facts | {"cause": "wp_cron"}, clock())
    main, custom = state.states()
    assert said(main, clock)["some_webhooks_silent"].subjects == ("order.updated",)
    assert "webhooks_silent" in said(custom, clock)


def test_what_waits_and_what_was_given_up_is_counted_by_shop(state: SyncState, store: Store, clock: Clock) -> None:
    with store.write() as tx:
        shops.pause(tx, "custom")
        for number, (kind, finished_at) in enumerate((("waiting", None), ("dead", clock()), ("applied", clock()))):
            row = {"shop": "main", "topic": "order.updated", "kind": "order", "resource_id": "1", "body_hash": b""}
            at = clock() - timedelta(minutes=30)
            tx.execute(
                insert(inbox).values(
                    **row, delivery_id=f"{number}", state=kind, finished_at=finished_at, received_at=at, next_at=at
                )
            )
    main, custom = state.states()
    assert (main.inbox_waiting, main.inbox_dead) == (1, 1)
    assert {code: matter.level for code, matter in said(main, clock).items()} == {
        "dead": Level.ACT,
        "inbox_waits": Level.WAIT,
    }
    assert custom.is_paused
    assert set(said(custom, clock)) == {"paused"}


def test_a_choice_of_the_configuration_is_said_and_not_held_against_anybody(clock: Clock) -> None:
    shop = ShopState("main", streams=(StreamState("orders"),), outbox_waiting=3, writes_last_hour=10)
    assert said(shop, clock)["cap_reached"].count == 3
    dry = Expected(push_mode="dry-run", max_per_hour=10, may_deliver=False)
    assert {code: matter.level for code, matter in said(shop, clock, dry).items()} == {
        "dry_run": Level.KNOW,
        "polled_only": Level.KNOW,
    }


def test_a_viewer_sees_the_shops_that_are_hers(state: SyncState) -> None:
    supervisor = Role.SUPPORT_SUPERVISOR
    viewer = Viewer(1, "نام", supervisor, ROLE_PERMISSIONS[supervisor], shops=frozenset({"custom"}))
    assert [shop.shop for shop in state.seen_by(viewer)] == ["custom"]
    with pytest.raises(Forbidden):
        state.seen_by(replace(viewer, permissions=ROLE_PERMISSIONS[Role.AGENT]))
