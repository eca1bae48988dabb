"""What doctor says of the way from a shop to us."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from companion.app import build
from companion.config import Config
from companion.doctor.deliveries import why_refused
from companion.sandbox import Sandbox
from tests.doctor.conftest import ENVIRON, PUBLIC_URL, said, write
from tests.fixtures.app import serving
from tests.fixtures.store import Clock

SHOP = "https://shop.example"


@pytest.mark.parametrize(
    ("public_url", "addresses", "why"),
    [
        ("https://notes.example", ["203.0.113.9"], ""),
        ("http://notes.example:8080", ["203.0.113.9"], ""),
        ("https://notes.example:8443", ["203.0.113.9"], "port 8443 is none of 80, 443 and 8080"),
        ("https://notes.example", ["10.0.0.4"], "10.0.0.4 is a private address"),
        ("http://172.31.0.4", ["172.31.0.4"], "172.31.0.4 is a private address"),
        ("http://172.32.0.4", ["172.32.0.4"], ""),
        ("http://169.254.1.1", ["169.254.1.1"], ""),
        ("https://notes.example", [], "its host has no address of IPv4"),
        ("https://[2001:db8::9]", [], "it knows no addresses of IPv6"),
        ("https://shop.example", ["10.0.0.4"], ""),
        ("https://shop.example:8765", ["10.0.0.4"], "port 8765 is none of 80, 443 and 8080"),
    ],
)
def test_wordpress_delivers_to_public_addresses_and_three_ports(
    public_url: str, addresses: list[str], why: str
) -> None:
    assert why_refused(public_url, SHOP, addresses) == why


def test_wordpress_delivers_to_the_port_it_has_itself() -> None:
    assert why_refused("http://localhost:8765", "http://localhost:8765/shop", ["127.0.0.1"]) == ""


def test_address_to_which_wordpress_does_not_deliver_is_a_warning(installation: Path, clock: Clock) -> None:
    (found,) = said(installation, clock, "warning", "WordPress does not deliver")
    assert found.message.endswith("port 1 is none of 80, 443 and 8080")
    assert "http_request_host_is_external" in found.cure


def test_entrance_that_nobody_opened_is_a_warning(installation: Path, clock: Clock) -> None:
    (found,) = said(installation, clock, "warning", "nobody answers")
    assert PUBLIC_URL in found.message


@pytest.fixture
def entrance(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> Iterator[Path]:
    """An installation that runs, where its public address says, with its webhooks registered."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        public_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        path = write(tmp_path, sandbox, public_url=public_url)
        app = build(Config.load(path, ENVIRON), clock=clock)
        with serving(app.flask(), listening):
            app.prepare(app.shops["main"])
            yield path
        app.close()


def test_entrance_that_answers_a_ping_is_well(entrance: Path, clock: Clock) -> None:
    assert said(entrance, clock, "ok", "its deliveries find companion at http://127.0.0.1:")


def test_last_delivery_is_told_and_shows_that_the_way_is_open(entrance: Path, sandbox: Sandbox, clock: Clock) -> None:
    assert said(entrance, clock, "ok", "none has come yet")
    sandbox.shop.create_order(items=[])
    assert {delivered.status for delivered in sandbox.shop.run_queue()} == {200}
    assert said(entrance, clock, "ok", f"the last one came at {clock():%Y-%m-%d %H:%M} UTC")
    assert not said(entrance, clock, "warning", "WordPress does not deliver")
    clock.advance(2 * 86_400)
    assert said(entrance, clock, "warning", "WordPress does not deliver")


def test_webhook_that_one_more_failure_switches_off_is_a_warning(
    installation: Path, sandbox: Sandbox, clock: Clock
) -> None:
    next(iter(sandbox.shop.deliveries.webhooks.values())).status = "disabled"
    app = build(Config.load(installation, ENVIRON), clock=clock)
    app.prepare(app.shops["main"])
    app.close()
    (found,) = said(installation, clock, "warning", "one more failure")
    assert found.message.endswith("order.created")


def test_webhook_that_somebody_paused_is_a_warning(installation: Path, sandbox: Sandbox, clock: Clock) -> None:
    next(iter(sandbox.shop.deliveries.webhooks.values())).status = "paused"
    (found,) = said(installation, clock, "warning", "somebody paused")
    assert found.message.endswith("order.created")
    assert not said(installation, clock, "ok", "delivers its changes by webhook")


def test_shop_whose_jobs_nobody_starts_is_a_warning(installation: Path, sandbox: Sandbox, clock: Clock) -> None:
    assert not said(installation, clock, "warning", "DISABLE_WP_CRON")
    sandbox.shop.runs_jobs = False
    (found,) = said(installation, clock, "warning", "DISABLE_WP_CRON")
    assert f"{sandbox.url}/wp-cron.php" in found.cure


@pytest.fixture
def answering() -> Iterator[Callable[[int, dict[str, str]], str]]:
    """Stands up a web server that answers every request so; returns its address."""
    opened: list[http.server.ThreadingHTTPServer] = []

    def answer(status: int, headers: dict[str, str]) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                for name, value in (headers | {"Content-Length": "0"}).items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the library's name
                """Say nothing."""

        opened.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=opened[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{opened[-1].server_port}"

    yield answer
    for server in opened:
        server.shutdown()
        server.server_close()


def test_entrance_behind_a_redirect_is_a_problem(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, answering: Callable[[int, dict[str, str]], str]
) -> None:
    public_url = answering(301, {"Location": "https://elsewhere.example/in?key=secret"})
    (found,) = said(write(tmp_path, sandbox, public_url=public_url), clock, "problem")
    assert "redirects to https://elsewhere.example/in:" in found.message
    assert "secret" not in found.message


def test_entrance_where_something_else_answers_is_a_warning(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, answering: Callable[[int, dict[str, str]], str]
) -> None:
    path = write(tmp_path, sandbox, public_url=answering(200, {}))
    assert said(path, clock, "warning", "is answered 200 by something else than this companion")
