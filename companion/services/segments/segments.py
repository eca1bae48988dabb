"""What kind of customer each is: shown with its reason, said by hand and taken back, and the rules by which all are
sorted.

The sorting itself is the engine's. It looks at everything; so a reason is told only to those who may see all that it
speaks of, while the kind itself, and how to meet her, is told to everybody who may see the customer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from companion.domain.calendar import to_latin_digits
from companion.domain.permissions import Permission, Viewer
from companion.domain.segments import RuleProblem, Rules, Segment, Term, changed, rules_of, term_of
from companion.domain.typed_dates import read_date
from companion.services import typed
from companion.services.errors import Invalid, NotFound
from companion.services.scopes import require, scope_of
from storage import activity, settings
from storage.engine import Store, Tx
from storage.people import customers
from storage.segments import members, segments
from storage.segments.segments import ChoiceRow

__all__ = ["REASON_LIMIT", "Choice", "CustomerSegment", "Segments", "segment_of", "terms_of"]

REASON_LIMIT = 300
"""Longest reason for a choice by hand, in letters."""
_RULES = "segments.rules"
_LAST_DAY = date(9000, 1, 1)  # whatever is typed beyond has no end

_NEEDED: Mapping[str, frozenset[Permission]] = {
    "complaints": frozenset({Permission.SEE_NOTES}),
    "contacts": frozenset({Permission.SEE_NOTES, Permission.SEE_TICKETS}),
    "refunds": frozenset({Permission.SEE_ORDERS}),
    "top_orders": frozenset({Permission.SEE_ORDERS}),
    "top_money": frozenset({Permission.SEE_ORDERS, Permission.SEE_MONEY}),
    "ordered": frozenset({Permission.SEE_ORDERS}),
    "arrived": frozenset({Permission.SEE_ORDERS}),
    "orders": frozenset({Permission.SEE_ORDERS}),
}


@dataclass(frozen=True)
class Choice:
    """What somebody said by hand. `until_at` None: until it is taken back."""

    segment: str
    reason: str
    until_at: datetime | None
    made_at: datetime
    author_name: str

    @property
    def last_moment(self) -> datetime | None:
        """The last one in which it is in force."""
        return self.until_at - timedelta(microseconds=1) if self.until_at else None


@dataclass(frozen=True)
class CustomerSegment:
    """A customer's kind as this viewer may know it: `segment` in force, `computed` by the rules, each "" for none.

    `terms` speak for what was computed; `is_veiled` where some of them are not hers to see. `is_sorted` is False until
    the program has looked at the customer for the first time.
    """

    customer_id: int
    segment: str
    computed: str
    terms: tuple[Term, ...]
    is_veiled: bool
    is_sorted: bool
    choice: Choice | None
    may_set: bool


class Segments:
    """The use cases of a customer's kind."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        sort: Callable[[Tx, Collection[int]], None],
        *,
        zone: ZoneInfo,
    ) -> None:
        """`sort(tx, customer_ids)` sorts these customers anew in the writing transaction; days end as in `zone`."""
        self._store = store
        self._clock = clock
        self._sort = sort
        self._zone = zone

    # --- reading --------------------------------------------------------------------------------------------------

    def counts(self, viewer: Viewer) -> dict[Segment, int]:
        """How many customers of each kind this viewer may see."""
        scope = scope_of(viewer)
        with self._store.read() as tx:
            found = members.counts(tx, scope)
        return {segment: found.get(segment.value, 0) for segment in Segment}

    def is_sorting(self) -> bool:
        """Whether somebody waits to be sorted anew; not how many, since who they are may be out of sight."""
        with self._store.read() as tx:
            return segments.count_marks(tx) > 0

    def of(self, viewer: Viewer, customer_id: int) -> CustomerSegment:
        """The kind of one customer; raises NotFound."""
        with self._store.read() as tx:
            resolved, _ = _seen(tx, viewer, customer_id)
            return segment_of(tx, viewer, resolved)

    def rules(self) -> Rules:
        """The rules in force."""
        with self._store.read() as tx:
            return rules_of(settings.get(tx, _RULES))

    # --- by hand --------------------------------------------------------------------------------------------------

    def choose(self, viewer: Viewer, customer_id: int, segment: str, *, reason: str, until: str) -> CustomerSegment:
        """Say of what kind a customer is until a day, as typed ("" for no end), whatever the rules say; raises Invalid
        (segment, reason, until), Forbidden, NotFound.
        """
        require(viewer, Permission.SET_SEGMENTS)
        if segment not in {each.value for each in Segment}:
            raise Invalid("segment.unknown", field="segment")
        kept = typed.line(reason, field="reason", limit=REASON_LIMIT)
        if not kept:
            raise Invalid("segment.no_reason", field="reason")
        now = self._clock()
        until_at = self._end_of(until, now)
        with self._store.write() as tx:
            customer_id, account_id = _seen(tx, viewer, customer_id)
            segments.withdraw(tx, customer_id, now=now)
            segments.choose(tx, account_id, segment, reason=kept, until_at=until_at, agent_id=viewer.agent_id, now=now)
            return self._chosen(tx, viewer, "segment.set", customer_id)

    def withdraw(self, viewer: Viewer, customer_id: int) -> CustomerSegment:
        """Take back what was said by hand: the rules are in force again. Raises Forbidden, NotFound."""
        require(viewer, Permission.SET_SEGMENTS)
        with self._store.write() as tx:
            customer_id, _ = _seen(tx, viewer, customer_id)
            if not segments.withdraw(tx, customer_id, now=self._clock()):
                return segment_of(tx, viewer, customer_id)
            return self._chosen(tx, viewer, "segment.withdrawn", customer_id)

    def _chosen(self, tx: Tx, viewer: Viewer, action: str, customer_id: int) -> CustomerSegment:
        self._sort(tx, [customer_id])
        activity.record(tx, action, at=self._clock(), agent_id=viewer.agent_id, customer_id=customer_id)
        return segment_of(tx, viewer, customer_id)

    def _end_of(self, until: str, now: datetime) -> datetime | None:
        if not until.strip():
            return None
        day = read_date(until)
        if day is None or day > _LAST_DAY:
            raise Invalid("typed.no_date", field="until")
        ends_at = datetime.combine(day + timedelta(days=1), time.min, tzinfo=self._zone)
        if ends_at <= now:
            raise Invalid("segment.past", field="until")
        return ends_at

    # --- rules ----------------------------------------------------------------------------------------------------

    def set_rules(self, viewer: Viewer, wanted: Mapping[str, str]) -> Rules:
        """Set the rules that are named, as typed; everybody is sorted by them soon. Raises Invalid, Forbidden."""
        require(viewer, Permission.MANAGE_SETTINGS)
        figures = {name: _figure(name, text) for name, text in wanted.items() if name in vars(Rules())}
        now = self._clock()
        with self._store.write() as tx:
            before = rules_of(settings.get(tx, _RULES))
            try:
                after = changed(before, figures)
            except RuleProblem as problem:
                raise _impossible(problem) from None
            if after != before:
                settings.put(tx, _RULES, vars(after), now=now, agent_id=viewer.agent_id)
                activity.record(tx, "segment.rules_set", at=now, agent_id=viewer.agent_id)
        return after


