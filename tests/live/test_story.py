"""The story: what a shop and companion promise each other, told against real shops.

The tests of one shop share a stage and its backfill; each makes what it needs, so that one failure hides no other.
"""

from __future__ import annotations

import pytest

from companion.doctor import examine
from companion.services.errors import NotFound
from tests.live.shop import Json
from tests.live.stage import CONFIG, KEY, Stage

SLOT = {"day": "شنبه", "hours": [9, 12], "note": "ب‌ب \U0001f331"}
"""Somebody else's meta: nested, with a zero-width non-joiner and an emoji."""


@pytest.fixture(scope="module")
def first(stage: Stage) -> Json:
    """An order with its customer and another program's meta, made before companion read anything."""
    customer = stage.shop.make_customer("گلنار")["id"] if stage.shop.has_administrator else 0
    meta = [{"key": "_other_plugin", "value": "TR-1"}, {"key": "delivery_slot", "value": SLOT}]
    return stage.order_there("گلنار", customer_id=customer, meta_data=meta, customer_note="زنگ دوم")


@pytest.fixture(scope="module")
def read(stage: Stage, first: Json) -> Stage:
    """The stage after its backfill."""
    stage.app.backfill(KEY)
    return stage


def test_real_shops_are_told_the_story(request: pytest.FixtureRequest) -> None:
    if not CONFIG:
        pytest.skip("COMPANION_LIVE_CONFIG names no configuration: the sandbox alone is told the story")
    assert [item for item in request.session.items if "[shop " in item.name], f"{CONFIG} names no shop"


def test_doctor_finds_no_problem_with_the_shop(stage: Stage) -> None:
    theatre = stage.theatre
    findings = [found for found in examine(theatre.path, theatre.environ) if found.subject == f"shop {theatre.key}"]
    assert [found for found in findings if found.level == "problem"] == []
    assert any(found.level == "ok" and "read and written" in found.message for found in findings)


def test_backfill_reads_what_stood_in_the_shop_before(read: Stage, first: Json) -> None:
    here = read.order_here(first["id"])
    assert (here.number, here.status, here.currency) == (first["number"], "pending", first["currency"])
    assert here.total == round(float(first["total"]) * 10_000)
    assert [line.name for line in here.lines if line.kind == "fee"] == ["آزمایش"]
    assert here.customer_note == "زنگ دوم"
    customer = read.app.customers.by_order(read.viewer, KEY, str(first["id"]))
    assert read.app.customers.page(read.viewer, customer).name == f"گلنار {read.shop.token}"
    assert customer in read.found(f"گلنار {read.shop.token}")


def test_second_look_finds_nothing_new(read: Stage) -> None:
    read.look()
    assert not read.app.poll(KEY).written


def test_order_made_and_edited_in_the_shop_is_read_by_the_next_look(read: Stage) -> None:
    order = read.order_there()
    read.look()
    assert read.order_here(order["id"]).status == "pending"
    read.pass_a_moment()
    read.shop.ask("PUT", f"orders/{order['id']}", {"customer_note": "نشانی عوض شد"})
    read.look()
    assert read.order_here(order["id"]).customer_note == "نشانی عوض شد"


def test_customer_who_ordered_nothing_yet_is_found(read: Stage) -> None:
    if not read.shop.has_administrator:
        pytest.skip("no administrator is named as helpdesk_username, who alone could delete a user again")
    read.shop.make_customer("نوشین")
    read.look()
    assert len(read.found(f"نوشین {read.shop.token}")) == 1


def test_note_stands_on_its_order_once_and_nothing_else_changes_there(read: Stage, first: Json) -> None:
    before = read.shop.ask("GET", f"orders/{first['id']}")
    note = read.write_note(first["id"], "با انبار هماهنگ شد؛ فردا می‌رسد")
    assert read.drain() == 1
    after = read.shop.ask("GET", f"orders/{first['id']}")
    assert "با انبار هماهنگ شد؛ فردا می‌رسد" in str(read.summary_there(first["id"]))
    assert _others_meta(after) == _others_meta(before)
    assert _facts(after) == _facts(before)

    read.pass_a_moment()
    read.look()
    assert read.drain() == 0, "our own write was answered with another"
    assert read.shop.ask("GET", f"orders/{first['id']}")["date_modified_gmt"] == after["date_modified_gmt"]

    read.shop.ask("PUT", f"orders/{first['id']}", {"meta_data": [{"key": "companion_note", "value": "یک فرم کهنه"}]})
    read.look()
    assert read.drain() == 1, "what was written over our line stayed"
    assert "با انبار هماهنگ شد" in str(read.summary_there(first["id"]))

    read.app.notes.delete(read.viewer, note.id)
    assert read.drain() == 1
    assert read.summary_there(first["id"]) is None
    assert _others_meta(read.shop.ask("GET", f"orders/{first['id']}")) == _others_meta(before)
    read.pass_a_moment()
    read.look()
    assert read.drain() == 0


