"""Erasing a person: who may, what will go, and how far it is. The work itself is handed in: the engine does it.

Only who sees all of her may erase her. That it was asked for, by whom and when, is kept for ever; what was erased is
nowhere told but in numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from companion.domain.permissions import Permission, Viewer
from companion.domain.text import fold
from companion.services import profile
from companion.services.errors import Forbidden, Invalid, NotFound
from companion.services.scopes import require, scope_of
from storage import activity
from storage.engine import Store, Tx
from storage.people import customers
from storage.privacy import erasing, erasures
from storage.privacy.erasures import ErasureRow

_SHOWN = 50


class Begin(Protocol):
    """Hides and lists a customer, in the caller's transaction; returns the job's id."""

    def __call__(self, tx: Tx, customer_id: int, *, asked_by: int | None) -> int:
        """Begin."""


@dataclass(frozen=True)
class Erasure:
    """One person who is, or was, erased. `asked_by` is the agent's name, "" for whoever runs the program.

    `still_shown` are her orders and tickets of which a shop still shows a summary: (shop, kind, id). `counts` is what
    was erased, by kind.
    """

    id: int
    customer_id: int
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
    step: str
    counts: Mapping[str, int]
    still_shown: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Plan:
    """What erasing a customer would take: how many of each. `word` is to be typed to confirm it: her name, or her
    number where she has none.
    """

    customer_id: int
    name: str
    word: str
    shops: tuple[str, ...]
    accounts: int
    orders: int
    tickets: int
    notes: int
    erasure: Erasure | None


class Erasures:
    """`begin` and `work` are the engine's."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], *, begin: Begin, work: Callable[[], object]
    ) -> None:
        self._store = store
        self._clock = clock
        self._begin = begin
        self._work = work

    def plan(self, viewer: Viewer, customer_id: int) -> Plan:
        """What would go. Raises Forbidden, NotFound."""
        require(viewer, Permission.ERASE_CUSTOMERS)
        with self._store.read() as tx:
            return _plan(tx, viewer, customer_id)

    def erase(self, viewer: Viewer, customer_id: int, *, typed: str | None) -> Erasure:
        """Erase her, as far as can be done at once; the worker does what is left. `typed` confirms it, None where that
        was asked elsewhere. Asked twice, it is done once. Raises Forbidden, NotFound, Invalid (typed).
        """
        require(viewer, Permission.ERASE_CUSTOMERS)
        with self._store.write() as tx:
            plan = _plan(tx, viewer, customer_id)
            if plan.erasure is not None:
                erasure_id = plan.erasure.id
            else:
                if typed is not None and fold(typed) != fold(plan.word):
                    raise Invalid("erase.not_confirmed", field="typed")
                agent_id = viewer.agent_id or None
                erasure_id = self._begin(tx, plan.customer_id, asked_by=agent_id)
                now = self._clock()
                activity.record(tx, "customer.erased", at=now, agent_id=agent_id, customer_id=plan.customer_id)
        self._work()
        with self._store.read() as tx:
            row = erasures.get(tx, erasure_id)
            if row is None:
                raise NotFound("customer.not_found")
            return _erasure(tx, row)

    def newest(self, viewer: Viewer) -> tuple[Erasure, ...]:
        """Who was erased lately, the last one first. Raises Forbidden."""
        require(viewer, Permission.ERASE_CUSTOMERS)
        with self._store.read() as tx:
            return tuple(_erasure(tx, row) for row in erasures.newest(tx, limit=_SHOWN))


def erasure_of(tx: Tx, customer_id: int) -> Erasure | None:
    """How far a customer is erased, whom the viewer is known to see; None where nobody asked for it."""
    row = erasures.of_customer(tx, customer_id)
    return _erasure(tx, row) if row else None


def _plan(tx: Tx, viewer: Viewer, customer_id: int) -> Plan:
    resolved = customers.resolve(tx, customer_id)
    rows = customers.accounts_of(tx, [resolved], scope_of(viewer)).get(resolved) if resolved is not None else None
    if resolved is None or not rows:
        raise NotFound("customer.not_found")
    if erasures.hidden_shops(tx, resolved, viewer.shops):
        raise Forbidden("erase.other_shops")
    found = erasure_of(tx, resolved)
    hers = [row.id for row in rows]
    is_whole = found is not None and set(hers) <= set(erasures.erased_among(tx, hers))
    name = profile.name_of(rows)
    return Plan(
        customer_id=resolved,
        name=name,
        word=name or str(resolved),
        shops=profile.shops_of(rows),
        accounts=len(rows),
        orders=len(erasing.order_ids(tx, hers)),
        tickets=len(erasing.ticket_ids(tx, hers)),
        notes=len(erasing.note_ids(tx, hers, erasures.merged_ids(tx, [resolved]))),
        erasure=found if is_whole else None,
    )


def _erasure(tx: Tx, row: ErasureRow) -> Erasure:
    return Erasure(
        id=row.id,
        customer_id=row.customer_id,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        finished_at=row.finished_at,
        step=row.step,
        counts=row.counts,
        still_shown=() if row.finished_at else tuple(erasures.still_shown(tx, row.id)),
    )
