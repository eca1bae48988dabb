"""The sync page: what it says, to whom, and what can be done there."""

from __future__ import annotations

import ast
import inspect
import re
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import insert, select

from companion.domain import subscription
from companion.domain.permissions import Role
from companion.domain.trouble import Trouble
from companion.services.sync import matters
from companion.services.sync.state import STREAMS
from companion.sync.pushing.outbox import SUMMARY_QUARREL
from companion.sync.pushing.push import SUMMARY_NOT_KEPT
from companion.web import sync_words
from companion.web.gauges import freshness
from companion.web.session import IDLE
from storage import shops
from storage.schema import inbox
from storage.sync import alerts, cursors, outbox, subscriptions
from storage.sync.alerts import AlertKind
from tests.web.house import House, Visitor


def give_up(house: House, entry_id: int, *, shop: str = "main", ref_id: str = "1042", **columns: Any) -> None:
    at: datetime = house.clock() - timedelta(hours=1)
    row = {"id": entry_id, "shop": shop, "topic": "order.updated", "kind": "order", "resource_id": ref_id}
    dead = {"state": "dead", "attempts": 5, "reason": "it cannot be", "finished_at": at, "received_at": at}
    with house.store.write() as tx:
        tx.execute(
            insert(inbox).values(**{**row, **dead, **columns}, delivery_id=f"{entry_id}", body_hash=b"", next_at=at)
        )


def waiting(house: House) -> list[int]:
    with house.store.read() as tx:
        return list(tx.execute(select(inbox.c.id).where(inbox.c.state == "waiting").order_by(inbox.c.id)).scalars())


@pytest.fixture
def administrator(house: House) -> Visitor:
    return house.signed_in("sara", Role.ADMINISTRATOR)


def test_each_shop_says_how_fresh_it_is_and_what_to_do(house: House) -> None:
    with house.store.write() as tx:
        cursors.put(tx, "main", "orders", succeeded_at=house.clock() - timedelta(minutes=4), interval_s=300)
        cursors.put(tx, "custom", "orders", failed_at=house.clock(), failure="the shop rejects the key: no (x)")
        alerts.raise_(tx, "main", "webhook_disabled", "order.deleted", {}, house.clock())
        subscriptions.put(tx, "main", "order.deleted", webhook_id="7", status="disabled", checked_at=house.clock())
    page = house.signed_in("leila", Role.SUPPORT_SUPERVISOR, language="fa").get("/sync").text
    main, _, custom = page.partition('id="shop-custom"')
    assert "۴ دقیقه پیش" in main
    assert "فروشگاه یک وب‌هوک را خاموش کرده است" in main
    assert "حذف سفارش" in main
    assert "فروشگاه کلید ما را نمی‌پذیرد" in custom
    assert "the shop rejects the key: no (x)" in custom


def test_a_supervisor_reads_and_only_an_administrator_acts(house: House, administrator: Visitor) -> None:
    give_up(house, 7)
    buttons = re.compile(r'action="/sync/')
    assert not buttons.search(house.signed_in("leila", Role.SUPPORT_SUPERVISOR).get("/sync").text)
    assert len(buttons.findall(administrator.get("/sync").text)) == 3, "one replay, and a switch for each shop"


def test_a_dead_delivery_leads_to_its_order_and_says_why(house: House, administrator: Visitor) -> None:
    customer = house.order(1042)
    give_up(house, 7, reason="<b>the shop failed</b>: no")
    page = administrator.get("/sync").text
    assert f'href="/customers/{customer}?order=main/1042"' in page
    assert "The shop breaks down on our requests" in page
    assert "&lt;b&gt;the shop failed" in page
    assert "Delivery 7" in page


def test_what_the_plugin_told_when_asked_has_the_same_words(house: House, administrator: Visitor) -> None:
    give_up(house, 7, topic="change.order_refund_deleted")
    assert "Refund deleted" in administrator.get("/sync").text


def test_one_delivery_is_replayed(house: House, administrator: Visitor) -> None:
    give_up(house, 7)
    give_up(house, 8)
    answer = administrator.post("/sync/main/dead/7/replay", follow_redirects=True)
    assert "Taken up again." in answer.text
    assert waiting(house) == [7]
    assert "Nothing was left" in administrator.post("/sync/main/dead/7/replay", follow_redirects=True).text


