"""Every recorded exchange, asked of the sandbox again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from companion.sandbox import Sandbox, ShopClock
from companion.sandbox.seed_recorded import RECORDED_AT
from tests.contract.conftest import Receiver
from tests.contract.replay import Replay, load, names
from tests.contract.shapes import differences


@pytest.mark.parametrize("name", names())
def test_sandbox_answers_as_the_shop_did(name: str, make_sandbox: Callable[..., Sandbox], receiver: Receiver) -> None:
    exchange = load(name)
    recorded = exchange["response"]
    is_tls = exchange["request"]["url"].startswith("https")
    sandbox = make_sandbox(clock=ShopClock(RECORDED_AT), pretend_tls=is_tls, two_dots=True)
    replay = Replay(sandbox, receiver.url)
    replay.set_up(exchange["given"])
    sandbox.shop.clock.advance(60)

    answer = replay.send(exchange)

    assert answer.status_code == recorded["status"], answer.text[:300]
    assert answer.headers["Content-Type"] == recorded["headers"]["Content-Type"]
    for total in ("X-WP-Total", "X-WP-TotalPages"):
        assert answer.headers.get(total) == recorded["headers"].get(total)
    assert ("Location" in answer.headers) >= ("Location" in recorded["headers"])
    if "json" not in recorded:
        return
    assert _code(answer.json()) == _code(recorded["json"])
    assert list(differences(recorded["json"], answer.json())) == []
    assert _effects(answer.json(), sandbox, exchange.get("effects", {})) == exchange.get("effects", {})


def _code(body: Any) -> Any:
    return body.get("code") if isinstance(body, dict) else None


def _effects(order: Any, sandbox: Sandbox, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the answer says of an order's or a ticket's date and meta, as far as the recording says something of it."""
    effects: dict[str, Any] = {}
    if "date" in wanted:
        now = sandbox.shop.clock().replace(tzinfo=None)
        modified = order["modified_gmt"] if order.get("type") == "ticket" else order["date_modified_gmt"]
        effects["date"] = "bumped" if datetime.fromisoformat(modified) == now else "kept"
    if "ticket" in wanted:
        effects["ticket"] = {name: order[name] for name in wanted["ticket"]}
    if "meta" in wanted:
        rows = {row["key"]: row["value"] for row in order["meta_data"]}
        assert len(rows) == len(order["meta_data"]), "a key stands there twice"
        is_chosen = set(wanted["meta"]) == {"companion_note"}
        left_out = ("_tracking", "_wp_trash_meta_time")
        effects["meta"] = {
            key: value
            for key, value in rows.items()
            if (key in wanted["meta"] if is_chosen else not key.startswith(left_out))
        }
    return effects


def test_every_recording_is_asked() -> None:
    assert len(names()) == 293
