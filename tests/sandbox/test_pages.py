"""The pages for people, and the people who are seeded."""

from __future__ import annotations

from datetime import timedelta

import requests

from companion.sandbox import Sandbox, seed_bulk, seed_custom, seed_main
from companion.sandbox.pace import recorded_page_seconds
from companion.sandbox.wire import php_json
from tests.fixtures.sandbox import SHOP_NOW

ORDERS = "/wp-admin/admin.php?page=wc-orders"


def page(sandbox: Sandbox, path: str) -> str:
    answer = requests.get(sandbox.url + path, timeout=10)
    answer.raise_for_status()
    return answer.text


def post(sandbox: Sandbox, order_id: int, **form: str) -> str:
    answer = requests.post(f"{sandbox.url}{ORDERS}&action=edit&id={order_id}", data=form, timeout=10)
    answer.raise_for_status()
    return answer.text


def test_list_and_order_show_the_summary(sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order(billing={"first_name": "مریم"}, meta={"companion_note": "علت <برگشت>"})

    assert 'href="/wp-admin/admin.php?page=wc-orders"' in page(sandbox, "/")
    assert "علت &lt;برگشت&gt;" in page(sandbox, ORDERS)
    shown = page(sandbox, f"{ORDERS}&action=edit&id={order.id}")
    assert "زمینه‌های دلخواه" in shown
    assert "علت &lt;برگشت&gt;" in shown


def test_order_page_changes_trashes_restores_and_notes(sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order()

    assert "سفارش به‌روز شد" in post(sandbox, order.id, do="update", status="completed", billing_city="کرج")
    assert (order.status, order.billing["city"]) == ("completed", "کرج")
    post(sandbox, order.id, do="trash")
    assert order.status == "trash"
    post(sandbox, order.id, do="restore")
    assert order.status == "completed"
    post(sandbox, order.id, do="note", note="تماس گرفت", to_customer="on")
    assert (order.notes[-1].note, order.notes[-1].to_customer) == ("تماس گرفت", True)


def test_an_old_form_overwrites_newer_meta(sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order(meta={"companion_note": "old"})
    row = order.meta[0].id
    sandbox.shop.update_order(order.id, meta={"companion_note": "new"})

    post(sandbox, order.id, do="update", **{f"meta_{row}": "old"})

    assert order.meta_value("companion_note") == "old"


def test_a_form_from_elsewhere_changes_nothing(sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order()

    answer = requests.post(
        f"{sandbox.url}{ORDERS}&id={order.id}", {"do": "trash"}, headers={"Origin": "http://evil.example"}, timeout=10
    )

    assert (answer.status_code, order.status) == (403, "processing")


def test_pages_load_nothing_from_outside(sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order()

    ticket = sandbox.shop.helpdesk.open_ticket(1, "x", "y")
    tickets = ("/wp-admin/edit.php?post_type=ticket", f"/wp-admin/post.php?post={ticket.id}&action=edit")

    for path in ("/", ORDERS, f"{ORDERS}&id={order.id}", "/wp-admin/admin.php?page=wc-settings", *tickets):
        text = page(sandbox, path).replace(sandbox.url, "")
        assert "http://" not in text
        assert "https://" not in text
        assert "<script" not in text


def test_ticket_is_looked_at_answered_and_closed(sandbox: Sandbox) -> None:
    desk = sandbox.shop.helpdesk
    ticket = desk.open_ticket(1, "بسته <نرسید>", "سلام", assignee=3)
    ticket.meta["companion_note"] = "زنگ زد"
    path = f"/wp-admin/post.php?post={ticket.id}&action=edit"

    assert "بسته &lt;نرسید&gt;" in page(sandbox, "/wp-admin/edit.php?post_type=ticket")
    shown = page(sandbox, path)
    assert "زنگ زد" in shown
    for form in ({"do": "reply", "author": "3", "reply": "در راه است"}, {"do": "close"}):
        requests.post(sandbox.url + path, data=form, timeout=10).raise_for_status()
    assert "در راه است" in page(sandbox, path)
    assert (ticket.state, ticket.replies[0].author) == ("closed", 3)
    form = {"do": "update", "status": "hold", "assignee": "1", "meta_companion_note": "کهنه"}
    requests.post(sandbox.url + path, data=form, timeout=10).raise_for_status()
    assert (ticket.status, ticket.assignee, ticket.meta) == ("hold", 1, {"companion_note": "کهنه"})
    for action, status in (("trash", "trash"), ("restore", "hold"), ("reopen", "hold")):
        requests.post(sandbox.url + path, data={"do": action}, timeout=10).raise_for_status()
        assert ticket.status == status
    assert ticket.state == "open"


def test_ticket_of_a_stranger_runs_no_script_on_the_page(sandbox: Sandbox) -> None:
    ticket = sandbox.shop.helpdesk.open_ticket(1, "x", "<script>alert(1)</script><b onclick=alert(1)>y</b>")

    shown = page(sandbox, f"/wp-admin/post.php?post={ticket.id}&action=edit")

    assert "<script" not in shown
    assert "onclick" not in shown


def test_seeded_tickets_are_those_of_the_stories(sandbox: Sandbox) -> None:
    seeded = seed_main(sandbox.shop, SHOP_NOW)
    tickets = sandbox.shop.helpdesk.tickets.values()

    of_maryam = [ticket for ticket in tickets if ticket.author == seeded.maryam]
    assert sorted(ticket.state for ticket in of_maryam) == ["closed", "closed", "open"]
    assert len(tickets) == 12
    moments = [moment for ticket in tickets for moment in (ticket.created, ticket.modified)]
    moments += [reply.created for ticket in tickets for reply in ticket.replies]
    assert max(moments) <= SHOP_NOW.timestamp()


def test_seeded_people_are_those_of_the_stories(sandbox: Sandbox) -> None:
    seeded = seed_main(sandbox.shop, SHOP_NOW)
    orders = sandbox.shop.orders.values()

    assert sandbox.shop.order(1042).customer_id == seeded.maryam
    assert sandbox.shop.users[seeded.maryam].billing["phone"].endswith("1001")
    this_year = [o for o in orders if o.customer_id == seeded.pars and o.created > SHOP_NOW.timestamp() - 244 * 86_400]
    assert len(this_year) == 40
    assert len(orders) >= 145
    assert not [order for order in orders if "صالح" in order.billing["last_name"]]
    texts = " ".join([*(o.billing["last_name"] for o in orders), *(o.customer_note for o in orders)])
    assert "ي" in texts
    assert "ك" in texts
    assert all(order.created <= SHOP_NOW.timestamp() for order in orders)


def test_custom_shop_has_the_lost_order_paid(sandbox: Sandbox) -> None:
    seeded = seed_custom(sandbox.shop, SHOP_NOW)
    order = sandbox.shop.order(seeded.salehi_order)

    assert (order.billing["last_name"], order.status, order.paid is not None) == ("صالحی", "processing", True)


def test_seeds_are_the_same_each_time(sandbox: Sandbox) -> None:
    def written() -> list[bytes]:
        orders = sandbox.shop.orders.values()
        return [php_json([o.id, o.status, o.created, o.billing, str(o.total), o.customer_id]) for o in orders]

    seed_main(sandbox.shop, SHOP_NOW)
    first = written()
    sandbox.shop.orders.clear()
    sandbox.shop.refunds.clear()
    for user_id in [user_id for user_id in sandbox.shop.users if user_id > 3]:
        sandbox.shop.delete_customer(user_id)
    sandbox.shop.next_user_id = 4

    seed_main(sandbox.shop, SHOP_NOW)

    assert written() == first


def test_bulk_is_as_large_as_asked_and_spreads_over_the_years(sandbox: Sandbox) -> None:
    seed_bulk(sandbox.shop, orders=300, customers=50, seed=7)
    orders = list(sandbox.shop.orders.values())

    assert (len(orders), len(sandbox.shop.users)) == (300, 53)
    assert orders[-1].created - orders[0].created > timedelta(days=1000).total_seconds()


def test_pace_follows_the_measured_page_times() -> None:
    assert [recorded_page_seconds(n) for n in (0, 10, 100, 500)] == [0.121, 0.175, 0.592, 0.592]
    assert 0.241 < recorded_page_seconds(30) < 0.341