def test_all_are_counted_before_they_are_replayed(house: House, administrator: Visitor) -> None:
    for entry_id, shop in ((1, "main"), (2, "main"), (3, "custom")):
        give_up(house, entry_id, shop=shop)
    page = administrator.get("/sync/main/replay").text
    assert "Replay: 2" in page
    assert waiting(house) == []
    assert administrator.post("/sync/main/replay").status_code == 303
    assert waiting(house) == [1, 2]
    assert "Nothing was given up." in administrator.get("/sync/main/replay").text


def test_writing_is_paused_and_resumed(house: House, administrator: Visitor) -> None:
    page = administrator.post("/sync/main/pause", follow_redirects=True).text
    assert "Nothing is written to the shop until you resume." in page
    assert 'action="/sync/main/resume"' in page
    with house.store.read() as tx:
        assert shops.is_paused(tx, "main")
    administrator.post("/sync/main/resume")
    with house.store.read() as tx:
        assert not shops.is_paused(tx, "main")


def test_a_summary_that_was_set_aside_is_written_again(house: House, administrator: Visitor) -> None:
    with house.store.write() as tx:
        outbox.mark(tx, [("main", "order", "1"), ("main", "order", "2")], lane=outbox.AT_ONCE, now=house.clock())
        claims = outbox.claim(tx, shop="main", now=house.clock(), token="t", lease_seconds=9, limit=9)
        outbox.park(tx, "main", claims, "t", reason=SUMMARY_QUARREL)
    page = administrator.get("/sync").text
    assert page.count("Something else in the shop writes this field.") == 2
    administrator.post("/sync/main/push-again", {"kind": "order", "ref_id": "2"})
    with house.store.read() as tx:
        assert outbox.waiting(tx, "main", limit=9) == [("order", "2")]
    administrator.post("/sync/main/push-again")
    with house.store.read() as tx:
        assert outbox.waiting(tx, "main", limit=9) == [("order", "1"), ("order", "2")]


def test_an_unknown_shop_is_not_found(administrator: Visitor) -> None:
    assert administrator.get("/sync/nowhere/replay").status_code == 404
    assert administrator.post("/sync/nowhere/pause").status_code == 404


def test_the_page_renews_itself_without_the_frame_and_keeps_nobody_signed_in(
    house: House, administrator: Visitor
) -> None:
    def renew() -> Any:
        return administrator.client.get("/sync", headers={"HX-Request": "true", "HX-Trigger": "live"})

    assert renew().text.lstrip().startswith('<div id="live"')
    for _ in range(4):
        house.clock.advance(IDLE.total_seconds() / 4 + 1)
        answer = renew()
    assert answer.status_code == 401


def test_the_foot_of_every_page_says_why_and_leads_to_what_to_do(house: House) -> None:
    with house.store.write() as tx:
        cursors.put(tx, "main", "orders", failed_at=house.clock(), failure="shop.example refuses connections")
        shops.pause(tx, "custom")
    house.adapt(freshness=lambda viewer: freshness(house.site.sync_state.briefs(), viewer))
    foot = house.signed_in("leila", Role.SUPPORT_SUPERVISOR).get("/").text.partition('<footer class="foot">')[2]
    assert "Shop not reachable" in foot
    assert 'href="/sync#shop-main"' in foot
    assert "Writing paused" in foot


def test_everything_that_can_be_said_has_its_words() -> None:
    codes = {
        node.value
        for call in ast.walk(ast.parse(inspect.getsource(matters)))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Matter" and call.args
        for node in ast.walk(call.args[0])
        if isinstance(node, ast.Constant)
    }
    assert len(codes) > 5
    assert codes | set(get_args(AlertKind)) <= set(sync_words._MATTERS) | {"failing", "unreachable", "dry-run"}
    assert set(sync_words._TROUBLES) == set(Trouble)
    assert set(STREAMS) <= set(sync_words._STREAMS)
    own = {*subscription.BRIDGE_TOPICS, *subscription.TICKET_TOPICS}
    assert set(sync_words._TOPICS) == {*subscription.ORDER_TOPICS, *subscription.CUSTOMER_TOPICS, *own}
    assert set(sync_words._REASONS) == {SUMMARY_QUARREL, SUMMARY_NOT_KEPT}
