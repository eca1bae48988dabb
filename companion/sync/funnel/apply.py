"""The one funnel: whatever was read by webhook, poll, backfill or drain is decided here and written here.

There is no second writer of a shop's records. Every writing method takes the caller's transaction, so that what was
read and the note that it was read (an inbox row, a cursor) are stored together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from secrets import token_bytes
from typing import Any

from companion.domain.also_told import NOTHING_CHOSEN, Chosen
from companion.domain.content import customer_hash, order_hash
from companion.domain.decide import Incoming, Verdict, decide
from companion.domain.identity import AccountKey
from companion.domain.turns import met
from companion.sync.funnel import compared
from companion.sync.funnel.tickets import TicketApplier
from companion.sync.people.accounts import People
from companion.sync.people.forgotten import Forgotten
from companion.sync.people.identity import Identity
from companion.sync.records import rows, words
from companion.sync.records.items import Item, items_of, open_new
from companion.sync.records.outcome import WRITTEN, Outcome
from companion.sync.records.parking import park
from companion.sync.source import HelpdeskParser, Parser
from companion.sync.summaries import Summaries
from connectors.base import Customer, Order, OrderNote, Refund
from storage import orders, shops, summaries
from storage.engine import Store, Tx
from storage.identity import links
from storage.orders import OrderState
from storage.people import accounts
from storage.segments import segments

IGNORED_STATUSES = frozenset({"checkout-draft", "auto-draft"})
"""A basket that somebody is filling; WooCommerce deletes old ones daily without a word."""


class Applier:
    """The funnel of one installation; that of its helpdesks' tickets is `tickets`. `region` is the country whose phone
    spellings are assumed, `chosen` the custom fields that people are found by.
    """

    def __init__(  # noqa: PLR0913 -- what the one funnel works with
        self,
        *,
        store: Store,
        parser: Parser,
        helpdesk_parser: HelpdeskParser,
        summaries: Summaries,
        region: str,
        clock: Callable[[], datetime],
        forgotten: Forgotten | None = None,
        identity: Identity | None = None,
        chosen: Chosen = NOTHING_CHOSEN,
    ) -> None:
        self._store = store
        self._parser = parser
        self._summaries = summaries
        self._people = People(region, identity or Identity(region=region), chosen)
        self._forgotten = forgotten or Forgotten(token_bytes(32), region=region)
        self._clock = clock
        self.tickets = TicketApplier(
            store=store,
            parser=helpdesk_parser,
            summaries=summaries,
            people=self._people,
            forgotten=self._forgotten,
            clock=clock,
        )

    # --- orders ---------------------------------------------------------------------------------------------------

    def read_orders(self, shop: str, raws: Iterable[bytes]) -> list[Item[Order]]:
        """Makes a page ready for `orders`, parsing what is not known to the byte, before any transaction writes."""
        items: list[Item[Order]] = items_of(raws, self._parser.record_id)
        with self._store.read() as tx:
            known = {key: state.raw_hash for key, state in orders.states(tx, shop, [item.id for item in items]).items()}
        open_new(items, known, self._parser.parse_order, order_hash)
        return items

    def parse_orders(self, raws: Iterable[bytes]) -> list[Item[Order]]:
        """Orders parsed whether their bytes are known or not: deliveries' bodies, and answers to our own writes."""
        items: list[Item[Order]] = items_of(raws, self._parser.record_id)
        for item in items:
            item.open(self._parser.parse_order, order_hash)
        return items

    def orders(
        self,
        tx: Tx,
        shop: str,
        items: Sequence[Item[Order]],
        *,
        read_seq: int | None,
        is_confirmed: bool = False,
        is_first_read: bool = False,
    ) -> Outcome:
        """Decides and writes orders. `read_seq` is None for deliveries' bodies; `is_confirmed` for a read that was made
        to settle a doubt; `is_first_read`: nobody waits for the order notes of what is new to us.
        """
        outcome = Outcome()
        shops.apply_alone(tx, shop)
        states = orders.states(tx, shop, [item.id for item in items])
        erased = self._forgotten.orders(
            tx, shop, compared.opened(items, states, self._parser.parse_order, order_hash), states
        )
        number = read_seq if read_seq is not None else self._store.next_read_seq(tx)
        untouched: list[str] = []
        written: list[Item[Order]] = []
        unchanged: list[Item[Order]] = []
        observed: list[Item[Order]] = []
        for item in items:
            state = states.get(item.id)
            if compared.is_known(item, state):
                outcome.verdicts[Verdict.UNCHANGED] += 1
                untouched.append(item.id)
                continue
            order = item.record
            if order is None:
                outcome.parked.append(item.id)
            elif state is not None or order.status not in IGNORED_STATUSES:
                verdict, needs_read = decide(
                    compared.stored(state), Incoming(read_seq, item.content_hash, order.modified_at, is_confirmed)
                )
                outcome.verdicts[verdict] += 1
                if verdict in WRITTEN:
                    written.append(item)
                elif state is not None and order.summary != state.summary and verdict is Verdict.STALE:
                    needs_read = True  # our key crossed another read on the way
                elif state is not None and verdict is Verdict.UNCHANGED:
                    unchanged.append(item)
                    if read_seq is not None or compared.is_later(order, state):
                        observed.append(item)
                    else:
                        needs_read = order.summary != state.summary and order.modified_at == state.modified_at
                if needs_read:
                    outcome.needs_read.append(item.id)
        outcome.went_back = [item.id for item in (*written, *observed) if compared.is_earlier(item, states)]
        orders.touch(tx, shop, untouched, number)
        # As it was, and yet saved: a status set and set back leaves two order notes. So it may have been before our own
        # write too, whose answer bears the later date.
        now = self._clock()
        orders.observe(tx, [compared.observation(shop, item, states[item.id], number, now) for item in observed])
        customers = (
            self._write(tx, shop, written, states, number, erased, is_first_read=is_first_read) if written else {}
        )
        self._park(tx, shop, "order", items)
        self._mark(tx, shop, customers, [item for item in observed if compared.differs(item, states)])
        outcome.refunds_due = compared.refunds_due(tx, shop, [*written, *unchanged])
        # Whoever reads the order next looks inside again, so the refunds stay due until they have been read.
        orders.forget_bytes(tx, shop, outcome.refunds_due)
        return outcome

    def _write(
        self,
        tx: Tx,
        shop: str,
        written: list[Item[Order]],
        states: dict[str, OrderState],
        number: int,
        erased: Mapping[str, AccountKey],
        *,
        is_first_read: bool,
    ) -> dict[str, int]:
        """Writes whole orders with their lines and accounts; returns their customers, by order id."""
        now = self._clock()
        placed = [item.record for item in written if item.record is not None]
        known = [order.id for order in placed if order.id in states]
        owners, sought = self._people.of_orders(tx, shop, placed, now=now, whose=erased, known_orders=known)
        self._forgotten.adopt(tx, shop, erased, {order_id: owner.account_id for order_id, owner in owners.items()})
        orders.upsert(
            tx,
            [
                rows.order_row(
                    shop,
                    order,
                    account_id=owners[order.id].account_id,
                    read_seq=number,
                    raw_hash=item.raw_hash,
                    content_hash=item.content_hash,
                    turn=met(
                        order.id, order.modified_at, now, is_known=order.id in states, is_first_read=is_first_read
                    ),
                )
                for item, order in zip(written, placed, strict=True)
            ],
            [line for order in placed for line in rows.line_rows(shop, order)],
        )
        words.of_orders(tx, shop, placed, known=states)
        self._people.index(tx, shop, sought)
        left = {
            states[order.id].account_id
            for order in placed
            if order.id in states and states[order.id].account_id != owners[order.id].account_id
        }
        self._people.forget_abandoned(tx, left, now=now)
        return {order.id: owners[order.id].customer_id for order in placed}

    def order_gone(self, tx: Tx, shop: str, order_id: str, *, read_seq: int) -> Verdict:
        """Tombstones an order of which the shop said, by id, that it does not exist."""
        shops.apply_alone(tx, shop)
        state = orders.states(tx, shop, [order_id]).get(order_id)
        verdict, _ = decide(compared.stored(state), Incoming(read_seq, None))
        if verdict is Verdict.DELETE:
            customers = orders.customers_of(tx, shop, [order_id])
            orders.set_gone(tx, shop, [order_id], read_seq=read_seq, now=self._clock())
            self._mark(tx, shop, customers, [])
        return verdict

    def _mark(self, tx: Tx, shop: str, customers: dict[str, int], seen: Collection[Item[Order]]) -> None:
        """Marks dirty what the orders just seen should carry and do not; customers without a note cost one query."""
        if not customers and not seen:
            return
        everyone = set(customers.values())
        segments.mark(tx, everyone)
        if seen:
            everyone.update(orders.customers_of(tx, shop, [item.id for item in seen]).values())
        if concerned := summaries.concerned(tx, shop, everyone):
            self._summaries.mark(tx, shop, concerned)

    # --- what belongs to an order ---------------------------------------------------------------------------------

    def refunds(self, tx: Tx, shop: str, raws: Iterable[bytes], *, read_seq: int, of_order: str | None = None) -> int:
        """Writes refunds; where they are the whole list of one order, those that stand no more are tombstoned."""
        shops.apply_alone(tx, shop)
        items: list[Item[Refund]] = items_of(raws, self._parser.record_id)
        for item in items:
            item.open(self._parser.parse_refund, lambda _: b"")
        self._park(tx, shop, "refund", items)
        found = self._forgotten.refunds(tx, shop, [item.record for item in items if item.record is not None])
        orders.upsert_refunds(
            tx, [rows.refund_row(shop, refund, read_seq=read_seq) for refund in found], read_seq=read_seq
        )
        if of_order is not None:
            standing = [item.id for item in items]
            orders.tombstone_other_refunds(tx, shop, of_order, standing, read_seq=read_seq, now=self._clock())
        segments.mark_orders(tx, shop, {of_order or "", *(refund.order_id for refund in found)})
        return len(found)

    def order_notes(self, tx: Tx, shop: str, order_id: str, raws: Iterable[bytes], *, read_seq: int) -> int:
        """Writes the whole list of one order's notes; those that stand no more are tombstoned."""
        shops.apply_alone(tx, shop)
        items: list[Item[OrderNote]] = items_of(raws, self._parser.record_id)
        for item in items:
            item.open(lambda raw: self._parser.parse_order_note(raw, order_id), lambda _: b"")
        self._park(tx, shop, "order_note", items, order_id)
        found = [item.record for item in items if item.record is not None]
        found = self._forgotten.order_notes(tx, shop, order_id, found)
        orders.replace_order_notes(
            tx,
            shop,
            order_id,
            [rows.order_note_row(shop, note, read_seq=read_seq) for note in found],
            standing=[item.id for item in items],
            read_seq=read_seq,
            now=self._clock(),
        )
        words.of_order_notes(tx, shop, found)
        return len(found)

    # --- registered users -----------------------------------------------------------------------------------------

    def read_customers(self, shop: str, raws: Iterable[bytes]) -> list[Item[Customer]]:
        """Makes a page ready for `customers`."""
        items: list[Item[Customer]] = items_of(raws, self._parser.record_id)
        with self._store.read() as tx:
            states = accounts.states(tx, shop, "user", [item.id for item in items])
        open_new(
            items, {key: state.raw_hash for key, state in states.items()}, self._parser.parse_customer, customer_hash
        )
        return items

    def parse_customers(self, raws: Iterable[bytes]) -> list[Item[Customer]]:
        """Registered users parsed whether their bytes are known or not."""
        items: list[Item[Customer]] = items_of(raws, self._parser.record_id)
        for item in items:
            item.open(self._parser.parse_customer, customer_hash)
        return items

    def customers(
        self, tx: Tx, shop: str, items: Sequence[Item[Customer]], *, read_seq: int | None, is_confirmed: bool = False
    ) -> Outcome:
        """Decides and writes registered users, like `orders`."""
        outcome = Outcome()
        shops.apply_alone(tx, shop)
        links.alone(tx)
        states = accounts.states(tx, shop, "user", [item.id for item in items])
        erased = self._forgotten.customers(
            tx, shop, compared.opened(items, states, self._parser.parse_customer, customer_hash)
        )
        number = read_seq if read_seq is not None else self._store.next_read_seq(tx)
        untouched: list[int] = []
        observed: list[tuple[int, Item[Customer]]] = []
        written: list[Item[Customer]] = []
        for item in items:
            state = states.get(item.id)
            if state is not None and compared.is_known(item, state):
                outcome.verdicts[Verdict.UNCHANGED] += 1
                untouched.append(state.id)
                continue
            if item.record is None:
                outcome.parked.append(item.id)
                continue
            # An account that is known from orders only was never read itself: anything its own record says is news.
            is_read = state is not None and state.content_hash is not None
            verdict, needs_read = decide(
                compared.stored(state) if is_read else None,
                Incoming(read_seq, item.content_hash, item.record.modified_at, is_confirmed),
            )
            outcome.verdicts[verdict] += 1
            if verdict in WRITTEN:
                written.append(item)
            elif state is not None and verdict is Verdict.UNCHANGED:
                if read_seq is not None or compared.is_later(item.record, state):
                    observed.append((state.id, item))
                else:
                    untouched.append(state.id)
            if needs_read:
                outcome.needs_read.append(item.id)
        accounts.touch(tx, untouched, number)
        accounts.change(tx, [compared.user_observation(account_id, item, number) for account_id, item in observed])
        made = self._people.of_customers(tx, shop, written, read_seq=number, now=self._clock())
        self._forgotten.adopt(tx, shop, erased, made)
        self._park(tx, shop, "customer", items)
        return outcome

    def customer_gone(self, tx: Tx, shop: str, customer_id: str, *, read_seq: int) -> Verdict:
        """Tombstones an account of which the shop said, by id, that it does not exist."""
        shops.apply_alone(tx, shop)
        state = accounts.states(tx, shop, "user", [customer_id]).get(customer_id)
        verdict, _ = decide(compared.stored(state), Incoming(read_seq, None))
        if verdict is Verdict.DELETE and state is not None:
            accounts.change(tx, [{"id": state.id, "gone_at": self._clock(), "read_seq": read_seq, "raw_hash": None}])
        return verdict

    def _park(self, tx: Tx, shop: str, kind: str, items: Sequence[Item[Any]], parent_id: str = "") -> None:
        self._forgotten.unreadable(tx, shop, kind, items, parent_id)
        park(tx, shop, kind, items, now=self._clock())
