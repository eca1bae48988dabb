"""What is late, what is stuck and what a person must do, out of the figures of one shop. Decides, and reads nothing.

A matter is a code; pages and commands have the words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from companion.domain.trouble import Trouble, trouble_of
from companion.services.sync.figures import Expected, ShopState
from storage.sync.alerts import Alert

_WORKED_WITHIN = timedelta(minutes=10)  # a delivery takes seconds, unless its shop is away or nobody works
_SUBJECTS = 5


class Level(StrEnum):
    """How much it is a person's: she must act; it mends itself; it is good to know."""

    ACT = "act"
    WAIT = "wait"
    KNOW = "know"


@dataclass(frozen=True)
class Matter:
    """One thing to say of a shop. `count` of what, by its code; `subjects` are some of the things, topics or streams
    that it is about; `trouble` the kind of a failure.
    """

    code: str
    level: Level
    count: int = 0
    since: datetime | None = None
    subjects: tuple[str, ...] = ()
    trouble: Trouble | None = None


_FOR_A_PERSON = frozenset(Trouble) - {Trouble.UNREACHABLE, Trouble.SLOW, Trouble.BUSY, Trouble.BREAKS}
"""Troubles that no waiting mends."""

_ALERTS = {
    "webhook_disabled": Level.ACT,
    "webhooks_silent": Level.ACT,
    "too_many_gone": Level.ACT,
    "restored_backup": Level.ACT,
    "quarrel": Level.ACT,
    "storm": Level.WAIT,
}


def matters(state: ShopState, expected: Expected, *, now: datetime) -> tuple[Matter, ...]:
    """All there is to say of the shop, what a person must do first."""
    found = [*_reading(state, now=now), *_alerted(state), *_set_aside(state), *_settings(state, expected)]
    return tuple(sorted(found, key=lambda matter: list(Level).index(matter.level)))


def _reading(state: ShopState, *, now: datetime) -> Iterator[Matter]:
    """Whether the shop can be read, and is."""
    told = {alert.kind for alert in state.alerts}
    is_away = "unreachable" in told  # which is said by that alert, once for all streams
    found = [
        stream
        for stream in state.streams
        if stream.trouble and str(stream.trouble) not in told and (stream.trouble in _FOR_A_PERSON or not is_away)
    ]
    for trouble, failing in groupby(
        sorted(found, key=lambda stream: str(stream.trouble)), key=lambda stream: stream.trouble
    ):
        streams = list(failing)
        yield Matter(
            "failing",
            Level.ACT if trouble in _FOR_A_PERSON else Level.WAIT,
            since=min((stream.failed_at for stream in streams if stream.failed_at), default=None),
            subjects=tuple(stream.stream for stream in streams),
            trouble=trouble,
        )
    overdue = [stream for stream in state.streams if stream.is_late and not stream.failure]
    if overdue and not is_away:
        # Orders are looked at so often that their lateness tells of the worker, whatever the other streams wait for.
        nobody_works = any(stream.stream == "orders" for stream in overdue)
        yield Matter(
            "nobody_works" if nobody_works else "late",
            Level.ACT if nobody_works else Level.WAIT,
            since=min((stream.updated_at for stream in overdue if stream.updated_at), default=None),
            subjects=tuple(stream.stream for stream in overdue),
        )
    if state.inbox_oldest_at is not None and now - state.inbox_oldest_at > _WORKED_WITHIN:
        yield Matter("inbox_waits", Level.WAIT, count=state.inbox_waiting, since=state.inbox_oldest_at)
    if stretched := [stream.stream for stream in state.streams if stream.is_stretched]:
        yield Matter("stretched", Level.KNOW, subjects=tuple(stretched))


def _alerted(state: ShopState) -> Iterator[Matter]:
    """What the engine noticed; alerts of one kind are one matter."""
    kinds = groupby(sorted(state.alerts, key=lambda alert: alert.kind), key=lambda alert: alert.kind)
    for kind, of_kind in kinds:
        found: list[Alert] = list(of_kind)
        subjects = [alert.subject for alert in found if alert.subject]
        code: str = kind
        trouble = None
        if kind == "unreachable":
            reason = trouble_of(str(found[0].facts.get("reason", "")))
            code, trouble = "failing", Trouble.UNREACHABLE if reason is Trouble.OTHER else reason
            subjects = []
        elif kind == "webhooks_silent" and found[0].facts.get("cause", "wp_cron") != "wp_cron":
            code, subjects = "some_webhooks_silent", list(found[0].facts.get("topics", ()))
        yield Matter(
            code,
            _ALERTS.get(kind, Level.WAIT),
            count=len(found),
            since=min(alert.first_at for alert in found),
            subjects=tuple(subjects[:_SUBJECTS]),
            trouble=trouble,
        )


def _set_aside(state: ShopState) -> Iterator[Matter]:
    if state.inbox_dead:
        yield Matter("dead", Level.ACT, count=state.inbox_dead)
    if state.outbox_parked:
        yield Matter("not_pushed", Level.ACT, count=state.outbox_parked)
    if state.parked:
        yield Matter("unreadable", Level.KNOW, count=state.parked)


def _settings(state: ShopState, expected: Expected) -> Iterator[Matter]:
    """What somebody chose, and what follows from it."""
    if state.is_paused:
        yield Matter("paused", Level.KNOW, count=state.outbox_waiting)
    elif expected.push_mode != "on":
        yield Matter("dry_run" if expected.push_mode == "dry-run" else "push_off", Level.KNOW)
    elif expected.max_per_hour and state.writes_last_hour >= expected.max_per_hour and state.outbox_waiting:
        yield Matter("cap_reached", Level.WAIT, count=state.outbox_waiting)
    if not expected.may_deliver:
        yield Matter("polled_only", Level.KNOW)
