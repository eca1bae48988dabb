"""Whatever an agent types, and whenever: it is taken as it is or stays before her eyes with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
import requests
import sqlalchemy

from companion.app import App
from companion.domain.permissions import Role
from companion.sandbox import Item, Sandbox
from storage.engine import Store
from storage.schema import notes
from tests.e2e.program import Browser
from tests.fixtures.app import Desk
from tests.fixtures.store import Clock

_FORM_KEY = re.compile(r'name="form_key" value="([^"]+)"')
AGENT = "نگار"


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """One database: the inbox and the notes themselves are tried on both."""
    return sqlite_store


class Desktop(NamedTuple):
    """An agent's browser, open at a customer's page."""

    app: App
    browser: Browser
    page: str
    order_id: int

    def form(self) -> dict[str, str]:
        """What the form on the page holds before anything is typed."""
        html = self.browser.get(self.page).text
        token, key = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html), _FORM_KEY.search(html)
        assert token
        assert key
        return {"csrf_token": token[1], "form_key": key[1], "kind": "call", "ref": f"main/{self.order_id}"}

    def write(self, body: str | bytes, **fields: str) -> requests.Response:
        return self.browser.send(f"{self.page}/notes", **{**self.form(), "body": body, **fields})

    def written(self) -> list[str]:
        with self.app.store.read() as tx:
            return list(tx.execute(sqlalchemy.select(notes.c.body).order_by(notes.c.id)).scalars())


@pytest.fixture
def desk(served: App, sandbox: Sandbox) -> Iterator[Desktop]:
    order = sandbox.shop.create_order(items=[Item("چای سبز", 1, 120_000)], billing={"first_name": "مریم"}, quiet=True)
    served.backfill("main")
    agent = Desk(served, AGENT, Role.AGENT)
    browser = Browser(served.config.web.public_url)
    browser.sign_in(AGENT)
    yield Desktop(served, browser, f"/customers/{agent.customer_of(order.id)}", order.id)
    browser.close()


@pytest.mark.parametrize(
    "body",
    ["", "   \n\t ", "\0\0", "\u200c\u202e\u2066"],
    ids=["nothing", "spaces", "NUL alone", "marks that nobody sees"],
)
def test_note_that_says_nothing_is_not_taken_and_the_reason_is_told(desk: Desktop, body: str) -> None:
    answer = desk.write(body)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert desk.written() == []


def test_note_that_is_too_long_stays_in_its_form(desk: Desktop) -> None:
    answer = desk.write("آ" * 20_001)
    assert answer.status_code == 422
    assert "آ" * 20_001 in answer.text
    assert desk.written() == []


TAKEN = {
    "the longest": ("آ" * 20_000, "آ" * 20_000),
    "the longest of four bytes each": ("😀" * 20_000, "😀" * 20_000),
    "NUL within": ("a\0b", "ab"),
    "halves of a letter": (b"a\xed\xa0\x80b", "a%ED%A0%80b"),
    "emoji of many parts": ("👩‍👩‍👧‍👦 آمد", "👩‍👩‍👧‍👦 آمد"),
    "old scripts": ("𐎧𐏁𐎠𐎹𐎰𐎡𐎹", "𐎧𐏁𐎠𐎹𐎰𐎡𐎹"),
    "an override of direction": ("abc\u202edef", "abc\u202edef"),
    "half-spaces": ("می\u200cآید", "می\u200cآید"),
    "markup": ("<script>alert(1)</script> **x**", "<script>alert(1)</script> **x**"),
    "lines of Windows": ("a\r\nb", "a\nb"),
}


@pytest.mark.parametrize(("typed", "kept"), TAKEN.values(), ids=TAKEN)
def test_everything_else_is_taken_as_it_was_typed(
    desk: Desktop, sandbox: Sandbox, typed: str | bytes, kept: str
) -> None:
    answer = desk.write(typed)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert desk.written() == [kept]
    desk.app.drain()
    assert sandbox.shop.order(desk.order_id).meta_value("companion_note")
    writes = sandbox.shop.log.writes()
    desk.app.poll("main")
    desk.app.drain()
    assert sandbox.shop.log.writes() == writes


def test_form_sent_twice_writes_one_note(desk: Desktop) -> None:
    form = {**desk.form(), "body": "یک بار"}
    answers = [desk.browser.send(f"{desk.page}/notes", **form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert desk.written() == ["یک بار"]


def test_text_written_while_the_session_ended_is_shown_again(desk: Desktop, clock: Clock) -> None:
    form = {**desk.form(), "body": "نوشته‌ای که نباید گم شود"}
    clock.advance(timedelta(hours=13).total_seconds())
    answer = desk.browser.send(f"{desk.page}/notes", **form)
    assert answer.status_code == 401
    assert "نوشته‌ای که نباید گم شود" in answer.text
    assert "/sign-in" in answer.text
    desk.browser.sign_in(AGENT)
    assert desk.write("نوشته‌ای که نباید گم شود").status_code == 200
    assert desk.written() == ["نوشته‌ای که نباید گم شود"]


def test_form_without_its_token_is_refused_and_its_text_shown_again(desk: Desktop) -> None:
    answer = desk.write("از جای دیگر", csrf_token="guessed")
    assert answer.status_code == 400
    assert "از جای دیگر" in answer.text
    assert desk.written() == []


@pytest.mark.parametrize("customer", ["999999", str(10**30), "0"])
def test_note_about_a_customer_who_does_not_exist_is_shown_again(desk: Desktop, customer: str) -> None:
    answer = desk.browser.send(f"/customers/{customer}/notes", **{**desk.form(), "body": "برای کسی که نیست"})
    assert answer.status_code == 404
    assert "برای کسی که نیست" in answer.text
    assert desk.written() == []


@pytest.mark.parametrize(
    ("field", "value", "status"), [("kind", "nonsense", 422), ("ref", "main/9", 404), ("ref", "no/1", 404)]
)
def test_note_of_no_kind_or_on_no_order_is_shown_again(desk: Desktop, field: str, value: str, status: int) -> None:
    answer = desk.write("سفارش دیگری", **{field: value})
    assert answer.status_code == status
    assert "سفارش دیگری" in answer.text
    assert desk.written() == []


def test_form_larger_than_any_note_is_refused_plainly(desk: Desktop) -> None:
    answer = desk.write("x" * 400_000)
    assert answer.status_code == 413
    assert "Traceback" not in answer.text
    assert desk.written() == []


@pytest.mark.parametrize("text", ["\0", "%", "_", "\u202e", "😀", "a" * 5_000, "'; --", "\ud7ff\ue000"])
def test_no_search_breaks_the_page(desk: Desktop, text: str) -> None:
    assert desk.browser.get("/search", q=text).status_code == 200
