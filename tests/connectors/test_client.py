"""Every way to prove who we are, signed anew for each attempt, and what is tried again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from requests import PreparedRequest
from responses import RequestsMock

from connectors.errors import Refused, Transient
from connectors.woocommerce.client import Retry
from connectors.woocommerce.credentials import ApplicationPassword, ConsumerKey, Credentials
from tests.connectors.recorded import exchange
from tests.connectors.shops import (
    API,
    KEY,
    PASSWORD,
    PLAIN_API,
    PLAIN_SITE,
    SITE,
    Naps,
    Reply,
    as_answer,
    asked,
    in_turn,
    retry,
    shop_at,
)

NOT_RECOGNISED = exchange("woocommerce/a06_orders_noauth")
BUSY: Reply = (503, {}, b'{"code":"busy","message":"later"}')
EMPTY: Reply = (200, {}, b"[]")


@pytest.fixture
def shop() -> Iterator[RequestsMock]:
    with RequestsMock() as mocked:
        yield mocked


def authorization(request: PreparedRequest) -> str:
    scheme, _, word = request.headers.get("Authorization", "").partition(" ")
    return base64.b64decode(word).decode() if scheme == "Basic" else ""


def signature_of(request: PreparedRequest, secret: str, address: str = f"{PLAIN_API}/orders") -> str:
    """OAuth 1.0a as WooCommerce checks it (parameters sorted, each encoded, the whole encoded again)."""
    params = {name: value for name, value in asked(request).items() if name != "oauth_signature"}
    pairs = "&".join(f"{quote(name, '')}={quote(value, '')}" for name, value in sorted(params.items()))
    base = "&".join((request.method or "", quote(address, ""), quote(pairs, "")))
    return base64.b64encode(hmac.digest(f"{secret}&".encode(), base.encode(), hashlib.sha256)).decode()


def test_a_key_over_tls_goes_by_basic_and_not_in_the_address(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", body=b"[]")
    shop_at().orders(None, page=1)
    request = shop.calls[0].request
    assert authorization(request) == f"{KEY.key}:{KEY.secret}"
    assert "consumer" not in str(request.url)


def test_keys_in_the_query_over_tls(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", body=b"[]")
    shop_at(credentials=ConsumerKey(KEY.key, KEY.secret, manner="query")).orders(None, page=1)
    request = shop.calls[0].request
    assert (asked(request)["consumer_key"], asked(request)["consumer_secret"]) == (KEY.key, KEY.secret)
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("manner", ["auto", "oauth"])
def test_a_key_over_plain_http_is_signed_by_oauth_with_each_parameter_once(shop: RequestsMock, manner: str) -> None:
    shop.get(f"{PLAIN_API}/orders", body=b"[]")
    credentials = ConsumerKey(KEY.key, KEY.secret, manner=manner)  # type: ignore[arg-type]  # both are manners
    shop_at(PLAIN_SITE, credentials).orders(None, page=1)
    request = shop.calls[0].request
    assert asked(request)["oauth_signature"] == signature_of(request, KEY.secret)
    assert asked(request)["page"] == "1"
    assert KEY.secret not in str(request.url)
    assert "Authorization" not in request.headers


def test_oauth_is_signed_anew_for_every_attempt(shop: RequestsMock) -> None:
    shop.add_callback("GET", f"{PLAIN_API}/orders", in_turn(BUSY, BUSY, EMPTY))
    shop_at(PLAIN_SITE).orders(None, page=1)
    nonces = {asked(call.request)["oauth_nonce"] for call in shop.calls}
    assert len(nonces) == len(shop.calls) == 3
    for call in shop.calls:
        assert asked(call.request)["oauth_signature"] == signature_of(call.request, KEY.secret)


@pytest.mark.parametrize(("called", "believed"), [(API, PLAIN_API), (PLAIN_API, API)])
def test_a_wordpress_that_mistakes_https_for_http_is_signed_for_as_it_sees_itself(
    shop: RequestsMock, called: str, believed: str
) -> None:
    def mistaken(request: PreparedRequest) -> Reply:
        given = asked(request).get("oauth_signature")
        if given is None:
            return (401, {}, exchange("woocommerce/a03_orders_basic_over_plain_http").body)
        if given != signature_of(request, KEY.secret, f"{believed}/orders"):
            return (401, {}, exchange("woocommerce/a99g_oauth_bad_sig").body)
        return EMPTY

    shop.add_callback("GET", f"{called}/orders", mistaken)
    source = shop_at(called)
    for _ in range(2):
        assert source.orders(None, page=1).items == ()
    assert len(shop.calls) == 3
    assert source._client.manner == "oauth-swapped"


def test_a_secret_that_is_wrong_either_way_is_told_by_the_first_refusal(shop: RequestsMock) -> None:
    shop.get(f"{PLAIN_API}/orders", **as_answer(exchange("woocommerce/a99g_oauth_bad_sig")))
    with pytest.raises(Refused) as refusal:
        shop_at(PLAIN_SITE).orders(None, page=1)
    assert (refusal.value.code, len(shop.calls)) == ("wrong_signature", 2)


def test_a_manner_that_the_owner_chose_is_the_only_one(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", **as_answer(NOT_RECOGNISED))
    with pytest.raises(Refused):
        shop_at(credentials=ConsumerKey(KEY.key, KEY.secret, manner="basic")).orders(None, page=1)
    assert len(shop.calls) == 1


def test_a_nonce_seen_before_is_only_a_passing_error(shop: RequestsMock) -> None:
    used = exchange("woocommerce/a99h_oauth_replayed_nonce")
    shop.add_callback("GET", f"{PLAIN_API}/orders", in_turn((used.status, {}, used.body), EMPTY))
    assert shop_at(PLAIN_SITE).orders(None, page=1).items == ()


def test_an_application_password_goes_by_basic_in_utf8(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", body=b"[]")
    shop_at(credentials=PASSWORD).orders(None, page=1)
    assert authorization(shop.calls[0].request) == "مینا:abcd EFGH ijkl MNOP"


def test_an_application_password_over_plain_http_only_where_the_owner_allows_it(shop: RequestsMock) -> None:
    with pytest.raises(Refused) as refusal:
        shop_at(PLAIN_SITE, PASSWORD)
    assert refusal.value.code == "password_over_http"
    shop.get(f"{PLAIN_API}/orders", body=b"[]")
    shop_at(PLAIN_SITE, ApplicationPassword("a", "b", allow_plain_http_password=True)).orders(None, page=1)
    assert authorization(shop.calls[0].request) == "a:b"


@pytest.mark.parametrize("manner", ["basic", "query"])
def test_a_secret_never_travels_over_plain_http(manner: str) -> None:
    with pytest.raises(Refused) as refusal:
        shop_at(PLAIN_SITE, ConsumerKey("ck_1", "cs_1", manner=manner))  # type: ignore[arg-type]  # both are manners
    assert refusal.value.code == "keys_over_http"


def test_where_the_header_is_stripped_the_query_is_tried_and_remembered(shop: RequestsMock) -> None:
    def stripping(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        known = "consumer_key" in asked(request)
        return EMPTY if known else (NOT_RECOGNISED.status, {}, NOT_RECOGNISED.body)

    shop.add_callback("GET", f"{API}/orders", stripping)
    source = shop_at()
    source.orders(None, page=1)
    source.orders(None, page=2)
    assert ["consumer_key" in asked(call.request) for call in shop.calls] == [False, True, True]


def test_a_write_finds_its_manner_too(shop: RequestsMock) -> None:
    def stripping(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        known = "consumer_key" in asked(request)
        return (200, {}, b'{"update":[{"id":1}]}') if known else (NOT_RECOGNISED.status, {}, NOT_RECOGNISED.body)

    shop.add_callback("POST", f"{API}/orders/batch", stripping)
    assert shop_at().write_summaries({"1": "x"})[0].error is None


def test_a_wrong_key_is_not_sent_in_the_address_as_well(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", **as_answer(exchange("woocommerce/a90_err_bad_key")))
    with pytest.raises(Refused) as refusal:
        shop_at().orders(None, page=1)
    assert refusal.value.code == "wrong_key"
    assert all(KEY.secret not in str(call.request.url) for call in shop.calls)


@pytest.mark.parametrize(
    ("recorded", "credentials", "code"),
    [
        ("a90_err_bad_key", KEY, "wrong_key"),
        ("a91_err_bad_secret", KEY, "wrong_secret"),
        ("a96_err_wo_key_read", KEY, "write_only_key"),
        ("a95_err_ro_key_write", KEY, "read_only_key"),
        ("a06_orders_noauth", KEY, "not_recognised"),
        ("a99g_oauth_bad_sig", KEY, "wrong_signature"),
        ("a08_orders_app_password_agent_forbidden", PASSWORD, "missing_capability"),
        ("a90_err_bad_key", PASSWORD, "wrong_username"),
        ("a93_err_id_not_number", KEY, "no_woocommerce"),
    ],
)
def test_every_recorded_refusal_has_its_code(
    shop: RequestsMock, recorded: str, credentials: Credentials, code: str
) -> None:
    shop.get(f"{API}/orders", **as_answer(exchange(f"woocommerce/{recorded}")))
    with pytest.raises(Refused) as refusal:
        shop_at(credentials=credentials).orders(None, page=1)
    assert refusal.value.code == code
    assert refusal.value.hint


def test_a_refusal_in_the_shops_own_language_is_understood_by_its_code(shop: RequestsMock) -> None:
    body = '{"code":"woocommerce_rest_authentication_error","message":"رمز مصرف‌کننده نامعتبر است."}'
    shop.get(f"{API}/orders", body=body.encode(), status=401)
    shop.post(f"{API}/orders/batch", body=body.encode(), status=401)
    codes = []
    for call in (lambda: shop_at().orders(None, page=1), lambda: shop_at().write_summaries({"1": "x"})):
        with pytest.raises(Refused, match="رمز") as refusal:
            call()
        codes.append(refusal.value.code)
    assert codes == ["key_rejected", "key_rejected_write"]


def test_the_trap_of_two_dots_is_recognised(shop: RequestsMock) -> None:
    trap = as_answer(exchange("woocommerce/b40_two_dots_500"))
    shop.get(f"{SITE}/a.b/c.d/wp-json/wc/v3/orders", **trap)
    with pytest.raises(Refused) as refusal:
        shop_at(f"{SITE}/a.b/c.d").orders(None, page=1)
    assert refusal.value.code == "two_dots"
    shop.get(f"{API}/orders", **trap)
    with pytest.raises(Transient):
        shop_at().orders(None, page=1)


def test_a_passing_error_is_tried_again_with_growing_waits(shop: RequestsMock) -> None:
    naps = Naps()
    shop.add_callback("GET", f"{API}/orders", in_turn(BUSY, (502, {}, b"<h1>Bad Gateway</h1>"), EMPTY))
    assert shop_at(retry=retry(naps)).orders(None, page=1).items == ()
    assert naps == [0.5, 1.0]


def test_a_read_is_given_up_after_its_attempts(shop: RequestsMock) -> None:
    shop.add_callback("GET", f"{API}/orders", in_turn(BUSY))
    with pytest.raises(Transient) as error:
        shop_at().orders(None, page=1)
    assert (error.value.code, error.value.status, len(shop.calls)) == ("unavailable", 503, 3)


def test_a_short_wait_that_the_shop_names_is_kept_and_a_long_one_is_the_callers(shop: RequestsMock) -> None:
    naps = Naps()
    named = [(503, {"Retry-After": wait}, BUSY[2]) for wait in ("5", "300")]
    shop.add_callback("GET", f"{API}/orders", in_turn(*named))
    with pytest.raises(Transient) as error:
        shop_at(retry=retry(naps)).orders(None, page=1)
    assert naps == [5.0]
    assert error.value.retry_after == 300


def test_too_many_requests_is_for_the_caller_to_slow_down(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", status=429, body=b"<h1>slow down</h1>", headers={"Retry-After": "2"})
    with pytest.raises(Transient) as error:
        shop_at().orders(None, page=1)
    assert (error.value.code, error.value.retry_after, len(shop.calls)) == ("too_many_requests", 2.0, 1)


def test_a_write_is_never_sent_twice(shop: RequestsMock) -> None:
    shop.add_callback("POST", f"{API}/orders/batch", in_turn(BUSY))
    with pytest.raises(Transient):
        shop_at().write_summaries({"1": "x"})
    assert len(shop.calls) == 1


def test_waits_are_shortened_by_chance_by_at_most_half() -> None:
    error = Transient("x")
    assert Retry(chance=lambda: 0.0).wait(1, error) == 0.5
    assert Retry(chance=lambda: 1.0).wait(1, error) == 0.25
    assert Retry(attempts=99, chance=lambda: 0.0).wait(20, error) == 8.0
    assert Retry(attempts=1).wait(1, error) is None


def test_the_callers_parameters_are_not_changed(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", body=b"[]")
    params = {"page": "1"}
    shop_at(credentials=ConsumerKey("ck_1", "cs_1", manner="query"))._client.read("orders", params)
    assert params == {"page": "1"}


def test_a_body_says_that_it_is_json(shop: RequestsMock) -> None:
    shop.post(f"{API}/orders/batch", body=b'{"update":[{"id":1}]}')
    shop_at().write_summaries({"1": "خط"})
    request = shop.calls[0].request
    assert request.headers["Content-Type"] == "application/json"
    assert request.body == '{"update":[{"id":1,"meta_data":[{"key":"companion_note","value":"خط"}]}]}'.encode()


def test_where_a_cache_answers_it_is_asked_past_from_then_on(shop: RequestsMock) -> None:
    def caching(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        return (200, {} if "_" in asked(request) else {"X-LiteSpeed-Cache": "hit"}, b"[]")

    shop.add_callback("GET", f"{API}/orders", caching)
    source = shop_at()
    assert source.orders(None, page=1).fresh
    assert source.orders(None, page=1).fresh
    marks = [asked(call.request).get("_") for call in shop.calls]
    assert marks[0] is None
    assert len(set(marks)) == 3


def test_an_answer_that_stays_cached_is_not_called_fresh(shop: RequestsMock) -> None:
    shop.get(f"{API}/orders", body=b"[]", headers={"Age": "60"})
    assert not shop_at().orders(None, page=1).fresh


def test_plain_permalinks_are_found_out_and_remembered(shop: RequestsMock) -> None:
    def by_query(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        route = asked(request).get("rest_route")
        return (200, {}, b'{"namespaces":["wc/v3"]}') if route == "/" else EMPTY

    shop.get(f"{API}/orders", status=404, body=b"<h1>Not found</h1>")
    shop.add_callback("GET", f"{SITE}/", by_query)
    source = shop_at()
    source.orders(None, page=1)
    source.orders(None, page=2)
    routes = [asked(call.request).get("rest_route") for call in shop.calls]
    assert routes == [None, "/", "/wc/v3/orders", "/wc/v3/orders"]


def test_a_first_write_that_crashed_the_shop_is_not_sent_to_another_address(shop: RequestsMock) -> None:
    shop.post(f"{API}/webhooks", body=b"<h1>Error</h1>", status=500)
    with pytest.raises(Transient):
        shop_at().create_webhook(name="x", topic="order.updated", delivery_url="https://notes.example", secret="y")
    assert len(shop.calls) == 1


def test_a_key_that_plain_permalinks_make_useless_is_told_so(shop: RequestsMock) -> None:
    def by_query(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        if asked(request)["rest_route"] == "/":
            return (200, {}, b'{"namespaces":["wc/v3"]}')
        return (401, {}, NOT_RECOGNISED.body)

    shop.get(f"{API}/orders", status=404, body=b"<h1>Not found</h1>")
    shop.add_callback("GET", f"{SITE}/", by_query)
    with pytest.raises(Refused) as refusal:
        shop_at().orders(None, page=1)
    assert refusal.value.code == "plain_permalinks"


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("HTTPS://shop.example", API),
        ("https://shop.example/", API),
        (" https://shop.example/wp-json/wc/v3/ ", API),
        ("https://shop.example/wp-admin/index.php", API),
        ("https://me:word@shop.example", API),
        ("https://shop.example/fa", f"{SITE}/fa/wp-json/wc/v3"),
    ],
)
def test_the_address_is_taken_as_people_write_it(shop: RequestsMock, given: str, called: str) -> None:
    shop.get(f"{called}/orders", body=b"[]")
    shop_at(given).orders(None, page=1)
    assert str(shop.calls[0].request.url).startswith(f"{called}/orders?")


@pytest.mark.parametrize("given", ["", "shop.example", "ftp://shop.example", "https://", "https://[", "https://x:port"])
def test_what_is_no_web_address_is_refused(given: str) -> None:
    with pytest.raises(Refused) as refusal:
        shop_at(given)
    assert refusal.value.code == "bad_address"


@pytest.mark.parametrize(
    "credentials", [KEY, ConsumerKey(KEY.key, KEY.secret, manner="query"), ConsumerKey(KEY.key, KEY.secret, "oauth")]
)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
def test_secrets_stand_in_no_error_repr_or_log(
    shop: RequestsMock, caplog: pytest.LogCaptureFixture, credentials: ConsumerKey, status: int
) -> None:
    caplog.set_level(logging.DEBUG, logger="connectors")
    shop.get(f"{API}/orders", status=status, body=f"<p>{credentials.secret} and {credentials.key}</p>".encode())
    source = shop_at(credentials=credentials, retry=retry(attempts=1))
    with pytest.raises((Refused, Transient)) as error:
        source.orders(None, page=1)
    told = f"{error.value!r} {error.value.hint} {source!r} {source._client!r} {credentials!r} {caplog.text}"
    assert credentials.secret not in told
    assert credentials.key not in f"{error.value!r} {caplog.text}"
    assert "/wp-json/wc/v3/orders" in caplog.text
