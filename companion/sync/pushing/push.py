"""One push of summaries: writes a batch of one kind, and settles each by what the shop answered for it.

A line stands when the shop shows it; that it said "200" is not enough. What fails does so by itself: one that is gone
is asked for, one that cannot be written waits for a person, the rest is tried again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from companion.domain.backoff import LONGEST_S, delay
from companion.sync.pushing.sinks import Sink
from companion.sync.shop import Shop
from connectors.base import WriteResult
from connectors.errors import ConnectorError, Missing, Permanent, Transient, Unavailable
from storage.engine import Store, Tx
from storage.sync import alerts, outbox, writes

log = logging.getLogger(__name__)

SUMMARY_NOT_KEPT = "the shop does not keep the value"

_AT_ONCE = 17  # answers applied in one transaction, so that others need not wait long for their turn
_AWAY_S = 300.0  # at most, where the whole shop failed: how seldom it is asked then is the circuit's affair
_TRIES = 5  # of a value that the shop says it took and does not show


class Batch(NamedTuple):
    """What is pushed together: lines by id (None removes one), and the claims under which they are."""

    shop: Shop
    sink: Sink
    texts: Mapping[str, str | None]
    claims: Mapping[str, outbox.Claim]
    token: str


class Push:
    """Pushes batches of any shop and kind."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def run(self, batch: Batch) -> Counter[str]:
        """Writes and settles; counts what became of each."""
        shop, texts = batch.shop, batch.texts
        read_seq = self._store.next_read_seq()
        try:
            results = batch.sink.write(shop, texts)
        except ConnectorError as error:
            return self._failed(batch, error)
        done: Counter[str] = Counter()
        for start in range(0, len(results), _AT_ONCE):
            done += self._settle(batch, results[start : start + _AT_ONCE], read_seq=read_seq)
        return done

    def _failed(self, batch: Batch, error: ConnectorError) -> Counter[str]:
        """Nothing was tried."""
        claims = [batch.claims[key] for key in batch.texts]
        with self._store.write(durable=False) as tx:
            if error.code == "no_helpdesk":  # it left the configuration; these wait for the next mark
                outbox.park(tx, batch.shop.key, claims, batch.token, reason=str(error))
            elif isinstance(error, Unavailable):
                # As soon as the shop is tried again, however long it was away; it was said when it failed.
                later = self._clock() + timedelta(seconds=error.retry_after or 0)
                outbox.retry(tx, batch.shop.key, claims, batch.token, next_at=later, reason=str(error))
            else:
                log.warning("summaries could not be pushed", extra={"shop": batch.shop.key, "reason": str(error)})
                asked = error.retry_after if isinstance(error, Transient) else None
                self._put_off(tx, batch, claims, asked=asked, reason=str(error), longest=_AWAY_S)
        return Counter(failed=len(claims))

    def _settle(self, batch: Batch, results: Sequence[WriteResult], *, read_seq: int) -> Counter[str]:
        """Applies what the shop answered, which is how it is known that the line stands there."""
        shop, sink, texts = batch.shop, batch.sink, batch.texts
        items = sink.echoes(result.raw for result in results if result.error is None)
        shown = {item.id: item.record.summary for item in items if item.record is not None and item.id in texts}
        kept = {key for key in shown if (shown[key] or "") == (texts[key] or "")}
        errors = {result.id: result.error for result in results if result.error is not None}
        taken = {result.id for result in results if result.error is None}
        with self._store.write(durable=False) as tx:
            outcome = sink.apply(tx, shop.key, items, read_seq=read_seq)
            written = [*shown, *(key for key, error in errors.items() if _code(error) == "summary_altered")]
            sink.set_written(tx, shop.key, {key: texts[key] or "" for key in written})
            writes.add(tx, shop.key, now=self._clock(), count=len(written))
            # Where another read crossed our write, the claim is kept until the thing was read once more: let go of
            # now, somebody would look at what the other read saw, and write the same again.
            crossed = [batch.claims[key] for key in kept & set(outcome.needs_read)]
            self._clear(tx, batch, [batch.claims[key] for key in kept if batch.claims[key] not in crossed])
            for key in taken - kept:
                self._not_shown(tx, batch, batch.claims[key])
            self._settle_errors(tx, batch, errors)
        missing = [key for key, error in errors.items() if isinstance(error, Missing)]
        is_read = {key: self._reread(batch, key) for key in (*outcome.needs_read, *missing)}
        if crossed:
            with self._store.write(durable=False) as tx:
                self._clear(tx, batch, [claim for claim in crossed if is_read[claim.ref_id]])
                unread = [claim for claim in crossed if not is_read[claim.ref_id]]
                self._put_off(tx, batch, unread, reason="it could not be read again after the push")
        return Counter(pushed=len(kept), failed=len(results) - len(kept))

    def _settle_errors(self, tx: Tx, batch: Batch, errors: Mapping[str, Exception]) -> None:
        homeless = [key for key, error in errors.items() if _code(error) == "summary_not_kept"]
        if homeless:
            # Nothing in the shop registered our key: doctor says so once, and these wait until it is seen there.
            batch.sink.not_kept(tx, batch.shop.key, homeless)
        for key, error in errors.items():
            if key in homeless:
                outbox.park(tx, batch.shop.key, [batch.claims[key]], batch.token, reason=SUMMARY_NOT_KEPT)
            elif isinstance(error, Permanent) and not isinstance(error, Missing):
                outbox.park(tx, batch.shop.key, [batch.claims[key]], batch.token, reason=str(error))
            else:
                self._put_off(tx, batch, [batch.claims[key]], reason=str(error))

    def _not_shown(self, tx: Tx, batch: Batch, claim: outbox.Claim) -> None:
        """The shop says that it took the value and does not show it: again a few times, then for a person."""
        if claim.attempts + 1 >= _TRIES:
            outbox.park(tx, batch.shop.key, [claim], batch.token, reason=SUMMARY_NOT_KEPT)
        else:
            self._put_off(tx, batch, [claim], reason=SUMMARY_NOT_KEPT)

    def _clear(self, tx: Tx, batch: Batch, claims: Sequence[outbox.Claim]) -> None:
        outbox.clear(tx, batch.shop.key, claims, batch.token)
        settled = [f"{claim.kind} {claim.ref_id}" for claim in claims]
        alerts.over_all(tx, batch.shop.key, "quarrel", settled, self._clock())

    def _reread(self, batch: Batch, ref_id: str) -> bool:
        """Asks how a thing stands: it was missing, or another read crossed our write. Whether the shop answered."""
        try:
            batch.sink.reread(batch.shop, ref_id)
        except ConnectorError as error:
            # The outbox row is still there, and so is the poll.
            log.info("a thing could not be read again", extra={"shop": batch.shop.key, "reason": str(error)})
            return False
        return True

    def _put_off(
        self,
        tx: Tx,
        batch: Batch,
        claims: Sequence[outbox.Claim],
        *,
        reason: str,
        asked: float | None = None,
        longest: float = LONGEST_S,
    ) -> None:
        for claim in claims:
            wait_s = max(min(delay(claim.attempts + 1), longest), asked or 0.0)
            later = self._clock() + timedelta(seconds=wait_s)
            outbox.retry(tx, batch.shop.key, [claim], batch.token, next_at=later, reason=reason)


def _code(error: Exception) -> str:
    return error.code if isinstance(error, ConnectorError) else ""
