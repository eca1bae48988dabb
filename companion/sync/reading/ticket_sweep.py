"""Keeps a helpdesk's tickets fresh: what changed since the last look, rounds over lists, and the replies that are due.

A helpdesk tells little. A ticket's date moves with neither a reply nor, by the plugin's own buttons, with closing or
assigning; the trash is in no list; and each ticket on a page costs the shop some 60 ms. So a look at what changed
counts first, and what no date tells is found by rounds: over the open tickets often, over all of them once in a while.
A round is made of small steps that may lie far apart, and goes on where the last one stood, whoever made that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from companion.domain.comparison import Known, Seen, compare, is_alarming
from companion.sync import failures
from companion.sync.failures import TooManyGone
from companion.sync.funnel.apply import Applier
from companion.sync.reading.reread import Rereader, helpdesk_of
from companion.sync.reading.sweep import TICKETS_ON_A_PAGE, Sweeper
from companion.sync.records.outcome import Outcome
from companion.sync.shop import Shop
from companion.sync.source import Helpdesk
from connectors.base import Page, Window
from connectors.errors import Permanent, Refused
from storage.engine import Store, Tx
from storage.sync import alerts, cursors
from storage.sync.cursors import Cursor
from storage.tickets import tickets

log = logging.getLogger(__name__)

CHANGED, OPEN, ALL, REPLIES, AGENTS = "tickets", "tickets_open", "tickets_all", "replies", "shop_agents"
"""The streams: the cursors' names for what is read here."""

_READINGS = 3  # of a window that grows shorter; what slips through all the same, the rounds find
_BY_ID = 10  # tickets asked for one by one in a step
_CLAIM_S = 30
_CLAIMED = 5  # tickets whose replies are read under one claim


@dataclass(slots=True)
class Step:
    """What a step of a round did: whether the round is over, which share of its list was read by now, how many tickets
    a page listed, what became of them, how many were missed for the first time, and how many were asked for by their
    ids.
    """

    is_over: bool = False
    read: float = 0.0
    listed: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    missed: int = 0
    asked: int = 0


