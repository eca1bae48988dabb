"""The connector against the pretend shop over sockets: every way in, and the stories that need a shop with a memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from companion.sandbox import Fault, Item, Sandbox
from connectors.base import Window
from connectors.errors import Missing, Refused, Transient
from connectors.woocommerce.credentials import ApplicationPassword, ConsumerKey, Credentials
from connectors.woocommerce.parse import parse_customer, parse_order, parse_order_note, parse_refund, record_id
from connectors.woocommerce.source import WooCommerce
from tests.connectors.loopback import certificate
from tests.connectors.shops import retry
from tests.fixtures.sandbox import SHOP_NOW

Connect = Callable[..., WooCommerce]
MakeSandbox = Callable[..., Sandbox]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens connectors to sandboxes, by the shop manager's key unless told otherwise, and closes them."""
    opened: list[WooCommerce] = []

    def open_one(sandbox: Sandbox, credentials: Credentials | None = None, **options: Any) -> WooCommerce:
        held = credentials or ConsumerKey(sandbox.credentials.key, sandbox.credentials.secret)
        opened.append(WooCommerce(url=sandbox.url, credentials=held, **({"retry": retry()} | options)))
        return opened[-1]

    yield open_one
    for source in opened:
        source.close()


@pytest.fixture
def shop(make_sandbox: MakeSandbox) -> Sandbox:
    """A shop over plain HTTP."""
    return make_sandbox()


def codes(source: WooCommerce) -> list[str]:
    return [finding.code for finding in source.probe().findings]


def ids(items: tuple[bytes, ...]) -> list[str]:
    return [record_id(item) for item in items]


@pytest.mark.parametrize(
    ("options", "warnings"),
    [
        ({}, []),
        ({"strip_authorization": True}, ["header_stripped"]),
        ({"plain_permalinks": True}, ["plain_permalinks"]),
        ({"strip_authorization": True, "plain_permalinks": True}, ["header_stripped", "plain_permalinks"]),
    ],
)
def test_a_key_finds_its_way_in_over_tls(
    make_sandbox: MakeSandbox, connect: Connect, tmp_path: Path, options: dict[str, Any], warnings: list[str]
) -> None:
    authority, _ = certificate(tmp_path)
    sandbox = make_sandbox(certificate=(str(authority), str(tmp_path / "shop.key")), **options)
    source = connect(sandbox, verify=str(authority))
    found = source.probe()
    assert found.is_well
    assert [finding.code for finding in found.findings] == warnings


@pytest.mark.parametrize(
    ("options", "warnings"),
    [
        ({}, ["plain_http"]),
        ({"strip_authorization": True}, ["plain_http"]),
        ({"pretend_tls": True}, ["scheme_unknown", "plain_http"]),
        ({"plain_permalinks": True}, ["plain_http", "plain_permalinks"]),
    ],
)
def test_a_key_finds_its_way_in_over_plain_http(
    make_sandbox: MakeSandbox, connect: Connect, options: dict[str, Any], warnings: list[str]
) -> None:
    found = connect(make_sandbox(**options)).probe()
    assert found.is_well
    assert [finding.code for finding in found.findings] == warnings


def test_an_application_password_finds_its_way_in(shop: Sandbox, connect: Connect) -> None:
    login = shop.credentials.manager
    held = ApplicationPassword(login.username, login.password, allow_plain_http_password=True)
    assert connect(shop, held).probe().is_well


def test_what_is_wrong_with_credentials_is_told(shop: Sandbox, connect: Connect) -> None:
    of = shop.credentials
    told = {
        name: codes(connect(shop, ConsumerKey(key, secret)))[0]
        for name, key, secret in (
            ("read only", of.ro.key, of.ro.secret),
            ("write only", of.wo.key, of.wo.secret),
            ("wrong secret", of.key, "cs_wrong"),
            ("wrong key", "ck_wrong", of.secret),
            ("an agent's", of.agent_rw.key, of.agent_rw.secret),
        )
    }
    assert told == {
        "read only": "read_only_key",
        "write only": "write_only_key",
        "wrong secret": "wrong_signature",
        "wrong key": "wrong_key",
        "an agent's": "missing_capability",
    }


def test_a_wordpress_without_woocommerce_is_told(make_sandbox: MakeSandbox, connect: Connect) -> None:
    assert codes(connect(make_sandbox(woocommerce=False))) == ["no_woocommerce"]


