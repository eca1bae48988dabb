"""Forgets a person, step by step, wherever something of her is kept. Every step may be done twice.

First she is hidden and listed, in one transaction with the request: from then on nothing new of her comes in, nobody
finds her, and the outbox takes her summaries off the shops' orders and tickets. Then table by table, in transactions
small enough that nobody waits. It is finished when the shops show nothing of ours about her any more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from itertools import islice

from companion.domain import remembered
from companion.domain.erasing import match_keys_of, mentions, needles_of, point_key, told_by, user_key
from companion.sync.people.forgotten import FIRST_STEP, Forgotten, guest_key
from companion.sync.summaries import Summaries
from storage import shops
from storage.engine import Store, Tx
from storage.privacy import erasing, erasures
from storage.privacy.erasures import ErasedAccount, ErasureRow
from storage.sync import outbox

log = logging.getLogger(__name__)

STEPS = (FIRST_STEP, "notes", "tickets", "orders", "people", "index", "shops")
"""In this order: what names her is needed to find the deliveries that speak of her."""

_Stop = Callable[[], bool]


class Eraser:
    """Erases for every shop; any worker may. `region`: the country of phones that name none."""

    def __init__(
        self,
        *,
        store: Store,
        forgotten: Forgotten,
        summaries: Summaries,
        region: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._forgotten = forgotten
        self._summaries = summaries
        self._region = region
        self._clock = clock

    def begin(self, tx: Tx, customer_id: int, *, asked_by: int | None) -> int:
        """Hides and lists a customer and has her summaries removed, in the caller's transaction; returns the job."""
        erasure_id = erasures.begin(tx, customer_id, asked_by=asked_by, step=FIRST_STEP, now=self._clock())
        erasures.add_accounts(tx, erasure_id, erasures.account_ids(tx, customer_id))
        hers = erasures.accounts_of(tx, erasure_id)
        for shop in sorted({account.shop for account in hers}):
            shops.apply_alone(tx, shop)  # what is being read of her meanwhile is written before, or bared
        ids = [account.id for account in hers]
        keys = match_keys_of((told_by(facts) for facts in erasing.told_of(tx, ids)), region=self._region)
        alone = keys.points - erasing.borne_by_others(tx, ids, keys.points)
        known_by = {
            *(user_key(account.shop, account.key) for account in hers if account.kind == "user"),
            *(point_key(kind, key) for kind, key in alone),
            *keys.named,
        }
        erasures.list_keys(tx, erasure_id, {self._forgotten.digest(key) for key in known_by})
        erasing.hide(tx, ids)
        self._mark(tx, hers)
        return erasure_id

    def has_work(self) -> bool:
        """Whether a job is unfinished."""
        with self._store.read() as tx:
            return bool(erasures.unfinished(tx))

    def work(self, *, should_stop: _Stop = lambda: False) -> list[ErasureRow]:
        """Goes on with every unfinished job, and returns those that are unfinished still: they wait for a shop. Raises
        StorageError.
        """
        with self._store.read() as tx:
            jobs = erasures.unfinished(tx)
        for job in jobs:
            self._work(job, should_stop)
        with self._store.read() as tx:
            return erasures.unfinished(tx)

    def _work(self, job: ErasureRow, should_stop: _Stop) -> None:
        counts = dict(job.counts)
        steps = {
            FIRST_STEP: self._deliveries,
            "notes": self._notes,
            "tickets": self._tickets,
            "orders": self._orders,
            "people": self._people,
            "index": self._index,
        }
        for step in STEPS[STEPS.index(job.step) :]:
            if should_stop():
                return
            if step not in steps:
                self._finish(job)
                return
            with self._store.read() as tx:
                hers = erasures.accounts_of(tx, job.id)
            done = steps[step](job, hers)
            with self._store.write(durable=False) as tx:
                for kind, count in done.items():
                    counts[kind] = max(counts.get(kind, 0), count)
                erasures.take_step(tx, job.id, STEPS[STEPS.index(step) + 1], counts)

    # --- the steps ------------------------------------------------------------------------------------------------

    def _notes(self, job: ErasureRow, hers: list[ErasedAccount]) -> dict[str, int]:
        with self._store.read() as tx:
            everyone = erasures.merged_ids(tx, {job.customer_id} & {account.customer_id for account in hers})
            found = erasing.note_ids(tx, [account.id for account in hers], everyone)
        for ids in _parts(found):
            with self._store.write(durable=False) as tx:
                erasing.empty_notes(tx, ids, now=self._clock())
        return {"notes": len(found)}

    def _tickets(self, _job: ErasureRow, hers: list[ErasedAccount]) -> dict[str, int]:
        with self._store.read() as tx:
            found = erasing.ticket_ids(tx, [account.id for account in hers])
        for shop, ids in erasing.in_parts(found):
            with self._store.write(durable=False) as tx:
                erasing.empty_tickets(tx, shop, ids)
                erasing.drop_deliveries(tx, shop, "ticket", ids)
        for account in hers:
            if account.kind == "user":
                with self._store.write(durable=False) as tx:
                    erasing.empty_replies_by(tx, account.shop, [account.key])
        return {"tickets": len(found)}

    def _orders(self, _job: ErasureRow, hers: list[ErasedAccount]) -> dict[str, int]:
        with self._store.read() as tx:
            found = erasing.order_ids(tx, [account.id for account in hers])
        for shop, ids in erasing.in_parts(found):
            with self._store.write(durable=False) as tx:
                erasing.drop_deliveries(tx, shop, "order", ids)
                erasing.empty_orders(tx, shop, ids)
        return {"orders": len(found)}

    def _deliveries(self, _job: ErasureRow, hers: list[ErasedAccount]) -> dict[str, int]:
        """What names no thing of hers and yet may speak of her: bodies without an id, records that were set aside."""
        with self._store.read() as tx:
            told = [told_by(facts) for facts in erasing.told_of(tx, [account.id for account in hers])]
        needles = needles_of(told, region=self._region)
        for shop in sorted({account.shop for account in hers if account.shop}):
            users = [account.key for account in hers if account.shop == shop and account.kind == "user"]
            with self._store.read() as tx:
                parked = {(kind, ref) for kind, ref, raw in erasing.parked_of(tx, shop) if mentions(raw, needles)}
            with self._store.write(durable=False) as tx:
                erasing.drop_nameless_deliveries(tx, shop)
                erasing.drop_deliveries(tx, shop, "customer", users)
                erasing.drop_parked(tx, shop, parked)
        return {}

    def _people(self, job: ErasureRow, hers: list[ErasedAccount]) -> dict[str, int]:
        keys: dict[int, str] = {}
        taken = {account.shop for account in hers if account.key == guest_key(job.id)}
        for account in hers:
            if account.kind == "guest" and not account.key.startswith(guest_key(job.id)):
                keys[account.id] = guest_key(job.id, account.id if account.shop in taken else None)
                taken.add(account.shop)
        with self._store.write() as tx:
            erasing.empty_accounts(tx, [account.id for account in hers], keys=keys)
        return {"accounts": len(hers)}

    def _index(self, _job: ErasureRow, _hers: list[ErasedAccount]) -> dict[str, int]:
        """Takes a minute in the largest store, a few milliseconds at a time."""
        is_left, is_first = True, True
        while is_left:
            with self._store.write(durable=False) as tx:
                is_left, is_first = erasing.settle_index(tx, is_first=is_first), False
        remembered.forget()  # nor does this process know how her notes were rendered
        return {}

    def _finish(self, job: ErasureRow) -> None:
        """Done when no order or ticket of hers shows a summary. What shows one and waits in no queue is marked again:
        an order that was not known to carry one when she was erased.
        """
        with self._store.write() as tx:
            shown = erasures.still_shown(tx, job.id)
            if not shown:
                erasures.finish(tx, job.id, now=self._clock())
            elif unmarked := [ref for ref in shown if not outbox.is_marked(tx, ref)]:
                outbox.mark(tx, unmarked, lane=outbox.AT_ONCE, now=self._clock())

    def _mark(self, tx: Tx, hers: Collection[ErasedAccount]) -> None:
        for customer_id in sorted({account.customer_id for account in hers}):
            self._summaries.mark_customer(tx, customer_id)


def _parts(ids: Collection[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while part := list(islice(rest, erasing.AT_ONCE)):
        yield part
