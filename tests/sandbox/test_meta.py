"""What the shop takes, ignores and drops of meta."""

from __future__ import annotations

from typing import Any

import pytest

from companion.sandbox import Sandbox
from tests.sandbox.conftest import Client

ENTRIES: list[tuple[str, list[dict[str, Any]], dict[str, Any]]] = [
    ("a key without id updates in place", [{"key": "a", "value": "2"}], {"a": "2"}),
    ("an id without key is ignored", [{"id": 1, "value": "2"}], {"a": "1"}),
    ("null deletes", [{"key": "a", "value": None}], {}),
    ("an empty text keeps the row", [{"key": "a", "value": ""}], {"a": ""}),
    ("of the same key the last wins", [{"key": "b", "value": "1"}, {"key": "b", "value": "2"}], {"a": "1", "b": "2"}),
    ("true is 1", [{"key": "a", "value": True}], {"a": "1"}),
    ("false is empty", [{"key": "a", "value": False}], {"a": ""}),
    ("numbers become text", [{"key": "a", "value": 12.5}], {"a": "12.5"}),
    ("whole numbers have no point", [{"key": "a", "value": 7.0}], {"a": "7"}),
    ("objects stay objects", [{"key": "a", "value": {"x": [1, None]}}], {"a": {"x": [1, None]}}),
    ("Persian and emoji come back", [{"key": "a", "value": "می‌خواهد 👩‍💻"}], {"a": "می‌خواهد 👩‍💻"}),
    ("underscore keys work", [{"key": "_b", "value": "1"}], {"_b": "1", "a": "1"}),
    ("65,535 bytes go in", [{"key": "a", "value": "x" * 65_535}], {"a": "x" * 65_535}),
    ("one byte more is dropped without a word", [{"key": "a", "value": "x" * 65_536}], {"a": "1"}),
    ("Persian letters take two bytes", [{"key": "a", "value": "م" * 40_000}], {"a": "1"}),
    ("a key of 300 characters is dropped", [{"key": "k" * 300, "value": "1"}], {"a": "1"}),
    ("totals are protected", [{"key": "_order_total", "value": "1"}], {"a": "1"}),
]


@pytest.mark.parametrize(("entries", "left"), [case[1:] for case in ENTRIES], ids=[case[0] for case in ENTRIES])
def test_rule_of_meta(sandbox: Sandbox, api: Client, entries: list[dict[str, Any]], left: dict[str, Any]) -> None:
    order = sandbox.shop.create_order(meta={"a": "1"})

    answer = api("PUT", f"orders/{order.id}", json={"meta_data": entries})

    assert answer.status_code == 200
    assert {row["key"]: row["value"] for row in answer.json()["meta_data"]} == left


def test_wrong_id_with_a_key_makes_a_new_row(sandbox: Sandbox, api: Client) -> None:
    order = sandbox.shop.create_order(meta={"a": "1"})

    answer = api("PUT", f"orders/{order.id}", json={"meta_data": [{"id": 999, "key": "a", "value": "2"}]})

    assert [row["value"] for row in answer.json()["meta_data"]] == ["1", "2"]


def test_billing_phone_in_meta_changes_the_real_phone(sandbox: Sandbox, api: Client) -> None:
    order = sandbox.shop.create_order(billing={"phone": "0912"})

    answer = api("PUT", f"orders/{order.id}", json={"meta_data": [{"key": "_billing_phone", "value": "111"}]})

    assert (answer.json()["billing"]["phone"], answer.json()["meta_data"]) == ("111", [])


def test_long_values_fit_into_the_legacy_store(sandbox: Sandbox, api: Client) -> None:
    sandbox.shop.storage = "legacy"
    order = sandbox.shop.create_order()

    answer = api("PUT", f"orders/{order.id}", json={"meta_data": [{"key": "a", "value": "x" * 70_000}]})

    assert len(answer.json()["meta_data"][0]["value"]) == 70_000


def test_moving_to_the_other_store_renumbers_meta(sandbox: Sandbox) -> None:
    order = sandbox.shop.create_order(meta={"a": "1"})
    before = order.meta[0].id

    sandbox.shop.storage = "legacy-sync"

    assert order.meta[0].id != before
