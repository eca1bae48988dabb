"""What was set aside between a shop and the store, and what a person can do with it: replay deliveries, push again,
pause and resume the writes to a shop. Every act is in the activity log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from companion.domain.permissions import Permission, Viewer
from companion.services.errors import NotFound
from companion.services.scopes import require
from storage import activity, shops
from storage.engine import Store, Tx
from storage.sync import corrections, facts, inbox, outbox
from storage.sync.facts import Choice, DeadId, Parked, Place, Ref

_AT_ONCE = 500  # rows of one transaction: others wait for their turn to write


@dataclass(frozen=True)
class Chosen:
    """Which dead deliveries are meant: those with one of the `ids`, or all of a shop ("" for every shop that the viewer
    sees) that were received in [since, until).
    """

    ids: tuple[int, ...] | None = None
    shop: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Found:
    """How many deliveries a choice finds, by shop and topic."""

    topics: Mapping[tuple[str, str], int]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.topics.values())


@dataclass(frozen=True)
class DeadDelivery:
    """A delivery that was given up. `kind` and `ref_id` are the thing it is about; `place` is whose that is, where it
    is known here.
    """

    id: int
    topic: str
    kind: str
    ref_id: str
    received_at: datetime
    given_up_at: datetime
    attempts: int
    reason: str
    place: Place | None


@dataclass(frozen=True)
class NotPushed:
    """An order or ticket whose summary waits until its notes change, and why."""

    kind: str
    ref_id: str
    reason: str
    place: Place | None


class Queues:
    """`shops` are the keys of the configured shops; `wake` is told when there is work again."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        shops: Collection[str],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._shops = frozenset(shops)
        self._wake = wake

    # --- what was set aside ---------------------------------------------------------------------------------------

    def dead(self, viewer: Viewer, shop: str, *, limit: int) -> tuple[DeadDelivery, ...]:
        """The deliveries of a shop that were given up last. Raises Forbidden, NotFound."""
        self._require(viewer, Permission.SEE_SYNC, shop)
        with self._store.read() as tx:
            rows = facts.dead(tx, shop, limit=limit)
            places = _places(tx, viewer, [(shop, row.kind, row.ref_id) for row in rows])
        return tuple(DeadDelivery(*row, place=places.get((shop, row.kind, row.ref_id))) for row in rows)

    def not_pushed(self, viewer: Viewer, shop: str, *, limit: int) -> tuple[NotPushed, ...]:
        """The orders and tickets that the outbox has parked. Raises Forbidden, NotFound."""
        self._require(viewer, Permission.SEE_SYNC, shop)
        with self._store.read() as tx:
            rows = outbox.parked(tx, shop, limit=limit)
            places = _places(tx, viewer, [(shop, row.kind, row.ref_id) for row in rows])
        return tuple(
            NotPushed(row.kind, row.ref_id, row.reason, places.get((shop, row.kind, row.ref_id))) for row in rows
        )

    def unreadable(self, viewer: Viewer, shop: str, *, limit: int) -> tuple[Parked, ...]:
        """The records of a shop that could not be understood. Raises Forbidden, NotFound."""
        self._require(viewer, Permission.SEE_SYNC, shop)
        with self._store.read() as tx:
            return tuple(facts.unreadable(tx, shop, limit=limit))

    # --- replay ---------------------------------------------------------------------------------------------------

    def find(self, viewer: Viewer, chosen: Chosen) -> Found:
        """What a replay would take up again, without doing it. Raises Forbidden, NotFound."""
        self._require(viewer, Permission.STEER_SYNC, chosen.shop)
        with self._store.read() as tx:
            return Found(facts.dead_topics(tx, _choice(viewer, chosen, self._clock())))

    def replay(self, viewer: Viewer, chosen: Chosen) -> Found:
        """Take up again what was given up, each with all its tries anew. Each thing is read as it stands now, so that
        something old never undoes anything newer. Raises Forbidden, NotFound.
        """
        self._require(viewer, Permission.STEER_SYNC, chosen.shop)
        now = self._clock()
        choice = _choice(viewer, chosen, now)
        replayed: Counter[tuple[str, str]] = Counter()
        while True:
            with self._store.write() as tx:
                found = facts.dead_ids(tx, choice, limit=_AT_ONCE)
                inbox.replay(tx, [row.id for row in found], now)
                for shop, ids in _by_shop(found).items():
                    ref_id = str(ids[0]) if len(ids) == 1 else ""
                    _record(tx, viewer, "delivery.replayed", (shop, "delivery", ref_id), at=now)
            replayed.update((row.shop, row.topic) for row in found)
            if len(found) < _AT_ONCE:
                break
        if replayed:
            self._wake()
        return Found(dict(replayed))

    # --- writing to a shop ----------------------------------------------------------------------------------------

    def pause(self, viewer: Viewer, shop: str) -> bool:
        """Write nothing to the shop until it is resumed; what is due is kept. Returns whether it was not paused yet.
        Raises Forbidden, NotFound.
        """
        return self._set_paused(viewer, shop, is_paused=True)

    def resume(self, viewer: Viewer, shop: str) -> bool:
        """Write to the shop again; returns whether it was paused. Raises Forbidden, NotFound."""
        return self._set_paused(viewer, shop, is_paused=False)

    def push_again(self, viewer: Viewer, shop: str, ref: tuple[str, str] | None = None) -> int:
        """Write the summary of one parked (kind, id) again, or of all of them; returns how many. Raises Forbidden,
        NotFound.
        """
        self._require(viewer, Permission.STEER_SYNC, shop)
        now = self._clock()
        with self._store.write() as tx:
            rows = [row for row in outbox.parked(tx, shop, limit=_AT_ONCE) if ref in {None, (row.kind, row.ref_id)}]
            refs = [(row.shop, row.kind, row.ref_id) for row in rows]
            corrections.forget(tx, refs)  # else the next look would find the same quarrel
            outbox.mark(tx, refs, lane=outbox.AT_ONCE, now=now)
            if refs:
                _record(tx, viewer, "summary.pushed_again", (shop, *(ref or ("", ""))), at=now)
        return len(refs)

    def _set_paused(self, viewer: Viewer, shop: str, *, is_paused: bool) -> bool:
        self._require(viewer, Permission.STEER_SYNC, shop)
        with self._store.write() as tx:
            if shops.is_paused(tx, shop) is is_paused:
                return False
            (shops.pause if is_paused else shops.resume)(tx, shop)
            action = "shop.paused" if is_paused else "shop.resumed"
            _record(tx, viewer, action, (shop, "shop", shop), at=self._clock())
        return True

    def _require(self, viewer: Viewer, permission: Permission, shop: str) -> None:
        require(viewer, permission)
        if shop and (shop not in self._shops or not viewer.sees_shop(shop)):
            raise NotFound("shop.not_found")


def _choice(viewer: Viewer, chosen: Chosen, now: datetime) -> Choice:
    """The choice within what the viewer sees, of what was given up until now: what fails again meanwhile is for the
    next replay.
    """
    of_shop = frozenset({chosen.shop}) if chosen.shop else viewer.shops
    return Choice(ids=chosen.ids, shops=of_shop, since=chosen.since, until=chosen.until, given_up_by=now)


def _by_shop(found: Sequence[DeadId]) -> dict[str, list[int]]:
    ids: dict[str, list[int]] = {}
    for row in found:
        ids.setdefault(row.shop, []).append(row.id)
    return ids


def _places(tx: Tx, viewer: Viewer, refs: Collection[Ref]) -> dict[Ref, Place]:
    return facts.places(tx, refs) if viewer.can(Permission.SEE_CUSTOMERS) else {}


def _record(tx: Tx, viewer: Viewer, action: str, ref: Ref, *, at: datetime) -> None:
    activity.record(tx, action, at=at, agent_id=viewer.agent_id or None, ref=ref)
