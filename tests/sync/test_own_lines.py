"""Where an edit of our line alone moves no date and its delivery was lost, the line is put right all the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.app import App
from companion.sandbox import Fault, Sandbox
from tests.fixtures.app import Desk

GUEST = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com"}
KEY = "companion_note"


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A shop that keeps its orders as posts."""
    return make_sandbox(storage="legacy")


@pytest.fixture
def desk(app: App) -> Desk:
    return Desk(app)


def noted(desk: Desk, sandbox: Sandbox, email: str = "maryam@example.com") -> tuple[int, int]:
    """An order that carries our line, and the note on it."""
    app = desk.app
    order = sandbox.shop.create_order(billing=GUEST | {"email": email}, quiet=True).id
    app.prepare(app.shops["main"])
    app.backfill("main")
    app.poll("main")
    note = desk.write(order)
    app.drain()
    assert carried(sandbox, order)
    sandbox.shop.clock.advance(3600)
    app.poll("main")  # so that the next one begins behind it
    return order, note


def carried(sandbox: Sandbox, order_id: int) -> object:
    return sandbox.shop.order(order_id).meta_value(KEY)


@pytest.mark.parametrize("text", ["تغییر دستی", None])
def test_a_line_that_was_written_over_or_deleted_without_a_word_is_put_back(
    desk: Desk, sandbox: Sandbox, text: str | None
) -> None:
    app = desk.app
    order, _ = noted(desk, sandbox)
    line = carried(sandbox, order)
    sandbox.shop.update_order(order, meta={KEY: text})
    app.poll("main")
    app.drain()
    assert carried(sandbox, order) == text  # no date told of it
    app.reconcile("main")
    app.drain()
    assert carried(sandbox, order) == line
    sandbox.shop.log.clear()
    app.reconcile("main")
    app.drain()
    assert sandbox.shop.log.writes() == 0
    assert sandbox.shop.log.count(path=f"/orders/{order}") == 0


def test_a_line_that_we_removed_and_an_old_form_brought_back_is_removed_again(desk: Desk, sandbox: Sandbox) -> None:
    app = desk.app
    order, note = noted(desk, sandbox)
    line = carried(sandbox, order)
    app.notes.delete(desk.viewer, note)
    app.drain()
    assert carried(sandbox, order) is None
    sandbox.shop.update_order(order, meta={KEY: line})
    app.reconcile("main")
    app.drain()
    assert carried(sandbox, order) is None


def test_orders_that_never_bore_our_line_and_trashed_ones_cost_nothing(desk: Desk, sandbox: Sandbox) -> None:
    order, _ = noted(desk, sandbox)
    trashed, _ = noted(desk, sandbox, "sara@example.com")
    sandbox.shop.create_order(billing=GUEST | {"email": "reza@example.com"}, quiet=True)
    sandbox.shop.trash_order(trashed)
    desk.app.poll("main")
    sandbox.shop.log.clear()
    desk.app.reconcile("main")
    named = [dict(request.query).get("include") for request in sandbox.shop.log.requests()]
    assert [ids for ids in named if ids] == [str(order)]


def test_a_shop_that_will_not_list_them_is_compared_all_the_same(desk: Desk, sandbox: Sandbox) -> None:
    noted(desk, sandbox)
    sandbox.shop.faults.add(Fault("status", path="include=", status=400, times=None))
    placed = sandbox.shop.create_order(billing=GUEST, quiet=True).id
    desk.app.reconcile("main")
    assert desk.customer_of(placed)


def test_where_dates_tell_nothing_more_is_asked(desk: Desk, sandbox: Sandbox) -> None:
    sandbox.shop.storage = "hpos"
    noted(desk, sandbox)
    sandbox.shop.log.clear()
    desk.app.reconcile("main")
    assert not any("include" in dict(request.query) for request in sandbox.shop.log.requests())
