"""What each order and ticket should carry, compared with what the shop was last seen to carry.

Used twice: whenever a note, an order or a ticket changes, to mark what differs; and by the drain, to render what it
claimed as of now. Says what to look at, never what to say: no text is ever queued. Tickets on which the shop does not
show our key at all are left out: a write to one would do nothing but move its date.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from companion.domain.richtext import to_plain
from companion.domain.summary import LatestNote, SummaryStyle, summarise
from companion.domain.targets import NEVER_WRITTEN, OPEN_STATUSES, Fact, carriers, order_fact, ticket_fact
from storage import orders, summaries
from storage.engine import Tx
from storage.sync import outbox
from storage.tickets import tickets

AT_ONCE, SLOW = 0, 1

Kind = Literal["order", "ticket"]
Thing = tuple[str, str]
"""Kind and id of something of a shop that carries summaries."""


class Wanted(NamedTuple):
    """What one thing should carry (None: nothing), what it was last seen to carry, and how soon to mend it."""

    text: str | None
    observed: str | None
    lane: int


class _Candidate(NamedTuple):
    """An order or ticket that may carry a summary, and the one it was last seen to carry."""

    fact: Fact
    customer_id: int
    observed: str | None


class Summaries:
    """Renders and marks summaries. `newest`: how many of a customer's newest orders carry one, and of her tickets."""

    def __init__(self, *, style: SummaryStyle, newest: int, clock: Callable[[], datetime]) -> None:
        self._style = style
        self._newest = newest
        self._clock = clock

    def wanted(self, tx: Tx, shop: str, customer_ids: Collection[int]) -> dict[Thing, Wanted]:
        """What the orders and tickets of these customers in this shop should carry: all that carry one, or should."""
        latest = summaries.latest(tx, shop, customer_ids)
        texts = {customer_id: self._render(note) for customer_id, note in latest.items()}
        found: dict[Thing, Wanted] = {}
        for kind, candidates, pointed_at in (
            ("order", *self._orders(tx, shop, latest, customer_ids)),
            ("ticket", *self._tickets(tx, shop, latest, customer_ids)),
        ):
            by_customer: dict[int, list[_Candidate]] = {}
            for candidate in candidates:
                by_customer.setdefault(candidate.customer_id, []).append(candidate)
            laid_by = {
                each.customer_id for each in candidates if not each.fact.is_writable and each.observed is not None
            }
            erased = summaries.erased(tx, laid_by)
            for customer_id, hers in by_customer.items():
                chosen = carriers(
                    [each.fact for each in hers], pointed_at=pointed_at.get(customer_id), newest=self._newest
                )
                text, is_erased = texts.get(customer_id), customer_id in erased
                found.update(((kind, key), want) for key, want in _wanted(hers, chosen, text, is_erased=is_erased))
        return found

    def mark(self, tx: Tx, shop: str, customer_ids: Collection[int]) -> int:
        """Marks dirty what differs from the shop, in the caller's transaction; returns how many things."""
        wanted = self.wanted(tx, shop, customer_ids)
        differing = [(thing, want.lane) for thing, want in wanted.items() if want.text != want.observed]
        for lane in (AT_ONCE, SLOW):
            refs = [(shop, kind, key) for (kind, key), its_lane in differing if its_lane == lane]
            if refs:
                outbox.mark(tx, refs, lane=lane, now=self._clock())
        return len(differing)

    def mark_customer(self, tx: Tx, customer_id: int) -> None:
        """Marks what differs in every shop that knows the customer: called whenever a note of hers changes."""
        for shop in summaries.shops_of(tx, customer_id):
            self.mark(tx, shop, [customer_id])

    def mark_customers(self, tx: Tx, customer_ids: Collection[int]) -> None:
        """The same of several, called where accounts went from one customer to another."""
        for shop in summaries.shops_of(tx, *customer_ids):
            concerned = summaries.concerned(tx, shop, customer_ids)
            if concerned:
                self.mark(tx, shop, concerned)

    def _orders(
        self, tx: Tx, shop: str, latest: Mapping[int, summaries.LatestRow], customer_ids: Collection[int]
    ) -> tuple[list[_Candidate], dict[int, str]]:
        pointed_at = {customer_id: note.order_id for customer_id, note in latest.items() if note.order_id}
        rows = orders.possible_carriers(
            tx,
            shop,
            customer_ids,
            open_statuses=OPEN_STATUSES,
            never_written=NEVER_WRITTEN,
            newest=self._newest,
            pointed_at=pointed_at.values(),
        )
        facts = [(order_fact(row.order_id, row.status, row.created_at), row) for row in rows]
        return [_Candidate(fact, row.customer_id, row.summary) for fact, row in facts], pointed_at

    def _tickets(
        self, tx: Tx, shop: str, latest: Mapping[int, summaries.LatestRow], customer_ids: Collection[int]
    ) -> tuple[list[_Candidate], dict[int, str]]:
        pointed_at = {customer_id: note.ticket_id for customer_id, note in latest.items() if note.ticket_id}
        rows = tickets.possible_carriers(tx, shop, customer_ids, newest=self._newest, pointed_at=pointed_at.values())
        facts = [(ticket_fact(row.ticket_id, row.status, row.state, row.created_at), row) for row in rows]
        return [_Candidate(fact, row.customer_id, row.summary) for fact, row in facts], pointed_at

    def _render(self, note: summaries.LatestRow) -> str:
        return summarise(
            LatestNote(
                written_at=note.created_at,
                author=note.author,
                kind_fa=note.kind_fa,
                kind_en=note.kind_en,
                text=to_plain(note.body) or note.outcome,
                how_many=note.how_many,
            ),
            self._style,
        )


def _wanted(
    candidates: Collection[_Candidate], chosen: Collection[str], text: str | None, *, is_erased: bool
) -> Iterator[tuple[str, Wanted]]:
    """What is wanted on one customer's things of a kind, by id; `text` is None where no note of hers may be shown."""
    for fact, _, observed in candidates:
        if not fact.is_writable:
            if is_erased and observed is not None:  # what was said of her must not wait in the trash
                yield fact.id, Wanted(None, observed, AT_ONCE)
            continue
        if fact.id in chosen:
            yield fact.id, Wanted(text, observed, AT_ONCE)
        else:
            # It left the set: an old line must not stand there for ever, but nobody waits for its removal, unless no
            # note may be shown any more at all.
            yield fact.id, Wanted(None, observed, AT_ONCE if text is None else SLOW)
