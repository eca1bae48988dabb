"""The state of everything as plain values for machines: what `/health/sync` answers.

Codes, numbers and instants only. A shop's own words are left out: nobody knows whose name stands in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from companion.services.sync.figures import Expected, ShopState, StreamState
from companion.services.sync.matters import Level, Matter, matters

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]


def report(states: Iterable[ShopState], expected: Expected, *, now: datetime) -> dict[str, Value]:
    """Every shop by its key, and the worst of them as `status`: "act" (a person must), "wait" (it mends itself) or
    "well".
    """
    shops: dict[str, Value] = {}
    levels = []
    for state in states:
        found = matters(state, expected, now=now)
        levels.append(status_of(found))
        shops[state.shop] = _shop(state, found, expected)
    return {"at": _instant(now), "status": min(levels, key=_WORST.index, default="well"), "shops": shops}


def status_of(found: Iterable[Matter]) -> str:
    """The worst of some matters, in one word."""
    levels = {matter.level for matter in found} - {Level.KNOW}
    return min((str(level) for level in levels), key=_WORST.index, default="well")


_WORST = ("act", "wait", "well")


def _shop(state: ShopState, found: Iterable[Matter], expected: Expected) -> Value:
    return {
        "status": status_of(found),
        "is_paused": state.is_paused,
        "matters": [_matter(matter) for matter in found],
        "streams": {stream.stream: _stream(stream) for stream in state.streams},
        "inbox": {
            "waiting": state.inbox_waiting,
            "oldest_at": _instant(state.inbox_oldest_at),
            "dead": state.inbox_dead,
        },
        "outbox": {
            "waiting": state.outbox_waiting,
            "oldest_at": _instant(state.outbox_oldest_at),
            "parked": state.outbox_parked,
        },
        "unreadable": state.parked,
        "push": {
            "mode": expected.push_mode,
            "written_last_hour": state.writes_last_hour,
            "max_per_hour": expected.max_per_hour,
        },
        "share_of_shop_time": round(state.share, 5),
        "webhooks": {
            webhook.topic: {
                "status": webhook.status,
                "is_fragile": webhook.is_fragile,
                "missed": webhook.missed,
                "delivered_at": _instant(webhook.delivered_at),
                "checked_at": _instant(webhook.checked_at),
                "repaired_at": _instant(webhook.repaired_at),
            }
            for webhook in state.webhooks
        },
        "alerts": [
            {
                "kind": alert.kind,
                "subject": alert.subject,
                "first_at": _instant(alert.first_at),
                "last_at": _instant(alert.last_at),
                "times": alert.times,
            }
            for alert in state.alerts
        ],
    }


def _stream(stream: StreamState) -> Value:
    first_read: Value = None
    if stream.done is not None:
        first_read = {"done": stream.done, "total": stream.total, "per_second": stream.per_second}
    return {
        "updated_at": _instant(stream.updated_at),
        "lag_seconds": stream.lag_seconds,
        "is_late": stream.is_late,
        "interval_wanted_seconds": stream.wanted_s,
        "interval_reached_seconds": stream.interval_s,
        "first_read": first_read,
        "trouble": str(stream.trouble) if stream.trouble else None,
        "failed_at": _instant(stream.failed_at) if stream.failure else None,
        "requests_per_hour": round(stream.requests_per_hour, 2),
        "share_of_shop_time": round(stream.share, 5),
    }


def _matter(matter: Matter) -> Value:
    return {
        "code": matter.code,
        "level": str(matter.level),
        "count": matter.count,
        "since": _instant(matter.since),
        "subjects": list(matter.subjects),
        "trouble": str(matter.trouble) if matter.trouble else None,
    }


def _instant(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
