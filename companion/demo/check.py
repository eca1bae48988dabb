"""`companion demo --check`: plays the story without a person, as a person's browser would, and proves each step.

Companion runs as a process of its own, by its command line; the shop is changed as its admin would change it, and all
that is looked at is what people see: pages over HTTP, and the order in the shop. A step that does not hold within its
patience ends the story.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import requests

from companion.app import build
from companion.demo.stage import Stage, stage
from companion.demo.stories import MARYAM, PASSWORD, SEVENTH, add_agents, write_notes

_PATIENCE_S = 20.0
_QUIET_S = 4.0  # several turns of the shop's queue, the inbox and the outbox
_NOTE = "با انبار هماهنگ شد؛ بسته فردا با نشانی درست فرستاده می‌شود. رمز یافتن: گل‌نرگس"
_WORD = "گل نرگس"
_REPLY = "بسته هنوز به دستم نرسیده؛ لطفا کد رهگیری تازه را بفرستید. رمز یافتن: سنجاق‌سر"
_WORD_OF_REPLY = "سنجاقسر"
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_FORM_KEY = re.compile(r'name="form_key" value="([^"]+)"')
_CUSTOMER = re.compile(r"/customers/(\d+)")


class NotHeld(Exception):
    """A step of the story did not hold; says what was seen instead."""


class Browser:
    """What a person's browser does, without the person."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._session = requests.Session()

    def get(self, path: str, **query: str) -> str:
        """A page's HTML."""
        answer = self._session.get(self._address + path, params=query, timeout=30)
        if not answer.ok:
            raise NotHeld(f"{path} answered {answer.status_code}")
        return answer.text

    def post(self, page: str, path: str, **fields: str) -> None:
        """Sends the form that stands on `page`."""
        html = self.get(page)
        fields["csrf_token"] = _first(_CSRF, html)
        if form_key := _FORM_KEY.search(html):
            fields.setdefault("form_key", form_key.group(1))
        answer = self._session.post(self._address + path, data=fields, timeout=30)
        if not answer.ok:
            raise NotHeld(f"the form at {path} answered {answer.status_code}")

    def close(self) -> None:
        """Lets go of the connections."""
        self._session.close()


class Story:
    """Tells each step with its time."""

    def __init__(self) -> None:
        self._number = 0

    def step(self, words: str, holds: Callable[[], str | None]) -> None:
        """Waits until `holds` returns None; what it returns otherwise is what was seen instead.

        Raises:
            NotHeld: its patience ended first.
        """
        self._number += 1
        start = time.monotonic()
        while (seen := holds()) is not None:
            if time.monotonic() - start > _PATIENCE_S:
                raise NotHeld(f"{words}: {seen}")
            time.sleep(0.1)
        click.echo(f"{self._number:>2}. {words:<72} {(time.monotonic() - start) * 1000:>8,.0f} ms")


def check() -> int:
    """Plays the story on free ports; 0 only if every step held, else 1."""
    os.umask(0o077)
    try:
        with stage(port=_free_port()) as setting:
            _play(setting, Story())
    except NotHeld as error:
        click.echo(f"    it did not hold: {error}", err=True)
        return 1
    click.echo("The whole story held.")
    return 0


