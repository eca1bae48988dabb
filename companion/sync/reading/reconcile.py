"""Finds what neither webhooks nor polls can tell: permanent deletions, and changes that moved no date's window.

A sweep of ids and dates, the trash in its own pass, compared with what is stored. What differs is read, page by page.
What was on no page is only suspected; missing in two sweeps and unknown to the shop by its id, it is tombstoned. Where
too much is missing at once, or the list is empty, nothing is believed until somebody says so. Where not even dates
tell of our own line (`own_lines`), it is looked at first.

A round may last for hours, so what was read from the shop since it began counts as seen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from companion.domain.comparison import Known, Seen, absent, compare, is_alarming
from companion.sync.failures import TooManyGone
from companion.sync.funnel.apply import IGNORED_STATUSES
from companion.sync.pace.chores import LAST, Step
from companion.sync.pages import Pace, Reading, one_by_one, pages
from companion.sync.reading import setbacks
from companion.sync.reading.own_lines import OwnLines
from companion.sync.reading.reread import Rereader
from companion.sync.reading.sweep import Stopped
from companion.sync.reading.ticket_sweep import TicketSweep
from companion.sync.shop import Shop
from companion.sync.source import Parser
from connectors.base import Page, Stamp
from connectors.errors import ConnectorError, Permanent
from storage.engine import Store
from storage.sync import alerts, cursors, stamps
from storage.sync.stamps import Noun, StampRow

__all__ = ["Reconcile", "Reconciled", "TooManyGone"]

log = logging.getLogger(__name__)

_BY_ID = 5  # read one by one in a step


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a reconciliation of one noun did: how many the shop lists, were read, are missed, were asked for by id."""

    listed: int
    fetched: int
    missed: int
    asked: int


@dataclass(slots=True)
class _Sweep:
    """The sweep of one noun under way; `begun_seq` is the number of the read with which it began."""

    shop: Shop
    noun: Noun
    begun_seq: int
    seen: set[str] = field(default_factory=set)
    fetched: int = 0
    went_back: int = 0
    missed: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True)
class _Pass:
    """One list of a noun, by shop and page number; `behind` and `ahead` are the round's progress before and after."""

    request: Callable[[Shop, int], Page]
    behind: float
    ahead: float


_PASSES: Mapping[Noun, tuple[_Pass, ...]] = {
    "order": (
        _Pass(lambda shop, number: shop.source.order_stamps(trash=False, page=number), 0.0, 0.6),
        _Pass(lambda shop, number: shop.source.order_stamps(trash=True, page=number), 0.6, 0.7),
    ),
    "customer": (_Pass(lambda shop, number: shop.source.customer_stamps(page=number), 0.7, 0.99),),
}