def test_the_trap_of_two_dots_is_told_but_never_sprung(make_sandbox: MakeSandbox, connect: Connect) -> None:
    sandbox = make_sandbox(two_dots=True)
    sandbox.shop.create_order()
    key = sandbox.credentials.admin_rw
    source = connect(sandbox, ConsumerKey(key.key, key.secret))
    assert "two_dots" in codes(source)
    window = Window(by="modified", since=SHOP_NOW - timedelta(days=1), until=SHOP_NOW + timedelta(days=1))
    assert source.orders(window, page=1).total == 1


def test_facts(make_sandbox: MakeSandbox, connect: Connect) -> None:
    facts = connect(make_sandbox(storage="legacy-sync")).facts()
    assert (facts.order_storage, facts.timezone, facts.currency) == ("legacy-sync", "Asia/Tehran", "IRT")


def test_orders_come_page_by_page_in_the_order_of_their_ids(shop: Sandbox, connect: Connect) -> None:
    placed = [str(shop.shop.create_order().id) for _ in range(5)]
    source = connect(shop)
    pages = [source.orders(None, page=number, per_page=2) for number in (1, 2, 3, 4)]
    assert [order for page in pages for order in ids(page.items)] == placed
    assert [(page.total, page.pages) for page in pages[:3]] == [(5, 3)] * 3
    assert pages[0].shop_now == SHOP_NOW
    assert pages[3].items == ()


def test_a_window_holds_what_lies_strictly_between_its_ends(shop: Sandbox, connect: Connect) -> None:
    placed = [str(shop.shop.create_order(created_at=SHOP_NOW - timedelta(seconds=back)).id) for back in (30, 20, 10)]
    source = connect(shop)
    window = Window(
        by="created", since=SHOP_NOW - timedelta(seconds=30), until=SHOP_NOW - timedelta(seconds=9, microseconds=5)
    )
    assert ids(source.orders(window, page=1).items) == placed[1:]


def test_the_trash_is_only_in_its_own_window_and_readable_by_id(shop: Sandbox, connect: Connect) -> None:
    kept, thrown = (str(shop.shop.create_order().id) for _ in range(2))
    shop.shop.trash_order(int(thrown))
    source = connect(shop)
    assert ids(source.orders(None, page=1).items) == [kept]
    assert ids(source.orders(Window(by="created", trash=True), page=1).items) == [thrown]
    assert parse_order(source.order(thrown)).status == "trash"


def test_an_order_deleted_for_good_is_missing(shop: Sandbox, connect: Connect) -> None:
    order_id = shop.shop.create_order().id
    shop.shop.force_delete_order(order_id)
    with pytest.raises(Missing):
        connect(shop).order(str(order_id))


def test_refunds_and_notes_of_an_order(shop: Sandbox, connect: Connect) -> None:
    order = shop.shop.create_order(items=[Item("چای", 2, 1000)])
    shop.shop.create_refund(order.id, 500, reason="شکسته بود")
    shop.shop.add_order_note(order.id, "ارسال شد", to_customer=True)
    source = connect(shop)
    listed = [parse_refund(raw) for raw in source.refunds(since=SHOP_NOW - timedelta(days=1), page=1).items]
    assert [(refund.order_id, refund.amount, refund.reason) for refund in listed] == [
        (str(order.id), 5_000_000, "شکسته بود")
    ]
    assert [parse_refund(raw) for raw in source.order_refunds(str(order.id))] == listed
    assert source.refunds(since=SHOP_NOW + timedelta(days=1), page=1).items == ()
    notes = [parse_order_note(raw, str(order.id)) for raw in source.order_notes(str(order.id))]
    assert ("ارسال شد", True) in [(note.body, note.to_customer) for note in notes]


def test_customers_of_every_role(shop: Sandbox, connect: Connect) -> None:
    zahra = shop.shop.create_customer("zahra@example.test", first_name="زهرا")
    source = connect(shop)
    page = source.customers(page=1)
    assert page.total == len(page.items) == 4
    assert parse_customer(source.customers(page=1, newest_first=True, per_page=1).items[0]).id == str(zahra.id)
    assert parse_customer(source.customer(str(zahra.id))).first_name == "زهرا"


def test_summaries_are_written_removed_and_missed_in_one_batch(shop: Sandbox, connect: Connect) -> None:
    first, second = (str(shop.shop.create_order(meta={"other": "x"}).id) for _ in range(2))
    source = connect(shop)
    source.write_summaries({first: "خط اول", second: "کهنه"})
    results = source.write_summaries({first: "خط دوم", second: None, "999999": "هیچ"})
    assert [parse_order(result.raw).summary for result in results[:2]] == ["خط دوم", None]
    assert isinstance(results[2].error, Missing)
    assert parse_order(source.order(first)).meta == (("other", "x"),)


