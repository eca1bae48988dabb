"""A shop that does not answer is told of once, and that it answers again too."""

from __future__ import annotations

import pytest

from companion.sync.reachability import PAUSES, watch
from connectors.circuit import Circuit
from storage.engine import Store
from storage.sync import alerts
from tests.fixtures.store import Clock


def standing(store: Store) -> list[tuple[str, str, int]]:
    with store.read() as tx:
        return [(alert.shop, alert.kind, alert.facts["failures"]) for alert in alerts.standing(tx)]


def ask(circuit: Circuit, *, is_well: bool) -> None:
    with circuit.passage() as passage:
        passage.answered(200 if is_well else 503, "", None)


@pytest.fixture
def circuit(store: Store, clock: Clock) -> Circuit:
    return Circuit(clock=clock, borne=2, chance=lambda: 0.0, heard=watch(store, "main", clock=clock))


def fail(circuit: Circuit, clock: Clock, pauses: int) -> None:
    ask(circuit, is_well=False)
    for _ in range(pauses):
        ask(circuit, is_well=False)
        clock.advance(300)


def test_a_shop_that_is_away_for_a_moment_is_nobodys_concern(store: Store, circuit: Circuit, clock: Clock) -> None:
    fail(circuit, clock, PAUSES - 1)
    assert standing(store) == []


def test_a_shop_that_stays_away_is_told_of_until_it_answers(store: Store, circuit: Circuit, clock: Clock) -> None:
    fail(circuit, clock, PAUSES)
    assert standing(store) == [("main", "unreachable", PAUSES + 1)]
    ask(circuit, is_well=True)
    assert standing(store) == []


def test_another_process_that_is_answered_ends_what_a_killed_one_told(
    store: Store, circuit: Circuit, clock: Clock
) -> None:
    fail(circuit, clock, PAUSES)
    other = Circuit(clock=clock, heard=watch(store, "main", clock=clock))
    ask(other, is_well=True)
    assert standing(store) == []
