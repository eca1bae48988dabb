"""Drains the inbox: what shops delivered, through apply.

A delivery is a hint with a body. The body is applied where its date proves it newer than what is stored; else the thing
itself is read. All waiting deliveries of one thing are worked as one, the last body speaking for them.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.domain.backoff import delay
from companion.sync.apply import Applier
from companion.sync.reread import Rereader, Settle
from companion.sync.shop import Shop
from connectors.errors import ConnectorError, Permanent
from storage import inbox
from storage.engine import Store, Tx
from storage.errors import TryAgain

log = logging.getLogger(__name__)

_LEASE_S = 120
_TRIES = 5  # of a delivery that fails for no reason we know; one whose shop is away is tried for ever
_BATCH = 12  # things at once: what is applied together is one transaction, and others wait for it
_SPEAKING = frozenset({"created", "updated", "restored"})
"""Events whose body is the whole record; that of a deletion is an id."""

_UNFOLLOWED = "nothing here follows this topic"
_NAMELESS = "the body does not say which order or customer it is about; a poll finds what changed"


@dataclass(frozen=True, slots=True)
class Thing:
    """One order or user, with every delivery about it that waits."""

    kind: str
    id: str
    entries: tuple[inbox.Entry, ...]

    @property
    def entry_ids(self) -> list[int]:
        """The ids of its inbox rows."""
        return [entry.id for entry in self.entries]

    @property
    def body(self) -> bytes | None:
        """The last body, where it speaks for all: a deletion among them means that the thing must be read."""
        events = [entry.topic.partition(".")[2] for entry in self.entries]
        return self.entries[-1].body if all(event in _SPEAKING for event in events) else None


class InboxDrain:
    """Works the inbox of every shop; several workers share it by claim."""

    def __init__(
        self,
        *,
        store: Store,
        applier: Applier,
        rereader: Rereader,
        shops: Mapping[str, Shop],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._applier = applier
        self._rereader = rereader
        self._shops = shops
        self._clock = clock

    def drain(self, *, should_stop: Callable[[], bool] = lambda: False) -> int:
        """Works until nothing is due or it should stop; returns how many deliveries were settled or put off."""
        worked = 0
        while not should_stop():
            token = secrets.token_hex(8)
            with self._store.write(durable=False) as tx:
                claimed = inbox.claim(tx, now=self._clock(), token=token, lease_seconds=_LEASE_S, limit=_BATCH)
            if not claimed:
                break
            worked += len(claimed)
            for shop_key in {entry.shop for entry in claimed}:
                self._work(shop_key, [entry for entry in claimed if entry.shop == shop_key], token)
        return worked

    def _work(self, shop_key: str, entries: Sequence[inbox.Entry], token: str) -> None:
        shop = self._shops.get(shop_key)
        if shop is None:
            self._settle(entries, token, "ignored", "this shop is not in the configuration any more")
            return
        things, others = _things(entries)
        self._settle([entry for entry in others if not kind_of(entry.topic)], token, "ignored", _UNFOLLOWED)
        self._settle([entry for entry in others if kind_of(entry.topic)], token, "ignored", _NAMELESS)
        orders = self._apply_bodies(shop, [thing for thing in things if thing.kind == "order"], token)
        customers = self._apply_bodies(shop, [thing for thing in things if thing.kind == "customer"], token)
        for thing in (*orders, *customers):
            self._read(shop, thing, token)

    def _apply_bodies(self, shop: Shop, things: Sequence[Thing], token: str) -> list[Thing]:
        """Applies what the bodies prove, and returns the things that must be read."""
        by_id = {thing.id: thing for thing in things}
        bodies = [thing.body for thing in things if thing.body]
        if not bodies:
            return list(things)
        try:
            if things[0].kind == "order":
                settled = self._apply_orders(shop, bodies, by_id, token)
            else:
                settled = self._apply_customers(shop, bodies, by_id, token)
        except Exception:
            # Whatever it is, one bad delivery must not hold up the others: each is read and written by itself.
            log.exception("deliveries could not be applied together", extra={"shop": shop.key})
            settled = set()
        return [thing for thing in things if thing.id not in settled]

    def _apply_orders(self, shop: Shop, bodies: Iterable[bytes], by_id: Mapping[str, Thing], token: str) -> set[str]:
        # What a body does not say clearly is not parked but read.
        items = [item for item in self._applier.parse_orders(bodies) if item.record is not None and item.id in by_id]
        with self._store.write(durable=False) as tx:
            outcome = self._applier.orders(tx, shop.key, items, read_seq=None)
            settled = {item.id for item in items} - set(outcome.needs_read) - set(outcome.refunds_due)
            self._settled_in(tx, [by_id[key] for key in settled], token)
        return settled

    def _apply_customers(self, shop: Shop, bodies: Iterable[bytes], by_id: Mapping[str, Thing], token: str) -> set[str]:
        items = [item for item in self._applier.parse_customers(bodies) if item.record is not None and item.id in by_id]
        with self._store.write(durable=False) as tx:
            outcome = self._applier.customers(tx, shop.key, items, read_seq=None)
            settled = {item.id for item in items} - set(outcome.needs_read)
            self._settled_in(tx, [by_id[key] for key in settled], token)
        return settled

    def _settled_in(self, tx: Tx, things: Iterable[Thing], token: str) -> None:
        ids = [entry_id for thing in things for entry_id in thing.entry_ids]
        inbox.settle(tx, ids, token, state="applied", reason="", now=self._clock())

    def _read(self, shop: Shop, thing: Thing, token: str) -> None:
        """Reads the thing and settles its deliveries with it; what fails is put off, or given up and shown."""

        def settle(tx: Tx) -> None:
            self._settled_in(tx, [thing], token)

        read: dict[str, Callable[[Shop, str, Settle], None]] = {
            "order": lambda where, key, done: self._rereader.order(where, key, settle=done),
            "customer": lambda where, key, done: self._rereader.customer(where, key, settle=done),
        }
        try:
            read[thing.kind](shop, thing.id, settle)
        except Permanent as error:
            self._settle(thing.entries, token, "dead", str(error))
        except (ConnectorError, TryAgain) as error:
            self._put_off(thing, token, str(error))
        except Exception as error:
            log.exception("a delivery could not be worked", extra={"shop": shop.key, "thing": thing.id})
            if max(entry.attempts for entry in thing.entries) + 1 >= _TRIES:
                self._settle(thing.entries, token, "dead", f"{type(error).__name__}: {error}")
            else:
                self._put_off(thing, token, f"{type(error).__name__}: {error}")

    def _put_off(self, thing: Thing, token: str, reason: str) -> None:
        attempts = max(entry.attempts for entry in thing.entries) + 1
        later = self._clock() + timedelta(seconds=delay(attempts))
        with self._store.write(durable=False) as tx:
            inbox.retry(tx, thing.entry_ids, token, next_at=later, reason=reason)

    def _settle(self, entries: Sequence[inbox.Entry], token: str, state: inbox.Settled, reason: str) -> None:
        if entries:
            with self._store.write(durable=False) as tx:
                ids = [entry.id for entry in entries]
                inbox.settle(tx, ids, token, state=state, reason=reason, now=self._clock())


def _things(entries: Iterable[inbox.Entry]) -> tuple[list[Thing], list[inbox.Entry]]:
    """The entries by thing, oldest first, and those that are about nothing that we follow."""
    grouped: dict[tuple[str, str], list[inbox.Entry]] = {}
    others: list[inbox.Entry] = []
    for entry in sorted(entries, key=lambda entry: entry.id):
        kind = kind_of(entry.topic)
        if kind and entry.resource_id:
            grouped.setdefault((kind, entry.resource_id), []).append(entry)
        else:
            others.append(entry)
    return [Thing(kind, key, tuple(found)) for (kind, key), found in grouped.items()], others


def kind_of(topic: str) -> str:
    """The kind of thing a topic is about: order.updated, and the bridge's action.wc_companion_order_…; else ""."""
    family = topic.removeprefix("action.wc_companion_").replace("_", ".").partition(".")[0]
    return family if family in {"order", "customer"} else ""
