"""The funnel of tickets: as `apply`, for what a helpdesk says. Reached as `Applier.tickets`.

A ticket's date moves with neither a reply nor, by the plugin's own buttons, with closing or assigning; so its content
decides. Its replies come ticket by ticket: a ticket that changed has them due, and whoever reads them clears that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from companion.domain.content import ticket_hash
from companion.domain.decide import Incoming, Stored, Verdict, decide
from companion.domain.searchable import reply_text, ticket_text
from companion.sync.funnel.compared import is_known, opened
from companion.sync.people.accounts import People
from companion.sync.people.forgotten import Forgotten
from companion.sync.records import ticket_rows
from companion.sync.records.items import Item, items_of, open_new
from companion.sync.records.outcome import WRITTEN, Outcome
from companion.sync.records.parking import park
from companion.sync.source import HelpdeskParser
from companion.sync.summaries import Summaries
from connectors.base import Agent, Ticket, TicketReply
from storage import shop_agents, shops, summaries
from storage.engine import Store, Tx
from storage.search import index
from storage.segments import segments
from storage.tickets import replies, tickets
from storage.tickets.tickets import TicketState


class TicketApplier:
    """Every writing method takes the caller's transaction."""

    def __init__(
        self,
        *,
        store: Store,
        parser: HelpdeskParser,
        summaries: Summaries,
        people: People,
        forgotten: Forgotten,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._parser = parser
        self._summaries = summaries
        self._people = people
        self._forgotten = forgotten
        self._clock = clock

    # --- tickets --------------------------------------------------------------------------------------------------

    def read_tickets(self, shop: str, raws: Iterable[bytes]) -> list[Item[Ticket]]:
        """Makes a page ready for `tickets`, parsing what is not known to the byte, before any transaction writes."""
        items: list[Item[Ticket]] = items_of(raws, self._parser.record_id)
        with self._store.read() as tx:
            states = tickets.states(tx, shop, [item.id for item in items])
        open_new(items, {key: state.raw_hash for key, state in states.items()}, self._parser.parse_ticket, ticket_hash)
        return items

    def parse_tickets(self, raws: Iterable[bytes]) -> list[Item[Ticket]]:
        """Tickets parsed whether their bytes are known or not: answers to our own writes."""
        items: list[Item[Ticket]] = items_of(raws, self._parser.record_id)
        for item in items:
            item.open(self._parser.parse_ticket, ticket_hash)
        return items

    def tickets(
        self, tx: Tx, shop: str, items: Sequence[Item[Ticket]], *, read_seq: int, is_confirmed: bool = False
    ) -> Outcome:
        """Decides and writes tickets. `is_confirmed` for a read that was made to settle a doubt."""
        outcome = Outcome()
        shops.apply_alone(tx, shop)
        states = tickets.states(tx, shop, [item.id for item in items])
        self._forgotten.tickets(tx, shop, opened(items, states, self._parser.parse_ticket, ticket_hash))
        untouched: list[str] = []
        written: list[tuple[Item[Ticket], Ticket]] = []
        observed: list[tuple[Item[Ticket], Ticket]] = []
        for item in items:
            state = states.get(item.id)
            if is_known(item, state):
                outcome.verdicts[Verdict.UNCHANGED] += 1
                untouched.append(item.id)
                continue
            ticket = item.record
            if ticket is None:
                outcome.parked.append(item.id)
                untouched.append(item.id)  # it was there, whatever it says
                continue
            verdict, needs_read = decide(
                _stored(state), Incoming(read_seq, item.content_hash, ticket.modified_at, is_confirmed)
            )
            outcome.verdicts[verdict] += 1
            if verdict in WRITTEN:
                written.append((item, ticket))
            elif verdict is Verdict.UNCHANGED:
                observed.append((item, ticket))
            elif state is not None and ticket.summary != state.summary:
                needs_read = True  # our key crossed another read on the way
            if needs_read:
                outcome.needs_read.append(item.id)
        tickets.touch(tx, shop, untouched, read_seq)
        tickets.observe(
            tx,
            [ticket_rows.observation(shop, ticket, read_seq=read_seq, raw_hash=i.raw_hash) for i, ticket in observed],
        )
        differing = [ticket.id for _, ticket in observed if _shows_another_line(ticket, states[ticket.id])]
        customers = set(tickets.customers_of(tx, shop, [*differing, *(ticket.id for _, ticket in written)]).values())
        customers |= self._write(tx, shop, written, states, outcome, read_seq=read_seq)
        self._forgotten.unreadable(tx, shop, "ticket", items)
        park(tx, shop, "ticket", items, now=self._clock())
        self._mark(tx, shop, customers)
        return outcome

    def _write(
        self,
        tx: Tx,
        shop: str,
        written: Sequence[tuple[Item[Ticket], Ticket]],
        states: dict[str, TicketState],
        outcome: Outcome,
        *,
        read_seq: int,
    ) -> set[int]:
        """Writes whole tickets with their accounts and search texts; returns the customers whose they are now."""
        if not written:
            return set()
        authors = self._people.of_authors(tx, shop, {ticket.author_id for _, ticket in written}, now=self._clock())
        outcome.people_due += authors.unread
        standing = replies.standing(tx, shop, [ticket.id for _, ticket in written])
        written_rows = []
        for item, ticket in written:
            owner = authors.owners.get(ticket.author_id)
            # What changed may have been a reply for another one, which no count tells.
            is_due = ticket.replies != standing.get(ticket.id, 0) or (ticket.id in states and ticket.replies > 0)
            written_rows.append(
                ticket_rows.ticket_row(
                    shop,
                    ticket,
                    account_id=owner.account_id if owner else None,
                    read_seq=read_seq,
                    raw_hash=item.raw_hash,
                    content_hash=item.content_hash,
                    replies_due_at=self._clock() if is_due else None,
                )
            )
        ids = tickets.upsert(tx, written_rows, {key: state.id for key, state in states.items()})
        texts = {
            ids[ticket.id]: ticket_text(number=ticket.id, title=ticket.title, body=ticket.body) for _, ticket in written
        }
        index.put(tx, "ticket", texts)
        return {authors.owners[ticket.author_id].customer_id for _, ticket in written if ticket.author_id}

    def ticket_gone(self, tx: Tx, shop: str, ticket_id: str, *, read_seq: int) -> Verdict:
        """Tombstones a ticket, and its replies, of which the shop said by its id that it does not exist."""
        shops.apply_alone(tx, shop)
        state = tickets.states(tx, shop, [ticket_id]).get(ticket_id)
        verdict, _ = decide(_stored(state), Incoming(read_seq, None))
        if verdict is Verdict.DELETE:
            customers = set(tickets.customers_of(tx, shop, [ticket_id]).values())
            tickets.set_gone(tx, shop, [ticket_id], read_seq=read_seq, now=self._clock())
            replies.tombstone_others(tx, shop, ticket_id, [], read_seq=read_seq, now=self._clock())
            self._mark(tx, shop, customers)
        return verdict

    def take_no_summary(self, tx: Tx, shop: str, ticket_ids: Collection[str]) -> None:
        """The shop answered a write of our key as if there were none: nothing of ours stands on these."""
        shops.apply_alone(tx, shop)
        tickets.set_takes_no_summary(tx, shop, ticket_ids)

    def _mark(self, tx: Tx, shop: str, customers: Collection[int]) -> None:
        segments.mark(tx, customers)
        concerned = summaries.concerned(tx, shop, customers)
        if concerned:
            self._summaries.mark(tx, shop, concerned)

    # --- what belongs to a ticket, and to a helpdesk --------------------------------------------------------------

    def replies(self, tx: Tx, shop: str, ticket_id: str, raws: Iterable[bytes], *, read_seq: int) -> int:
        """Writes the whole list of one ticket's replies; those that stand no more are tombstoned. Returns how many."""
        shops.apply_alone(tx, shop)
        items: list[Item[TicketReply]] = items_of(raws, self._parser.record_id)
        for item in items:
            item.open(self._parser.parse_reply, lambda _: b"")
        self._forgotten.unreadable(tx, shop, "reply", items, ticket_id)
        park(tx, shop, "reply", items, now=self._clock())
        found = [item.record for item in items if item.record is not None]
        found = self._forgotten.replies(tx, shop, ticket_id, found)
        states = replies.states(tx, shop, [item.id for item in items])
        ids = replies.upsert(
            tx,
            [ticket_rows.reply_row(shop, reply, read_seq=read_seq) for reply in found],
            {key: state.id for key, state in states.items()},
            read_seq=read_seq,
        )
        texts = {}
        for reply in found:
            state = states.get(reply.id)
            if state is None or (state.body != reply.body and state.read_seq <= read_seq):
                texts[ids[reply.id]] = reply_text(reply.body)
        index.put(tx, "reply", texts)
        replies.tombstone_others(tx, shop, ticket_id, [item.id for item in items], read_seq=read_seq, now=self._clock())
        return len(found)

    def agents(self, tx: Tx, shop: str, raws: Iterable[bytes], *, read_seq: int) -> int:
        """Writes the whole list of those who work in the shop; returns how many."""
        shops.apply_alone(tx, shop)
        items: list[Item[Agent]] = items_of(raws, self._parser.record_id)
        for item in items:
            item.open(self._parser.parse_agent, lambda _: b"")
        park(tx, shop, "agent", items, now=self._clock())
        found = [item.record for item in items if item.record is not None]
        shop_agents.replace(
            tx,
            shop,
            [ticket_rows.agent_row(shop, agent, read_seq=read_seq) for agent in found],
            read_seq=read_seq,
            now=self._clock(),
        )
        return len(found)


def _stored(state: TicketState | None) -> Stored | None:
    if state is None:
        return None
    return Stored(state.read_seq, state.content_hash, state.modified_at, state.gone_at is not None)


def _shows_another_line(ticket: Ticket, state: TicketState) -> bool:
    return (ticket.summary, ticket.takes_summary) != (state.summary, state.takes_summary)
