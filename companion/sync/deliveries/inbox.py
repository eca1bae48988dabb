"""Drains the inbox of a shop: what it delivered, and what its bridge told, through apply.

A delivery is a hint with a body. The body is applied where its date proves it newer than what is stored; else the thing
itself is read. All waiting deliveries of one thing are worked as one. Each shop is drained by itself, so that one that
is slow or away never keeps another waiting.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from companion.domain.backoff import delay
from companion.sync.deliveries.hints import Part, Thing, kind_of, nameless, things_of
from companion.sync.deliveries.storms import Storms
from companion.sync.funnel.apply import Applier
from companion.sync.pace.budget import Budget
from companion.sync.reading import ticket_sweep
from companion.sync.reading.reread import Rereader, Settle
from companion.sync.records.items import Item
from companion.sync.records.outcome import Outcome
from companion.sync.shop import Shop
from connectors.errors import ConnectorError, Missing, Permanent, Transient, Unavailable
from storage.engine import Store, Tx
from storage.errors import TryAgain
from storage.sync import due, inbox

__all__ = ["STREAM", "InboxDrain", "kind_of"]

STREAM = "deliveries"
"""Under this name the shop's time is kept that reading what was told takes."""

log = logging.getLogger(__name__)

_LEASE_S = 120
_TRIES = 5  # of a delivery that fails for no reason we know; one whose shop is away is tried for ever
_BATCH = 12  # things at once: what is applied together is one transaction, and others wait for it

_UNFOLLOWED = "nothing here follows this topic"
_REMOVED = "this shop is not in the configuration any more"
_NO_HELPDESK = "no helpdesk is configured for this shop"

_WITH_BODIES = ("order", "customer")
"""Kinds of which WooCommerce delivers the whole record."""

_POLLS = {"order": "orders", "customer": "customers", "ticket": ticket_sweep.CHANGED}
"""By kind, the stream whose poll finds what changed."""

_Left = dict[inbox.Thing, set[Part]]
_Read = Callable[..., None]


