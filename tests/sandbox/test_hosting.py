"""Who is let in, what hosts do to requests, and what goes wrong on request."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from woocommerce import API

from companion.sandbox import Fault, Key, Login, Sandbox
from tests.sandbox.conftest import Client

MakeSandbox = Callable[..., Sandbox]


def get(sandbox: Sandbox, path: str = "orders", auth: Key | Login | None = None, **options: Any) -> requests.Response:
    pair = None
    if isinstance(auth, Key):
        pair = (auth.key, auth.secret)
    elif auth is not None:
        pair = (auth.username, auth.password)
    return requests.get(f"{sandbox.url}/wp-json/wc/v3/{path}", auth=pair, timeout=10, **options)


def test_named_package_signs_what_the_shop_accepts_over_plain_http(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox()
    api = API(sandbox.url, sandbox.credentials.key, sandbox.credentials.secret)

    assert api.get("orders", params={"per_page": 5, "search": "علی رضا"}).status_code == 200
    assert api.post("orders", {"billing": {"first_name": "مریم"}}).status_code == 201


def test_keys_are_known_only_over_tls_and_application_passwords_anywhere(make_sandbox: MakeSandbox) -> None:
    plain, tls = make_sandbox(), make_sandbox(pretend_tls=True)
    keys = plain.credentials

    assert (get(plain, auth=keys.rw).status_code, get(tls, auth=keys.rw).status_code) == (401, 200)
    assert (get(plain, auth=keys.manager).status_code, get(tls, auth=keys.admin).status_code) == (200, 200)
    assert get(tls, auth=keys.agent).status_code == 403
    assert get(tls, f"orders?consumer_key={keys.rw.key}&consumer_secret={keys.rw.secret}").status_code == 200


def test_stripped_header_leaves_keys_in_the_query(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(pretend_tls=True, strip_authorization=True)
    key = sandbox.credentials.rw

    assert get(sandbox, auth=key).json()["code"] == "woocommerce_rest_cannot_view"
    assert get(sandbox, f"orders?consumer_key={key.key}&consumer_secret={key.secret}").status_code == 200


def test_plain_permalinks_answer_a_page_under_wp_json(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(pretend_tls=True, plain_permalinks=True)
    auth = (sandbox.credentials.key, sandbox.credentials.secret)

    assert get(sandbox, auth=sandbox.credentials.rw).headers["Content-Type"].startswith("text/html")
    assert requests.get(f"{sandbox.url}/?rest_route=/wc/v3/orders", auth=auth, timeout=10).json() == []


def test_wordpress_without_woocommerce_has_no_such_routes(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(pretend_tls=True, woocommerce=False)

    assert get(sandbox).json()["code"] == "rest_no_route"
    root = requests.get(f"{sandbox.url}/wp-json/", timeout=10).json()
    assert "wp/v2" in root["namespaces"]
    assert "wc/v3" not in root["namespaces"]


def test_root_knows_no_keys(sandbox: Sandbox) -> None:
    auth = (sandbox.credentials.key, sandbox.credentials.secret)

    assert requests.get(f"{sandbox.url}/wp-json/", auth=auth, timeout=10).json()["code"] == "invalid_username"


def test_two_dots_break_an_administrators_key_only(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox(pretend_tls=True, two_dots=True)
    path = "customers?email=first.last@example.com"

    assert get(sandbox, path, sandbox.credentials.admin_rw).status_code == 500
    assert get(sandbox, path, sandbox.credentials.rw).status_code == 200
    assert get(sandbox, path, sandbox.credentials.admin).status_code == 200


def test_shop_manager_sees_no_meta_of_users_and_deletes_none(sandbox: Sandbox, api: Client) -> None:
    user = sandbox.shop.create_customer("a@example.com", meta={"x": "1"})

    assert "meta_data" not in api("GET", f"customers/{user.id}").json()
    assert get(sandbox, f"customers/{user.id}", sandbox.credentials.admin_rw).json()["meta_data"][0]["key"] == "x"
    assert api("DELETE", f"customers/{user.id}?force=true").status_code == 403


def test_real_tls_is_served_with_a_given_certificate(make_sandbox: MakeSandbox, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    sandbox = make_sandbox(certificate=(str(certificate), str(key)))

    assert sandbox.url.startswith("https://")
    assert get(sandbox, auth=sandbox.credentials.rw, verify=str(certificate)).status_code == 200
    with pytest.raises(requests.exceptions.SSLError):
        get(sandbox, auth=sandbox.credentials.rw)


def self_signed(folder: Path) -> tuple[Path, Path]:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sandbox")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(private, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(private.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return folder / "certificate.pem", folder / "key.pem"


def test_faults_strike_as_often_as_asked_and_only_what_they_match(sandbox: Sandbox, api: Client) -> None:
    sandbox.shop.faults.add(Fault("status", method="GET", path="orders", status=429, seconds=7, skip=1, times=2))

    answers = [api("GET", "orders") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
    assert answers[1].headers["Retry-After"] == "7"
    assert api("GET", "customers").status_code == 200


def test_pages_and_notices_stand_where_json_should(sandbox: Sandbox, api: Client) -> None:
    for kind in ("html", "challenge", "notice", "malformed"):
        sandbox.shop.faults.add(Fault(kind))
    sandbox.shop.create_order()

    html, challenge, notice, malformed = (api("GET", "orders") for _ in range(4))

    assert (html.status_code, html.headers["Content-Type"]) == (500, "text/html; charset=UTF-8")
    assert challenge.status_code == 403
    assert notice.content.startswith(b"\xef\xbb\xbf<br />")
    assert malformed.json()[0]["billing"] == "?"


def test_cut_before_does_nothing_and_cut_after_has_done_it(sandbox: Sandbox, api: Client) -> None:
    order = sandbox.shop.create_order()
    for kind, expected in (("cut_before", ""), ("cut_after", "x")):
        sandbox.shop.faults.add(Fault(kind, method="PUT"))  # type: ignore[arg-type] # two of its words
        with pytest.raises(requests.exceptions.ConnectionError):
            api("PUT", f"orders/{order.id}", json={"customer_note": "x"})
        assert order.customer_note == expected


def test_half_an_answer_is_not_an_answer(sandbox: Sandbox, api: Client) -> None:
    sandbox.shop.create_order()
    sandbox.shop.faults.add(Fault("half"))

    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        api("GET", "orders")


def test_stale_cache_answers_what_it_answered_before(sandbox: Sandbox, api: Client) -> None:
    order = sandbox.shop.create_order()
    before = api("GET", f"orders/{order.id}")
    sandbox.shop.clock.advance(600)
    sandbox.shop.update_order(order.id, status="completed")
    sandbox.shop.faults.add(Fault("stale"))

    stale, fresh = api("GET", f"orders/{order.id}"), api("GET", f"orders/{order.id}")

    assert (stale.json()["status"], fresh.json()["status"]) == ("processing", "completed")
    assert stale.headers["Date"] == before.headers["Date"]
    assert stale.headers["X-Cache"] == "HIT"


def test_log_counts_what_was_asked_and_what_could_have_written(sandbox: Sandbox, api: Client) -> None:
    order = sandbox.shop.create_order()
    api("GET", "orders")
    api("PUT", f"orders/{order.id}", json={})
    api("PUT", "orders/1", json={})
    api("POST", "customers", headers={"X-HTTP-Method-Override": "GET"})

    log = sandbox.shop.log
    assert (len(log), log.writes(), log.count(method="PUT", status=400), log.count(path="/orders")) == (4, 2, 1, 1)
    log.clear()
    assert log.writes() == 0


def test_clock_goes_forwards_and_back_and_shows_in_the_date_header(sandbox: Sandbox, api: Client) -> None:
    assert api("GET", "orders").headers["Date"] == "Sat, 21 Nov 2026 18:00:00 GMT"
    sandbox.shop.clock.advance(-3600)
    assert api("GET", "orders").headers["Date"] == "Sat, 21 Nov 2026 17:00:00 GMT"
    sandbox.shop.clock.set(dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    assert sandbox.shop.create_order().modified == sandbox.shop.clock.epoch()


def test_pace_is_asked_for_each_answer_by_its_size(make_sandbox: MakeSandbox) -> None:
    asked: list[int] = []

    def pace(records: int) -> float:
        asked.append(records)
        return 0.0

    sandbox = make_sandbox(pretend_tls=True, page_seconds=pace, write_seconds=pace, workers=2)
    order = sandbox.shop.create_order()
    client = Client(sandbox)
    client("GET", "orders")
    client("PUT", f"orders/{order.id}", json={})
    client("GET", "orders?page=2")
    client.close()

    assert asked == [1, 1, 0]


def test_control_route_is_closed_unless_asked_for(sandbox: Sandbox, make_sandbox: MakeSandbox) -> None:
    assert requests.get(f"{sandbox.url}/_sandbox/log", timeout=10).status_code == 404

    control = f"{make_sandbox(control=True).url}/_sandbox"
    requests.post(f"{control}/faults", json={"kind": "html", "status": 503}, timeout=10).raise_for_status()
    assert requests.get(control.replace("_sandbox", "wp-json/"), timeout=10).status_code == 503
    assert requests.get(f"{control}/log", timeout=10).json()["counters"] == [["GET", "/wp-json/", 503, 1]]
    assert requests.post(f"{control}/faults", json={"kind": "no such"}, timeout=10).status_code == 400
