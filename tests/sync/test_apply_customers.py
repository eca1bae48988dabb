"""Registered users through the funnel: what a shop keeps of them and we do not must not make us ask for ever."""

from __future__ import annotations

from companion.app import App
from companion.sandbox import Sandbox


def test_user_whose_date_alone_moved_is_read_once(app: App, sandbox: Sandbox) -> None:
    user = sandbox.shop.create_customer("maryam@example.com", first_name="مریم")
    order = sandbox.shop.create_order(customer_id=user.id, status="processing")
    app.backfill("main")
    app.poll("main")
    sandbox.shop.clock.advance(60)
    sandbox.shop.update_order(order.id, status="completed")  # makes her a paying customer, which saves her profile
    assert app.reconcile("main")["customer"].fetched == 1
    assert app.reconcile("main")["customer"].fetched == 0
