"""What changes an order's date and who is told, and what lists of orders mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from companion.sandbox import Sandbox
from companion.sandbox.order_book import Storage
from tests.fixtures.sandbox import SHOP_NOW
from tests.sandbox.conftest import Client


@pytest.fixture
def order_id(sandbox: Sandbox) -> int:
    return sandbox.shop.create_order(created_at=SHOP_NOW - timedelta(days=9)).id


def test_even_an_empty_put_moves_the_date_and_tells_everybody(
    sandbox: Sandbox, api: Client, order_id: int, hear: Callable[[str], int]
) -> None:
    hear("order.updated")

    answer = api("PUT", f"orders/{order_id}", json={})

    assert answer.json()["date_modified_gmt"] == "2026-11-21T18:00:00"
    assert [delivery.arg for delivery in sandbox.shop.run_queue()] == [order_id]


@pytest.mark.parametrize("storage", ["legacy", "legacy-sync"])
def test_in_legacy_storage_meta_alone_leaves_the_date_but_tells(
    storage: Storage, sandbox: Sandbox, api: Client, order_id: int, hear: Callable[[str], int]
) -> None:
    sandbox.shop.storage = storage
    hear("order.updated")

    answer = api("PUT", f"orders/{order_id}", json={"meta_data": [{"key": "a", "value": "1"}]})

    assert answer.json()["date_modified_gmt"] == "2026-11-12T18:00:00"
    assert len(sandbox.shop.run_queue()) == 1


def test_json_that_is_not_declared_is_ignored_but_moves_the_date(api: Client, order_id: int) -> None:
    answer = api("PUT", f"orders/{order_id}", data=b'{"customer_note": "x"}')

    assert (answer.status_code, answer.json()["customer_note"]) == (200, "")
    assert answer.json()["date_modified_gmt"] == "2026-11-21T18:00:00"


def test_malformed_json_is_refused(api: Client, order_id: int) -> None:
    answer = api("PUT", f"orders/{order_id}", data=b"{", headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (400, "rest_invalid_json")


def test_notes_and_deleted_refunds_leave_the_date_and_tell_nobody(
    sandbox: Sandbox, api: Client, order_id: int, hear: Callable[[str], int]
) -> None:
    refund_id = api("POST", f"orders/{order_id}/refunds", json={"amount": "10"}).json()["id"]
    hear("order.updated")
    sandbox.shop.clock.advance(60)

    api("POST", f"orders/{order_id}/notes", json={"note": "x"})
    api("DELETE", f"orders/{order_id}/refunds/{refund_id}?force=true")

    assert sandbox.shop.run_queue() == []
    assert api("GET", f"orders/{order_id}").json()["date_modified_gmt"] == "2026-11-21T18:00:00"


def test_any_leaves_out_the_trash_and_trash_must_be_asked_for_alone(
    sandbox: Sandbox, api: Client, order_id: int
) -> None:
    sandbox.shop.create_order(status="checkout-draft")
    sandbox.shop.trash_order(order_id)

    totals = {
        status: api("GET", f"orders?status={status}").headers["X-WP-Total"] for status in ("any", "any,trash", "trash")
    }

    assert totals == {"any": "1", "any,trash": "1", "trash": "1"}
    assert api("GET", "orders?status=trash").json()[0]["id"] == order_id
    assert api("GET", f"orders/{order_id}").json()["status"] == "trash"


def test_dates_are_strict_have_one_second_steps_and_mean_the_shops_zone(sandbox: Sandbox, api: Client) -> None:
    sandbox.shop.create_order()

    def found(**params: str) -> str:
        return api("GET", "orders", params=params).headers["X-WP-Total"]

    assert found(modified_after="2026-11-21T18:00:00", dates_are_gmt="true") == "0"
    assert found(modified_after="2026-11-21T17:59:59", dates_are_gmt="true") == "1"
    assert found(modified_after="2026-11-21T21:29:59") == "1"
    assert found(modified_after="2026-11-21T21:30:00") == "0"
    assert found(modified_after="2026-11-21T21:29:59+03:30", dates_are_gmt="true") == "1"
    assert api("GET", "orders?modified_after=2026-11-21").status_code == 400


def test_page_past_the_end_is_empty_and_counts_nothing(sandbox: Sandbox, api: Client, order_id: int) -> None:
    answer = api("GET", "orders?page=9")

    assert (answer.status_code, answer.json()) == (200, [])
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("0", "0")


def test_batch_says_who_failed_in_its_place_and_asks_no_questions_of_statuses(
    sandbox: Sandbox, api: Client, order_id: int
) -> None:
    answer = api("POST", "orders/batch", json={"update": [{"id": 7}, {"id": order_id, "status": "nonsense"}]})

    failed, changed = answer.json()["update"]
    assert (answer.status_code, failed["error"]["data"]["status"]) == (200, 400)
    assert changed["status"] == "pending"
    assert api("POST", "orders/batch?_fields=none", json={"update": [{"id": 7}]}).json() == []


def test_trashed_order_is_restored_by_a_status_without_a_word(
    sandbox: Sandbox, api: Client, order_id: int, hear: Callable[[str], int]
) -> None:
    sandbox.shop.trash_order(order_id)
    for topic in ("order.updated", "order.restored"):
        hear(topic)

    answer = api("PUT", f"orders/{order_id}", json={"status": "processing"})

    assert answer.json()["status"] == "processing"
    assert sandbox.shop.run_queue() == []


def test_full_refund_makes_the_order_refunded_and_more_is_refused(api: Client, order_id: int) -> None:
    assert api("POST", f"orders/{order_id}/refunds", json={"amount": "120000"}).status_code == 201
    assert api("GET", f"orders/{order_id}").json()["status"] == "refunded"
    assert api("POST", f"orders/{order_id}/refunds", json={"amount": "1"}).status_code == 500


def test_decimals_change_how_amounts_are_written_but_not_what_they_are(
    sandbox: Sandbox, api: Client, order_id: int
) -> None:
    assert api("GET", f"orders/{order_id}").json()["total"] == "120000"
    sandbox.shop.set_decimals(2)
    assert api("GET", f"orders/{order_id}").json()["total"] == "120000.00"


def test_lines_are_added_changed_and_removed(api: Client, order_id: int) -> None:
    line_id = api("GET", f"orders/{order_id}").json()["line_items"][0]["id"]
    added = api(
        "PUT", f"orders/{order_id}", json={"line_items": [{"name": "ماگ", "quantity": 2, "total": "500"}]}
    ).json()
    assert added["total"] == "120500"
    doubled = api("PUT", f"orders/{order_id}", json={"line_items": [{"id": line_id, "quantity": 2}]}).json()
    assert doubled["total"] == "240500"
    removed = api("PUT", f"orders/{order_id}", json={"line_items": [{"id": line_id, "quantity": 0}]}).json()
    assert removed["total"] == "500"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "orders/1?", 404, "woocommerce_rest_shop_order_invalid_id"),
        ("PUT", "orders/1", 400, "woocommerce_rest_shop_order_invalid_id"),
        ("DELETE", "orders/1", 404, "woocommerce_rest_shop_order_invalid_id"),
        ("GET", "orders/1/notes", 404, "woocommerce_rest_order_invalid_id"),
        ("GET", "customers/99", 404, "wc_user_invalid_id"),
        ("GET", "nothing", 404, "rest_no_route"),
        ("GET", "orders?per_page=101", 400, "rest_invalid_param"),
        ("GET", "orders?page=0", 400, "rest_invalid_param"),
        ("GET", "orders?per_page=x", 400, "rest_invalid_param"),
    ],
)
def test_errors_are_the_shops_own(api: Client, method: str, path: str, status: int, code: str) -> None:
    body: dict[str, Any] = {"json": {}} if method == "PUT" else {}
    answer = api(method, path, **body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
