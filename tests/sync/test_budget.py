"""What reading takes of a shop stays within its share, whoever reads and however often it is started."""

from __future__ import annotations

import pytest

from companion.app import App
from companion.sandbox import Fault, Sandbox
from companion.sync.pace.budget import Budget
from companion.sync.pace.meter import Taken
from connectors.errors import ConnectorError
from storage.engine import Store
from tests.fixtures.store import Clock
from tests.sync.days import hours_taken

HOUR = 3600.0


@pytest.fixture
def budget(store: Store, clock: Clock) -> Budget:
    return Budget(store=store, clock=clock)


def spend(budget: Budget, seconds: float, *, is_urgent: bool = False) -> None:
    budget.spent("main", "orders", Taken(seconds, 1), is_urgent=is_urgent)


def test_a_bucket_fills_by_the_share_up_to_the_burst(budget: Budget, clock: Clock) -> None:
    spend(budget, 30.0)
    assert budget.may_spend("main")
    spend(budget, 1.0)
    assert not budget.may_spend("main")
    assert budget.wait_s("main") == pytest.approx(20, rel=0.03)  # one second at a twentieth, less what we cannot see
    clock.advance(21)
    assert budget.may_spend("main")
    clock.advance(10 * HOUR)
    assert budget.may_spend("main", leaving=30.0)
    assert not budget.may_spend("main", leaving=30.1)


def test_each_shop_has_a_bucket_of_its_own(budget: Budget) -> None:
    spend(budget, 31.0)
    assert not budget.may_spend("main")
    assert budget.may_spend("other", leaving=30.0)


@pytest.mark.parametrize("step_s", [0.6, 6.0])
def test_whoever_takes_all_that_he_may_stays_within_the_share_of_every_hour(
    budget: Budget, clock: Clock, step_s: float
) -> None:
    taken: list[tuple[float, float]] = []
    passed = 0.0
    while passed < 2 * HOUR:
        while budget.may_spend("main"):
            spend(budget, step_s)
            taken.append((passed, step_s))
        wait_s = max(budget.wait_s("main"), 60.0)
        clock.advance(wait_s)
        passed += wait_s
    for begin, _ in taken:
        within = sum(seconds for at, seconds in taken if begin <= at < begin + HOUR)
        assert within <= 0.05 * HOUR + 30.0 + step_s
    after_the_burst = sum(seconds for at, seconds in taken if HOUR <= at < 2 * HOUR)
    assert after_the_burst <= 0.05 * HOUR + 0.05 * 60 + step_s  # we look once a minute


def test_a_restart_finds_the_bucket_as_it_was_left(budget: Budget, store: Store, clock: Clock) -> None:
    for seconds, is_urgent, passed_s in ((29.0, False, 60), (500.0, True, 60), (9.0, False, 0), (40.0, False, 300)):
        spend(budget, seconds, is_urgent=is_urgent)
        clock.advance(passed_s)
        again = Budget(store=store, clock=clock)
        assert again.wait_s("main", leaving=30.0) == pytest.approx(budget.wait_s("main", leaving=30.0))


def test_whoever_is_started_again_and_again_stays_within_the_share(store: Store, clock: Clock) -> None:
    spent = 0.0
    for _ in range(20):
        again = Budget(store=store, clock=clock)
        while again.may_spend("main", leaving=10.0):
            spend(again, 10.0)
            spent += 10.0
        clock.advance(60)
    assert 60.0 <= spent <= 30.0 + 20 * 60 * 0.05


def test_after_some_quiet_hours_a_restart_finds_the_bucket_full(store: Store, clock: Clock) -> None:
    spend(Budget(store=store, clock=clock), 500.0)
    clock.advance(3 * HOUR)
    assert Budget(store=store, clock=clock).may_spend("main", leaving=30.0)


def test_what_another_worker_spends_is_missing_here(budget: Budget, store: Store, clock: Clock) -> None:
    other = Budget(store=store, clock=clock)
    spend(other, 20.0)
    spend(budget, 1.0)
    assert budget.wait_s("main", leaving=30.0) == pytest.approx(21.0 / budget.share)
    clock.advance(60)
    assert budget.wait_s("main", leaving=30.0) == pytest.approx(21.0 / budget.share - 60)  # counted once
    assert other.wait_s("main", leaving=30.0) == budget.wait_s("main", leaving=30.0)


def test_a_clock_that_is_set_back_keeps_nobody_waiting_for_the_old_time(budget: Budget, clock: Clock) -> None:
    spend(budget, 31.0)
    clock.advance(-HOUR)
    assert budget.may_spend("main", leaving=30.0)
    spend(budget, 31.0)
    assert not budget.may_spend("main")


def test_what_somebody_waits_for_takes_from_the_last_named_only(budget: Budget) -> None:
    spend(budget, 1000.0, is_urgent=True)
    assert budget.may_spend("main", leaving=7.5)
    assert not budget.may_spend("main", leaving=8.0)


def test_every_answer_is_measured_and_no_time_out_is_charged_for(app: App, sandbox: Sandbox) -> None:
    ticks = iter(range(0, 1000, 10))
    app.budget.watch = lambda: float(next(ticks))
    shop = app.shops["main"]
    with app.budget.metered(shop, "orders") as metered:
        metered.source.orders(None, page=1)
        metered.source.facts()
    sandbox.shop.faults.add(Fault("status", status=400))
    with pytest.raises(ConnectorError), app.budget.metered(shop, "orders") as metered:
        metered.source.orders(None, page=1)
    (spent,) = hours_taken(app.store).values()
    assert spent == 10.0 + 10.0 + 2.0