def segment_of(tx: Tx, viewer: Viewer, customer_id: int) -> CustomerSegment:
    """The kind of a customer who is known to be seen by the viewer."""
    row = segments.of(tx, customer_id)
    veiled = bool(members.partly_hidden(tx, [customer_id], scope_of(viewer)))
    terms = terms_of(row.terms if row else (), viewer, is_veiled=veiled)
    return CustomerSegment(
        customer_id=customer_id,
        segment=row.segment if row else "",
        computed=row.computed if row else "",
        terms=terms,
        is_veiled=row is not None and len(terms) < len(row.terms),
        is_sorted=row is not None,
        choice=_choice(row.choice) if row and row.choice else None,
        may_set=viewer.can(Permission.SET_SEGMENTS),
    )


def terms_of(stored: Collection[Mapping[str, Any]], viewer: Viewer, *, is_veiled: bool) -> tuple[Term, ...]:
    """The reasons that a viewer may be told; none of them where part of the customer is out of her sight."""
    if is_veiled:
        return ()
    terms = (term_of(each) for each in stored)
    return tuple(term for term in terms if _NEEDED.get(term.name, frozenset()) <= viewer.permissions)


def _choice(row: ChoiceRow) -> Choice:
    return Choice(row.segment, row.reason, row.until_at, row.made_at, row.author_name)


def _seen(tx: Tx, viewer: Viewer, customer_id: int) -> tuple[int, int]:
    """The customer's present id, and the account at which something is said of her."""
    resolved = customers.resolve(tx, customer_id)
    account_id = customers.newest_account(tx, resolved, scope_of(viewer)) if resolved is not None else None
    if resolved is None or account_id is None:
        raise NotFound("customer.not_found")
    return resolved, account_id


def _figure(name: str, text: str) -> int:
    plain = to_latin_digits(text).strip()
    if not plain.isascii() or not plain.isdigit() or len(plain) > len("1000000"):
        raise _impossible(RuleProblem.of(name))
    return int(plain)


def _impossible(problem: RuleProblem) -> Invalid:
    return Invalid("segment.rule", field=problem.field, least=problem.least, most=problem.most)
