"""A real Chromium before the real pages, served over a real socket.

Without a Chromium these tests are skipped with the reason, or fail where COMPANION_REQUIRE_SERVICES=1.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from companion.domain.permissions import Role, Viewer
from storage.engine import Store
from tests.fixtures.app import serving
from tests.fixtures.store import Clock
from tests.web.house import PASSWORD, House
from tools import assets

PHONE = (390, 844)
DESKTOP = (1440, 900)
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        reason = f"no Chromium on this machine ({', '.join(_NAMES)})"
        if os.environ.get("COMPANION_REQUIRE_SERVICES") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    assets.compile_translations()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_QUIET))
        yield browser
        browser.close()


@dataclass
class Story:
    """The house open to browsers, with a customer whose history is worth reading."""

    house: House
    address: str
    customer: int
    colleague: Viewer
    open_page: Callable[..., Page] = field(repr=False)


class Watcher:
    """Collects what a page should never do: complain, fail, or ask anybody but its own host."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.complaints: list[str] = []
        context.on("console", lambda message: self._said(message.type, message.text))
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("response", lambda answer: self._answered(answer.status, answer.request))
        context.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((address, "data:"))
                else self.complaints.append(f"left the host: {request.url}")
            ),
        )

    def _answered(self, status: int, request: Request) -> None:
        """A page may be refused in words; what a page is made of may not be missing."""
        if status >= 400 and request.resource_type not in {"document", "xhr"}:
            self.complaints.append(f"{status}: {request.url}")

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not text.startswith("Failed to load resource"):
            self.complaints.append(f"{kind}: {text}")


@pytest.fixture
def story(chromium: Browser, sqlite_store: Store, clock: Clock) -> Iterator[Story]:
    """«مریم احمدی» and her order 1042; «نگار صادقی» picks up. No page may complain or leave its host."""
    house = House(sqlite_store, clock)
    colleague = house.agent("leila", name="لیلا رضایی")
    house.agent("negar", Role.SUPPORT_SUPERVISOR)
    customer = house.order(1042, days_ago=60)
    house.order(987, days_ago=150, status="completed")
    house.order_notes(1042, ["مرسوله به دلیل نشانی ناقص برگشت خورد."], days_ago=45)
    cause = house.note(colleague, customer, "علت: **کد پستی اشتباه** بود.", order_id=1042, kind="delivery")
    house.notes.pin(colleague, cause.id, pinned=True)
    other = {"first_name": "رضا", "last_name": "کریمی", "email": "reza@example.com", "phone": "09120001002"}
    house.order(1043, days_ago=5, billing=other)

    contexts: list[BrowserContext] = []
    with socket.create_server(("127.0.0.1", 0)) as listening, serving(house.app, listening):
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        watchers: list[Watcher] = []

        def open_page(
            *, size: tuple[int, int] = DESKTOP, language: str = "fa", scheme: str = "light", signed_in: bool = True
        ) -> Page:
            house.users.set_preferences(
                house.users.sign_in("negar", PASSWORD).agent_id, language, "jalali" if language == "fa" else "gregorian"
            )
            context = chromium.new_context(
                base_url=address,
                viewport={"width": size[0], "height": size[1]},
                color_scheme="dark" if scheme == "dark" else "light",
                has_touch=size == PHONE,
                reduced_motion="reduce",
            )
            context.set_default_timeout(15_000)
            contexts.append(context)
            watchers.append(Watcher(context, address))
            page = context.new_page()
            page.goto("/sign-in")
            if signed_in:
                sign_in(page)
            return page

        yield Story(house, address, customer, colleague, open_page)
        for context in contexts:
            context.close()
    assert [said for watcher in watchers for said in watcher.complaints] == []


def sign_in(page: Page) -> None:
    page.fill("#username", "negar")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/")
