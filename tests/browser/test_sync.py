"""The sync page as it lives: it renews itself, and disturbs nobody who is at it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert

from storage.schema import inbox
from storage.sync import cursors, subscriptions
from tests.browser.conftest import DESKTOP, PHONE, Story

pytestmark = pytest.mark.browser

_A_TURN = 16_000  # milliseconds: one renewal


def _give_up(story: Story, *ids: int) -> None:
    at = story.house.clock() - timedelta(hours=1)
    row = {"shop": "main", "topic": "order.updated", "kind": "order", "resource_id": "1042", "state": "dead"}
    dead = {"reason": "it cannot be", "received_at": at, "finished_at": at, "next_at": at, "body_hash": b""}
    with story.house.store.write() as tx:
        for entry_id in ids:
            tx.execute(insert(inbox).values(id=entry_id, delivery_id=str(entry_id), **row, **dead))


def _open(story: Story, size: tuple[int, int] = DESKTOP, **how: str) -> Page:
    with story.house.store.write() as tx:
        cursors.put(tx, "main", "orders", succeeded_at=story.house.clock())
        failure = "a sentence of the shop's own which is long enough to be wider than a small telephone's screen is"
        cursors.put(tx, "main", "customers", failed_at=story.house.clock(), failure=failure)
        subscriptions.put(tx, "main", "order.updated", webhook_id="1", status="active", checked_at=story.house.clock())
    page = story.open_page(size=size, **how)
    page.clock.install()
    page.goto("/sync")
    return page


def _renewed(page: Page) -> None:
    with page.expect_response(lambda answer: answer.url.endswith("/sync") and answer.request.resource_type == "xhr"):
        page.clock.run_for(_A_TURN)


def test_it_renews_itself_and_leaves_open_what_was_opened(story: Story) -> None:
    page = _open(story, language="en")
    webhooks = page.locator("#webhooks-main")
    webhooks.locator("summary").click()
    expect(webhooks).to_have_attribute("open", "")
    _give_up(story, 7)
    _renewed(page)
    expect(page.locator("#dead-main")).to_contain_text("Delivery 7")
    expect(webhooks).to_have_attribute("open", "")
    expect(webhooks.locator("summary")).to_be_focused()


def test_it_waits_while_somebody_marks_a_text(story: Story) -> None:
    page = _open(story, language="en")
    page.locator(".rows-more bdi").first.select_text()
    _give_up(story, 7)
    page.clock.run_for(_A_TURN)
    expect(page.locator("#dead-main")).to_have_count(0)
    page.evaluate("getSelection().removeAllRanges()")
    _renewed(page)
    expect(page.locator("#dead-main")).to_be_visible()


@pytest.mark.parametrize("language", ["fa", "en"])
def test_it_fits_a_phone(story: Story, language: str) -> None:
    _give_up(story, 7, 8)
    page = _open(story, PHONE, language=language)
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) == 0
    expect(page.get_by_text("a sentence of the shop's own")).to_be_visible()
