"""How the sync of each shop stands: how fresh each stream is, what waits, what was set aside. Reads only.

What a person should do about it is `matters`' part; the lists of what was set aside, and what can be done with
them, are `queues`'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from companion.domain.permissions import Permission, Viewer
from companion.services.scopes import require
from companion.services.sync.figures import Brief, Expected, ShopState, StreamState
from storage import shops
from storage.engine import Store
from storage.sync import alerts, cursors, facts, inbox, outbox, parked, subscriptions, writes
from storage.sync.cursors import Cursor
from storage.sync.facts import Taken

STREAMS = (
    "orders",
    "refunds",
    "customers",
    "tickets",
    "tickets_open",
    "replies",
    "order_notes",
    "older_order_notes",
    "changes",
    "webhooks",
    "shop_agents",
    "reconcile",
    "tickets_all",
)
"""In the order in which people ask for them; other streams follow by name."""

_READ_WHOLE_FIRST = frozenset({"orders", "refunds", "customers", "tickets", "replies"})
"""The streams that a first, full read brings; others count the records of a round under way."""

_LATE_AFTER_ROUNDS = 3
_DAY = timedelta(days=1)
_TOLD_LATELY = timedelta(minutes=10)
"""The plugin in the shop tells what changed, if it did so within this time."""
_HOUR_S = 3600.0


class SyncState:
    """`shops` are the configured keys; `expected` is what the figures are held against."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], *, shops: Iterable[str], expected: Expected
    ) -> None:
        self.expected = expected
        self._store = store
        self._clock = clock
        self._shops = tuple(shops)

    def briefs(self) -> tuple[Brief, ...]:
        """Every configured shop, by what costs next to nothing: for each page."""
        now = self._clock()
        with self._store.read() as tx:
            known = cursors.every(tx)
            paused = shops.paused(tx)
        return tuple(
            Brief(shop, streams=self._streams(_of(shop, known), now=now), is_paused=shop in paused)
            for shop in self._shops
        )

    def seen_by(self, viewer: Viewer) -> tuple[ShopState, ...]:
        """The shops of this viewer; raises Forbidden for one who may not see the sync."""
        require(viewer, Permission.SEE_SYNC)
        return tuple(state for state in self.states() if viewer.sees_shop(state.shop))

    def states(self) -> tuple[ShopState, ...]:
        """Every configured shop: for machines and the command line."""
        now = self._clock()
        with self._store.read() as tx:
            known = cursors.every(tx)
            speeds = facts.backfill_speed(tx)
            taken = facts.time_taken(tx, since=now - _DAY)
            arrived = {count.shop: count for count in inbox.counts(tx)}
            leaving = {count.shop: count for count in outbox.counts(tx)}
            aside = parked.counts(tx)
            paused = shops.paused(tx)
            standing = alerts.standing(tx)
            webhooks = subscriptions.every(tx)
            written = {shop: writes.count_last_hour(tx, shop, now=now) for shop in self._shops}
        states = []
        for shop in self._shops:
            inward = arrived.get(shop) or inbox.Count(shop, waiting=0, oldest_at=None, dead=0)
            outward = leaving.get(shop) or outbox.Count(shop, waiting=0, parked=0, oldest_at=None)
            streams = _with_costs(self._streams(_of(shop, known), now=now), _of(shop, taken), now=now)
            states.append(
                ShopState(
                    shop=shop,
                    streams=_with_speeds(streams, {name: speed for (of, name), speed in speeds.items() if of == shop}),
                    is_paused=shop in paused,
                    inbox_waiting=inward.waiting,
                    inbox_oldest_at=inward.oldest_at,
                    inbox_dead=inward.dead,
                    outbox_waiting=outward.waiting,
                    outbox_oldest_at=outward.oldest_at,
                    outbox_parked=outward.parked,
                    parked=aside.get(shop, 0),
                    writes_last_hour=written[shop],
                    webhooks=_of(shop, webhooks),
                    alerts=_of(shop, standing),
                )
            )
        return tuple(states)

    def _streams(self, known: Iterable[Cursor], *, now: datetime) -> tuple[StreamState, ...]:
        known = list(known)
        wanted = dict(self.expected.intervals)
        if any(cursor.stream == "changes" and _is_within(cursor.succeeded_at, _TOLD_LATELY, now) for cursor in known):
            wanted |= self.expected.intervals_told
        found = [
            _stream(cursor, wanted.get(cursor.stream), now=now)
            for cursor in known
            # After the first read refunds come with their orders.
            if not (cursor.stream == "refunds" and cursor.is_backfilled and not cursor.failure)
        ]
        if any(stream.done is not None for stream in found):
            # While one stream is read for the first time the others wait for it; only a failure makes them late.
            found = [replace(stream, is_late=bool(stream.failure)) for stream in found]
        return tuple(sorted(found, key=_place))


def _is_within(instant: datetime | None, span: timedelta, now: datetime) -> bool:
    return instant is not None and now - instant < span


def _stream(cursor: Cursor, wanted: float | None, *, now: datetime) -> StreamState:
    lag = (now - cursor.succeeded_at).total_seconds() if cursor.succeeded_at else None
    is_first_read = cursor.stream in _READ_WHOLE_FIRST and bool(cursor.total) and not cursor.is_backfilled
    patience = _LATE_AFTER_ROUNDS * max(wanted, cursor.interval_s or 0.0) if wanted else None
    return StreamState(
        stream=cursor.stream,
        updated_at=cursor.succeeded_at,
        lag_seconds=lag,
        wanted_s=wanted,
        interval_s=cursor.interval_s,
        done=cursor.done if is_first_read else None,
        total=cursor.total if is_first_read else None,
        failure=cursor.failure,
        failed_at=cursor.failed_at,
        is_late=bool(cursor.failure) or (lag is not None and patience is not None and lag > patience),
    )


def _with_costs(streams: Sequence[StreamState], taken: Sequence[Taken], *, now: datetime) -> tuple[StreamState, ...]:
    """The streams with what each takes of the shop, also those that cost something and have no cursor of their own."""
    if not taken:
        return tuple(streams)
    span = max((now - min(cost.since for cost in taken)).total_seconds(), _HOUR_S)
    found = {stream.stream: stream for stream in streams}
    for cost in taken:
        found[cost.stream] = replace(
            found.get(cost.stream) or StreamState(cost.stream),
            requests_per_hour=cost.requests * _HOUR_S / span,
            share=cost.seconds / span,
        )
    return tuple(sorted(found.values(), key=_place))


def _with_speeds(streams: Sequence[StreamState], speeds: Mapping[str, float]) -> tuple[StreamState, ...]:
    return tuple(
        replace(stream, per_second=speeds.get(stream.stream)) if stream.done is not None else stream
        for stream in streams
    )


def _place(stream: StreamState) -> tuple[int, str]:
    return (STREAMS.index(stream.stream) if stream.stream in STREAMS else len(STREAMS), stream.stream)


class _OfShop(Protocol):
    @property
    def shop(self) -> str: ...


Row = TypeVar("Row", bound=_OfShop)


def _of(shop: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.shop == shop)
