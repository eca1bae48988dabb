"""Drains the outbox: pushes summaries to the shop until it shows what our notes say.

The outbox holds which orders to look at; what to say is rendered now, compared with what the shop was last seen to
carry, and the row is cleared only if it is still the version that was rendered. An order that shows the right line
costs no request, so after it has settled the shop sees no further write.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from companion.domain.backoff import delay
from companion.sync.apply import Applier
from companion.sync.reread import Rereader
from companion.sync.shop import Shop
from companion.sync.summaries import Summaries, Wanted
from connectors.base import WriteResult
from connectors.errors import ConnectorError, Missing, Permanent, Transient
from storage import corrections, orders, outbox, shops, writes
from storage.engine import Store, Tx

log = logging.getLogger(__name__)

_LEASE_S = 180
_BATCH = 100  # WooCommerce refuses more in one request
_AT_ONCE = 17  # answers applied in one transaction, so that others need not wait long for their turn
_TRIES = 5  # of a value that the shop says it took and does not show
_QUARREL = 3  # corrections of one order a day; more often, something else writes the field

SUMMARY_QUARREL = "something else writes this field"
SUMMARY_NOT_KEPT = "the shop does not keep the value"


@dataclass(frozen=True, slots=True)
class PushPolicy:
    """`max_per_hour` counts orders written, per shop."""

    mode: Literal["off", "dry-run", "on"]
    max_per_hour: int


class Planned(NamedTuple):
    """What would be written: for the dry run."""

    order_id: str
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
        self._applier = applier
        self._rereader = rereader
        self._summaries = summaries
        self._policy = policy
        self._clock = clock

    def plan(self, shop_key: str, *, limit: int = 1000) -> list[Planned]:
        """What a drain would write now, without writing it."""
        with self._store.read() as tx:
            ids = outbox.waiting(tx, shop_key, limit=limit)
            wanted = self._wanted(tx, shop_key, ids)
        return [
            Planned(order_id, want.observed, want.text)
            for order_id in ids
            if (want := wanted.get(order_id)) is not None and want.text != want.observed
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
            done.update(self._work(shop, claims, token))
        return done

    def _wanted(self, tx: Tx, shop_key: str, order_ids: Sequence[str]) -> dict[str, Wanted]:
        customers = set(orders.customers_of(tx, shop_key, order_ids).values())
        return self._summaries.wanted(tx, shop_key, customers)

    def _work(self, shop: Shop, claims: Sequence[outbox.Claim], token: str) -> Counter[str]:
        by_id = {claim.ref_id: claim for claim in claims}
        with self._store.read() as tx:
            wanted = self._wanted(tx, shop.key, list(by_id))
            written = orders.summaries_written(tx, shop.key, list(by_id))
        differing = {key: want for key in by_id if (want := wanted.get(key)) and want.text != want.observed}
        # Written once already, word for word: since then something else wrote over it.
        overwritten = {
            key for key, want in differing.items() if written.get(key) == (want.text or "") and by_id[key].attempts == 0
        }
        with self._store.write(durable=False) as tx:
            outbox.clear(tx, shop.key, [claim for key, claim in by_id.items() if key not in differing], token)
            quarrels = {
                key
                for key in overwritten
                if corrections.count(tx, shop.key, "order", key, now=self._clock()) > _QUARREL
            }
            outbox.park(tx, shop.key, [by_id[key] for key in quarrels], token, reason=SUMMARY_QUARREL)
        done = Counter(unchanged=len(by_id) - len(differing), parked=len(quarrels))
        texts = {key: want.text for key, want in differing.items() if key not in quarrels}
        return done + self._push(shop, texts, by_id, token) if texts else done

    def _push(
        self, shop: Shop, texts: Mapping[str, str | None], by_id: Mapping[str, outbox.Claim], token: str
    ) -> Counter[str]:
        read_seq = self._store.next_read_seq()
        try:
            results = shop.source.write_summaries(texts)
        except ConnectorError as error:
            log.warning("summaries could not be pushed", extra={"shop": shop.key, "reason": str(error)})
            asked = error.retry_after if isinstance(error, Transient) else None
            with self._store.write(durable=False) as tx:
                self._put_off(tx, shop, [by_id[key] for key in texts], token, asked=asked, reason=str(error))
            return Counter(failed=len(texts))
        done: Counter[str] = Counter()
        for start in range(0, len(results), _AT_ONCE):
            part = results[start : start + _AT_ONCE]
            done += self._settle(shop, texts, part, by_id, token, read_seq=read_seq)
        return done

    def _settle(
        self,
        shop: Shop,
        texts: Mapping[str, str | None],
        results: Sequence[WriteResult],
        by_id: Mapping[str, outbox.Claim],
        token: str,
        *,
        read_seq: int,
    ) -> Counter[str]:
        """Applies orders as the shop answered them, which is how it is known that the line stands there."""
        items = self._applier.parse_orders(result.raw for result in results if result.error is None)
        shown = {item.id: item.record.summary for item in items if item.record is not None and item.id in texts}
        kept = {key for key in shown if (shown[key] or "") == (texts[key] or "")}
        errors = {result.id: result.error for result in results if result.error is not None}
        taken = {result.id for result in results if result.error is None}
        with self._store.write(durable=False) as tx:
            outcome = self._applier.orders(tx, shop.key, items, read_seq=read_seq)
            orders.set_written(tx, shop.key, {key: texts[key] or "" for key in shown})
            writes.add(tx, shop.key, now=self._clock(), count=len(shown))
            # Where another read crossed our write, the claim is kept until the order was read once more: let go of
            # now, somebody would look at what the other read saw, and write the same again.
            crossed = [by_id[key] for key in kept & set(outcome.needs_read)]
            outbox.clear(tx, shop.key, [by_id[key] for key in kept if by_id[key] not in crossed], token)
            for key in taken - kept:
                self._not_kept(tx, shop, by_id[key], token)
            for key, error in errors.items():
                if isinstance(error, Permanent) and not isinstance(error, Missing):
                    outbox.park(tx, shop.key, [by_id[key]], token, reason=str(error))
                else:
                    self._put_off(tx, shop, [by_id[key]], token, reason=str(error))
        missing = [key for key, error in errors.items() if isinstance(error, Missing)]
        is_read = {key: self._reread(shop, key) for key in (*outcome.needs_read, *missing)}
        if crossed:
            with self._store.write(durable=False) as tx:
                outbox.clear(tx, shop.key, [claim for claim in crossed if is_read[claim.ref_id]], token)
                unread = [claim for claim in crossed if not is_read[claim.ref_id]]
                self._put_off(tx, shop, unread, token, reason="it could not be read again after the push")
        return Counter(pushed=len(kept), failed=len(results) - len(kept))

    def _not_kept(self, tx: Tx, shop: Shop, claim: outbox.Claim, token: str) -> None:
        """The shop says that it took the value and does not show it: again a few times, then for a person."""
        if claim.attempts + 1 >= _TRIES:
            outbox.park(tx, shop.key, [claim], token, reason=SUMMARY_NOT_KEPT)
        else:
            self._put_off(tx, shop, [claim], token, reason=SUMMARY_NOT_KEPT)

    def _reread(self, shop: Shop, order_id: str) -> bool:
        """Asks how the order stands: it was missing, or another read crossed our write. Whether the shop answered."""
        try:
            self._rereader.order(shop, order_id)
        except ConnectorError as error:
            # The outbox row is still there, and so is the poll.
            log.info("an order could not be read again", extra={"shop": shop.key, "reason": str(error)})
            return False
        return True

    def _put_off(
        self,
        tx: Tx,
        shop: Shop,
        claims: Sequence[outbox.Claim],
        token: str,
        *,
        reason: str,
        asked: float | None = None,
    ) -> None:
        for claim in claims:
            later = self._clock() + timedelta(seconds=delay(claim.attempts + 1, asked=asked))
            outbox.retry(tx, shop.key, [claim], token, next_at=later, reason=reason)
