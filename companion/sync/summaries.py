"""What each order should carry, compared with what the shop was last seen to carry.

Used twice: whenever a note or an order changes, to mark what differs; and by the drain, to render what it claimed as of
now. Says what to look at, never what to say: no text is ever queued.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import NamedTuple

from companion.domain.richtext import to_plain
from companion.domain.summary import LatestNote, SummaryStyle, summarise
from companion.domain.targets import NEVER_WRITTEN, OPEN_STATUSES, OrderFact, carriers
from storage import orders, outbox, summaries
from storage.engine import Tx

AT_ONCE, SLOW = 0, 1


class Wanted(NamedTuple):
    """What one order should carry (None: nothing), what it was last seen to carry, and how soon to mend it."""

    text: str | None
    observed: str | None
    lane: int


class Summaries:
    """Renders and marks summaries. `newest`: how many of a customer's newest orders carry one."""

    def __init__(self, *, style: SummaryStyle, newest: int, clock: Callable[[], datetime]) -> None:
        self._style = style
        self._newest = newest
        self._clock = clock

    def wanted(self, tx: Tx, shop: str, customer_ids: Collection[int]) -> dict[str, Wanted]:
        """For every order of these customers in this shop that carries a summary or should: what is wanted, by id."""
        latest = summaries.latest(tx, shop, customer_ids)
        rows = orders.possible_carriers(
            tx,
            shop,
            customer_ids,
            open_statuses=OPEN_STATUSES,
            never_written=NEVER_WRITTEN,
            newest=self._newest,
            pointed_at=[note.order_id for note in latest.values() if note.order_id],
        )
        by_customer: dict[int, list[orders.CarrierRow]] = {}
        for row in rows:
            by_customer.setdefault(row.customer_id, []).append(row)
        found: dict[str, Wanted] = {}
        for customer_id, hers in by_customer.items():
            note = latest.get(customer_id)
            text = self._render(note) if note else None
            facts = [OrderFact(row.order_id, row.status, row.created_at) for row in hers]
            chosen = carriers(facts, pointed_at=note.order_id if note else None, newest=self._newest)
            for row in hers:
                if row.status in NEVER_WRITTEN:
                    continue
                if row.order_id in chosen:
                    found[row.order_id] = Wanted(text, row.summary, AT_ONCE)
                else:
                    # It left the set: an old line must not stand there for ever, but nobody waits for its removal,
                    # unless no note may be shown any more at all.
                    found[row.order_id] = Wanted(None, row.summary, SLOW if note else AT_ONCE)
        return found

    def mark(self, tx: Tx, shop: str, customer_ids: Collection[int]) -> int:
        """Marks dirty what differs from the shop, in the caller's transaction; returns how many orders."""
        wanted = self.wanted(tx, shop, customer_ids)
        differing = [(order_id, want.lane) for order_id, want in wanted.items() if want.text != want.observed]
        for lane in (AT_ONCE, SLOW):
            refs = [(shop, "order", order_id) for order_id, its_lane in differing if its_lane == lane]
            if refs:
                outbox.mark(tx, refs, lane=lane, now=self._clock())
        return len(differing)

    def mark_customer(self, tx: Tx, customer_id: int) -> None:
        """Marks what differs in every shop that knows the customer: called whenever a note of hers changes."""
        for shop in summaries.shops_of(tx, customer_id):
            self.mark(tx, shop, [customer_id])

    def _render(self, note: summaries.LatestRow) -> str:
        return summarise(
            LatestNote(
                written_at=note.created_at,
                author=note.author,
                kind_fa=note.kind_fa,
                kind_en=note.kind_en,
                text=to_plain(note.body),
                how_many=note.how_many,
            ),
            self._style,
        )
