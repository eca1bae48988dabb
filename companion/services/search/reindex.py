"""Builds the search index anew from what is stored: after damage, or when a new version folds text otherwise.

A slice of ids is one short transaction, so that everybody else goes on; until the end some things are not found yet.
The finished slices are remembered: one that was interrupted goes on where it stood when it is run again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from companion.domain.also_told import NOTHING_CHOSEN, Chosen
from companion.domain.searchable import EDITION, note_text, order_note_text, order_text, reply_text, ticket_text
from companion.services.search import indexing
from storage import notes, settings
from storage.engine import Store, Tx
from storage.errors import Corrupt
from storage.people import accounts
from storage.search import index as search
from storage.search import things
from storage.sync import slices
from storage.tickets import replies, tickets

_AT_ONCE = 100
"""Ids of a slice; SQLite learns as many notes in some 30 ms."""

_STREAM = "search"
_MADE_FOR = "search.made_for"
"""The setting that keeps what the texts of the index were made for."""


@dataclass(frozen=True, slots=True)
class Reindexed:
    """How far a reindexing is: `done` of `total` things were looked at, `removed` texts had no owner."""

    done: int
    total: int
    removed: int = 0


Tell = Callable[[Reindexed], None]


class Reindex:
    """`region` is the country whose phone spellings are assumed, `chosen` are the custom fields that people are found
    by.
    """

    def __init__(
        self, store: Store, clock: Callable[[], datetime], *, region: str = "IR", chosen: Chosen = NOTHING_CHOSEN
    ) -> None:
        self._store = store
        self._clock = clock
        self._region = region
        self._chosen = chosen
        keys = {shop: sorted(fields) for shop, fields in sorted(chosen.items()) if fields}
        self._made_for = {"edition": EDITION, "region": region, "meta_keys": keys}

    def begin(self) -> None:
        """Remembers of a store that nobody is in yet what its index will be made for. Raises StorageError."""
        with self._store.read() as tx:
            is_new = _is_new(tx)
        if is_new:
            with self._store.write() as tx:
                self._remember(tx)

    def is_due(self) -> bool:
        """Whether the index was made for other settings, or by a version that made other texts. Raises StorageError."""
        with self._store.read() as tx:
            return settings.get(tx, _MADE_FOR) != self._made_for and not _is_new(tx)

    def run(self, tell: Tell = lambda _: None) -> Reindexed:
        """Does what an interrupted run left, else all of it; `tell` hears of each slice. Raises StorageError."""
        try:
            return self._run(tell)
        except Corrupt:
            with self._store.write() as tx:  # what was done is worth nothing: the next run begins anew
                slices.clear(tx, "", _STREAM)
            raise

    def _remember(self, tx: Tx) -> None:
        settings.put(tx, _MADE_FOR, self._made_for, now=self._clock(), agent_id=None)

    def _run(self, tell: Tell) -> Reindexed:
        begun = f"begun for {json.dumps(self._made_for, sort_keys=True)}"
        with self._store.write() as tx:
            finished = slices.finished(tx, "", _STREAM)
            if begun not in finished:  # nothing is, or it is of texts that would be made otherwise now
                finished = {}
                slices.clear(tx, "", _STREAM)
                if self._store.dialect == "sqlite":
                    search.empty(tx)
                slices.finish(tx, "", _STREAM, begun, records=0, now=self._clock())
            kinds = (
                ("account", accounts.count(tx), self._accounts),
                ("note", notes.count_all(tx), self._notes),
                ("ticket", tickets.count_all(tx), self._tickets),
                ("reply", replies.count_all(tx), self._replies),
            )
            on_orders = things.count(tx)
        done, total = sum(finished.values()), sum(count for _, (count, _), _ in kinds) + on_orders
        tell(Reindexed(done, total))
        # What is written from now on, beyond the last ids, comes into the index by itself.
        for kind, (_, last), index in kinds:
            for first in range(1, last + 1, _AT_ONCE):
                name = f"{kind} {first}"
                if name in finished:
                    continue
                with self._store.write(durable=False) as tx:
                    records = index(tx, first, first + _AT_ONCE - 1)
                    slices.finish(tx, "", _STREAM, name, records=records, now=self._clock())
                done += records
                tell(Reindexed(done, total))
        for thing in ("order", "order_note"):
            done = self._things(thing, finished, done, total, tell)
        removed = self._remove_ownerless()
        with self._store.write() as tx:
            slices.clear(tx, "", _STREAM)
            self._remember(tx)
        return Reindexed(done, total, removed)

    def _accounts(self, tx: Tx, first: int, last: int) -> int:
        return indexing.put_accounts(tx, first, last, region=self._region, chosen=self._chosen)

    def _notes(self, tx: Tx, first: int, last: int) -> int:
        texts = notes.texts_between(tx, first, last)
        search.put(tx, "note", {note_id: note_text(*said) for note_id, said in texts.items()})
        return len(texts)

    def _tickets(self, tx: Tx, first: int, last: int) -> int:
        found = tickets.texts_between(tx, first, last)
        texts = {key: ticket_text(number=row.ticket_id, title=row.title, body=row.body) for key, row in found.items()}
        search.put(tx, "ticket", texts)
        return len(found)

    def _replies(self, tx: Tx, first: int, last: int) -> int:
        bodies = replies.bodies_between(tx, first, last)
        search.put(tx, "reply", {reply_id: reply_text(body) for reply_id, body in bodies.items()})
        return len(bodies)

    def _things(self, kind: search.Thing, finished: Mapping[str, int], done: int, total: int, tell: Tell) -> int:
        """Of what the shops name; returns how many of all things are done then."""
        fold = order_text if kind == "order" else order_note_text
        shop, after = "", ""
        while True:
            with self._store.write(durable=False) as tx:
                found = things.texts_after(tx, kind, shop, after, limit=_AT_ONCE)
                if not found:
                    return done
                by_shop: dict[str, dict[str, str]] = {}
                for (shop, after), text in found.items():
                    by_shop.setdefault(shop, {})[after] = fold(text)
                name = f"{kind} {shop} {after}"
                if name not in finished:
                    for here, texts in by_shop.items():
                        search.put_things(tx, kind, here, texts)
                    slices.finish(tx, "", _STREAM, name, records=len(found), now=self._clock())
            if name not in finished:
                done += len(found)
                tell(Reindexed(done, total))

    def _remove_ownerless(self) -> int:
        removed = 0
        while True:
            with self._store.write(durable=False) as tx:
                count = search.remove_ownerless(tx)
            if not count:
                return removed
            removed += count


def _is_new(tx: Tx) -> bool:
    """Whether nobody was ever written into the index."""
    return settings.get(tx, _MADE_FOR) is None and not accounts.count(tx)[0]
