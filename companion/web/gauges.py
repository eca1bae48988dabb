"""How the sync stands, as the foot of each page and as `/metrics` show it. Figures only, nothing of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from companion.domain.permissions import Viewer
from companion.domain.trouble import LEFT_ALONE
from companion.services.sync.figures import Brief, Expected, ShopState
from companion.services.sync.matters import Level, matters
from companion.web.site import Gauge, ShopFreshness


def freshness(briefs: Iterable[Brief], viewer: Viewer) -> tuple[ShopFreshness, ...]:
    """Of the shops that this viewer sees."""
    return tuple(
        ShopFreshness(
            shop=brief.shop,
            updated_at=brief.updated_at,
            done=brief.done,
            total=brief.total,
            is_late=brief.is_late,
            trouble=brief.failing.trouble if brief.failing else None,
            is_paused=brief.is_paused,
        )
        for brief in briefs
        if viewer.sees_shop(brief.shop)
    )


def gauges(states: Iterable[ShopState], expected: Expected, *, now: datetime) -> Iterator[Gauge]:
    """Of every shop."""
    for state in states:
        yield from _of_shop(state, expected, now=now)
        yield from _of_queues(state, expected, now=now)
        yield from _of_streams(state)
        yield from _of_webhooks(state, now=now)


def _of_shop(state: ShopState, expected: Expected, *, now: datetime) -> Iterator[Gauge]:
    labels = {"shop": state.shop}
    yield Gauge("companion_shop_failing", "1 while the last look at the shop failed", bool(state.failure), labels)
    is_left_alone = any(alert.kind == "unreachable" for alert in state.alerts) or any(
        stream.failure.startswith(LEFT_ALONE) for stream in state.streams
    )
    yield Gauge("companion_shop_circuit_open", "1 while nothing is sent to a shop that failed", is_left_alone, labels)
    yield Gauge("companion_shop_paused", "1 while nothing is written to the shop", state.is_paused, labels)
    yield Gauge("companion_shop_time_ratio", "Share of the shop's time that sweeps take, of 1", state.share, labels)
    if state.updated_at is not None:
        age = _seconds(state.updated_at, now)
        yield Gauge("companion_poll_age_seconds", "Seconds since the last successful look", age, labels)
    found = Counter(matter.level for matter in matters(state, expected, now=now))
    for level in Level:
        meaning = "What there is to say of the shop, by how much it is a person's"
        yield Gauge("companion_matters", meaning, found[level], {**labels, "level": str(level)})
    for kind, count in Counter(alert.kind for alert in state.alerts).items():
        yield Gauge("companion_alerts", "Alerts that stand", count, {**labels, "kind": kind})


def _of_queues(state: ShopState, expected: Expected, *, now: datetime) -> Iterator[Gauge]:
    labels = {"shop": state.shop}
    yield Gauge("companion_inbox_waiting", "Deliveries not worked yet", state.inbox_waiting, labels)
    oldest = _seconds(state.inbox_oldest_at, now)
    yield Gauge("companion_inbox_oldest_seconds", "Age of the delivery that waits longest", oldest, labels)
    yield Gauge("companion_inbox_dead", "Deliveries given up", state.inbox_dead, labels)
    yield Gauge("companion_outbox_waiting", "Orders and tickets to look at for a push", state.outbox_waiting, labels)
    oldest = _seconds(state.outbox_oldest_at, now)
    yield Gauge("companion_outbox_oldest_seconds", "Age of the push that waits longest", oldest, labels)
    yield Gauge("companion_outbox_parked", "Orders and tickets set aside by the push", state.outbox_parked, labels)
    yield Gauge("companion_parked", "Records that cannot be understood", state.parked, labels)
    yield Gauge("companion_writes_last_hour", "Orders and tickets written in an hour", state.writes_last_hour, labels)
    yield Gauge("companion_writes_per_hour_limit", "push.max_per_hour", expected.max_per_hour, labels)


def _of_streams(state: ShopState) -> Iterator[Gauge]:
    for stream in state.streams:
        labels = {"shop": state.shop, "stream": stream.stream}
        yield Gauge("companion_stream_failing", "1 while its last reading failed", bool(stream.failure), labels)
        yield Gauge("companion_stream_late", "1 while it is older than it should be", stream.is_late, labels)
        yield Gauge("companion_stream_time_ratio", "Share of the shop's time that it takes, of 1", stream.share, labels)
        yield from _known(
            {
                ("companion_stream_lag_seconds", "Seconds since it was last read"): stream.lag_seconds,
                ("companion_stream_interval_seconds", "From one round to the next, as reached"): stream.interval_s,
                ("companion_stream_interval_wanted_seconds", "The same, as wanted"): stream.wanted_s,
                ("companion_backfill_records_done", "Records that the first read has brought"): stream.done,
                ("companion_backfill_records_expected", "Records that it will bring"): stream.total,
            },
            labels,
        )


def _of_webhooks(state: ShopState, *, now: datetime) -> Iterator[Gauge]:
    for webhook in state.webhooks:
        labels = {"shop": state.shop, "topic": webhook.topic}
        is_active = webhook.status == "active"
        yield Gauge("companion_webhook_active", "1 where the shop delivers, as last seen", is_active, labels)
        meaning = "1 where one more failure disables it again"
        yield Gauge("companion_webhook_fragile", meaning, webhook.is_fragile, labels)
        meaning = "Changes that a read found and no delivery told"
        yield Gauge("companion_webhook_missed", meaning, webhook.missed, labels)
        if webhook.delivered_at is not None:
            age = _seconds(webhook.delivered_at, now)
            yield Gauge("companion_webhook_delivery_age_seconds", "Seconds since its last delivery", age, labels)


def _known(measured: Mapping[tuple[str, str], float | None], labels: Mapping[str, str]) -> Iterator[Gauge]:
    for (name, meaning), value in measured.items():
        if value is not None:
            yield Gauge(name, meaning, value, labels)


def _seconds(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
