"""Companion's own webhooks: made once, kept alive, caught up with after a silence, and nobody else's touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from companion.app import App
from companion.domain.subscription import BRIDGE_TOPICS, TICKET_TOPICS
from companion.sandbox import Fault, Sandbox
from companion.sandbox.records import Webhook
from companion.sync.deliveries.subscriptions import TOPICS, Mended, Subscriptions
from connectors.errors import ConnectorError
from storage import shops
from storage.sync import alerts, cursors, subscriptions
from storage.sync.alerts import Alert
from storage.sync.subscriptions import Subscription
from tests.fixtures.app import stored_order
from tests.fixtures.sandbox import SHOP_NOW
from tests.fixtures.store import Clock

GUEST = {"first_name": "مریم", "email": "maryam@example.com"}


def look(app: App, public_url: str | None = None, *, may_write: bool = True) -> Mended:
    """A look by a process of its own."""
    return Subscriptions(
        store=app.store,
        secret_of=app.secrets.webhook_secret,
        public_url=app.config.web.public_url if public_url is None else public_url,
        may_write=may_write,
        poll_seconds=300,
        clock=app.clock,
    ).look(app.shops["main"])


def hooks(sandbox: Sandbox) -> dict[str, Webhook]:
    return {webhook.topic: webhook for webhook in sandbox.shop.deliveries.webhooks.values()}


def statuses(sandbox: Sandbox) -> dict[str, str]:
    return {topic: webhook.status for topic, webhook in hooks(sandbox).items()}


def kept(app: App, topic: str) -> Subscription:
    with app.store.read() as tx:
        return subscriptions.of_shop(tx, "main")[topic]


def standing(app: App) -> dict[tuple[str, str], Alert]:
    with app.store.read() as tx:
        return {(alert.kind, alert.subject): alert for alert in alerts.standing(tx, "main")}


def status_of(app: App, order_id: int) -> str:
    row = stored_order(app, order_id)
    assert row is not None
    return str(row.status)


@pytest.fixture
def pass_time(sandbox: Sandbox, clock: Clock) -> Callable[[float], None]:
    """Lets both clocks go on."""

    def passing(seconds: float) -> None:
        sandbox.shop.clock.advance(seconds)
        clock.advance(seconds)

    return passing


def deliver(app: App, sandbox: Sandbox) -> None:
    sandbox.shop.run_queue()
    app.drain()


# --- making and mending -----------------------------------------------------------------------------------------------


def test_each_topic_has_one_and_a_second_look_changes_nothing(served: App, sandbox: Sandbox) -> None:
    assert statuses(sandbox) == dict.fromkeys(TOPICS, "active")
    sandbox.shop.log.clear()
    assert look(served) == Mended()
    assert (len(sandbox.shop.log), sandbox.shop.log.writes()) == (1, 0)


def test_a_disabled_one_is_revived_and_what_happened_meanwhile_is_read(
    served: App, sandbox: Sandbox, pass_time: Callable[[float], None]
) -> None:
    known = sandbox.shop.create_order(billing=GUEST)
    deliver(served, sandbox)
    served.backfill("main")
    pass_time(60)
    hooks(sandbox)["order.updated"].status = "disabled"
    unseen = sandbox.shop.create_order(billing=GUEST, quiet=True)
    pass_time(3600)
    # A poll passes by without seeing it: whatever the reason was, the watermark lies behind it now.
    with served.store.write() as tx:
        cursors.put(tx, "main", "orders", watermark=sandbox.shop.clock(), started_at=served.clock())
    served.prepare(served.shops["main"])
    served.poll("main")
    assert stored_order(served, unseen.id) is not None
    pass_time(5)
    sandbox.shop.update_order(known.id, status="completed")
    deliver(served, sandbox)
    assert status_of(served, known.id) == "completed"


def test_a_revived_one_is_fragile_until_it_delivers(
    served: App, sandbox: Sandbox, pass_time: Callable[[float], None]
) -> None:
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    served.backfill("main")
    hooks(sandbox)["order.updated"].status = "disabled"
    hooks(sandbox)["order.updated"].failure_count = 6
    assert look(served).revived == ("order.updated",)
    alert = standing(served)["webhook_disabled", "order.updated"]
    assert (alert.facts["status"], alert.facts["is_fragile"]) == ("disabled", True)
    assert alert.facts["last_delivery_at"] is None  # when it was registered is no delivery
    assert kept(served, "order.updated").is_fragile
    # One failure later it is disabled again, as was said.
    pass_time(60)
    url, hooks(sandbox)["order.updated"].delivery_url = (
        hooks(sandbox)["order.updated"].delivery_url,
        "http://127.0.0.1:1",
    )
    sandbox.shop.update_order(order.id)
    sandbox.shop.run_queue()
    assert statuses(sandbox)["order.updated"] == "disabled"
    hooks(sandbox)["order.updated"].delivery_url = url
    look(served)
    told = standing(served)["webhook_disabled", "order.updated"]
    assert (told.times, told.facts["last_delivery_at"]) == (2, None)
    pass_time(60)
    sandbox.shop.update_order(order.id)
    deliver(served, sandbox)
    assert look(served) == Mended()
    assert not kept(served, "order.updated").is_fragile
    assert standing(served) == {}


def test_lost_deliveries_about_users_have_everything_compared(served: App, sandbox: Sandbox) -> None:
    served.backfill("main")
    with served.store.write() as tx:
        cursors.put(tx, "main", "reconcile", succeeded_at=served.clock(), interval_s=86_400)
    hooks(sandbox)["customer.updated"].status = "disabled"
    look(served)
    with served.store.read() as tx:
        cursor = cursors.get(tx, "main", "reconcile")
    assert cursor is not None
    assert cursor.interval_s is None  # due at once


def test_catching_up_is_durable_before_the_webhook_lives_again(
    served: App, sandbox: Sandbox, pass_time: Callable[[float], None]
) -> None:
    sandbox.shop.create_order(billing=GUEST)
    deliver(served, sandbox)
    served.backfill("main")
    delivered_at = served.clock()
    pass_time(3600)
    served.poll("main")
    hooks(sandbox)["order.updated"].status = "disabled"
    sandbox.shop.faults.add(Fault("cut_after", method="PUT", path="webhooks"))
    with pytest.raises(ConnectorError):
        look(served)
    assert statuses(sandbox)["order.updated"] == "active"
    with served.store.read() as tx:
        cursor = cursors.get(tx, "main", "orders")
    assert cursor is not None
    assert cursor.watermark == delivered_at


def test_one_that_a_person_paused_stays_paused_and_is_told(served: App, sandbox: Sandbox) -> None:
    hooks(sandbox)["order.updated"].status = "paused"
    assert look(served).paused == ("order.updated",)
    assert statuses(sandbox)["order.updated"] == "paused"
    assert standing(served)["webhook_disabled", "order.updated"].facts["status"] == "paused"
    hooks(sandbox)["order.updated"].status = "active"
    look(served)
    assert standing(served) == {}


def test_companion_may_move_to_another_address(served: App, sandbox: Sandbox) -> None:
    assert look(served, "https://notes.example").moved == TOPICS
    urls = {webhook.delivery_url for webhook in sandbox.shop.deliveries.webhooks.values()}
    assert urls == {f"https://notes.example/in/main/{topic}" for topic in TOPICS}


def test_another_companion_beside_the_same_shop_keeps_its_own(served: App, sandbox: Sandbox) -> None:
    foreign = served.shops["main"].source.create_webhook(
        name="Companion order.updated",
        topic="order.updated",
        delivery_url="https://staging.example/in/main/order.updated",
        secret="another",
    )
    assert look(served) == Mended()
    assert served.subscriptions.remove(served.shops["main"])
    assert list(sandbox.shop.deliveries.webhooks) == [int(foreign.id)]


def test_a_deleted_one_is_made_anew_and_others_are_left_alone(served: App, sandbox: Sandbox) -> None:
    webhooks = sandbox.shop.deliveries.webhooks
    del webhooks[hooks(sandbox)["order.created"].id]
    served.shops["main"].source.create_webhook(
        name="Another program", topic="order.created", delivery_url="https://else.example/hook", secret="s3cret"
    )
    assert look(served).made == ("order.created",)
    assert any(hook.delivery_url == "https://else.example/hook" for hook in webhooks.values())


def test_one_that_somebody_gave_another_topic_is_made_anew(served: App, sandbox: Sandbox) -> None:
    hooks(sandbox)["order.updated"].topic = "product.updated"
    assert look(served).made == ("order.updated",)
    assert sorted(hook.topic for hook in sandbox.shop.deliveries.webhooks.values()) == sorted(TOPICS)


def test_one_that_was_made_twice_is_removed_once(served: App, sandbox: Sandbox) -> None:
    first = hooks(sandbox)["order.updated"]
    served.shops["main"].source.create_webhook(
        name=first.name, topic=first.topic, delivery_url=first.delivery_url, secret="of a request that was cut"
    )
    look(served)
    assert [hook.id for hook in sandbox.shop.deliveries.webhooks.values() if hook.topic == "order.updated"] == [
        first.id
    ]


def test_a_store_that_does_not_know_them_gives_them_its_secret(served: App, sandbox: Sandbox) -> None:
    with served.store.write() as tx:
        subscriptions.forget(tx, "main")
    for webhook in hooks(sandbox).values():
        webhook.secret = "of another master key"
    assert look(served).given == TOPICS
    assert {hook.secret for hook in hooks(sandbox).values()} == {served.secrets.webhook_secret("main")}


def test_a_shop_with_our_plugin_tells_its_events_too(served: App, sandbox: Sandbox) -> None:
    with served.store.write() as tx:
        cursors.put(tx, "main", "changes", succeeded_at=served.clock())
    wanted = TOPICS + (BRIDGE_TOPICS if served.shops["main"].bridge is not None else ())
    look(served)
    assert set(hooks(sandbox)) == set(wanted)


def test_topics_of_our_plugin_are_those_that_the_shop_fires(sandbox: Sandbox) -> None:
    """Every event of the sandbox's twin of the plugin, done once."""
    shop = sandbox.shop
    shop.bridge.is_active = True
    fired: set[str] = set()
    shop.deliveries.do_action = lambda hook, arg: fired.add(f"action.{hook}")  # type: ignore[method-assign]
    order, user = shop.create_order(billing=GUEST), shop.create_customer("a@example.com")
    shop.delete_order_note(order.id, shop.add_order_note(order.id, "x").id)
    shop.delete_refund(shop.create_refund(order.id, 1).id)
    shop.force_delete_order(order.id)
    desk = shop.helpdesk
    ticket = desk.open_ticket(user.id, "?")
    reply = desk.reply(ticket.id, user.id, "!")
    desk.delete_reply(ticket.id, reply.id)
    desk.set_status(ticket.id, "hold")
    desk.assign(ticket.id, 1)
    desk.close(ticket.id)
    desk.reopen(ticket.id)
    desk.trash(ticket.id)
    desk.restore(ticket.id)
    desk.delete(ticket.id)
    shop.delete_customer(user.id)
    own = {topic for topic in fired if topic.startswith("action.wc_companion_")}
    assert own == {*BRIDGE_TOPICS, *TICKET_TOPICS}


