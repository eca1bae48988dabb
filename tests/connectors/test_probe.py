"""Every way a shop can be wrong has a code and plain words; nothing is changed in the shop by asking."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from responses import RequestsMock

from connectors.woocommerce.credentials import ConsumerKey, Credentials
from connectors.woocommerce.probe import Probe
from tests.connectors.recorded import Exchange, exchange
from tests.connectors.shops import (
    API,
    KEY,
    PASSWORD,
    PLAIN_API,
    PLAIN_SITE,
    SITE,
    Reply,
    as_answer,
    asked,
    retry,
    shop_at,
)

ROOT = exchange("wordpress/k01_root_fields")
STATUS = exchange("woocommerce/k20_system_status_needed")
READ_ONLY = exchange("woocommerce/b35_batch_readonly")
WRITE_ONLY = exchange("woocommerce/a96_err_wo_key_read")
TWO_DOTS = exchange("woocommerce/b40_two_dots_500")


@pytest.fixture
def shop() -> Iterator[RequestsMock]:
    with RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def play(
    shop: RequestsMock,
    *,
    api: str = API,
    orders: Exchange | None = None,
    batch: Exchange | None = None,
    dots: Exchange | None = None,
    status: Exchange = STATUS,
) -> None:
    def answer_orders(request: requests.PreparedRequest) -> Reply:
        seen = dots if dots and "companion_probe" in asked(request) else orders
        return (seen.status, {}, seen.body) if seen else (200, {}, b"[]")

    shop.get(f"{api.removesuffix('wc/v3')}", **as_answer(ROOT))
    shop.add_callback("GET", f"{api}/orders", answer_orders)
    shop.post(f"{api}/orders/batch", **(as_answer(batch) if batch else {"body": b"[]"}))
    shop.get(f"{api}/system_status", **as_answer(status))


def probe(url: str = SITE, credentials: Credentials = KEY) -> Probe:
    return shop_at(url, credentials, retry=retry(attempts=1)).probe()


def codes(found: Probe) -> list[str]:
    assert all(finding.message for finding in found.findings)
    return [finding.code for finding in found.findings]


def test_a_shop_that_is_well(shop: RequestsMock) -> None:
    play(shop)
    found = probe()
    assert (found.is_well, found.manner, codes(found)) == (True, "basic", [])
    assert found.facts
    assert found.facts.order_storage == "hpos"


def test_writing_is_tried_with_an_empty_batch_only(shop: RequestsMock) -> None:
    play(shop)
    probe()
    writes = [call.request for call in shop.calls if call.request.method != "GET"]
    assert [json.loads(request.body or b"") for request in writes] == [{}]


@pytest.mark.parametrize(
    ("orders", "batch", "credentials", "code", "can"),
    [
        (None, READ_ONLY, KEY, "read_only_key", (True, False)),
        (WRITE_ONLY, None, KEY, "write_only_key", (False, True)),
        ("a90_err_bad_key", "a90_err_bad_key", KEY, "wrong_key", (False, False)),
        ("a91_err_bad_secret", "a91_err_bad_secret", KEY, "wrong_secret", (False, False)),
        ("a08_orders_app_password_agent_forbidden",) * 2 + (PASSWORD, "missing_capability", (False, False)),
        ("a06_orders_noauth", "a06_orders_noauth", KEY, "not_recognised", (False, False)),
    ],
)
def test_credentials_that_are_wrong_or_half_right(
    shop: RequestsMock, orders: Any, batch: Any, credentials: Credentials, code: str, can: tuple[bool, bool]
) -> None:
    orders, batch = (exchange(f"woocommerce/{seen}") if isinstance(seen, str) else seen for seen in (orders, batch))
    play(shop, orders=orders, batch=batch)
    found = probe(credentials=credentials)
    assert codes(found) == [code]
    assert (found.can_read, found.can_write) == can
    assert found.findings[0].level == "problem"
    assert found.findings[0].hint


@pytest.mark.parametrize(("read", "write", "code"), [(False, True, "write_only_key"), (True, False, "read_only_key")])
def test_half_a_key_is_known_whatever_language_the_shop_speaks(
    shop: RequestsMock, read: bool, write: bool, code: str
) -> None:
    persian = READ_ONLY._replace(json=READ_ONLY.json | {"message": "این کلید اجازه ندارد."})
    play(shop, orders=None if read else persian, batch=None if write else persian)
    assert codes(probe()) == [code]


def test_a_header_that_the_host_strips_is_told(shop: RequestsMock) -> None:
    def stripping(request: requests.PreparedRequest) -> Reply:
        unknown = exchange("woocommerce/a06_orders_noauth")
        return (200, {}, b"[]") if "consumer_key" in asked(request) else (401, {}, unknown.body)

    shop.get(f"{SITE}/wp-json/", **as_answer(ROOT))
    for method, path in (("GET", "orders"), ("POST", "orders/batch")):
        shop.add_callback(method, f"{API}/{path}", stripping)
    shop.get(f"{API}/system_status", **as_answer(STATUS))
    found = probe()
    assert (found.is_well, found.manner, codes(found)) == (True, "query", ["header_stripped"])
    chosen = probe(credentials=ConsumerKey(KEY.key, KEY.secret, manner="query"))
    assert codes(chosen) == ["keys_in_address"]  # the host may be as good as any


def test_the_trap_of_two_dots_is_a_warning(shop: RequestsMock) -> None:
    play(shop, dots=TWO_DOTS)
    found = probe()
    assert (found.is_well, codes(found)) == (True, ["two_dots"])
    assert "shop manager" in found.findings[0].hint


def test_plain_http_is_a_warning(shop: RequestsMock) -> None:
    play(shop, api=PLAIN_API)
    found = probe(PLAIN_SITE)
    assert (found.is_well, found.manner, codes(found)) == (True, "oauth", ["plain_http"])


def test_a_status_that_may_not_be_read_is_a_warning(shop: RequestsMock) -> None:
    play(shop, status=exchange("woocommerce/a08_orders_app_password_agent_forbidden"))
    found = probe()
    assert (found.is_well, codes(found)) == (True, ["no_system_status"])


def test_a_wordpress_without_woocommerce(shop: RequestsMock) -> None:
    shop.get(f"{SITE}/wp-json/", json={"name": "Blog", "namespaces": ["wp/v2"]})
    assert codes(probe()) == ["no_woocommerce"]


def test_json_that_is_no_wordpress(shop: RequestsMock) -> None:
    shop.get(f"{SITE}/wp-json/", json={"hello": "world"})
    assert codes(probe()) == ["not_a_shop"]


@pytest.mark.parametrize(("status", "code"), [(404, "no_rest_api"), (200, "not_json"), (403, "forbidden_by_server")])
def test_a_site_that_is_no_wordpress(shop: RequestsMock, status: int, code: str) -> None:
    shop.get(f"{SITE}/wp-json/", status=status, body=b"<h1>Welcome to nginx</h1>")
    shop.get(f"{SITE}/", status=status, body=b"<h1>Welcome to nginx</h1>")
    found = probe()
    assert codes(found) == [code]
    assert "Welcome to nginx" in found.findings[0].message
    assert not found.is_well


def test_plain_permalinks_with_an_application_password_work_with_a_warning(shop: RequestsMock) -> None:
    def by_query(request: requests.PreparedRequest) -> Reply:
        seen = {"/": ROOT, "/wc/v3/system_status": STATUS}.get(asked(request)["rest_route"])
        return (200, {}, seen.body if seen else b"[]")

    shop.get(f"{SITE}/wp-json/", status=404, body=b"<h1>Not found</h1>")
    for method in ("GET", "POST"):
        shop.add_callback(method, f"{SITE}/", by_query)
    found = probe(credentials=PASSWORD)
    assert (found.is_well, found.plain_permalinks, codes(found)) == (True, True, ["plain_permalinks"])


def test_plain_permalinks_with_a_key_say_what_to_do(shop: RequestsMock) -> None:
    def by_query(request: requests.PreparedRequest) -> Reply:
        if asked(request)["rest_route"] == "/":
            return (200, {}, ROOT.body)
        return (401, {}, exchange("woocommerce/a06_orders_noauth").body)

    shop.get(f"{SITE}/wp-json/", status=404, body=b"<h1>Not found</h1>")
    for method in ("GET", "POST"):
        shop.add_callback(method, f"{SITE}/", by_query)
    found = probe()
    assert (found.is_well, codes(found)) == (False, ["plain_permalinks"])
    assert "Settings > Permalinks" in found.findings[0].hint


def test_a_shop_that_cannot_be_reached_is_told_and_nothing_is_raised(shop: RequestsMock) -> None:
    shop.get(f"{SITE}/wp-json/", body=requests.ConnectTimeout("slow"))
    assert codes(probe()) == ["connect_timeout"]


def test_a_cache_before_the_shop_is_told(shop: RequestsMock) -> None:
    shop.get(f"{SITE}/wp-json/", **as_answer(ROOT))
    shop.get(f"{API}/orders", body=b"[]", headers={"Age": "30"})
    shop.post(f"{API}/orders/batch", body=b"[]")
    shop.get(f"{API}/system_status", **as_answer(STATUS))
    assert codes(probe()) == ["cached_answers"]
