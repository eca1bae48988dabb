"""Whatever is wrong with a shop is told in one sentence that says what to do, by every command that meets it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.sandbox import Fault, Item, Sandbox
from tests.connectors.loopback import certificate
from tests.e2e.conftest import OpenShop
from tests.e2e.program import Program, free_port, is_one_sentence

NOT_A_KEY, NOT_A_SECRET = "ck_" + "0" * 40, "cs_" + "0" * 40


@pytest.fixture
def shop(open_shop: OpenShop) -> Sandbox:
    shop = open_shop()
    shop.shop.create_order(items=[Item("چای سبز", 1, 120_000)])
    return shop


@pytest.fixture
def bakery() -> Iterator[str]:
    """A web site that is no shop."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = b"<html><title>Bakery</title><body>Fresh bread every morning</body></html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_words: object) -> None:
            """Be quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def refused(program: Program, *cures: str) -> None:
    """Reading it and examining it both say what is wrong and how to mend it, and no secret."""
    read, examined = program.call("backfill"), program.call("doctor")
    assert (read.returncode, examined.returncode) == (1, 1)
    assert is_one_sentence(read), read.stderr
    assert "problem  shop main" in examined.stdout
    assert "Traceback" not in examined.stderr
    for cure in cures:
        assert cure in read.stderr
        assert cure in examined.stdout
    for secret in ("main-key", "main-secret"):
        for said in (read.stderr, examined.stdout):
            assert (program.folder / secret).read_text() not in said


def test_wrong_key(program: Program, shop: Sandbox) -> None:
    program.configure(program.shop("main", shop.url, NOT_A_KEY, shop.credentials.secret))
    refused(program, "does not know this consumer key", "Make a new key under WooCommerce > Settings")


def test_wrong_secret(program: Program, shop: Sandbox) -> None:
    program.configure(program.shop("main", shop.url, shop.credentials.key, NOT_A_SECRET))
    refused(program, "Make a new key under WooCommerce > Settings")


def test_address_of_a_site_that_is_no_shop(program: Program, bakery: str) -> None:
    program.configure(program.shop("main", bakery, NOT_A_KEY, NOT_A_SECRET))
    refused(program, "Fresh bread", "Is this the shop's address?")


def test_wordpress_without_woocommerce(program: Program, open_shop: OpenShop) -> None:
    program.configure(program.shop_of("main", open_shop(woocommerce=False)))
    refused(program, "Install and activate WooCommerce")


def test_name_that_does_not_exist(program: Program) -> None:
    program.configure(program.shop("main", "https://no-such-shop.invalid", NOT_A_KEY, NOT_A_SECRET))
    refused(program, "no-such-shop.invalid", "Check the spelling of the shop's address")


def test_port_where_nobody_listens(program: Program) -> None:
    program.configure(program.shop("main", f"http://127.0.0.1:{free_port()}", NOT_A_KEY, NOT_A_SECRET))
    refused(program, "refuses connections", "is the port right?")


def test_https_where_only_http_is_spoken(program: Program, shop: Sandbox) -> None:
    url = shop.url.replace("http:", "https:")
    program.configure(program.shop("main", url, shop.credentials.key, shop.credentials.secret))
    refused(program, "does not speak TLS", "should the address begin with http://")


def test_certificate_that_has_expired(program: Program, open_shop: OpenShop, tmp_path: Path) -> None:
    shown, _ = certificate(tmp_path, expired=True)
    shop = open_shop(certificate=(str(shown), str(tmp_path / "shop.key")))
    program.configure(program.shop_of("main", shop, f'ca_file = "{shown}"'))
    refused(program, "has expired", "must be renewed")


def test_certificate_that_nobody_signed(program: Program, open_shop: OpenShop, tmp_path: Path) -> None:
    shown, _ = certificate(tmp_path)
    shop = open_shop(certificate=(str(shown), str(tmp_path / "shop.key")))
    program.configure(program.shop_of("main", shop))
    refused(program, "signed by itself", "certificate of a known authority")


def test_plain_permalinks_are_read_all_the_same(program: Program, open_shop: OpenShop) -> None:
    shop = open_shop(plain_permalinks=True)
    shop.shop.create_order(items=[Item("چای سبز", 1, 120_000)])
    program.configure(program.shop_of("main", shop))
    read = program.call("backfill")
    assert (read.returncode, read.stdout[:14]) == (0, "main: 1 orders"), read.stderr
    assert "permalinks are plain" in program.call("doctor").stdout


def test_key_that_may_only_read_reads_and_is_told_of(program: Program, shop: Sandbox) -> None:
    program.configure(program.shop("main", shop.url, shop.credentials.ro.key, shop.credentials.ro.secret))
    read, examined = program.call("backfill"), program.call("doctor")
    assert (read.returncode, read.stdout[:14]) == (0, "main: 1 orders"), read.stderr
    assert examined.returncode == 1
    assert "the key may only read" in examined.stdout
    assert "Read/Write" in examined.stdout


def test_what_was_read_before_the_shop_broke_is_kept_and_the_rest_follows(program: Program, shop: Sandbox) -> None:
    program.configure(program.shop_of("main", shop))
    shop.shop.faults.add(Fault("html", path="customers", times=None))
    broken = program.call("backfill")
    assert broken.returncode == 1
    assert is_one_sentence(broken) or "main orders" in broken.stderr
    assert "Traceback" not in broken.stderr
    shop.shop.faults.clear()
    again = program.call("backfill", "--json")
    assert again.returncode == 0
    assert '"orders"' not in again.stdout