def test_the_worker_mends_them_at_its_next_look(served: App, sandbox: Sandbox) -> None:
    for webhook in sandbox.shop.deliveries.webhooks.values():
        webhook.status = "disabled"
    served.prepare(served.shops["main"])
    assert set(statuses(sandbox).values()) == {"active"}


def test_a_shop_that_cannot_be_asked_says_so(served: App, sandbox: Sandbox) -> None:
    sandbox.shop.faults.add(Fault("status", path="webhooks", status=403, times=None))
    with pytest.raises(ConnectorError):
        look(served)


def test_nothing_is_written_to_a_paused_shop_and_what_is_seen_is_told(served: App, sandbox: Sandbox) -> None:
    with served.store.write() as tx:
        shops.pause(tx, "main")
    hooks(sandbox)["order.updated"].status = "disabled"
    sandbox.shop.log.clear()
    assert look(served) == Mended()
    assert sandbox.shop.log.writes() == 0
    assert kept(served, "order.updated").status == "disabled"
    assert not standing(served)["webhook_disabled", "order.updated"].facts["is_fragile"]


def test_without_a_public_address_there_is_nothing_to_complain_of(served: App, sandbox: Sandbox) -> None:
    hooks(sandbox)["order.updated"].status = "disabled"
    look(served)
    assert standing(served)
    look(served, "")
    assert standing(served) == {}
    with served.store.read() as tx:
        assert subscriptions.every(tx) == []


