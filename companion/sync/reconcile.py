"""Finds what neither webhooks nor polls can tell: permanent deletions, and changes that moved no date's window.

A sweep of ids and dates, the trash in its own pass, compared with what is stored. What differs is read. What is missing
is only suspected; missing in two sweeps and unknown to the shop by its id, it is tombstoned. Where too much is missing
at once, or the list is empty, nothing is believed until somebody says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from companion.domain.comparison import Known, Seen, compare, is_alarming
from companion.sync.apply import IGNORED_STATUSES
from companion.sync.failures import TooManyGone
from companion.sync.pages import Reading, pages
from companion.sync.reread import Rereader
from companion.sync.shop import Shop
from companion.sync.source import Parser
from companion.sync.sweep import Stopped
from companion.sync.ticket_sweep import TicketSweep
from connectors.base import Page, Stamp
from connectors.errors import ConnectorError, Permanent
from storage import cursors, stamps
from storage.engine import Store
from storage.stamps import Noun

__all__ = ["Reconcile", "Reconciled", "TooManyGone"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a reconciliation of one noun did: how many the shop lists, were read, are missed, were asked for by id."""

    listed: int
    fetched: int
    missed: int
    asked: int


class Reconcile:
    """Reconciles any shop."""

    def __init__(
        self,
        *,
        store: Store,
        rereader: Rereader,
        parser: Parser,
        tickets: TicketSweep,
        clock: Callable[[], datetime],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._rereader = rereader
        self._parser = parser
        self._tickets = tickets
        self._clock = clock
        self._should_stop = should_stop

    def run(self, shop: Shop, *, force: bool = False) -> dict[str, Reconciled]:
        """Orders with the trash, then registered users, then tickets where the shop has a helpdesk; by noun.

        Raises ConnectorError, TooManyGone or Stopped.
        """
        found = self.run_shop(shop, force=force)
        if shop.helpdesk is not None:
            found["ticket"] = self.run_helpdesk(shop, force=force)
        return found

    def run_shop(self, shop: Shop, *, force: bool = False) -> dict[str, Reconciled]:
        """As `run`, without the tickets."""
        try:
            found = {
                "order": self._noun(shop, "order", self._orders(shop), force=force),
                "customer": self._noun(shop, "customer", self._customers(shop), force=force),
            }
        except (ConnectorError, TooManyGone) as error:
            self._remember(shop, failure=str(error))
            raise
        self._remember(shop, failure="")
        return found

    def run_helpdesk(self, shop: Shop, *, force: bool = False) -> Reconciled:
        """The tickets alone: a whole round over their list, since there is no cheap one of ids and dates."""
        listed = fetched = asked = 0
        while True:
            if self._should_stop():
                raise Stopped
            step = self._tickets.all_step(shop, force=force)
            listed, fetched, asked = listed + step.listed, fetched + step.outcome.written, asked + step.asked
            if step.is_over:
                return Reconciled(listed, fetched, step.missed, asked)

    def is_due(self, shop_key: str, *, every_seconds: float) -> bool:
        """Whether the last one that succeeded is so long ago."""
        with self._store.read() as tx:
            cursor = cursors.get(tx, shop_key, "reconcile")
        last = cursor.succeeded_at if cursor else None
        return last is None or (self._clock() - last).total_seconds() >= every_seconds

    def _orders(self, shop: Shop) -> dict[str, Seen]:
        """What the shop lists. Baskets are no orders, unless one of ours became one."""
        with self._store.read() as tx:
            ours = stamps.every(tx, shop.key, "order").keys()
        listed: dict[str, Seen] = {}
        for trash in (False, True):
            for page in self._pages(shop, partial(_order_stamps, shop, trash)):
                for stamp in self._stamps(page):
                    if stamp.status not in IGNORED_STATUSES or stamp.id in ours:
                        listed[stamp.id] = Seen(stamp.modified_at, stamp.status)
        return listed

    def _customers(self, shop: Shop) -> dict[str, Seen]:
        return {
            stamp.id: Seen(stamp.modified_at)
            for page in self._pages(shop, lambda number: shop.source.customer_stamps(page=number))
            for stamp in self._stamps(page)
        }

    def _stamps(self, page: Page) -> Iterator[Stamp]:
        """The stamps of a page; one that cannot be understood seems missing, and is then asked for by its id."""
        for raw in page.items:
            try:
                yield self._parser.parse_stamp(raw)
            except ValueError as error:
                log.warning("a stamp cannot be understood", extra={"reason": str(error)})

    def _pages(self, shop: Shop, request: Callable[[int], Page]) -> Iterable[Page]:
        for reading in pages(lambda number: Reading(0, request(number)), shop.pace):
            if self._should_stop():
                raise Stopped
            yield reading.page

    def _noun(self, shop: Shop, noun: Noun, listed: dict[str, Seen], *, force: bool) -> Reconciled:
        with self._store.read() as tx:
            rows = stamps.every(tx, shop.key, noun)
        stored = {
            key: Known(Seen(row.modified_at, row.status), row.is_gone, row.missing_since) for key, row in rows.items()
        }
        plan = compare(stored, listed)
        if is_alarming(stored, listed, plan) and not force:
            raise TooManyGone(shop.key, noun, absent=len(plan.missed) + len(plan.suspected), stored=len(stored))
        with self._store.write(durable=False) as tx:
            stamps.set_missing(tx, shop.key, noun, plan.missed, self._clock())
            stamps.set_missing(tx, shop.key, noun, plan.seen_again, None)
        read = self._rereader.order if noun == "order" else self._rereader.customer
        # Whoever insists has seen the list; the shop is still asked for each by its id.
        asked = plan.suspected + (plan.missed if force else [])
        for thing in (*plan.fetch, *asked):
            if self._should_stop():
                raise Stopped
            try:
                read(shop, thing)
            except Permanent as error:
                log.warning("a record cannot be read", extra={"shop": shop.key, "thing": thing, "reason": str(error)})
        return Reconciled(len(listed), len(plan.fetch), len(plan.missed), len(asked))

    def _remember(self, shop: Shop, *, failure: str) -> None:
        now = self._clock()
        with self._store.write(durable=False) as tx:
            if failure:
                cursors.put(tx, shop.key, "reconcile", failed_at=now, failure=failure)
            else:
                cursors.put(tx, shop.key, "reconcile", succeeded_at=now, failure="")


def _order_stamps(shop: Shop, trash: bool, number: int) -> Page:  # noqa: FBT001 - partial gives it by place
    return shop.source.order_stamps(trash=trash, page=number)