class TicketSweep:
    """Sweeps any shop's helpdesk. Every method raises ConnectorError, and Permanent where the shop has none."""

    def __init__(
        self,
        *,
        store: Store,
        applier: Applier,
        sweeper: Sweeper,
        rereader: Rereader,
        clock: Callable[[], datetime],
        overlap: timedelta,
    ) -> None:
        self._store = store
        self._applier = applier
        self._sweeper = sweeper
        self._rereader = rereader
        self._clock = clock
        self._overlap = overlap

    # --- what a date tells ----------------------------------------------------------------------------------------

    def changed(self, shop: Shop) -> Outcome:
        """Reads the tickets whose date moved since the last look."""
        outcome = Outcome()
        for step in self.changed_round(shop):
            outcome.add(step.outcome)
        return outcome

    def changed_round(self, shop: Shop) -> Iterator[Step]:
        """The same in steps: one cheap request where there are none, else a page each, as somebody may have changed
        thousands at once. One that is not carried to its end is begun anew.
        """
        desk = helpdesk_of(shop)
        with self._store.read() as tx:
            cursor = cursors.get(tx, shop.key, CHANGED)
        watermark = cursor.watermark if cursor else None
        window = Window(by="modified", since=watermark - self._overlap if watermark else None)
        with failures.kept(self._store, shop.key, clock=self._clock, stream=CHANGED):
            count = desk.ticket_count(window)
            if count.total != 0 or not count.fresh:
                yield from self._pages(shop, desk, window)
        with self._store.write(durable=False) as tx:
            # A shop without a clock (no Date header) leaves the watermark: the same stretch is read again.
            signpost = count.shop_now or watermark
            cursors.put(tx, shop.key, CHANGED, watermark=signpost, succeeded_at=self._clock(), failure="")
        yield Step(is_over=True, read=1.0)

    def _pages(self, shop: Shop, desk: Helpdesk, window: Window) -> Iterator[Step]:
        """The pages of a window; again from the first where the list grew shorter, as what moves up is passed by."""
        for _ in range(_READINGS):
            number, longest = 1, 0
            while True:
                reading = self._sweeper.read(partial(desk.tickets, window, page=number, per_page=TICKETS_ON_A_PAGE))
                page = reading.page
                outcome = self._sweeper.ticket_page(shop, reading, saved=_nothing)
                self._sweeper.settle_tickets(shop, outcome)
                longest = max(longest, page.total)
                yield Step(read=number / max(page.pages, number), listed=len(page.items), outcome=outcome)
                if number >= page.pages:
                    break
                number += 1
            if page.total >= longest:
                return

    # --- what none tells ------------------------------------------------------------------------------------------

    def open_step(self, shop: Shop) -> Step:
        """One step of the round over the open tickets.

        What stands open here and was not in the list is asked for by its id, as it was closed, trashed or deleted.
        """
        return self._step(shop, OPEN, "open", partial(self._ask_for_unseen_open, shop))

    def all_step(self, shop: Shop, *, force: bool = False) -> Step:
        """One step of the round over all tickets, the last of which finds what was deleted.

        Raises TooManyGone where the list is not believed, and the next step begins a new round.
        """
        return self._step(shop, ALL, "any", partial(self._ask_for_unseen, shop, force=force))

    def _step(
        self, shop: Shop, stream: str, state: Literal["any", "open"], finish: Callable[[Cursor, Step], None]
    ) -> Step:
        """A page of the round's list; and with the last one, and after it, what is left to do for those not seen.

        The cursor's position is the number of the read with which the round began: whatever was read since is seen.
        `done` of `total` places of the list were read. What moves up in the list while it is read is not seen in this
        round, and so asked for by its id.
        """
        step = Step()
        with failures.kept(self._store, shop.key, clock=self._clock, stream=stream):
            cursor = self._round(shop, stream)
            if cursor.done == 0 or cursor.done < cursor.total:
                cursor = self._page(shop, cursor, state, step)
            if cursor.done < cursor.total:
                step.read = cursor.done / cursor.total
                return step
            step.read = 1.0
            try:
                finish(cursor, step)
            except TooManyGone as error:
                with self._store.write(durable=False) as tx:
                    self._end(tx, cursor)
                    cursors.put(tx, shop.key, stream, failed_at=self._clock(), failure=str(error))
                    error.alert(tx, self._clock())
                raise
        if step.is_over:
            with self._store.write(durable=False) as tx:
                self._end(tx, cursor)
                cursors.put(tx, shop.key, stream, succeeded_at=self._clock(), failure="")
        return step

    def _round(self, shop: Shop, stream: str) -> Cursor:
        """The round under way, or a new one."""
        with self._store.write(durable=False) as tx:
            cursor = cursors.get(tx, shop.key, stream)
            if cursor is None or not cursor.position:
                number = self._store.next_read_seq(tx)
                cursors.put(tx, shop.key, stream, position=number, done=0, total=0, started_at=self._clock())
                cursor = cursors.get(tx, shop.key, stream)
        assert cursor is not None  # noqa: S101 - it was put just now
        return cursor

    def _page(self, shop: Shop, cursor: Cursor, state: Literal["any", "open"], step: Step) -> Cursor:
        """Reads the next page of the round, and returns the cursor behind it."""
        desk = helpdesk_of(shop)
        number = cursor.done // TICKETS_ON_A_PAGE + 1
        reading = self._sweeper.read(lambda: desk.tickets(None, page=number, per_page=TICKETS_ON_A_PAGE, state=state))
        done, total = _progress(reading.page, number, known=cursor.total)
        step.listed = len(reading.page.items)
        step.outcome = self._sweeper.ticket_page(
            shop, reading, saved=lambda tx: cursors.put(tx, shop.key, cursor.stream, done=done, total=total)
        )
        self._sweeper.settle_tickets(shop, step.outcome)
        with self._store.read() as tx:
            behind = cursors.get(tx, shop.key, cursor.stream)
        assert behind is not None  # noqa: S101 - the page was saved in it
        return behind

    def _end(self, tx: Tx, cursor: Cursor) -> None:
        cursors.put(tx, cursor.shop, cursor.stream, position=0, done=0)

    # --- who was not seen -----------------------------------------------------------------------------------------

    def _ask_for_unseen_open(self, shop: Shop, cursor: Cursor, step: Step) -> None:
        with self._store.read() as tx:
            unseen = tickets.open_unseen(tx, shop.key, before_seq=cursor.position, limit=_BY_ID)
        # Somebody closed it, most likely: that it is gone would be a suspicion only, for the round over all to settle.
        self._ask(shop, unseen, step, is_only_missed=True)
        step.is_over = len(unseen) < _BY_ID

    def _ask_for_unseen(self, shop: Shop, cursor: Cursor, step: Step, *, force: bool) -> None:
        with self._store.read() as tx:
            stamps = tickets.stamps(tx, shop.key)
        standing = {key: stamp for key, stamp in stamps.items() if not stamp.is_gone}
        stored = {
            key: Known(Seen(None), is_gone=False, missing_since=stamp.missing_since)
            for key, stamp in standing.items()
            if stamp.status != tickets.TRASH
        }
        listed = {key: Seen(None) for key in stored if stamps[key].read_seq >= cursor.position}
        plan = compare(stored, listed)
        if is_alarming(stored, listed, plan) and not force:
            raise TooManyGone(shop.key, "ticket", absent=len(plan.missed) + len(plan.suspected), stored=len(stored))
        # The trash is in no list: each in it is asked for, as it may have been emptied.
        trashed = [
            key for key, stamp in standing.items() if stamp.status == tickets.TRASH and stamp.read_seq < cursor.position
        ]
        asked = [*plan.suspected, *(plan.missed if force else []), *trashed]
        self._ask(shop, asked[:_BY_ID], step)
        if len(asked) > _BY_ID:
            return
        step.is_over, step.missed = True, len(plan.missed)
        with self._store.write(durable=False) as tx:
            tickets.set_missing(tx, shop.key, [] if force else plan.missed, self._clock())
            alerts.over(tx, shop.key, "too_many_gone", "ticket", self._clock())
            # What an agent corrected in a reply, no count tells.
            tickets.have_replies_of_open_due(tx, shop.key, now=self._clock())

    def _ask(self, shop: Shop, ticket_ids: Sequence[str], step: Step, *, is_only_missed: bool = False) -> None:
        step.asked += len(ticket_ids)
        for ticket_id in ticket_ids:
            try:
                self._rereader.ticket(shop, ticket_id, is_only_missed=is_only_missed)
            except Permanent as error:
                log.warning("a ticket cannot be read", extra={"shop": shop.key, "reason": str(error)})
                read_seq = self._store.next_read_seq()
                with self._store.write(durable=False) as tx:  # it is there, whatever it is: not asked for again
                    tickets.touch(tx, shop.key, [ticket_id], read_seq)

    # --- what belongs to tickets ----------------------------------------------------------------------------------

    def replies(self, shop: Shop, *, limit: int, should_stop: Callable[[], bool] = lambda: False) -> int:
        """Reads the replies of up to `limit` tickets whose replies are due; returns of how many."""
        done = 0
        while done < limit and not should_stop():
            now = self._clock()
            with self._store.read() as tx:
                due = tickets.replies_due(tx, shop.key, now=now, limit=min(_CLAIMED, limit - done))
            if not due:
                break
            until = now + timedelta(seconds=_CLAIM_S)
            with self._store.write(durable=False) as tx:
                claimed = tickets.claim_replies(tx, shop.key, due, now=now, until=until)
            for ticket_id in claimed:
                self._read_replies(shop, ticket_id, until)
            done += len(claimed)
        return done

    def _read_replies(self, shop: Shop, ticket_id: str, until: datetime) -> None:
        end_claim = partial(tickets.end_claim, shop=shop.key, ticket_id=ticket_id, until=until)
        try:
            self._rereader.ticket_replies(shop, ticket_id, settle=end_claim)
        except Permanent as error:
            # Asked again every half minute it would answer the same; it is due again when its ticket changes.
            log.warning("replies cannot be read", extra={"shop": shop.key, "ticket": ticket_id, "reason": str(error)})
            with self._store.write(durable=False) as tx:
                end_claim(tx)

    def agents(self, shop: Shop) -> int:
        """Reads who works in the shop; returns how many. Our user may not be allowed to see that: then those who
        answer tickets are called what their accounts say, and it is kept with the stream.
        """
        desk = helpdesk_of(shop)
        read_seq = self._store.next_read_seq()
        try:
            raws = desk.agents()
        except (Refused, Permanent) as error:
            with self._store.write(durable=False) as tx:
                cursors.put(tx, shop.key, AGENTS, failed_at=self._clock(), failure=str(error))
            log.info("the shop does not say who works in it", extra={"shop": shop.key, "reason": str(error)})
            return 0
        with self._store.write(durable=False) as tx:
            found = self._applier.tickets.agents(tx, shop.key, raws, read_seq=read_seq)
            cursors.put(tx, shop.key, AGENTS, succeeded_at=self._clock(), failure="")
        return found


def _progress(page: Page, number: int, *, known: int) -> tuple[int, int]:
    """How many places of how many were read with this page; a page behind the list's end has no totals."""
    total = page.total if page.pages else known
    return (total if number >= page.pages else number * TICKETS_ON_A_PAGE), total


def _nothing(_tx: Tx) -> None:
    """Nothing is to be remembered with a page."""
