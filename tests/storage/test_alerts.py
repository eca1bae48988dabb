from __future__ import annotations

from datetime import timedelta

from storage.engine import Store
from storage.sync import alerts
from tests.fixtures.store import Clock


def test_a_standing_alert_is_counted_and_keeps_its_beginning(store: Store, clock: Clock) -> None:
    began = clock()
    with store.write() as tx:
        assert alerts.raise_(tx, "tehran", "webhook_disabled", "order.updated", {"missed": 1}, clock())
        clock.advance(300)
        assert not alerts.raise_(tx, "tehran", "webhook_disabled", "order.updated", {"missed": 2}, clock())
    with store.read() as tx:
        assert alerts.standing(tx) == [
            alerts.Alert(
                shop="tehran",
                kind="webhook_disabled",
                subject="order.updated",
                facts={"missed": 2},
                first_at=began,
                last_at=clock(),
                times=2,
                over_at=None,
            )
        ]


def test_an_alert_that_was_over_begins_anew(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        alerts.raise_(tx, "tehran", "unreachable", "", {}, clock())
        alerts.raise_(tx, "tehran", "unreachable", "", {}, clock())
        assert alerts.over(tx, "tehran", "unreachable", "", clock())
        assert not alerts.over(tx, "tehran", "unreachable", "", clock())
        assert alerts.standing(tx) == []
        clock.advance(3600)
        assert alerts.raise_(tx, "tehran", "unreachable", "", {"reason": "no answer"}, clock())
        (found,) = alerts.standing(tx)
    assert (found.first_at, found.times, found.facts) == (clock(), 1, {"reason": "no answer"})


def test_alerts_of_shops_kinds_and_subjects_are_apart(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        alerts.raise_(tx, "tehran", "quarrel", "order 7", {}, clock())
        alerts.raise_(tx, "tehran", "quarrel", "order 8", {}, clock())
        alerts.raise_(tx, "tehran", "storm", "order 7", {}, clock())
        alerts.raise_(tx, "shiraz", "quarrel", "order 7", {}, clock())
        alerts.over(tx, "tehran", "quarrel", "order 7", clock())
        found = {(alert.shop, alert.kind, alert.subject) for alert in alerts.standing(tx)}
        assert [alert.shop for alert in alerts.standing(tx, "shiraz")] == ["shiraz"]
    assert found == {
        ("tehran", "quarrel", "order 8"),
        ("tehran", "storm", "order 7"),
        ("shiraz", "quarrel", "order 7"),
    }


def test_only_what_was_over_long_ago_is_forgotten(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        for subject in ("order 1", "order 2", "order 3"):
            alerts.raise_(tx, "tehran", "quarrel", subject, {}, clock())
        alerts.over(tx, "tehran", "quarrel", "order 1", clock())
        clock.advance(86_400)
        alerts.over(tx, "tehran", "quarrel", "order 2", clock())
        assert alerts.forget(tx, over_before=clock() - timedelta(hours=1)) == 1
        assert alerts.forget(tx, over_before=clock() + timedelta(seconds=1)) == 1
        assert [alert.subject for alert in alerts.standing(tx)] == ["order 3"]