def test_a_write_whose_answer_was_cut_is_not_sent_again_though_it_took_effect(shop: Sandbox, connect: Connect) -> None:
    order_id = str(shop.shop.create_order().id)
    source = connect(shop)
    shop.shop.faults.add(Fault("cut_after", method="POST"))
    with pytest.raises(Transient, match="not known"):
        source.write_summaries({order_id: "خط"})
    assert parse_order(source.order(order_id)).summary == "خط"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("status", status=500), "server_error"),
        (Fault("status", status=503, seconds=2), "unavailable"),
        (Fault("html", status=502), "not_json"),
        (Fault("html", status=200), "not_json"),
        (Fault("challenge"), "challenge"),
        (Fault("cut_before"), "cut"),
        (Fault("half"), "cut"),
        (Fault("status", status=429, seconds=7), "too_many_requests"),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}" if isinstance(fault, Fault) else fault,
)
def test_what_goes_wrong_on_the_way_is_passing_and_the_next_read_is_well(
    shop: Sandbox, connect: Connect, fault: Fault, code: str
) -> None:
    order_id = str(shop.shop.create_order().id)
    source = connect(shop, retry=retry(attempts=1))
    source.orders(None, page=1)
    shop.shop.faults.add(fault)
    with pytest.raises(Transient) as error:
        source.orders(None, page=1)
    assert error.value.code == code
    assert ids(source.orders(None, page=1).items) == [order_id]
    assert error.value.retry_after == fault.seconds


def test_a_passing_fault_is_not_noticed_when_reads_are_tried_again(shop: Sandbox, connect: Connect) -> None:
    order_id = str(shop.shop.create_order().id)
    shop.shop.faults.add(Fault("half", times=2))
    assert ids(connect(shop).orders(None, page=1).items) == [order_id]


def test_a_notice_before_the_page_does_not_hide_it(shop: Sandbox, connect: Connect) -> None:
    order_id = str(shop.shop.create_order().id)
    shop.shop.faults.add(Fault("notice", times=None))
    source = connect(shop)
    assert ids(source.orders(None, page=1).items) == [order_id]
    assert parse_order(source.order(order_id)).id == order_id


def test_a_malformed_order_is_refused_alone(shop: Sandbox, connect: Connect) -> None:
    bent, whole = (str(shop.shop.create_order().id) for _ in range(2))
    shop.shop.faults.add(Fault("malformed"))
    items = connect(shop).orders(None, page=1).items
    assert ids(items) == [bent, whole]
    assert parse_order(items[1]).id == whole
    with pytest.raises(ValueError, match=bent):
        parse_order(items[0])


def test_a_stale_cache_is_asked_past(shop: Sandbox, connect: Connect) -> None:
    first = str(shop.shop.create_order().id)
    source = connect(shop)
    assert ids(source.orders(None, page=1).items) == [first]
    second = str(shop.shop.create_order().id)
    shop.shop.faults.add(Fault("stale", times=None))
    page = source.orders(None, page=1)
    assert ids(page.items) == [first, second]
    assert page.fresh


def test_webhooks_are_made_changed_listed_and_removed(shop: Sandbox, connect: Connect) -> None:
    source = connect(shop)
    made = source.create_webhook(
        name="Companion", topic="order.updated", delivery_url="http://127.0.0.1:9/in/main/order.updated", secret="A1b2"
    )
    assert source.webhooks() == (made,)
    assert source.update_webhook(made.id, status="paused").status == "paused"
    source.delete_webhook(made.id)
    assert source.webhooks() == ()
    with pytest.raises(Missing):
        source.update_webhook(made.id, status="active")


def test_a_shop_that_went_away_is_a_passing_error(connect: Connect) -> None:
    with Sandbox() as sandbox:
        source = connect(sandbox, retry=retry(attempts=1))
        source.orders(None, page=1)
    with pytest.raises(Transient) as error:
        source.orders(None, page=1)
    assert error.value.code == "connection_refused"


def test_a_read_only_key_is_refused_a_write(shop: Sandbox, connect: Connect) -> None:
    order_id = str(shop.shop.create_order().id)
    source = connect(shop, ConsumerKey(shop.credentials.ro.key, shop.credentials.ro.secret))
    assert source.orders(None, page=1).total == 1
    with pytest.raises(Refused) as refusal:
        source.write_summaries({order_id: "خط"})
    assert refusal.value.code == "read_only_key"