def _play(setting: Stage, story: Story) -> None:
    story.step("backfill: every order and ticket of both shops is here", lambda: _backfill(setting))
    order_id, ticket_id = setting.seeded.maryam_order, _open_ticket(setting)
    shop = setting.main.shop
    with _companion(setting) as browser:
        story.step("companion runs, and an agent signs in", lambda: _sign_in(browser))
        story.step(
            "typed with an Arabic yeh, the right customer stands there",
            lambda: _found(browser, "احمدي", "مریم"),
        )
        customer = f"/customers/{_first(_CUSTOMER, browser.get('/search', q=str(order_id)))}"
        latest = MARYAM[-1].body[-12:]
        story.step(
            "the summary of her latest note stands on her order in the shop", lambda: _order_says(setting, latest)
        )
        story.step("and on her open ticket", lambda: _ticket_says(setting, ticket_id, latest))
        time.sleep(_QUIET_S)
        shop.update_order(order_id, status="on-hold", shipping={"address_1": "پلاک ۱۲، کوچه نرگس"})
        story.step(
            "an order changed in the shop arrives by webhook", lambda: _stands(browser, customer, "در انتظار بررسی")
        )
        shop.helpdesk.reply(ticket_id, setting.seeded.maryam, _REPLY)
        story.step(
            "a ticket gets a reply in the shop, which stands on the timeline",
            lambda: _stands(browser, customer, "سنجاق‌سر"),
        )
        story.step(
            "the reply is found by a word in it, written otherwise",
            lambda: _stands(browser, f"/search?q={_WORD_OF_REPLY}", customer),
        )
        browser.post(customer, f"{customer}/notes", body=_NOTE, kind="delivery", ref=f"main/{order_id}")
        story.step("a note is written, and stands on the timeline", lambda: _stands(browser, customer, "گل‌نرگس"))
        story.step("its summary stands on the order in the shop", lambda: _order_says(setting, "گل‌نرگس"))
        story.step("and on the ticket", lambda: _ticket_says(setting, ticket_id, "گل‌نرگس"))
        story.step("the note is found by a word in it", lambda: _stands(browser, f"/search?q={_WORD}", customer))
        time.sleep(_QUIET_S)
        writes = shop.log.writes()
        time.sleep(_QUIET_S)
        story.step("the echo of our own writes causes no further one", lambda: _same(shop.log.writes(), writes))


def _open_ticket(setting: Stage) -> int:
    """The ticket that she waits for an answer to."""
    tickets = setting.main.shop.helpdesk.tickets.values()
    return next(ticket.id for ticket in tickets if ticket.author == setting.seeded.maryam and ticket.state == "open")


def _backfill(setting: Stage) -> str | None:
    app = build(setting.config())
    try:
        viewers = add_agents(app)
        for shop in app.shops:
            app.backfill(shop)
        write_notes(app, setting, viewers)
        with app.store.read() as tx:
            here = tx.exec_driver_sql(
                "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM tickets)"
            ).scalar_one()
    finally:
        app.close()
    orders = sum(
        order.status != "checkout-draft"
        for sandbox in (setting.main, setting.custom)
        for order in sandbox.shop.orders.values()
    )
    return _same(here, orders + len(setting.main.shop.helpdesk.tickets))


def _sign_in(browser: Browser) -> str | None:
    try:
        browser.post("/sign-in", "/sign-in", username=SEVENTH, password=PASSWORD)
    except requests.ConnectionError:
        return "nobody answers"
    return None


def _found(browser: Browser, query: str, name: str) -> str | None:
    html = browser.get("/search", q=query)
    first = _CUSTOMER.search(html)
    if first is None:
        return "nobody was found"
    return None if name in browser.get(first.group(0)) else "somebody else stands first"


def _stands(browser: Browser, path: str, text: str) -> str | None:
    return None if text in browser.get(path) else f"“{text}” does not stand on {path}"


def _order_says(setting: Stage, text: str) -> str | None:
    return _says(setting.main.shop.order(setting.seeded.maryam_order).meta_value("companion_note"), text)


def _ticket_says(setting: Stage, ticket_id: int, text: str) -> str | None:
    return _says(setting.main.shop.helpdesk.tickets[ticket_id].meta.get("companion_note"), text)


def _says(summary: object, text: str) -> str | None:
    return None if text in str(summary or "") else f"what it carries is “{summary or ''}”"


def _same(seen: int, expected: int) -> str | None:
    return None if seen == expected else f"{seen} instead of {expected}"


def _first(pattern: re.Pattern[str], html: str) -> str:
    found = pattern.search(html)
    if found is None:
        raise NotHeld(f"the page has no {pattern.pattern}")
    return found.group(1)


@contextmanager
def _companion(setting: Stage) -> Iterator[Browser]:
    """`companion run` over the stage's configuration; at the end it is asked to stop, and must leave well."""
    command = [sys.executable, "-m", "companion", "--config", str(setting.config_path), "run"]
    port = str(setting.config().web.port)
    environ = {**os.environ, "COMPANION_PORT": port}  # the caller's own would go before the configuration's
    process = subprocess.Popen(command, env=environ)  # noqa: S603 - our own program, with fixed words
    browser = Browser(f"http://127.0.0.1:{port}")
    try:
        yield browser
        process.send_signal(signal.SIGTERM)
        if process.wait(15) != 0:
            raise NotHeld(f"companion left with {process.returncode}")
    finally:
        browser.close()
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
