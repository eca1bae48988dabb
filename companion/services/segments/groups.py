"""Lists of customers by conditions: those of one kind, and groups of one's own that are made, changed and exported.

A group holds conditions, not people: who belongs to it is asked anew each time, through the scope of whoever looks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from companion.domain.groups import NO_SEGMENT, Conditions, conditions_of
from companion.domain.money import FALLEN_STATUSES
from companion.domain.permissions import Permission, Viewer
from companion.domain.searchable import STAFF_ROLES
from companion.domain.segments import Term
from companion.services import profile, typed
from companion.services.errors import Invalid, NotFound
from companion.services.scopes import require, scope_of
from companion.services.segments.segments import terms_of
from storage import activity
from storage.engine import Store, Tx
from storage.people import customers
from storage.people.customers import AccountRow
from storage.scope import Scope
from storage.segments import groups, members, segments
from storage.segments.groups import GroupRow
from storage.segments.members import MemberRow, Order, Wanted
from storage.segments.segments import ReasonRow

NAME_LIMIT = 80
"""Longest name of a group, in letters."""

_AT_ONCE = 500
_NO_REASON = ReasonRow((), is_by_hand=False)


@dataclass(frozen=True)
class Group:
    """A group; `is_open` where the viewer may see all that its conditions ask, else it has no list for her."""

    id: int
    name: str
    conditions: Conditions
    author_name: str
    changed_at: datetime
    is_open: bool


@dataclass(frozen=True)
class Member:
    """A customer in a list; `total` in the conditions' currency, in 1/10,000. `terms` tell why she is of her kind,
    unless it was said by hand.
    """

    id: int
    name: str
    segment: str
    shops: tuple[str, ...]
    orders_count: int
    last_order_at: datetime | None
    total: int
    terms: tuple[Term, ...]
    is_by_hand: bool


@dataclass(frozen=True)
class Members:
    """A page of a list: `count` are all of it."""

    rows: tuple[Member, ...]
    count: int


@dataclass(frozen=True)
class MemberRecord:
    """A member as a file tells of her."""

    id: int
    name: str
    company: str
    segment: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    cities: tuple[str, ...]
    shops: tuple[str, ...]
    orders_count: int
    last_order_at: datetime | None
    total: int


class Groups:
    """The use cases of lists and groups."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, zone: ZoneInfo, region: str = "IR") -> None:
        """Days begin as in `zone`; `region` is the country of phone numbers that name none."""
        self._store = store
        self._clock = clock
        self._zone = zone
        self._region = region

    # --- groups ---------------------------------------------------------------------------------------------------

    def every(self, viewer: Viewer) -> tuple[Group, ...]:
        """All groups, by name."""
        require(viewer, Permission.SEE_CUSTOMERS)
        with self._store.read() as tx:
            return tuple(_group(row, viewer) for row in groups.every(tx))

    def get(self, viewer: Viewer, group_id: int) -> Group:
        """One group; raises NotFound."""
        require(viewer, Permission.SEE_CUSTOMERS)
        with self._store.read() as tx:
            return _known(tx, group_id, viewer)

    def make(self, viewer: Viewer, name: str, conditions: Conditions) -> Group:
        """Make a group; raises Invalid (name, conditions), Forbidden."""
        kept = _require_kept(viewer, name, conditions)
        now = self._clock()
        with self._store.write() as tx:
            group_id = groups.add(tx, kept, conditions.stored(), agent_id=viewer.agent_id, now=now)
            self._record(tx, viewer, "group.made", group_id)
            return _known(tx, group_id, viewer)

    def change(self, viewer: Viewer, group_id: int, name: str, conditions: Conditions) -> Group:
        """Change a group; raises Invalid (name, conditions), Forbidden, NotFound."""
        kept = _require_kept(viewer, name, conditions)
        with self._store.write() as tx:
            _require_open(_known(tx, group_id, viewer), viewer)
            groups.change(tx, group_id, kept, conditions.stored(), now=self._clock())
            self._record(tx, viewer, "group.changed", group_id)
            return _known(tx, group_id, viewer)

    def remove(self, viewer: Viewer, group_id: int) -> None:
        """Remove a group, not its members; raises Forbidden, NotFound."""
        require(viewer, Permission.SET_SEGMENTS)
        with self._store.write() as tx:
            _known(tx, group_id, viewer)
            groups.remove(tx, group_id)
            self._record(tx, viewer, "group.removed", group_id)

    def currencies(self, viewer: Viewer) -> tuple[str, ...]:
        """The currencies in which customers buy."""
        if not viewer.can(Permission.SEE_MONEY):
            return ()
        with self._store.read() as tx:
            return tuple(members.currencies(tx))

    # --- members --------------------------------------------------------------------------------------------------

    def members(
        self, viewer: Viewer, conditions: Conditions, *, order: Order = "last", limit: int = 50, offset: int = 0
    ) -> Members:
        """Who meets the conditions, gold first; raises Forbidden for conditions on what she may not see."""
        scope, wanted = self._wanted(viewer, conditions)
        with self._store.read() as tx:
            rows, count = members.page(tx, wanted, scope, order=order, limit=limit, offset=offset)
            return Members(tuple(_members(tx, rows, viewer, scope)), count)

    def count(self, viewer: Viewer, conditions: Conditions) -> int:
        """How many meet the conditions; raises Forbidden."""
        scope, wanted = self._wanted(viewer, conditions)
        with self._store.read() as tx:
            return members.count(tx, wanted, scope)

    def export(self, viewer: Viewer, conditions: Conditions, *, group_id: int | None = None) -> Iterator[MemberRecord]:
        """All who meet the conditions, gold first, for a file; raises Forbidden at once."""
        require(viewer, Permission.EXPORT)
        scope, wanted = self._wanted(viewer, conditions)
        with self._store.write() as tx:
            ref = ("", "group", str(group_id)) if group_id else ("", "segment", ",".join(conditions.segments))
            activity.record(tx, "members.exported", at=self._clock(), agent_id=viewer.agent_id, ref=ref)
        with self._store.read() as tx:
            rows, _ = members.page(tx, wanted, scope)
        return self._records(rows, scope)

    def _records(self, rows: Sequence[MemberRow], scope: Scope) -> Iterator[MemberRecord]:
        """A few hundred in a transaction, so that nobody waits for a slow reader of the file."""
        for first in range(0, len(rows), _AT_ONCE):
            part = rows[first : first + _AT_ONCE]
            with self._store.read() as tx:
                known = customers.accounts_of(tx, [row.customer_id for row in part], scope)
            for row in part:
                hers = known.get(row.customer_id)
                if hers:  # else she was united with another just now, who comes or came in her own place
                    yield self._record_of(row, hers)

    def _record_of(self, row: MemberRow, hers: Sequence[AccountRow]) -> MemberRecord:
        cities = (part.get("city", "").strip() for account in hers for part in (account.billing, account.shipping))
        return MemberRecord(
            id=row.customer_id,
            name=profile.name_of(hers),
            company=next((account.company for account in hers if account.company), ""),
            segment=row.segment,
            phones=tuple(point.text for point in profile.phones_of(hers, self._region)),
            emails=tuple(point.text for point in profile.emails_of(hers)),
            cities=tuple(dict.fromkeys(city for city in cities if city)),
            shops=profile.shops_of(hers),
            orders_count=row.orders,
            last_order_at=row.last_order_at,
            total=row.total,
        )

    def _wanted(self, viewer: Viewer, conditions: Conditions) -> tuple[Scope, Wanted]:
        for permission in sorted(conditions.needed):
            require(viewer, permission)
        return scope_of(viewer), Wanted(
            fallen=FALLEN_STATUSES,
            staff=STAFF_ROLES,
            segments=["" if each == NO_SEGMENT else each for each in conditions.segments],
            shop=conditions.shop,
            city=conditions.city,
            total=conditions.total,
            currency=conditions.currency if viewer.can(Permission.SEE_MONEY) else "",
            orders=conditions.orders,
            ordered_since=self._begin_of(conditions.ordered_since),
            ordered_before=self._begin_of(conditions.ordered_before),
            complaints=conditions.complaints,
            open_ticket=conditions.open_ticket,
            quiet_since=self._begin_of(conditions.quiet_since),
        )

    def _begin_of(self, day: date | None) -> datetime | None:
        return datetime.combine(day, time.min, tzinfo=self._zone) if day else None

    def _record(self, tx: Tx, viewer: Viewer, action: str, group_id: int) -> None:
        activity.record(tx, action, at=self._clock(), agent_id=viewer.agent_id, ref=("", "group", str(group_id)))


