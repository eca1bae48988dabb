"""A delivery that was given up is worked again by hand, and never undoes anything newer."""

from __future__ import annotations

from companion.app import App
from companion.domain.permissions import Role
from companion.sandbox import Fault, Item, Sandbox
from companion.services.sync.queues import Chosen
from tests.fixtures.app import Desk, stored_order

ALL = Chosen(shop="main")


def test_what_was_given_up_is_replayed_as_it_stands_in_the_shop_now(served: App, sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order(items=[Item("چای", 1, 120_000)])
    sandbox.shop.run_queue()
    served.drain()
    sandbox.shop.clock.advance(60)
    sandbox.shop.trash_order(order.id)  # tells no more than an id, so the order must be read
    sandbox.shop.faults.add(Fault("status", path=f"orders/{order.id}", status=400, times=None))
    sandbox.shop.run_queue()
    served.drain()
    desk = Desk(served, role=Role.ADMINISTRATOR)
    (dead,) = served.queues.dead(desk.viewer, "main", limit=5)
    assert (dead.kind, dead.ref_id, dead.place) == ("order", str(order.id), (desk.customer_of(order.id), str(order.id)))

    sandbox.shop.faults.clear()
    sandbox.shop.restore_order(order.id)
    assert served.queues.replay(desk.viewer, ALL).count == 1
    served.drain()
    row = stored_order(served, order.id)
    assert row is not None
    assert row.status == sandbox.shop.order(order.id).status != "trash"
    assert served.queues.dead(desk.viewer, "main", limit=5) == ()
    assert served.queues.find(desk.viewer, ALL).count == 0


def test_while_writing_is_paused_nothing_is_pushed_and_afterwards_all_is(served: App, sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order(items=[Item("چای", 1, 120_000)])
    served.backfill("main")
    desk = Desk(served)
    served.queues.pause(desk.viewer, "main")
    desk.write(order.id)
    served.drain()
    assert sandbox.shop.order(order.id).meta_value("companion_note") is None
    (state,) = served.sync_state.states()
    assert (state.is_paused, state.outbox_waiting) == (True, 1)
    served.queues.resume(desk.viewer, "main")
    served.drain()
    assert sandbox.shop.order(order.id).meta_value("companion_note") is not None
