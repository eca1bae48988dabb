"""One shop's fault is its own: the others are read on, and everybody sees which one fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from companion.sandbox import Item, Sandbox
from tests.e2e.conftest import OpenShop
from tests.e2e.program import ADMIN, Browser, Program, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def well(open_shop: OpenShop) -> Sandbox:
    shop = open_shop()
    shop.shop.create_order(items=[Item("چای سبز", 1, 120_000)], billing={"first_name": "مریم", "last_name": "احمدی"})
    return shop


@pytest.fixture
def ill(open_shop: OpenShop) -> Sandbox:
    shop = open_shop()
    shop.shop.create_order(items=[Item("زعفران", 1, 900_000)], billing={"first_name": "رضا", "last_name": "کریمی"})
    return shop


@pytest.fixture
def browser(program: Program) -> Iterator[Browser]:
    browser = Browser(program.address)
    yield browser
    browser.close()


def gauge(program: Program, name: str, shop: str) -> float | None:
    text = requests.get(f"{program.address}/metrics", timeout=10).text
    found = re.search(rf'^{name}{{shop="{shop}"}} (\S+)$', text, re.MULTILINE)
    return float(found[1]) if found else None


def test_shop_with_a_wrong_key_does_not_hold_up_the_other(
    program: Program, well: Sandbox, ill: Sandbox, browser: Browser
) -> None:
    wrong = program.shop("ill", ill.url, "ck_" + "0" * 40, ill.credentials.secret, 'name = "فروشگاه ناخوش"')
    program.configure(wrong, program.shop_of("well", well))
    program.add_admin()
    with program.started("run"):
        wait_until(lambda: gauge(program, "companion_shop_failing", "ill") == 1, what="the ill shop shows as failing")
        wait_until(lambda: gauge(program, "companion_poll_age_seconds", "well") is not None, what="the other is polled")
        assert gauge(program, "companion_shop_failing", "well") == 0
        assert gauge(program, "companion_poll_age_seconds", "ill") is None

        browser.sign_in(ADMIN)
        assert "مریم احمدی" in browser.see("/search", q="احمد")
        foot = browser.get("/").text.partition('<footer class="foot">')[2]
        assert "فروشگاه ناخوش" in foot
        assert foot.count("pulse-late") == 1

        late = well.shop.create_order(
            items=[Item("گز", 2, 80_000)], billing={"first_name": "نرگس", "last_name": "امیری"}
        )
        wait_until(lambda: "نرگس امیری" in browser.see("/search", q=str(late.id)), what="it is polled again")

        (program.folder / "ill-key").write_text(ill.credentials.key)  # for whoever starts it next
    with program.started("run"):
        wait_until(lambda: gauge(program, "companion_shop_failing", "ill") == 0, what="the mended shop is well")
        assert "رضا کریمی" in browser.see("/search", q="کریم")


def test_key_that_may_only_read_is_polled_though_no_webhook_can_be_made(
    program: Program, well: Sandbox, browser: Browser
) -> None:
    read_only = well.credentials.ro
    program.configure(
        f'[web]\npublic_url = "{program.address}"', program.shop("main", well.url, read_only.key, read_only.secret)
    )
    program.add_admin()
    with program.started("run"):
        wait_until(lambda: gauge(program, "companion_poll_age_seconds", "main") is not None, what="the shop is polled")
        assert gauge(program, "companion_shop_failing", "main") == 0
    assert "webhooks cannot be seen to" in program.said
