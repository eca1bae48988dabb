"""The first full read of a shop's helpdesk: who works there, the tickets newest month first, then their replies.

Apart from `backfill`, since a helpdesk may be closed to us while the shop is open, and its orders must not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from companion.domain.slices import months
from companion.sync import failures
from companion.sync.funnel.apply import Applier
from companion.sync.pages import Reading
from companion.sync.reading.first_read import FirstReads, Progress
from companion.sync.reading.reread import helpdesk_of
from companion.sync.reading.sweep import TICKETS_ON_A_PAGE, Stopped, Sweeper
from companion.sync.reading.ticket_sweep import REPLIES, TicketSweep
from companion.sync.shop import Shop
from connectors.base import Page, Window
from storage.engine import Store
from storage.tickets import tickets

TICKETS = "tickets"
STREAMS = (TICKETS, REPLIES)

_LARGE = 500  # tickets; a larger slice is halved, since a kill costs the slice
_AT_ONCE = 10  # tickets whose replies are read between two words of progress


class TicketBackfill:
    """Backfills any shop's helpdesk, one call at a time for each. `tell` hears of the progress after every page."""

    def __init__(
        self,
        *,
        store: Store,
        applier: Applier,
        sweeper: Sweeper,
        sweep: TicketSweep,
        clock: Callable[[], datetime],
        tell: Callable[[Progress], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._applier = applier
        self._sweeper = sweeper
        self._sweep = sweep
        self._clock = clock
        self._reads = FirstReads(store=store, clock=clock, tell=tell)
        self._should_stop = should_stop

    def is_done(self, shop: Shop) -> bool:
        """True where everything was read once, or there is no helpdesk to be read."""
        return shop.helpdesk is None or all(self._reads.is_done(shop.key, stream) for stream in STREAMS)

    def run(self, shop: Shop) -> None:
        """Reads what is not here yet, and returns when all is. Raises ConnectorError or Stopped; what is read stays."""
        if shop.helpdesk is None:
            return
        for stream, read in ((TICKETS, self._tickets), (REPLIES, self._replies)):
            if not self._reads.is_done(shop.key, stream):
                with failures.kept(self._store, shop.key, clock=self._clock, stream=stream):
                    read(shop)

    def _tickets(self, shop: Shop) -> None:
        desk = helpdesk_of(shop)
        self._sweep.agents(shop)
        all_tickets = self._sweeper.read(lambda: desk.tickets(None, page=1, per_page=1)).page
        shop_now = all_tickets.shop_now or self._clock()
        run = self._reads.begin(shop.key, TICKETS, total=all_tickets.total, shop_now=shop_now)

        def first_page(window: Window) -> Reading:
            return self._sweeper.read(lambda: desk.tickets(window, page=1, per_page=TICKETS_ON_A_PAGE))

        def sweep(name: str, window: Window, first: Reading) -> None:
            swept = self._sweeper.tickets(shop, desk, window, saved=self._reads.saver(run), first=first)
            self._sweeper.settle_tickets(shop, swept.outcome)
            self._reads.finish(run, name, records=swept.records)

        for part in months(shop_now, self._oldest(all_tickets) or shop_now):
            self._reads.in_slices(run, part, shop_now=shop_now, large=_LARGE, first_page=first_page, sweep=sweep)
        self._reads.end(run, watermark=run.signpost)

    def _oldest(self, page: Page) -> datetime | None:
        """The date of the ticket with the lowest id, as a hint how far back to go."""
        items = self._applier.tickets.parse_tickets(page.items[:1])
        return items[0].record.created_at if items and items[0].record else None

    def _replies(self, shop: Shop) -> None:
        """Ticket by ticket, open ones first. What is due is remembered with each ticket, so this resumes by itself."""
        with self._store.read() as tx:
            total = tickets.count_replies_due(tx, shop.key)
        run = self._reads.begin(shop.key, REPLIES, total=total, shop_now=self._clock())
        saved, done = self._reads.saver(run), 0
        while read := self._sweep.replies(shop, limit=_AT_ONCE, should_stop=self._should_stop):
            done += read
            with self._store.write(durable=False) as tx:
                saved(tx, done, total)
        if self._should_stop():
            raise Stopped
        self._reads.end(run, watermark=run.signpost)