def test_order_note_and_refund_come_and_go_with_what_the_shop_shows(read: Stage) -> None:
    order = read.order_there()
    number = order["id"]
    shop_note = read.shop.ask("POST", f"orders/{number}/notes", {"note": "پیک رفت"})
    refund = read.shop.ask("POST", f"orders/{number}/refunds", {"amount": "400", "api_refund": False, "reason": "شکست"})
    read.look()
    shown = read.timeline(number)
    assert "پیک رفت" in [entry.order_note.body for entry in shown if entry.order_note]
    assert [entry.refund.reason for entry in shown if entry.refund] == ["شکست"]
    assert read.order_here(number).refunded == 400 * 10_000

    read.shop.ask("DELETE", f"orders/{number}/refunds/{refund['id']}", force="true")
    read.shop.ask("DELETE", f"orders/{number}/notes/{shop_note['id']}", force="true")
    read.open_order(number)
    read.look()
    shown = read.timeline(number)
    assert [entry.refund.is_gone for entry in shown if entry.refund] == [True]
    assert all(entry.order_note.is_gone for entry in shown if entry.order_note and entry.order_note.body == "پیک رفت")
    assert read.order_here(number).refunded == 0


def test_trashed_restored_and_deleted_order_is_shown_as_such(read: Stage) -> None:
    order = read.order_there()
    number = order["id"]
    read.look()
    read.pass_a_moment()
    read.shop.ask("DELETE", f"orders/{number}")
    read.look()
    assert read.order_here(number).is_trashed
    read.pass_a_moment()
    read.shop.ask("PUT", f"orders/{number}", {"status": "pending"})
    read.look()
    assert not read.order_here(number).is_trashed
    assert read.order_here(number).status == "pending"
    read.shop.ask("DELETE", f"orders/{number}", force="true")
    read.app.reconcile(KEY)
    assert not read.order_here(number).is_gone, "one list without it is no proof"
    read.app.reconcile(KEY)
    assert read.order_here(number).is_gone


def test_ticket_is_read_with_its_replies_and_carries_her_note_where_the_shop_lets_it(read: Stage) -> None:
    if not read.shop.has_administrator:
        pytest.skip("the configuration names no helpdesk")
    customer, neighbour = (read.shop.make_customer(name)["id"] for name in ("مهناز", "همسایه"))
    read.ticket_there(neighbour, f"چیز دیگر {read.shop.token}", "این می‌ماند: از فهرستی خالی کسی چیزی باور نمی‌کند")
    order = read.order_there("مهناز", customer_id=customer)["id"]
    title = f"گلدان شکسته رسید {read.shop.token}"
    ticket = read.ticket_there(customer, title, "<p>لبهٔ آن پریده است</p>")["id"]
    read.look()
    assert read.found(title) == {read.app.customers.by_order(read.viewer, KEY, str(order))}
    (shown,) = [entry.ticket for entry in read.timeline(order) if entry.ticket]
    assert (shown.title, shown.is_open, shown.replies) == (title, True, 0)

    read.shop.ask_helpdesk("POST", f"tickets/{ticket}/replies", {"content": "یکی دیگر می‌فرستیم"})
    read.look()
    (reply,) = [entry.reply for entry in read.timeline(order) if entry.reply]
    assert "یکی دیگر می‌فرستیم" in reply.html
    assert not reply.is_hers

    read.write_note(order, "تعویض شد")
    carriers = 1 + _takes_summary(read, ticket)
    assert read.drain() == carriers
    if carriers > 1:
        assert "تعویض شد" in _meta_of_ticket(read, ticket)["companion_note"]
    read.pass_a_moment()
    read.look()
    assert read.drain() == 0

    read.shop.ask_helpdesk("PUT", f"tickets/{ticket}", {"state": "closed"})
    read.look()
    (shown,) = [entry.ticket for entry in read.timeline(order) if entry.ticket]
    assert not shown.is_open

    read.shop.ask_helpdesk("DELETE", f"tickets/{ticket}", force="true")
    read.app.reconcile(KEY)
    read.app.reconcile(KEY)
    assert [entry.ticket.is_gone for entry in read.timeline(order) if entry.ticket] == [True]


def test_webhook_brings_an_order_before_any_look(read: Stage) -> None:
    web = read.config.web
    if not web.public_url:
        pytest.skip("web.public_url is empty: the shop cannot deliver")
    read.entrance.open(web.host, web.port)
    read.shop.made(lambda: _remove_webhooks(read))
    read.app.prepare(read.app.shops[KEY])
    if not read.entrance.knocks and not read.theatre.must_deliver:
        pytest.skip(f"the shop does not reach {web.public_url}: not one of its pings came")
    order = read.order_there()
    assert read.wait_until(lambda: _came(read, order["id"]))


def _came(stage: Stage, order_id: int) -> bool:
    stage.shop.nudge()
    stage.drain()
    try:
        stage.order_here(order_id)
    except NotFound:
        return False
    return True


def _meta_of_ticket(stage: Stage, ticket_id: int) -> Json:
    """What the shop shows of a ticket's meta: only what something in it registered."""
    return dict(stage.shop.ask_helpdesk("GET", f"tickets/{ticket_id}").get("meta") or {})


def _takes_summary(stage: Stage, ticket_id: int) -> bool:
    return "companion_note" in _meta_of_ticket(stage, ticket_id)


def _remove_webhooks(stage: Stage) -> None:
    for webhook in stage.shop.ask("GET", "webhooks", per_page=100):
        if f"/in/{KEY}/" in webhook["delivery_url"]:
            stage.shop.ask("DELETE", f"webhooks/{webhook['id']}", force="true")


def _others_meta(order: Json) -> list[tuple[str, object]]:
    return [(meta["key"], meta["value"]) for meta in order["meta_data"] if meta["key"] != "companion_note"]


def _facts(order: Json) -> Json:
    """The order without what a write of meta moves."""
    return {
        name: value for name, value in order.items() if not name.startswith("date_modified") and name != "meta_data"
    }
