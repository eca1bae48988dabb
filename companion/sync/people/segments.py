"""Sorts the customers into their segments: those of whom something changed, within seconds, and once a day everybody.

Everybody, because time passes by itself and because who is among the best depends on all others: they are compared
first, and each is then held against the bounds that came out. Where a choice by hand stands, it is in force, and what
the rules say is kept beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from companion.domain.money import FALLEN_STATUSES, PAID_STATUSES
from companion.domain.segments import Bounds, Figures, Measure, Rules, Segment, bounds_wanted, rules_of, sort
from storage import settings
from storage.engine import Store, Tx
from storage.segments import segment_facts, segments
from storage.segments.segment_facts import Paid

RULES = "segments.rules"
"""The setting that holds the rules; without it, the defaults are in force."""

PURCHASES = Paid(PAID_STATUSES, FALLEN_STATUSES)
"""Which orders count."""

_COMPARED = "segments.compared"
_EVERY = timedelta(days=1)
_GROWN = 1.5  # so many times more customers than at the last comparison ask for another one
_FEW = 10
_AT_ONCE, _AT_ONCE_WHEN_PRESSED = 100, 30  # customers in a transaction: some ten milliseconds on SQLite
_MARKED_AT_ONCE = 5_000
_A_TURN = 20_000


class Sorted(NamedTuple):
    """How far it is: `done` customers were sorted of about `total`."""

    done: int
    total: int


@dataclass(frozen=True)
class _Measures:
    """What customers are held against."""

    rules: Rules
    bounds: Bounds


class Segmentation:
    """The sorting of one store; whoever does a turn works on what all have marked."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def run(self, *, should_stop: Callable[[], bool] = lambda: False) -> int:
        """One turn: compares if it is time to, then sorts those who wait, or many of them; returns how many. Raises
        StorageError.
        """
        with self._store.read() as tx:
            is_due, run_out = self._is_due(tx), segments.run_out(tx, now=self._clock())
        if run_out:
            with self._store.write(durable=False) as tx:
                segments.mark(tx, run_out)
        if is_due:
            self._compare()
        return self._drain(should_stop, limit=_A_TURN)

    def whole(
        self, tell: Callable[[Sorted], None] = lambda _: None, *, should_stop: Callable[[], bool] = lambda: False
    ) -> int:
        """Compares and sorts everybody, now; returns how many were sorted. Raises StorageError."""
        self._compare()
        return self._drain(should_stop, tell=tell)

    def of(self, tx: Tx, customer_ids: Collection[int]) -> None:
        """Sorts these customers anew, in the caller's transaction."""
        self._sort(tx, customer_ids, self._measures(tx))

    def counts(self) -> dict[str, int]:
        """How many customers are of each kind, those of no particular one last, as "none"."""
        with self._store.read() as tx:
            found = segments.counts(tx)
        return {**{each.value: found.get(each.value, 0) for each in Segment}, "none": found.get("", 0)}

    # --- everybody ------------------------------------------------------------------------------------------------

    def _is_due(self, tx: Tx) -> bool:
        last = settings.get(tx, _COMPARED)
        if last is None or last["rules"] != asdict(rules_of(settings.get(tx, RULES))):
            return True
        is_old = self._clock() - datetime.fromisoformat(last["at"]) >= _EVERY
        return is_old or segments.count_sorted(tx) > last["customers"] * _GROWN + _FEW

    def _compare(self) -> None:
        now = self._clock()
        with self._store.read() as tx:
            rules = rules_of(settings.get(tx, RULES))
            found = segment_facts.compare(tx, bounds_wanted(rules), which=PURCHASES, since=rules.since(now))
            last = segments.last_customer(tx)
            known = segments.count_sorted(tx)
        compared: dict[str, Any] = {"at": now.isoformat(), "rules": asdict(rules), "customers": known}
        with self._store.write(durable=False) as tx:
            segment_facts.put_bounds(tx, found)
        for first in range(1, last + 1, _MARKED_AT_ONCE):
            with self._store.write(durable=False) as tx:
                segments.mark_between(tx, first, first + _MARKED_AT_ONCE - 1)
        # Last, so that a comparison that was interrupted is made again.
        with self._store.write(durable=False) as tx:
            settings.put(tx, _COMPARED, compared, now=now, agent_id=None)

    # --- those who are marked -------------------------------------------------------------------------------------

    def _drain(
        self,
        should_stop: Callable[[], bool],
        *,
        limit: int | None = None,
        tell: Callable[[Sorted], None] = lambda _: None,
    ) -> int:
        with self._store.read() as tx:
            measures, total = self._measures(tx), segments.count_marks(tx)
        done = 0
        tell(Sorted(done, total))
        while total and not should_stop() and (limit is None or done < limit):
            at_once = _AT_ONCE_WHEN_PRESSED if self._store.is_pressed() else _AT_ONCE
            with self._store.write(durable=False) as tx:
                taken = segments.take_marks(tx, limit=at_once)
                self._sort(tx, taken, measures)
            done += len(taken)
            tell(Sorted(done, max(total, done)))
            if len(taken) < at_once:
                break
        return done

    def _measures(self, tx: Tx) -> _Measures:
        return _Measures(
            rules=rules_of(settings.get(tx, RULES)),
            bounds={(Measure(row.measure, row.currency), row.percent): row.bound for row in segment_facts.bounds(tx)},
        )

    def _sort(self, tx: Tx, customer_ids: Collection[int], measures: _Measures) -> None:
        if not customer_ids:
            return
        now, rules = self._clock(), measures.rules
        figures = segment_facts.figures(
            tx,
            customer_ids,
            which=PURCHASES,
            since=rules.since(now),
            contacts_since=rules.contacts_since(now),
        )
        chosen = segments.standing(tx, figures, now=now)
        before = segments.as_written(tx, figures)
        written = []
        for customer_id, row in figures.items():
            verdict = sort(Figures(**vars(row)), rules, measures.bounds, now=now)
            choice = chosen.get(customer_id)
            computed = verdict.segment.value if verdict.segment else ""
            after = {
                "segment": choice.segment if choice else computed,
                "computed": computed,
                "terms": [term.stored() for term in verdict.terms],
                "choice_id": choice.id if choice else None,
                "until_at": choice.until_at if choice else None,
            }
            if before.get(customer_id) != after:  # on most days most customers stay what they are
                written.append({"customer_id": customer_id, **after, "computed_at": now})
        segments.put(tx, written)
        segments.remove(tx, [each for each in customer_ids if each not in figures])
