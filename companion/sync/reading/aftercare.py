"""Reads what no date of a shop tells: the notes that stand on an order, and refunds of it that were deleted.

Nothing in a shop moves when an order note is added or a refund is deleted, so orders are asked one by one: at once
where somebody waits (the order changed, or was opened here), else when their turn comes. An order costs two requests at
most: its notes, and its refunds only where some stand here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from companion.domain.turns import OTHERS_EVERY, RECENT, RECENT_EVERY, next_turn
from companion.sync.pace.budget import Budget
from companion.sync.pace.chores import Step
from companion.sync.reading.reread import Rereader
from companion.sync.shop import Shop
from connectors.errors import Missing, Permanent
from storage.engine import Store, Tx
from storage.sync import care
from storage.sync.care import Due

log = logging.getLogger(__name__)

STREAM = "order_notes"
OTHERS_STREAM = "older_order_notes"

_CLAIM_S = 30  # for reading one order; those of a killed worker wait so long


class Aftercare:
    """Looks after the orders of any shop; several workers share what somebody waits for, by claim."""

    def __init__(self, *, store: Store, rereader: Rereader, budget: Budget, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._rereader = rereader
        self._budget = budget
        self._clock = clock

    def urgent(self, shop: Shop, *, limit: int, should_stop: Callable[[], bool] = lambda: False) -> int:
        """Reads up to `limit` orders for which somebody waits; returns how many. Raises ConnectorError."""
        with self._store.read() as tx:
            waiting = care.notes_due(tx, shop.key, now=self._clock(), limit=limit)
        done = 0
        with self._budget.metered(shop, STREAM, is_urgent=True) as metered:
            for order_id in waiting:
                if should_stop():
                    break
                until = self._clock() + timedelta(seconds=_CLAIM_S)
                with self._store.write(durable=False) as tx:
                    claimed = care.claim_notes(tx, shop.key, [order_id], now=self._clock(), until=until)
                for due in claimed:
                    self._read(metered, due, claimed_until=until)
                    done += 1
        return done

    def of_recent(self, shop: Shop) -> Iterator[Step]:
        """A round of the orders that the shop changed lately, as far as their turn has come."""
        return self._turns(shop, recent=True)

    def of_others(self, shop: Shop) -> Iterator[Step]:
        """A round of all other orders whose turn has come."""
        return self._turns(shop, recent=False)

    def _turns(self, shop: Shop, *, recent: bool) -> Iterator[Step]:
        aim, late = RECENT_EVERY if recent else OTHERS_EVERY, timedelta()
        while True:
            now = self._clock()
            with self._store.read() as tx:
                due = care.turn(tx, shop.key, now=now, touched_since=now - RECENT, recent=recent)
            if due is None:
                break
            late = max(late, now - due.turn_at) if due.turn_at else late
            self._read(shop, due)
            yield Step(interval_s=int((aim + late).total_seconds()))
        yield Step(done=1.0, interval_s=int((aim + late).total_seconds()))

    def _read(self, shop: Shop, due: Due, *, claimed_until: datetime | None = None) -> None:
        """Notes and refunds of one order. One that cannot be read has its next turn all the same; raises only what
        concerns the whole shop.
        """
        next_at = next_turn(due.order_id, due.modified_at, self._clock())
        is_settled = False

        def settle(tx: Tx) -> None:
            nonlocal is_settled
            is_settled = True
            now = self._clock()
            care.were_read(tx, shop.key, due.order_id, claimed_until=claimed_until, now=now, next_at=next_at)

        try:
            if due.has_refunds:
                self._rereader.refunds(shop, due.order_id)
            self._rereader.order_notes(shop, due.order_id, settle=settle)
        except Missing:
            self._rereader.order(shop, due.order_id)
        except Permanent as error:
            log.warning(
                "an order's notes cannot be read",
                extra={"shop": shop.key, "order": due.order_id, "reason": str(error)},
            )
        if not is_settled:
            with self._store.write(durable=False) as tx:
                settle(tx)
