"""Asks our own plugin in a shop what happened there that no date tells, and has each thing looked at.

What it tells goes into the inbox, in the transaction that keeps the number read to. From there on it is worked like
what a webhook told: each thing is claimed and read once, tried again where that fails, and given up and shown where it
fails for good. So no change is lost, and none keeps another waiting.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from companion.sync.deliveries.hints import kind_of
from companion.sync.failures import NotThere
from companion.sync.reading import aftercare, ticket_sweep
from companion.sync.shop import Shop
from connectors.base import Change
from connectors.errors import Missing
from storage.engine import Store
from storage.sync import cursors, due, inbox

log = logging.getLogger(__name__)

STREAM = "changes"
ASK_AGAIN = timedelta(days=1)
"""When a shop without the plugin is asked whether it has it now."""

_AT_ONCE = 2_000  # rows of one transaction
_COMPARISONS = ("reconcile", ticket_sweep.OPEN, ticket_sweep.ALL, aftercare.STREAM, aftercare.OTHERS_STREAM)


class BridgePoll:
    """Asks any shop's plugin. `told` is called with a shop that told something, once it is in the inbox."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Callable[[], datetime],
        told: Callable[[Shop], object] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._told = told
        self._should_stop = should_stop

    def run(self, shop: Shop) -> int:
        """Reads all that happened since the number kept; returns how many things are to be looked at.

        The first time, after the plugin was not there, and where it does not remember so far back, everything of the
        shop is compared besides. Raises ConnectorError, then the number stays; and NotThere.
        """
        if shop.bridge is None:
            return 0
        with self._store.read() as tx:
            cursor = cursors.get(tx, shop.key, STREAM)
        since, is_known = (cursor.position, cursor.succeeded_at is not None) if cursor else (0, False)
        found = 0
        while not self._should_stop():
            try:
                answer = shop.bridge.changes(since)
            except Missing as error:
                self._forget(shop)
                raise NotThere(str(error), again_in=ASK_AGAIN) from None
            if answer.sweep or not is_known:
                log.info("everything is compared", extra={"shop": shop.key, "since": since, "number": answer.number})
                compare_everything(self._store, shop.key, now=self._clock())
            rows = self._rows(shop, answer.changes)
            with self._store.write(durable=False) as tx:
                inbox.add(tx, shop.key, rows, now=self._clock())
                now = self._clock()
                cursors.put(tx, shop.key, STREAM, position=answer.number, succeeded_at=now, failure="")
            since, is_known, found = answer.number, True, found + len(rows)
            if rows:
                self._told(shop)
            if not answer.more:
                break
        return found

    def _rows(self, shop: Shop, changes: Iterable[Change]) -> list[inbox.Told]:
        """What to look at; of several equal changes the last. What we do not follow is left out."""
        latest = {(change.event, change.id): change for change in changes}
        rows = []
        for change in latest.values():
            topic = f"{inbox.CHANGE}{change.event}"
            kind = kind_of(topic)
            if kind and not (kind == "ticket" and shop.helpdesk is None):
                # A shop restored from a backup counts anew, and the same number then tells of something else.
                delivery_id = f"{change.number}-{secrets.token_hex(4)}"
                rows.append(inbox.Told(topic, kind, change.id, delivery_id, b""))
        return rows

    def _forget(self, shop: Shop) -> None:
        """The plugin is not there (any more): what happens until it is back, it will not know either."""
        with self._store.write(durable=False) as tx:
            cursors.put(tx, shop.key, STREAM, succeeded_at=None, failure="")


def compare_everything(store: Store, shop_key: str, *, now: datetime) -> None:
    """Has everything of a shop looked at again as soon as its time allows: the notes and refunds of every order, the
    replies to every ticket, and all ids and dates. Done twice, it costs no more.
    """
    for bring_forward in (due.next_orders, due.next_tickets):
        brought = _AT_ONCE
        while brought == _AT_ONCE:
            with store.write(durable=False) as tx:
                brought = bring_forward(tx, shop_key, now=now, limit=_AT_ONCE)
    with store.write(durable=False) as tx:
        due.rounds(tx, shop_key, _COMPARISONS)
