"""Looks at our own line where an edit of it moves no date: on the orders of a shop that keeps them as posts.

In such a shop ("legacy" order storage) whoever changes nothing but meta leaves the order's date alone. The delivery
tells of it; where that was lost, neither a poll nor a comparison of dates would ever show that our line was written
over or deleted. So every order that we ever wrote to is read, a hundred in a request, as part of each comparison of
everything. Tickets need none of it: their own round reads each of them whole.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from companion.domain.targets import NEVER_WRITTEN
from companion.sync.pace.chores import Step
from companion.sync.reading.sweep import Sweeper
from companion.sync.shop import Shop
from connectors.errors import Permanent
from storage import orders, shops
from storage.engine import Store

log = logging.getLogger(__name__)

_AT_ONCE = 100  # the shop lists no more in one answer
_DATES_TELL = "hpos"


class OwnLines:
    """Reads the orders of any shop that bear our line, or bore it."""

    def __init__(self, *, store: Store, sweeper: Sweeper) -> None:
        self._store = store
        self._sweeper = sweeper

    def round(self, shop: Shop) -> Iterator[Step]:
        """All of them once, a request a step; none where the shop's dates tell. Raises ConnectorError or Stopped."""
        if self._dates_tell(shop.key):
            return
        last = ""
        while ids := self._next(shop.key, after=last):
            last = ids[-1]
            try:
                self._sweeper.orders_by_id(shop, ids)
            except Permanent as error:
                log.warning("our lines cannot be looked at", extra={"shop": shop.key, "reason": str(error)})
                return
            yield Step()

    def _dates_tell(self, shop_key: str) -> bool:
        """False also where the shop does not say how it keeps its orders."""
        with self._store.read() as tx:
            known = shops.get(tx, shop_key)
        return known is not None and str(known.facts.get("order_storage", "")).startswith(_DATES_TELL)

    def _next(self, shop_key: str, *, after: str) -> list[str]:
        with self._store.read() as tx:
            return orders.with_our_line(tx, shop_key, after=after, but=NEVER_WRITTEN, limit=_AT_ONCE)
