"""Reads whole lists of a shop page by page and applies every page: the one code path of backfill and poll.

A page is applied in one transaction, together with the progress it means. A list whose total changed while it was read
is read again, since a record that left it may have pulled another past us.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from companion.sync.funnel.apply import Applier
from companion.sync.pages import Reading, pages
from companion.sync.reading.reread import Rereader
from companion.sync.records.items import batched
from companion.sync.records.outcome import Outcome
from companion.sync.shop import Shop
from companion.sync.source import Helpdesk
from connectors.base import Page, Window
from connectors.errors import Permanent
from storage.engine import Store, Tx

log = logging.getLogger(__name__)

_NEWEST = 25  # users on a page, when only the newest are asked for
TICKETS_ON_A_PAGE = 20
"""Each costs the shop some 60 ms, and somebody may be waiting for it."""
_AT_ONCE = 17  # orders in one transaction while others wait: a sixth of a page
_READINGS = 3  # of a list that keeps changing; what slips through all the same, the polls' overlap finds

Saved = Callable[[Tx, int, int], None]
"""Called in the transaction of each page: how many records of the list were read by now, and how many it has."""


class Stopped(Exception):
    """The sweep was asked to stop between two pages; what is applied stays."""


@dataclass(slots=True)
class Swept:
    """What a sweep saw: how many records, the shop's clock when it began, and what is left to look at."""

    records: int = 0
    total: int = 0
    shop_now: datetime | None = None
    outcome: Outcome = field(default_factory=Outcome)