def _members(tx: Tx, rows: Collection[MemberRow], viewer: Viewer, scope: Scope) -> Iterator[Member]:
    ids = [row.customer_id for row in rows]
    known = customers.accounts_of(tx, ids, scope)
    reasons = segments.reasons(tx, ids)
    veiled = members.partly_hidden(tx, ids, scope)
    for row in rows:
        hers = known.get(row.customer_id, [])
        reason = reasons.get(row.customer_id, _NO_REASON)
        yield Member(
            id=row.customer_id,
            name=profile.name_of(hers),
            segment=row.segment,
            shops=profile.shops_of(hers),
            orders_count=row.orders,
            last_order_at=row.last_order_at,
            total=row.total,
            terms=terms_of(reason.terms, viewer, is_veiled=row.customer_id in veiled),
            is_by_hand=reason.is_by_hand,
        )


def _known(tx: Tx, group_id: int, viewer: Viewer) -> Group:
    row = groups.get(tx, group_id)
    if row is None:
        raise NotFound("group.not_found")
    return _group(row, viewer)


def _group(row: GroupRow, viewer: Viewer) -> Group:
    conditions = conditions_of(row.conditions)
    is_open = conditions.needed <= viewer.permissions
    return Group(row.id, row.name, conditions, row.author_name, row.changed_at, is_open)


def _require_open(group: Group, viewer: Viewer) -> None:
    for permission in sorted(group.conditions.needed):
        require(viewer, permission)


def _require_kept(viewer: Viewer, name: str, conditions: Conditions) -> str:
    """The name to keep, of a group that this viewer may make."""
    require(viewer, Permission.SET_SEGMENTS)
    kept = typed.line(name, field="name", limit=NAME_LIMIT)
    if not kept:
        raise Invalid("group.no_name", field="name")
    if not conditions.said:
        raise Invalid("group.no_conditions", field="conditions")
    for permission in sorted(conditions.needed):
        require(viewer, permission)
    return kept
