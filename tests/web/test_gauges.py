"""The figures for Prometheus, as whoever writes alarms relies on them."""

from __future__ import annotations

from datetime import timedelta

from companion.services.sync.figures import Expected, ShopState, StreamState
from companion.web.gauges import gauges
from storage.sync.alerts import Alert
from storage.sync.subscriptions import Subscription
from tests.fixtures.store import Clock

NOW = Clock().now()


def _state() -> ShopState:
    ago = NOW - timedelta(seconds=90)
    return ShopState(
        "main",
        streams=(
            StreamState("orders", ago, 90.0, 300, 310, share=0.02),
            StreamState("tickets", failure="the shop is left alone for a while: Maryam refuses", share=0.01),
            StreamState("customers", done=5, total=9),
        ),
        inbox_waiting=3,
        inbox_oldest_at=ago,
        inbox_dead=2,
        webhooks=(
            Subscription(
                shop="main",
                topic="order.updated",
                webhook_id="7",
                status="active",
                generation=1,
                is_fragile=True,
                missed=4,
                checked_at=NOW,
                repaired_at=None,
                delivered_at=ago,
            ),
        ),
        alerts=(Alert("main", "storm", "order 1", {}, ago, NOW, 2, None),),
    )


def _told() -> dict[tuple[str, str], float]:
    """Each figure by its name and its labels other than the shop."""
    found = {}
    for gauge in gauges([_state()], Expected(max_per_hour=60), now=NOW):
        assert gauge.labels["shop"] == "main"
        others = ",".join(value for label, value in sorted(gauge.labels.items()) if label != "shop")
        found[gauge.name, others] = gauge.value
    return found


def test_figures_are_those_of_the_page() -> None:
    told = _told()
    wanted = {
        ("companion_shop_failing", ""): 1,
        ("companion_shop_circuit_open", ""): 1,
        ("companion_shop_time_ratio", ""): 0.03,
        ("companion_poll_age_seconds", ""): 90,
        ("companion_inbox_oldest_seconds", ""): 90,
        ("companion_inbox_dead", ""): 2,
        ("companion_writes_per_hour_limit", ""): 60,
        ("companion_matters", "act"): 1,
        ("companion_matters", "wait"): 2,
        ("companion_alerts", "storm"): 1,
        ("companion_stream_lag_seconds", "orders"): 90,
        ("companion_stream_interval_seconds", "orders"): 310,
        ("companion_stream_interval_wanted_seconds", "orders"): 300,
        ("companion_stream_failing", "tickets"): 1,
        ("companion_backfill_records_done", "customers"): 5,
        ("companion_webhook_active", "order.updated"): 1,
        ("companion_webhook_fragile", "order.updated"): 1,
        ("companion_webhook_missed", "order.updated"): 4,
        ("companion_webhook_delivery_age_seconds", "order.updated"): 90,
    }
    assert {name: told[name] for name in wanted} == wanted
    assert ("companion_stream_lag_seconds", "tickets") not in told, "what is not known is not told"


def test_figures_of_one_name_have_the_same_labels_and_no_word_of_a_shop() -> None:
    labels: dict[str, set[frozenset[str]]] = {}
    for gauge in gauges([_state()], Expected(), now=NOW):
        labels.setdefault(gauge.name, set()).add(frozenset(gauge.labels))
        assert "Maryam" not in f"{gauge.meaning} {gauge.labels}"
    assert [name for name, kinds in labels.items() if len(kinds) > 1] == []