class InboxDrain:
    """Works the inboxes; several workers share each by claim."""

    def __init__(
        self,
        *,
        store: Store,
        applier: Applier,
        rereader: Rereader,
        shops: Mapping[str, Shop],
        budget: Budget,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._budget = budget
        self._applier = applier
        self._rereader = rereader
        self._shops = shops
        self._clock = clock
        self._storms = Storms(store=store, clock=clock)

    def drain(self, shop: Shop | None = None, *, should_stop: Callable[[], bool] = lambda: False) -> int:
        """Works one shop's inbox, or every inbox in turn, until nothing is due or it should stop; returns how many
        deliveries were settled or put off.
        """
        if shop is not None:
            return self._drain(shop, should_stop)
        return self.ignore_removed() + sum(self._drain(one, should_stop) for one in self._shops.values())

    def ignore_removed(self) -> int:
        """Settles what waits of shops that are not in the configuration any more; returns how many deliveries."""
        with self._store.read() as tx:
            removed = [key for key in inbox.shops_waiting(tx) if key not in self._shops]
        settled = 0
        for key in removed:
            while entries := self._claim(key, token := secrets.token_hex(8)):
                self._settle(entries, token, "ignored", _REMOVED)
                settled += len(entries)
        return settled

    def _drain(self, shop: Shop, should_stop: Callable[[], bool]) -> int:
        self._storms.end(shop.key)
        worked = 0
        while not should_stop():
            token = secrets.token_hex(8)
            claimed = self._claim(shop.key, token)
            if not claimed:
                break
            worked += len(claimed)
            # Somebody waits for it, so it waits for no budget; what nobody waits for gives way to it.
            with self._budget.metered(shop, STREAM, is_urgent=True) as metered:
                self._work(metered, claimed, token, should_stop)
        return worked

    def _claim(self, shop_key: str, token: str) -> tuple[inbox.Entry, ...]:
        with self._store.write(durable=False) as tx:
            return inbox.claim(tx, shop=shop_key, now=self._clock(), token=token, lease_seconds=_LEASE_S, limit=_BATCH)

    def _work(self, shop: Shop, entries: Sequence[inbox.Entry], token: str, should_stop: Callable[[], bool]) -> None:
        things, others = things_of(entries)
        if shop.helpdesk is None:
            tickets = [entry for thing in things if thing.kind == "ticket" for entry in thing.entries]
            self._settle(tickets, token, "ignored", _NO_HELPDESK)
            things = [thing for thing in things if thing.kind != "ticket"]
        self._set_aside(shop, others, token)
        things = self._storms.calm(shop.key, things, token) if things else []
        left: _Left = {thing.key: set(thing.parts) for thing in things}
        for kind in _WITH_BODIES:
            told = {thing.id: thing for thing in things if thing.kind == kind and thing.body}
            if told:
                left |= self._apply_bodies(shop, kind, told, token)
        for thing in things:
            if left[thing.key] and should_stop():
                self._release(thing, token, seconds=0)
            elif left[thing.key]:
                self._read(shop, thing, left[thing.key], token)

    def _set_aside(self, shop: Shop, entries: Sequence[inbox.Entry], token: str) -> None:
        """What is about nothing that we follow, and what does not say what it is about: then only a look at all that
        changed in the shop can tell, so the polls are due at once.
        """
        self._settle([entry for entry in entries if not kind_of(entry.topic)], token, "ignored", _UNFOLLOWED)
        unnamed = [entry for entry in entries if kind_of(entry.topic)]
        for entry in unnamed:
            self._settle([entry], token, "ignored", f"{nameless(entry.body)}; a poll finds what changed")
        if unnamed:
            with self._store.write(durable=False) as tx:
                due.rounds(tx, shop.key, [_POLLS[kind] for kind in {kind_of(entry.topic) for entry in unnamed}])

    def _settle(self, entries: Sequence[inbox.Entry], token: str, state: inbox.Settled, reason: str) -> None:
        if entries:
            with self._store.write(durable=False) as tx:
                ids = [entry.id for entry in entries]
                inbox.settle(tx, ids, token, state=state, reason=reason, now=self._clock())

    def _settled_in(self, tx: Tx, things: Iterable[Thing], token: str) -> None:
        ids = [entry_id for thing in things for entry_id in thing.entry_ids]
        inbox.settle(tx, ids, token, state="applied", reason="", now=self._clock())

    # --- what the bodies prove ------------------------------------------------------------------------------------

    def _apply_bodies(self, shop: Shop, kind: str, told: Mapping[str, Thing], token: str) -> _Left:
        """Applies what the bodies prove; returns what is left to be read of each thing whose body was understood.

        What a body does not say clearly is not parked but read.
        """
        bodies = [thing.body for thing in told.values() if thing.body]
        try:
            items: Sequence[Item[Any]] = (
                self._applier.parse_orders(bodies) if kind == "order" else self._applier.parse_customers(bodies)
            )
            items = [item for item in items if item.record is not None and item.id in told]
            with self._store.write(durable=False) as tx:
                apply = self._applier.orders if kind == "order" else self._applier.customers
                outcome = apply(tx, shop.key, items, read_seq=None)
                left = {told[item.id].key: _left(told[item.id], outcome) for item in items}
                self._settled_in(tx, [told[item.id] for item in items if not left[told[item.id].key]], token)
        except Exception:
            # Whatever it is, one bad delivery must not hold up the others: each is read and written by itself.
            log.exception("deliveries could not be applied together", extra={"shop": shop.key})
            return {}
        return left

    # --- reading --------------------------------------------------------------------------------------------------

    def _read(self, shop: Shop, thing: Thing, parts: Collection[Part], token: str) -> None:
        """Reads what must be read and settles the deliveries with the last of it; what fails is put off, or given up
        and shown.
        """
        *first, last = self._reads(thing.kind, parts)
        try:
            for read in first:
                read(shop, thing.id)
            last(shop, thing.id, settle=lambda tx: self._settled_in(tx, [thing], token))
        except Unavailable as error:
            self._release(thing, token, seconds=error.retry_after or 0)
        except Missing as error:  # the thing is there, and what hangs on it is not: it may just be going
            self._try_again(thing, token, str(error))
        except Permanent as error:
            self._settle(thing.entries, token, "dead", str(error))
        except (ConnectorError, TryAgain) as error:
            asked = error.retry_after if isinstance(error, Transient) else None
            self._put_off(thing, token, str(error), asked=asked)
        except Exception as error:
            log.exception("a delivery could not be worked", extra={"shop": shop.key, "thing": thing.id})
            self._try_again(thing, token, f"{type(error).__name__}: {error}")

    def _reads(self, kind: str, parts: Collection[Part]) -> list[_Read]:
        """What to read of a thing, in order. A body that could not be applied is no better than none."""
        if kind == "customer":
            return [self._rereader.customer]
        with_record = not {"body", "record"}.isdisjoint(parts)
        if kind == "ticket":
            replies = [self._rereader.ticket_replies] if "replies" in parts else []
            return [*([self._rereader.ticket] if with_record else []), *replies]
        reads: list[_Read] = [self._rereader.order] if with_record else []
        if "refunds" in parts and not with_record:  # an order's own record tells whether its refunds differ
            reads.append(self._refunds)
        return [*reads, *([self._rereader.order_notes] if "notes" in parts else [])]

    def _refunds(self, shop: Shop, order_id: str, *, settle: Settle = lambda _: None) -> None:
        try:
            self._rereader.refunds(shop, order_id, settle=settle)
        except Missing:
            self._rereader.order(shop, order_id, settle=settle)

    def _release(self, thing: Thing, token: str, *, seconds: float) -> None:
        """Puts it back as it was: nothing was tried."""
        with self._store.write(durable=False) as tx:
            inbox.release(tx, thing.entry_ids, token, next_at=self._clock() + timedelta(seconds=seconds))

    def _try_again(self, thing: Thing, token: str, reason: str) -> None:
        if max(entry.attempts for entry in thing.entries) + 1 >= _TRIES:
            self._settle(thing.entries, token, "dead", reason)
        else:
            self._put_off(thing, token, reason)

    def _put_off(self, thing: Thing, token: str, reason: str, *, asked: float | None = None) -> None:
        attempts = max(entry.attempts for entry in thing.entries) + 1
        later = self._clock() + timedelta(seconds=delay(attempts, asked=asked))
        with self._store.write(durable=False) as tx:
            inbox.retry(tx, thing.entry_ids, token, next_at=later, reason=reason)


def _left(thing: Thing, outcome: Outcome) -> set[Part]:
    """What is left to be read of a thing whose body was applied."""
    parts = set(thing.parts) - {"body"}
    if thing.id in outcome.needs_read:
        parts.add("record")
    elif thing.id in outcome.refunds_due:
        parts.add("refunds")
    return parts
