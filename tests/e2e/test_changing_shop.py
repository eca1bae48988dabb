"""A shop goes on selling while it is read: whatever moves between its pages, everything is here at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.app import App
from companion.sandbox import Fault, Item, Sandbox
from companion.sync.reading.backfill import Progress
from tests.fixtures.app import stored_order

ORDERS = 230


@pytest.fixture
def ids(sandbox: Sandbox) -> list[int]:
    return [sandbox.shop.create_order(items=[Item("چای", 1, n)], quiet=True).id for n in range(1, ORDERS + 1)]


def agree(app: App, sandbox: Sandbox) -> None:
    """Every order of the shop is here, as it stands there."""
    here = {order_id: stored_order(app, order_id) for order_id in sandbox.shop.orders}
    assert [order_id for order_id, row in here.items() if row is None] == []
    there = {order_id: order.status for order_id, order in sandbox.shop.orders.items()}
    assert {order_id: row.status for order_id, row in here.items() if row is not None} == there


def trash_first(sandbox: Sandbox, ids: list[int]) -> None:
    for order_id in ids[:5]:
        sandbox.shop.trash_order(order_id)


def sell(sandbox: Sandbox, ids: list[int]) -> None:
    for _ in range(5):
        sandbox.shop.create_order(items=[Item("گز", 1, 5)], quiet=True)


def complete(sandbox: Sandbox, ids: list[int]) -> None:
    for order_id in ids[::20]:
        sandbox.shop.update_order(order_id, status="completed")


@pytest.mark.parametrize("happens", [trash_first, sell, complete])
def test_what_moves_during_the_first_read_is_here_after_the_first_poll(
    app: App, sandbox: Sandbox, ids: list[int], happens: Callable[[Sandbox, list[int]], None]
) -> None:
    waiting = [happens]

    def tell(progress: Progress) -> None:
        if progress.stream == "orders" and waiting:
            waiting.pop()(sandbox, ids)

    app.backfill("main", tell)
    assert not waiting
    sandbox.shop.clock.advance(60)
    app.poll("main")
    agree(app, sandbox)


def test_order_of_a_wrong_shape_is_set_aside_and_its_page_goes_on(app: App, sandbox: Sandbox, ids: list[int]) -> None:
    sandbox.shop.faults.add(Fault("malformed", path=r"orders\?.*page=1.*per_page=100", times=1))
    app.backfill("main")
    missing = [order_id for order_id in ids if stored_order(app, order_id) is None]
    assert len(missing) <= 1
    (state,) = app.sync_state.states()
    assert state.parked == len(missing)
    assert state.done is None