class Reconcile:
    """Reconciles any shop."""

    def __init__(
        self,
        *,
        store: Store,
        rereader: Rereader,
        own_lines: OwnLines,
        parser: Parser,
        tickets: TicketSweep,
        clock: Callable[[], datetime],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._rereader = rereader
        self._own_lines = own_lines
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
        found: dict[str, Reconciled] = {}
        for _ in self._steps(shop, found, shop.pace, force=force):
            if self._should_stop():
                raise Stopped
        return found

    def round(self, shop: Shop) -> Iterator[Step]:
        """As `run_shop`, a page or a few single reads at a time."""
        return self._steps(shop, {}, None, force=False)

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

    def _steps(self, shop: Shop, found: dict[str, Reconciled], pace: Pace | None, *, force: bool) -> Iterator[Step]:
        """What no date tells of our own lines, then both nouns. With a pace several pages are on their way at once."""
        try:
            yield from self._own_lines.round(shop)
            for noun, passes in _PASSES.items():
                sweep = _Sweep(shop, noun, self._store.next_read_seq())
                for one in passes:
                    yield from self._listed(sweep, one, pace)
                yield from self._settled(sweep, force=force, done=passes[-1].ahead)
                found[noun] = Reconciled(len(sweep.seen), sweep.fetched, sweep.missed, sweep.asked)
        except (ConnectorError, TooManyGone) as error:
            self._remember(shop, failure=str(error))
            if isinstance(error, TooManyGone):
                with self._store.write(durable=False) as tx:
                    error.alert(tx, self._clock())
            raise
        self._remember(shop, failure="")
        yield LAST

    # --- what the shop lists --------------------------------------------------------------------------------------

    def _listed(self, sweep: _Sweep, one: _Pass, pace: Pace | None) -> Iterator[Step]:
        """Reads one list of the noun, and by its id whatever differs on each page."""
        request = partial(one.request, sweep.shop)
        readings = pages(partial(self._read, request), pace) if pace else one_by_one(partial(self._read, request))
        for number, reading in enumerate(readings, 1):
            done = one.behind + (one.ahead - one.behind) * number / max(reading.page.pages, number)
            fetch = self._differing(sweep, reading)
            yield Step(done=done)
            yield from self._by_id(sweep, fetch, done=done)

    def _read(self, request: Callable[[int], Page], number: int) -> Reading:
        return Reading(self._store.next_read_seq(), request(number))

    def _differing(self, sweep: _Sweep, reading: Reading) -> list[str]:
        """Compares one page, and returns what must be read. Baskets are no orders, unless one of ours became one."""
        stamps_there = list(self._stamps(reading.page))
        with self._store.read() as tx:
            rows = stamps.of(tx, sweep.shop.key, sweep.noun, [stamp.id for stamp in stamps_there])
        listed = {
            stamp.id: Seen(stamp.modified_at, stamp.status)
            for stamp in stamps_there
            if stamp.id in rows or stamp.status not in IGNORED_STATUSES
        }
        stored = {key: _known(row) for key, row in rows.items()}
        plan = compare(stored, listed)
        if plan.seen_again:
            with self._store.write(durable=False) as tx:
                stamps.set_missing(tx, sweep.shop.key, sweep.noun, plan.seen_again, None)
        sweep.seen.update(listed)
        # What was read after the list was asked for is newer than the list.
        fetch = [key for key in plan.fetch if key not in rows or rows[key].read_seq < reading.read_seq]
        sweep.went_back += sum(_went_back(stored.get(key), listed[key]) for key in fetch)
        sweep.fetched += len(fetch)
        return fetch

    def _stamps(self, page: Page) -> Iterator[Stamp]:
        """The stamps of a page; one that cannot be understood seems missing, and is then asked for by its id."""
        for raw in page.items:
            try:
                yield self._parser.parse_stamp(raw)
            except ValueError as error:
                log.warning("a stamp cannot be understood", extra={"reason": str(error)})

    # --- what it does not list ------------------------------------------------------------------------------------

    def _settled(self, sweep: _Sweep, *, force: bool, done: float) -> Iterator[Step]:
        """When the whole list was seen: notes what is missing, and asks for what is suspected. Raises TooManyGone."""
        shop, noun = sweep.shop, sweep.noun
        with self._store.read() as tx:
            rows = stamps.every(tx, shop.key, noun)
        read_since = {key for key, row in rows.items() if row.read_seq > sweep.begun_seq}
        stored = {key: _known(row) for key, row in rows.items()}
        gone = absent(stored, sweep.seen | read_since)
        if is_alarming(stored, sweep.seen, gone) and not force:
            raise TooManyGone(shop.key, noun, absent=len(gone.missed) + len(gone.suspected), stored=len(stored))
        sweep.missed = len(gone.missed)
        now = self._clock()
        with self._store.write(durable=False) as tx:
            stamps.set_missing(tx, shop.key, noun, gone.missed, now)
            alerts.over(tx, shop.key, "too_many_gone", noun, now)
            setbacks.compared(tx, shop.key, noun, went_back=sweep.went_back, of_all=len(stored), now=now)
        # Whoever insists has seen the list; the shop is still asked for each by its id.
        asked = gone.suspected + (gone.missed if force else [])
        sweep.asked = len(asked)
        yield from self._by_id(sweep, asked, done=done)

    def _by_id(self, sweep: _Sweep, things: Sequence[str], *, done: float) -> Iterator[Step]:
        read = self._rereader.order if sweep.noun == "order" else self._rereader.customer
        for number, thing in enumerate(things, 1):
            try:
                read(sweep.shop, thing)
            except Permanent as error:
                log.warning(
                    "a record cannot be read", extra={"shop": sweep.shop.key, "thing": thing, "reason": str(error)}
                )
            if number % _BY_ID == 0:
                yield Step(done=done)

    def _remember(self, shop: Shop, *, failure: str) -> None:
        now = self._clock()
        with self._store.write(durable=False) as tx:
            if failure:
                cursors.put(tx, shop.key, "reconcile", failed_at=now, failure=failure)
            else:
                cursors.put(tx, shop.key, "reconcile", succeeded_at=now, failure="")


def _known(row: StampRow) -> Known:
    return Known(Seen(row.modified_at, row.status), row.is_gone, row.missing_since)


def _went_back(known: Known | None, seen: Seen) -> bool:
    if known is None or known.is_gone or known.seen.modified_at is None or seen.modified_at is None:
        return False
    return seen.modified_at < known.seen.modified_at
