"""Redirects, clocks, caches and limits of one exchange, and every fault of the wire in plain words."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
import urllib3
from responses import RequestsMock

from connectors.errors import Refused, Transient
from connectors.http import Answer, Http

SHOP = "https://shop.example/wp-json/wc/v3/orders"


@pytest.fixture
def shop() -> Iterator[RequestsMock]:
    with RequestsMock() as mocked:
        yield mocked


def redirect(shop: RequestsMock, location: str, *, url: str = SHOP, method: str = "GET", status: int = 301) -> None:
    shop.add(method, url, status=status, headers={"Location": location})


def refusal_of(method: str, url: str) -> Refused:
    with pytest.raises(Refused) as refusal:
        Http().exchange(method, url, params={"consumer_secret": "cs_1"})
    assert "cs_1" not in f"{refusal.value} {refusal.value.hint}"
    return refusal.value


def test_a_read_follows_a_redirect_inside_the_same_site(shop: RequestsMock) -> None:
    redirect(shop, "/wp-json/wc/v3/orders/?page=1", status=302)
    shop.get(f"{SHOP}/", body=b"[]")
    assert Http().exchange("GET", SHOP, params={"page": "1"}).body == b"[]"


def test_a_port_that_goes_without_saying_is_the_same_site(shop: RequestsMock) -> None:
    redirect(shop, "https://shop.example:443/there")
    shop.get("https://shop.example:443/there", body=b"[]")
    assert Http().exchange("GET", SHOP).status == 200


def test_a_redirect_to_https_names_the_right_address(shop: RequestsMock) -> None:
    redirect(shop, "https://shop.example/blog/wp-json/wc/v3/orders?x=1", url=SHOP.replace("https", "http"))
    refusal = refusal_of("GET", SHOP.replace("https", "http"))
    assert refusal.code == "redirected_to_https"
    assert refusal.hint.endswith("https://shop.example/blog")


def test_a_redirect_to_another_host_names_it_and_is_not_followed(shop: RequestsMock) -> None:
    redirect(shop, "https://www.shop.example/wp-json/wc/v3/orders")
    refusal = refusal_of("GET", SHOP)
    assert refusal.code == "redirected_elsewhere"
    assert refusal.hint.endswith("https://www.shop.example")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_write_is_never_sent_to_another_address(shop: RequestsMock, method: str, status: int) -> None:
    redirect(shop, "/elsewhere", method=method, status=status)
    refusal = refusal_of(method, SHOP)
    assert refusal.code == "redirected_write"
    assert "nothing was written" in str(refusal)
    assert len(shop.calls) == 1


def test_a_circle_of_redirects_ends(shop: RequestsMock) -> None:
    redirect(shop, SHOP)
    with pytest.raises(Refused) as refusal:
        Http().exchange("GET", SHOP)
    assert refusal.value.code == "redirect_circle"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "Sat, 21 Nov 2026 18:01:30 GMT", "Date": "Sat, 21 Nov 2026 18:00:00 GMT"}, 90.0),
        ({"Retry-After": "Sat, 21 Nov 2026 17:00:00 GMT", "Date": "Sat, 21 Nov 2026 18:00:00 GMT"}, 0.0),
        ({"Retry-After": "Sat, 21 Nov 2026 18:01:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_by_the_shops_own_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert Answer(429, headers, b"", SHOP, 0.1).retry_after == seconds


def test_the_shops_clock_is_an_aware_instant() -> None:
    answer = Answer(200, {"Date": "Sat, 21 Nov 2026 18:00:00 GMT"}, b"", SHOP, 0.1)
    assert answer.server_time == datetime(2026, 11, 21, 18, tzinfo=UTC)
    assert Answer(200, {"Date": "now"}, b"", SHOP, 0.1).server_time is None
    assert Answer(200, {}, b"", SHOP, 0.1).server_time is None


@pytest.mark.parametrize(
    ("headers", "cached"),
    [
        ({"Age": "30"}, True),
        ({"Age": "0"}, False),
        ({"X-LiteSpeed-Cache": "hit"}, True),
        ({"X-LiteSpeed-Cache": "hit,private"}, True),
        ({"X-LiteSpeed-Cache": "miss"}, False),
        ({"cf-cache-status": "HIT"}, True),
        ({"cf-cache-status": "DYNAMIC"}, False),
        ({"X-Cache": "HIT from proxy"}, True),
        ({"X-Cache": "MISS"}, False),
        ({}, False),
    ],
)
def test_an_answer_from_a_cache_is_known_as_such(headers: dict[str, str], cached: bool) -> None:
    assert Answer(200, headers, b"", SHOP, 0.1).is_cached is cached


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


def dropped(cause: BaseException) -> requests.ConnectionError:
    return requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", cause))


POOL = urllib3.HTTPSConnectionPool("shop.example")


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (requests.exceptions.SSLError(verification(9)), Refused, "tls_not_yet_valid"),
        (requests.exceptions.SSLError(verification(10)), Refused, "tls_expired"),
        (requests.exceptions.SSLError(verification(18)), Refused, "tls_self_signed"),
        (requests.exceptions.SSLError(verification(19)), Refused, "tls_self_signed"),
        (requests.exceptions.SSLError(verification(20)), Refused, "tls_untrusted"),
        (requests.exceptions.SSLError(verification(62)), Refused, "tls_wrong_host"),
        (requests.exceptions.SSLError(verification(99)), Refused, "tls_untrusted"),
        (requests.exceptions.SSLError("handshake"), Transient, "tls_failed"),
        (dropped(ssl.SSLEOFError(8, "EOF occurred")), Transient, "tls_failed"),
        (dropped(socket.gaierror(socket.EAI_NONAME, "unknown")), Transient, "dns"),
        (dropped(ConnectionRefusedError(errno.ECONNREFUSED, "refused")), Transient, "connection_refused"),
        (dropped(OSError(errno.EHOSTUNREACH, "no route")), Transient, "unreachable"),
        (dropped(ConnectionResetError(errno.ECONNRESET, "reset")), Transient, "cut"),
        (requests.ConnectTimeout(urllib3.exceptions.ConnectTimeoutError("slow")), Transient, "connect_timeout"),
        (requests.ReadTimeout("slow"), Transient, "read_timeout"),
        (
            requests.ConnectionError(urllib3.exceptions.ReadTimeoutError(POOL, "/?s=cs_1", "slow")),
            Transient,
            "read_timeout",
        ),
        (requests.exceptions.ChunkedEncodingError("cut"), Transient, "cut"),
        (requests.exceptions.ContentDecodingError("gzip"), Transient, "bad_compression"),
        (requests.exceptions.InvalidURL("cs_1"), Refused, "bad_address"),
    ],
    ids=str,
)
def test_every_fault_of_the_wire_has_words_and_a_code(
    shop: RequestsMock, fault: Exception, kind: type[Exception], code: str
) -> None:
    shop.get(SHOP, body=fault)
    with pytest.raises(kind) as error:
        Http().exchange("GET", SHOP, params={"consumer_secret": "cs_1"})
    assert error.value.code == code  # type: ignore[attr-defined]  # both kinds have one
    assert "shop.example" in str(error.value)
    assert "cs_1" not in str(error.value)
    assert "not known" not in str(error.value)
    assert error.value.__cause__ is None


def test_a_write_that_was_cut_says_that_its_effect_is_unknown(shop: RequestsMock) -> None:
    shop.post(SHOP, body=requests.ReadTimeout("slow"))
    with pytest.raises(Transient, match="whether the write took effect is not known"):
        Http().exchange("POST", SHOP, body=b"{}")


@pytest.mark.parametrize("url", ["https://", "https://a..example/x", "https://\udcff.example/", "ftp://shop.example/"])
def test_an_address_that_cannot_be_called_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refusal:
        Http().exchange("GET", url)
    assert refusal.value.code == "bad_address"