# --- rotation and removal ---------------------------------------------------------------------------------------------


def test_deliveries_verify_all_through_a_rotation_whoever_has_heard_of_it(
    served: App, sandbox: Sandbox, pass_time: Callable[[float], None]
) -> None:
    order = sandbox.shop.create_order(billing=GUEST, quiet=True)
    served.backfill("main")
    old = served.secrets.webhook_secret("main")
    late = sandbox.shop.deliveries  # what another webhook still signs as before
    served._webhook_secrets("main")  # this process has looked a moment ago, and does not look again at once
    # Another process rotates.
    rotated = Subscriptions(
        store=served.store,
        secret_of=served.secrets.webhook_secret,
        public_url=served.config.web.public_url,
        may_write=True,
        poll_seconds=300,
        clock=served.clock,
    ).rotate(served.shops["main"])
    assert rotated.generation == 2
    assert rotated.mended.given == TOPICS
    new = served.secrets.webhook_secret("main", 2)
    assert {hook.secret for hook in hooks(sandbox).values()} == {new} != {old}
    sandbox.shop.update_order(order.id, status="on-hold")
    assert [sent.status for sent in late.run()] == [200]
    # One that was queued in a shop which has not heard of the new secret yet.
    hooks(sandbox)["order.updated"].secret = old
    pass_time(47 * 3600)
    sandbox.shop.update_order(order.id, status="completed")
    assert [sent.status for sent in late.run()] == [200]


