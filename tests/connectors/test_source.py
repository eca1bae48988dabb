"""What the source asks of a shop, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from responses import RequestsMock

from connectors.base import ShopFacts, Window
from connectors.errors import Missing, Permanent, Refused, Transient
from connectors.woocommerce.parse import parse_order, parse_order_note, parse_refund, record_id
from connectors.woocommerce.source import WooCommerce
from tests.connectors.recorded import Exchange, as_php, exchange
from tests.connectors.shops import API, SITE, as_answer, asked, in_turn, shop_at

NOON = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def shop() -> Iterator[RequestsMock]:
    with RequestsMock() as mocked:
        yield mocked


def play(shop: RequestsMock, seen: Exchange, path: str | None = None) -> Exchange:
    shop.add(seen.method, f"{API}/{path or seen.path}", **as_answer(seen))
    return seen


def last(shop: RequestsMock) -> dict[str, str]:
    return {name: value for name, value in asked(shop.calls[-1].request).items() if name != "_"}


# Reading


def test_a_page_is_split_into_its_orders_with_totals_and_the_shops_clock(shop: RequestsMock) -> None:
    seen = exchange("woocommerce/a09_orders_per_page_100")
    clock = {"Date": "Sat, 21 Nov 2026 18:16:40 GMT"}
    play(shop, seen._replace(headers=seen.headers | clock))
    page = shop_at().orders(None, page=1)
    assert [json.loads(item) for item in page.items] == seen.json
    assert (page.total, page.pages) == (282, 3)
    assert page.shop_now == datetime(2026, 11, 21, 18, 16, 40, tzinfo=UTC)
    assert page.fresh
    assert page.seconds >= 0


def test_orders_are_asked_for_by_id(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", body=b"[]")
    shop_at().orders(None, page=2, per_page=50)
    assert last(shop) == {"orderby": "id", "order": "asc", "page": "2", "per_page": "50"}


def test_orders_are_named_and_those_that_are_gone_left_out(shop: RequestsMock) -> None:
    seen = play(shop, exchange("woocommerce/k08_orders_include"))
    page = shop_at().orders_by_id(["27", "28", "29", "999999"])
    assert last(shop)["include"] == "27,28,29,999999"
    assert [json.loads(raw) for raw in page.items] == seen.json
    assert (page.total, page.pages) == (3, 1)  # of four that were named
    with pytest.raises(ValueError, match="no orders"):
        shop_at().orders_by_id([])


@pytest.mark.parametrize(
    ("window", "params"),
    [
        (
            Window(by="created", since=NOON, until=NOON + timedelta(days=1)),
            {"after": "2026-11-01T12:00:00", "before": "2026-11-02T12:00:00", "dates_are_gmt": "true"},
        ),
        (Window(by="modified", since=NOON), {"modified_after": "2026-11-01T12:00:00", "dates_are_gmt": "true"}),
        (Window(by="modified", until=NOON), {"modified_before": "2026-11-01T12:00:00", "dates_are_gmt": "true"}),
        (
            Window(by="modified", since=NOON.replace(microsecond=5), until=NOON.replace(microsecond=5)),
            {
                "modified_after": "2026-11-01T12:00:00",
                "modified_before": "2026-11-01T12:00:01",
                "dates_are_gmt": "true",
            },
        ),
        (
            Window(by="created", since=NOON.astimezone(timezone(timedelta(hours=3.5))), trash=True),
            {"status": "trash", "after": "2026-11-01T12:00:00", "dates_are_gmt": "true"},
        ),
        (Window(by="modified", trash=True), {"status": "trash"}),
        (Window(by="created"), {}),
    ],
)
def test_a_window_becomes_whole_seconds_of_utc_without_dots_or_suffix(
    shop: RequestsMock, window: Window, params: dict[str, str]
) -> None:
    shop.get(f"{API}/orders", body=b"[]")
    shop_at().orders(window, page=1)
    told = last(shop)
    assert {name: told[name] for name in told.keys() - {"orderby", "order", "page", "per_page"}} == params
    assert "." not in str(shop.calls[0].request.url).removeprefix(SITE)


def test_a_page_past_the_end_is_empty(shop: RequestsMock) -> None:
    play(shop, exchange("woocommerce/a11_orders_page_beyond_end"))
    page = shop_at().orders(None, page=4)
    assert (page.items, page.total, page.pages) == ((), 0, 0)


def test_without_totals_a_full_page_promises_one_more(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", body=b'[{"id":1},{"id":2}]')
    full, last_one = (shop_at().orders(None, page=3, per_page=size) for size in (2, 5))
    assert (full.total, full.pages) == (7, 4)
    assert (last_one.total, last_one.pages) == (12, 3)


def test_one_malformed_order_does_not_spoil_its_page(shop: RequestsMock) -> None:
    good = exchange("woocommerce/a51_order_refunded_full").json
    shop.get(f"{API}/orders", body=as_php([good, {"id": 5, "total": []}, "odd", good | {"id": 6}]).encode())
    items = shop_at().orders(None, page=1).items
    assert len(items) == 4
    assert [record_id(items[place]) for place in (0, 1, 3)] == ["318", "5", "6"]
    assert parse_order(items[3]).id == "6"


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf[{"id":1},{"id":2}]',
        b'<br />\n<b>Warning</b>: x in <b>/a.php</b> on line <b>1</b><br />\n[{"id":1},{"id":2}]',
        b'{"0":{"id":1},"2":{"id":2}}',
    ],
)
def test_a_list_behind_junk_or_with_gaps_is_read(shop: RequestsMock, body: bytes) -> None:
    shop.get(f"{API}/orders", body=body)
    assert [record_id(item) for item in shop_at().orders(None, page=1).items] == ["1", "2"]


def test_half_a_surrogate_pair_costs_one_letter_not_the_page(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", body=rb'[{"id":1,"x":"\ud83d"},{"id":2}]')
    assert shop_at().orders(None, page=1).items == (rb'{"id":1,"x":"\ufffd"}', b'{"id":2}')


@pytest.mark.parametrize("body", [b"<h1>Welcome</h1>", b"", b'{"code":"x","message":"y"}', b"[{]", b'"text"', b"5"])
def test_what_is_no_list_is_a_passing_error_that_says_what_stood_there(shop: RequestsMock, body: bytes) -> None:
    shop.get(f"{API}/orders", body=body)
    shop.get(f"{SITE}/", body=b"<h1>Welcome</h1>")
    shop.assert_all_requests_are_fired = False
    with pytest.raises(Transient, match=r"not JSON|did not ask for") as error:
        shop_at().orders(None, page=1)
    assert "<" not in str(error.value)


def test_a_wrong_parameter_is_permanent(shop: RequestsMock) -> None:
    play(shop, exchange("woocommerce/a12_orders_per_page_101"))
    with pytest.raises(Permanent, match="rest_invalid_param") as error:
        shop_at().orders(None, page=1, per_page=101)
    assert not isinstance(error.value, Missing)


def test_one_order_comes_as_the_shop_sent_it(shop: RequestsMock) -> None:
    seen = play(shop, exchange("woocommerce/a50_order_one"))
    assert shop_at().order("24") == seen.body
    assert "_" in asked(shop.calls[0].request)  # past any cache


@pytest.mark.parametrize(
    ("recorded", "read"),
    [
        ("a92_err_invalid_id", lambda source: source.order("999999")),
        ("a94_err_id_is_product", lambda source: source.order("12")),
        ("a79_customer_missing", lambda source: source.customer("99999")),
    ],
)
def test_what_is_not_there_is_missing(shop: RequestsMock, recorded: str, read: Callable[[WooCommerce], bytes]) -> None:
    play(shop, exchange(f"woocommerce/{recorded}"))
    with pytest.raises(Missing):
        read(shop_at())


@pytest.mark.parametrize("odd", ["", "../customers", "1?x=1", "۱۲", "-1"])
def test_an_id_that_is_none_is_not_put_into_an_address(odd: str) -> None:
    with pytest.raises(Permanent) as error:
        shop_at().order(odd)
    assert error.value.code == "bad_id"


def test_refunds_are_listed_over_all_orders(shop: RequestsMock) -> None:
    seen = play(shop, exchange("woocommerce/k10_refunds_list"))
    page = shop_at().refunds(since=NOON, page=1)
    assert last(shop) == {
        "orderby": "id", "order": "asc", "page": "1", "per_page": "100",
        "after": "2026-11-01T12:00:00", "dates_are_gmt": "true",
    }  # fmt: skip
    assert [parse_refund(item).order_id for item in page.items] == [str(row["parent_id"]) for row in seen.json]


def test_an_old_woocommerce_without_a_list_of_refunds_says_so(shop: RequestsMock) -> None:
    shop.get(f"{API}/refunds", **as_answer(exchange("woocommerce/a93_err_id_not_number")))
    with pytest.raises(Permanent) as error:
        shop_at().refunds(since=None, page=1)
    assert error.value.code == "no_refunds_list"


def test_the_refunds_of_one_order(shop: RequestsMock) -> None:
    play(shop, exchange("woocommerce/a53_order_refunds"))
    assert [parse_refund(raw, "345").id for raw in shop_at().order_refunds("345")] == ["346"]


def test_a_long_list_is_read_to_its_end(shop: RequestsMock) -> None:
    pages = [as_php([{"id": page * 100 + place} for place in range(size)]) for page, size in ((1, 100), (2, 3))]
    shop.add_callback("GET", f"{API}/orders/1/refunds", in_turn(*((200, {}, page.encode()) for page in pages)))
    assert len(shop_at().order_refunds("1")) == 103


def test_the_notes_of_an_order(shop: RequestsMock) -> None:
    for_all, for_customers = (
        exchange(f"woocommerce/{name}") for name in ("a54_order_notes", "a55_order_notes_customer")
    )
    play(shop, for_all._replace(json=[*for_all.json[:2], *for_customers.json[:1]]))
    notes = [parse_order_note(raw, "24") for raw in shop_at().order_notes("24")]
    assert [note.to_customer for note in notes] == [False, False, True]


def test_customers_of_every_role_by_id_or_newest_first(shop: RequestsMock) -> None:
    shop.get(f"{API}/customers", body=b"[]")
    source = shop_at()
    source.customers(page=1)
    assert last(shop) == {"role": "all", "orderby": "id", "order": "asc", "page": "1", "per_page": "100"}
    source.customers(page=2, per_page=25, newest_first=True)
    assert last(shop)["orderby"] == "registered_date"
    assert last(shop)["order"] == "desc"


def test_facts_of_the_shop(shop: RequestsMock) -> None:
    shop.get(f"{SITE}/wp-json/", **as_answer(exchange("wordpress/k01_root_fields")))
    play(shop, exchange("woocommerce/k20_system_status_needed"))
    assert shop_at().facts() == ShopFacts(
        name="Shop فروشگاه",
        url="https://shop.example",
        timezone="Asia/Tehran",
        gmt_offset=3.5,
        woocommerce_version="10.5.0",
        wordpress_version="6.9.1",
        order_storage="hpos",
        currency="IRT",
        decimals=0,
        runs_jobs=False,
    )
    assert "Authorization" not in shop.calls[0].request.headers


@pytest.mark.parametrize(
    ("settings", "storage"),
    [
        ({"HPOS_enabled": True, "HPOS_sync_enabled": True}, "hpos-sync"),
        ({"HPOS_enabled": False, "HPOS_sync_enabled": True}, "legacy-sync"),
        ({"HPOS_enabled": False, "HPOS_sync_enabled": False}, "legacy"),
        ({"HPOS_enabled": "yes"}, "hpos"),
        ({"HPOS_enabled": [], "number_of_decimals": "nan"}, "legacy"),
        ({}, ""),
        ([], ""),
    ],
)
def test_the_order_storage_is_told(shop: RequestsMock, settings: Any, storage: str) -> None:
    shop.get(f"{SITE}/wp-json/", json={"name": "x", "gmt_offset": "3.5"})
    shop.get(f"{API}/system_status", json={"environment": {}, "settings": settings})
    facts = shop_at().facts()
    assert (facts.order_storage, facts.gmt_offset) == (storage, 3.5)


def test_facts_without_the_right_to_read_the_status(shop: RequestsMock) -> None:
    shop.get(f"{SITE}/wp-json/", **as_answer(exchange("wordpress/k01_root_fields")))
    shop.get(f"{API}/system_status", status=403, json={"code": "woocommerce_rest_cannot_view", "message": "Sorry"})
    facts = shop_at().facts()
    assert (facts.timezone, facts.woocommerce_version, facts.order_storage) == ("Asia/Tehran", "", "")


# Writing


def test_a_batch_sends_our_key_and_nothing_else(shop: RequestsMock) -> None:
    play(shop, exchange("woocommerce/k18_batch_summaries_partial"))
    shop_at().write_summaries({"27": "b", "999999": "b", "28": None})
    assert json.loads(shop.calls[0].request.body or b"") == {
        "update": [
            {"id": 27, "meta_data": [{"key": "companion_note", "value": "b"}]},
            {"id": 999999, "meta_data": [{"key": "companion_note", "value": "b"}]},
            {"id": 28, "meta_data": [{"key": "companion_note", "value": None}]},
        ]
    }


def test_in_a_batch_each_order_has_its_own_result(shop: RequestsMock) -> None:
    seen = exchange("woocommerce/k18_batch_summaries_partial")
    without = seen.json["update"][0] | {"id": 28, "meta_data": []}
    play(shop, seen._replace(json={"update": [*seen.json["update"][:2], without]}))
    kept, missing, removed = shop_at().write_summaries({"27": "b", "999999": "b", "28": None})
    assert (kept.id, kept.error, parse_order(kept.raw).summary) == ("27", None, "b")
    assert (missing.id, missing.raw) == ("999999", b"")
    assert isinstance(missing.error, Missing)
    assert (removed.error, parse_order(removed.raw).summary) == (None, None)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"code": "woocommerce_rest_cannot_edit", "message": "no", "data": {"status": 403}}, Permanent),
        ({"code": "rest_invalid_param", "message": "no", "data": {"status": 400}}, Permanent),
        ({"code": "internal", "message": "no", "data": {"status": 500}}, Transient),
        ({"code": "db_error", "message": "no", "data": None}, Transient),
        ({"code": "gone", "message": "no", "data": {"status": 404}}, Missing),
    ],
)
def test_the_errors_of_a_batch_say_what_to_do(shop: RequestsMock, fault: dict[str, Any], kind: type) -> None:
    shop.post(f"{API}/orders/batch", json={"update": [{"id": 1, "error": fault}]})
    assert type(shop_at().write_summaries({"1": "x"})[0].error) is kind


@pytest.mark.parametrize("body", [b'{"update":[]}', b'{"update":[{"id":2}]}', b'{"update":["x"]}'])
def test_an_order_that_the_answer_leaves_out_is_in_doubt(shop: RequestsMock, body: bytes) -> None:
    shop.post(f"{API}/orders/batch", body=body)
    (result,) = shop_at().write_summaries({"1": "x"})
    assert result.id == "1"
    assert isinstance(result.error, Transient)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"<h1>Welcome</h1>", b'{"update":"x"}'])
def test_an_answer_to_a_batch_that_is_none_is_in_doubt(shop: RequestsMock, body: bytes) -> None:
    shop.post(f"{API}/orders/batch", body=body)
    shop.get(f"{SITE}/", body=b"<h1>Welcome</h1>")
    shop.assert_all_requests_are_fired = False
    with pytest.raises(Transient):
        shop_at().write_summaries({"1": "x"})


def test_a_batch_is_bounded_and_an_empty_one_is_not_sent() -> None:
    assert shop_at().write_summaries({}) == ()
    with pytest.raises(ValueError, match="100"):
        shop_at().write_summaries({str(number): "x" for number in range(1, 102)})


def test_a_key_that_may_only_read_is_refused_a_batch(shop: RequestsMock) -> None:
    play(shop, exchange("woocommerce/b35_batch_readonly"))
    with pytest.raises(Refused) as refusal:
        shop_at().write_summaries({"26": "x"})
    assert refusal.value.code == "read_only_key"


# Webhooks


def test_webhooks_are_listed_whatever_their_status(shop: RequestsMock) -> None:
    seen = play(shop, exchange("webhooks/c02_webhooks_list"))
    webhooks = shop_at().webhooks()
    assert [(w.id, w.topic, w.status, w.name) for w in webhooks] == [
        (str(row["id"]), row["topic"], row["status"], row["name"]) for row in seen.json
    ]
    assert last(shop)["status"] == "all"


def test_a_webhook_is_created_with_a_secret_that_is_shown_nowhere(shop: RequestsMock) -> None:
    play(shop, exchange("webhooks/k22_webhook_create_companion"))
    url = "https://notes.example/ok/in/main/order.updated"
    made = shop_at().create_webhook(
        name="Companion order.updated", topic="order.updated", delivery_url=url, secret="A1b2C3d4"
    )
    assert (made.id, made.status, made.delivery_url) == ("1", "active", url)
    assert json.loads(shop.calls[0].request.body or b"")["secret"] == "A1b2C3d4"
    assert "A1b2C3d4" not in repr(made)


def test_a_webhook_is_changed_only_in_what_is_given(shop: RequestsMock) -> None:
    play(shop, exchange("webhooks/k24_webhook_pause"))
    assert shop_at().update_webhook("1", status="paused").status == "paused"
    assert json.loads(shop.calls[0].request.body or b"") == {"status": "paused"}


def test_a_webhook_that_is_gone_cannot_be_changed_but_may_be_deleted(shop: RequestsMock) -> None:
    gone = exchange("webhooks/k26_webhook_get_deleted")
    shop.put(f"{API}/webhooks/1", **as_answer(gone))
    shop.delete(f"{API}/webhooks/1", **as_answer(gone))
    with pytest.raises(Missing):
        shop_at().update_webhook("1", status="active")
    shop_at().delete_webhook("1")
    assert last(shop) == {"force": "true"}


def test_a_webhook_that_is_described_oddly_is_permanent(shop: RequestsMock) -> None:
    shop.get(f"{API}/webhooks", body=b'[{"id":1}]')
    with pytest.raises(Permanent, match=r"topic|status|delivery_url"):
        shop_at().webhooks()


@pytest.mark.parametrize(
    "recorded", ["c04_webhook_create_bad_topic", "c05_webhook_create_no_url", "c06_webhook_create_bad_url"]
)
def test_a_webhook_that_the_shop_will_not_have_is_permanent(shop: RequestsMock, recorded: str) -> None:
    play(shop, exchange(f"webhooks/{recorded}"))
    with pytest.raises(Permanent):
        shop_at().create_webhook(name="x", topic="x", delivery_url="x", secret="x")


def test_an_error_that_repeats_a_webhooks_secret_does_not_pass_it_on(shop: RequestsMock) -> None:
    shop.post(f"{API}/webhooks", status=400, json={"code": "bad", "message": "secret Z9y8X7w6V5 is too short"})
    with pytest.raises(Permanent) as error:
        shop_at().create_webhook(name="x", topic="x", delivery_url="x", secret="Z9y8X7w6V5")
    assert "Z9y8X7w6V5" not in str(error.value)
