"""Drains the outbox: pushes summaries to the shop until it shows what our notes say.

The outbox holds which orders and tickets to look at; what to say is rendered now, compared with what the shop was last
seen to carry, and the row is cleared only if it is still the version that was rendered. What shows the right line costs
no request, so after it has settled the shop sees no further write.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from companion.sync.funnel.apply import Applier
from companion.sync.pushing.push import Batch, Push
from companion.sync.pushing.sinks import OrderSink, Sink, TicketSink
from companion.sync.reading.reread import Rereader
from companion.sync.shop import Shop
from companion.sync.summaries import Summaries, Thing, Wanted
from storage import shops
from storage.engine import Store, Tx
from storage.sync import alerts, corrections, outbox, writes

_LEASE_S = 180
_BATCH = 100
_QUARREL = 3  # corrections of one thing a day; more often, something else writes the field

SUMMARY_QUARREL = "something else writes this field"


@dataclass(frozen=True, slots=True)
class PushPolicy:
    """`max_per_hour` counts orders and tickets written, per shop."""

    mode: Literal["off", "dry-run", "on"]
    max_per_hour: int


class Planned(NamedTuple):
    """What would be written: for the dry run. `kind` is order or ticket."""

    kind: str
    id: str
    observed: str | None
    text: str | None


class OutboxDrain:
    """Pushes to any shop; several workers share the outbox by claim."""

    def __init__(
        self,
        *,
        store: Store,
        applier: Applier,
        rereader: Rereader,
        summaries: Summaries,
        policy: PushPolicy,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._summaries = summaries
        self._policy = policy
        self._clock = clock
        self._push = Push(store=store, clock=clock)
        self._sinks: tuple[Sink, ...] = (OrderSink(applier, rereader), TicketSink(applier, rereader))

    def plan(self, shop_key: str, *, limit: int = 1000) -> list[Planned]:
        """What a drain would write now, without writing it."""
        with self._store.read() as tx:
            things = outbox.waiting(tx, shop_key, limit=limit)
            wanted = self._wanted(tx, shop_key, things)
        return [
            Planned(*thing, want.observed, want.text)
            for thing in things
            if (want := wanted.get(thing)) is not None and want.text != want.observed
        ]

    def drain(self, shop: Shop, *, should_stop: Callable[[], bool] = lambda: False) -> Counter[str]:
        """Works until nothing is due, the hour's writes are spent, or it should stop; counts what became of each."""
        done: Counter[str] = Counter()
        while self._policy.mode == "on" and not should_stop():
            token = secrets.token_hex(8)
            with self._store.write(durable=False) as tx:
                allowed = min(
                    _BATCH, self._policy.max_per_hour - writes.count_last_hour(tx, shop.key, now=self._clock())
                )
                claims = (
                    outbox.claim(
                        tx, shop=shop.key, now=self._clock(), token=token, lease_seconds=_LEASE_S, limit=allowed
                    )
                    if allowed > 0 and not shops.is_paused(tx, shop.key)
                    else ()
                )
            if not claims:
                break
            for sink in self._sinks:
                done.update(self._work(shop, sink, [claim for claim in claims if claim.kind == sink.kind], token))
        return done

    def _wanted(self, tx: Tx, shop_key: str, things: Collection[Thing]) -> dict[Thing, Wanted]:
        customers: set[int] = set()
        for sink in self._sinks:
            customers |= sink.customers_of(tx, shop_key, [key for kind, key in things if kind == sink.kind])
        return self._summaries.wanted(tx, shop_key, customers)

    def _work(self, shop: Shop, sink: Sink, claims: Sequence[outbox.Claim], token: str) -> Counter[str]:
        """Clears what shows the right line already, and pushes the rest, as many as the sink takes at once."""
        if not claims:
            return Counter()
        by_id = {claim.ref_id: claim for claim in claims}
        with self._store.read() as tx:
            wanted = self._wanted(tx, shop.key, [(sink.kind, key) for key in by_id])
            written = sink.written(tx, shop.key, list(by_id))
        hers = {key: want for key in by_id if (want := wanted.get((sink.kind, key))) is not None}
        differing = {key: want for key, want in hers.items() if want.text != want.observed}
        # Written once already, word for word: since then something else wrote over it.
        overwritten = [
            key for key, want in differing.items() if written.get(key) == (want.text or "") and by_id[key].attempts == 0
        ]
        later = list(differing)[sink.at_once :]
        with self._store.write(durable=False) as tx:
            settled = [claim for key, claim in by_id.items() if key not in differing]
            outbox.clear(tx, shop.key, settled, token)
            subjects = [f"{sink.kind} {claim.ref_id}" for claim in settled]
            alerts.over_all(tx, shop.key, "quarrel", subjects, self._clock())
            quarrels = self._quarrels(tx, shop, sink, [key for key in overwritten if key not in later])
            outbox.park(tx, shop.key, [by_id[key] for key in quarrels], token, reason=SUMMARY_QUARREL)
            outbox.release(tx, shop.key, [by_id[key] for key in later], token)
        done = Counter(unchanged=len(by_id) - len(differing), parked=len(quarrels))
        texts = {key: want.text for key, want in differing.items() if key not in quarrels and key not in later}
        return done + self._push.run(Batch(shop, sink, texts, by_id, token)) if texts else done

    def _quarrels(self, tx: Tx, shop: Shop, sink: Sink, overwritten: Collection[str]) -> set[str]:
        """Those that were put right too often today; whoever looks after the shop is told."""
        now = self._clock()
        counts = {key: corrections.count(tx, shop.key, sink.kind, key, now=now) for key in overwritten}
        found = {key for key, count in counts.items() if count > _QUARREL}
        for key in found:
            alerts.raise_(tx, shop.key, "quarrel", f"{sink.kind} {key}", {"corrections": counts[key] - 1}, now)
        return found