def test_a_crash_in_the_middle_of_a_rotation_is_healed_by_the_next_look(served: App, sandbox: Sandbox) -> None:
    sandbox.shop.faults.add(Fault("cut_before", method="PUT", path="webhooks", skip=2, times=None))
    with pytest.raises(ConnectorError):
        served.subscriptions.rotate(served.shops["main"])
    sandbox.shop.faults.clear()
    new = served.secrets.webhook_secret("main", 2)
    assert 0 < [hook.secret for hook in hooks(sandbox).values()].count(new) < len(TOPICS)
    assert len(look(served).given) == len(TOPICS) - 2
    assert {hook.secret for hook in hooks(sandbox).values()} == {new}
    assert look(served) == Mended()


def test_removal_takes_ours_from_the_shop_and_none_is_made_anew(served: App, sandbox: Sandbox) -> None:
    served.shops["main"].source.create_webhook(
        name="Another program", topic="order.created", delivery_url="https://else.example/hook", secret="s3cret"
    )
    assert set(served.subscriptions.remove(served.shops["main"])) == set(TOPICS)
    served.prepare(served.shops["main"])
    assert [hook.name for hook in sandbox.shop.deliveries.webhooks.values()] == ["Another program"]
    with served.store.read() as tx:
        assert subscriptions.every(tx) == []


