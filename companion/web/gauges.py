"""How the sync stands, as the foot of each page and as `/metrics` show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from companion.domain.permissions import Viewer
from companion.services.sync_state import ShopState
from companion.web.site import Gauge, ShopFreshness


def freshness(states: Iterable[ShopState], viewer: Viewer) -> tuple[ShopFreshness, ...]:
    """Of the shops that this viewer sees."""
    return tuple(
        ShopFreshness(state.shop, state.updated_at, state.done, state.total, is_late=state.is_late)
        for state in states
        if viewer.sees_shop(state.shop)
    )


def gauges(states: Iterable[ShopState], *, now: datetime) -> Iterator[Gauge]:
    """Of every shop."""
    for state in states:
        labels = {"shop": state.shop}
        yield Gauge("companion_shop_failing", "1 while the last look at the shop failed", bool(state.failure), labels)
        if state.updated_at is not None:
            age = (now - state.updated_at).total_seconds()
            yield Gauge("companion_poll_age_seconds", "Seconds since the last successful look", age, labels)
        yield Gauge("companion_inbox_waiting", "Deliveries not worked yet", state.inbox_waiting, labels)
        yield Gauge("companion_inbox_dead", "Deliveries given up", state.inbox_dead, labels)
        yield Gauge("companion_outbox_waiting", "Orders to look at for a push", state.outbox_waiting, labels)
        yield Gauge("companion_outbox_parked", "Orders set aside by the push", state.outbox_parked, labels)
        yield Gauge("companion_parked", "Records that cannot be understood", state.parked, labels)
        yield Gauge("companion_writes_last_hour", "Orders written in an hour", state.writes_last_hour, labels)