class Sweeper:
    """Sweeps the lists of any shop."""

    def __init__(
        self, *, store: Store, applier: Applier, rereader: Rereader, should_stop: Callable[[], bool] = lambda: False
    ) -> None:
        self._store = store
        self._applier = applier
        self._rereader = rereader
        self._should_stop = should_stop

    def orders(
        self, shop: Shop, window: Window, *, saved: Saved, first: Reading | None = None, is_first_read: bool = False
    ) -> Swept:
        """All orders of the window. `first` is page one, where the caller has read it already."""

        def apply(reading: Reading, swept: Swept) -> None:
            items = self._applier.read_orders(shop.key, reading.page.items)
            # In parts while others wait for their turn to write: a delivery or a note should not wait long.
            for part in batched(items, _AT_ONCE if self._store.is_pressed() else len(items)):
                with self._store.write(durable=False) as tx:
                    told = self._applier.orders(
                        tx, shop.key, part, read_seq=reading.read_seq, is_first_read=is_first_read
                    )
                    saved(tx, swept.records, swept.total)
                swept.outcome.add(told)

        return self._sweep(shop, lambda number: shop.source.orders(window, page=number), apply, first=first)

    def orders_by_id(self, shop: Shop, order_ids: Sequence[str]) -> Outcome:
        """Those of up to a hundred orders that the shop still lists, in one request."""
        reading = self.read(lambda: shop.source.orders_by_id(order_ids))
        items = self._applier.read_orders(shop.key, reading.page.items)
        with self._store.write(durable=False) as tx:
            outcome = self._applier.orders(tx, shop.key, items, read_seq=reading.read_seq)
        self.settle(shop, outcome, with_refunds=True)
        return outcome

    def customers(self, shop: Shop, *, saved: Saved) -> Swept:
        """All registered users."""

        def apply(reading: Reading, swept: Swept) -> None:
            items = self._applier.read_customers(shop.key, reading.page.items)
            with self._store.write(durable=False) as tx:
                told = self._applier.customers(tx, shop.key, items, read_seq=reading.read_seq)
                saved(tx, swept.records, swept.total)
            swept.outcome.add(told)

        return self._sweep(shop, lambda number: shop.source.customers(page=number), apply)

    def new_customers(self, shop: Shop) -> Swept:
        """The registered users newest first, until a page holds none that is new to us."""
        swept = Swept()
        number = 1
        while True:
            reading = self.read(partial(shop.source.customers, page=number, per_page=_NEWEST, newest_first=True))
            items = self._applier.read_customers(shop.key, reading.page.items)
            with self._store.write(durable=False) as tx:
                told = self._applier.customers(tx, shop.key, items, read_seq=reading.read_seq)
            swept.outcome.add(told)
            swept.records += len(items)
            if not told.created or number >= reading.page.pages:
                return swept
            number += 1

    def refunds(self, shop: Shop, *, since: datetime | None, saved: Saved) -> Swept:
        """All refunds, or those made after `since`."""

        def apply(reading: Reading, swept: Swept) -> None:
            with self._store.write(durable=False) as tx:
                self._applier.refunds(tx, shop.key, reading.page.items, read_seq=reading.read_seq)
                saved(tx, swept.records, swept.total)

        return self._sweep(shop, lambda number: shop.source.refunds(since=since, page=number), apply)

    def tickets(
        self, shop: Shop, desk: Helpdesk, window: Window, *, saved: Saved, first: Reading | None = None
    ) -> Swept:
        """All tickets of the window but trashed ones. `first` is page one, where the caller has read it already."""

        def apply(reading: Reading, swept: Swept) -> None:
            told = self.ticket_page(shop, reading, saved=lambda tx: saved(tx, swept.records, swept.total))
            swept.outcome.add(told)

        return self._sweep(
            shop, lambda number: desk.tickets(window, page=number, per_page=TICKETS_ON_A_PAGE), apply, first=first
        )

    def ticket_page(self, shop: Shop, reading: Reading, *, saved: Callable[[Tx], object]) -> Outcome:
        """Applies one page of tickets; `saved` is called in its transaction."""
        items = self._applier.tickets.read_tickets(shop.key, reading.page.items)
        with self._store.write(durable=False) as tx:
            outcome = self._applier.tickets.tickets(tx, shop.key, items, read_seq=reading.read_seq)
            saved(tx)
        return outcome

    def read(self, request: Callable[[], Page]) -> Reading:
        """One request, numbered before it is sent."""
        read_seq = self._store.next_read_seq()
        return Reading(read_seq, request())

    def settle(self, shop: Shop, outcome: Outcome, *, with_refunds: bool) -> None:
        """Reads again what a sweep left in doubt, and the refunds that differ from ours."""
        for order_id in dict.fromkeys(outcome.needs_read):
            try:
                self._rereader.order(shop, order_id)
            except Permanent as error:
                log.warning("an order in doubt cannot be read", extra={"shop": shop.key, "reason": str(error)})
        for order_id in dict.fromkeys(outcome.refunds_due) if with_refunds else ():
            try:
                self._rereader.refunds(shop, order_id)
            except Permanent as error:
                log.warning("refunds cannot be read", extra={"shop": shop.key, "reason": str(error)})

    def settle_tickets(self, shop: Shop, outcome: Outcome) -> None:
        """Reads again the tickets that a sweep left in doubt, and the people whom it met in them first."""
        for ticket_id in dict.fromkeys(outcome.needs_read):
            try:
                self._rereader.ticket(shop, ticket_id)
            except Permanent as error:
                log.warning("a ticket in doubt cannot be read", extra={"shop": shop.key, "reason": str(error)})
        self._rereader.people(shop, outcome.people_due)

    def _sweep(
        self,
        shop: Shop,
        request: Callable[[int], Page],
        apply: Callable[[Reading, Swept], None],
        *,
        first: Reading | None = None,
    ) -> Swept:
        swept = Swept()
        for _ in range(_READINGS):
            swept = Swept(outcome=swept.outcome, shop_now=swept.shop_now)
            has_changed = False
            for reading in pages(self._fetching(request, first), shop.pace):
                if swept.shop_now is None:
                    swept.shop_now = reading.page.shop_now
                swept.total = swept.total or reading.page.total
                has_changed |= reading.page.total != swept.total
                swept.records += len(reading.page.items)
                apply(reading, swept)
                if self._should_stop():
                    raise Stopped
            if not has_changed:
                break
            first = None
            log.info("the list changed while it was read; reading it again", extra={"shop": shop.key})
        return swept

    def _fetching(self, request: Callable[[int], Page], first: Reading | None) -> Callable[[int], Reading]:
        def fetch(number: int) -> Reading:
            if number == 1 and first is not None:
                return first
            return self.read(lambda: request(number))

        return fetch