def test_removal_that_was_interrupted_goes_on(served: App, sandbox: Sandbox) -> None:
    sandbox.shop.faults.add(Fault("cut_after", method="DELETE", path="webhooks", skip=2))
    with pytest.raises(ConnectorError):
        served.subscriptions.remove(served.shops["main"])
    assert len(served.subscriptions.remove(served.shops["main"])) == len(TOPICS) - 3
    assert not sandbox.shop.deliveries.webhooks


# --- silence ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def orders(served: App, sandbox: Sandbox, pass_time: Callable[[float], None]) -> list[int]:
    """Orders that both sides know, beside webhooks that were looked at."""
    found = [sandbox.shop.create_order(billing=GUEST, quiet=True).id for _ in range(4)]
    served.backfill("main")
    for _ in range(3):
        turn(served, pass_time)
    return found


def turn(app: App, pass_time: Callable[[float], None], seconds: float = 300) -> None:
    """A worker's look, some time later."""
    pass_time(seconds)
    app.prepare(app.shops["main"])
    app.poll("main")


def test_a_shop_whose_wp_cron_sleeps_is_told_and_its_waking_too(
    served: App, sandbox: Sandbox, orders: list[int], pass_time: Callable[[float], None]
) -> None:
    for order_id in orders[:3]:
        sandbox.shop.update_order(order_id, status="completed")  # queued, and the queue is not run
    for _ in range(4):
        turn(served, pass_time)
    alert = standing(served)["webhooks_silent", ""]
    assert alert.facts == {
        "topics": ["order.updated"],
        "missed": 3,
        "cause": "wp_cron",
        "last_delivery_at": None,
    }
    assert kept(served, "order.updated").missed == 3
    deliver(served, sandbox)
    turn(served, pass_time)
    assert standing(served) == {}
    assert kept(served, "order.updated").missed == 0


def test_one_silent_topic_beside_others_that_tell_is_not_a_sleeping_wp_cron(
    served: App, sandbox: Sandbox, orders: list[int], pass_time: Callable[[float], None]
) -> None:
    sandbox.shop.faults.add(Fault("drop", topic="order.updated", times=None))
    for order_id in orders:
        turn(served, pass_time)
        sandbox.shop.update_order(order_id, status="completed")
        sandbox.shop.create_customer(f"user{order_id}@example.com")
        deliver(served, sandbox)
    for _ in range(3):
        turn(served, pass_time)
    facts = standing(served)["webhooks_silent", ""].facts
    assert (facts["topics"], facts["cause"]) == (["order.updated"], "unknown")


def test_changes_that_were_told_or_happened_while_nobody_listened_prove_nothing(
    served: App, sandbox: Sandbox, orders: list[int], pass_time: Callable[[float], None]
) -> None:
    for order_id in orders:
        sandbox.shop.update_order(order_id, status="completed")
        pass_time(20)
        deliver(served, sandbox)
        turn(served, pass_time)
    sandbox.shop.faults.add(Fault("drop", times=None))
    for order_id in orders:
        sandbox.shop.update_order(order_id, status="on-hold")
    sandbox.shop.run_queue()
    turn(served, pass_time, seconds=6 * 3600)  # companion was down
    for _ in range(4):
        turn(served, pass_time)
    assert standing(served) == {}
    assert kept(served, "order.updated").missed == 0


def test_a_shop_whose_clock_is_wrong_is_judged_by_its_own(
    served: App, sandbox: Sandbox, orders: list[int], pass_time: Callable[[float], None]
) -> None:
    sandbox.shop.clock.advance(5 * 3600)
    turn(served, pass_time)
    for order_id in orders:
        sandbox.shop.update_order(order_id, status="completed")
        deliver(served, sandbox)
    for _ in range(4):
        turn(served, pass_time)
    assert standing(served) == {}
    assert SHOP_NOW + timedelta(hours=5) < sandbox.shop.clock()
