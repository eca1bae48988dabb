"""Data quality: what is wrong with what the shops know of people, whom it concerns, and all of it as a table.

Faults stand in the store since an account's facts last changed; who shares a contact point is counted when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from companion.domain.contact import phone_display
from companion.domain.permissions import Permission, Viewer
from companion.domain.quality import MANY, Fault, faults_of
from companion.services import profile
from companion.services.errors import NotFound
from companion.services.scopes import require, scope_of
from storage import activity
from storage.engine import Store, Tx
from storage.people import customers, faults
from storage.people.customers import AccountRow
from storage.scope import Scope

Kind = Literal["phone", "email", "postcode", "name", "shared_email", "shared_phone"]
KINDS: tuple[Kind, ...] = ("phone", "email", "postcode", "name", "shared_email", "shared_phone")
"""In the order in which they are shown. Likely duplicates have a page of their own."""

_SHARED = {"shared_email": "email", "shared_phone": "phone"}
_PAGE = 50
_CSV_AT_ONCE = 500


@dataclass(frozen=True)
class Overview:
    """How many of each: customers for a fault, e-mails and phones for the shared ones, pairs for `likely`."""

    counts: dict[Kind, int]
    likely: int


@dataclass(frozen=True)
class Faulty:
    """One account with a fault: whose it is, and the `text` that is wrong, "" where something is missing."""

    customer_id: int
    name: str
    shop: str
    account_kind: str
    text: str


@dataclass(frozen=True)
class FaultyCustomer:
    """A customer and her accounts that have the fault."""

    id: int
    name: str
    accounts: tuple[Faulty, ...]


@dataclass(frozen=True)
class Shared:
    """An e-mail address or phone of many: as it is shown, and the customers that bear it (id and name)."""

    text: str
    customers: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Listed:
    """One page of what a kind concerns: `customers` for a fault, `shared` for a contact point. `next` asks for more."""

    kind: Kind
    total: int
    customers: tuple[FaultyCustomer, ...]
    shared: tuple[Shared, ...]
    next: int | None


@dataclass(frozen=True)
class TableRow:
    """One line of the table to work with."""

    customer_id: int
    name: str
    shop: str
    account: str
    wrong: str
    first_name: str
    last_name: str
    company: str
    email: str
    phone: str
    postcode: str


class Quality:
    """`region` is the country (two letters) of phones and postcodes that name none."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, region: str) -> None:
        self._store = store
        self._clock = clock
        self._region = region

    def overview(self, viewer: Viewer) -> Overview:
        """How much is wrong. Raises Forbidden."""
        scope = _scope(viewer)
        with self._store.read() as tx:
            counts = faults.counts(tx, scope)
            known = {kind: _count(tx, kind, scope) if kind in _SHARED else counts.get(kind, 0) for kind in KINDS}
            return Overview(known, faults.count_likely(tx, scope))

    def listed(self, viewer: Viewer, kind: str, *, after: int = 0) -> Listed:
        """Whom it concerns; `after` is what the page before gave as `next`. Raises Forbidden, NotFound."""
        scope, known = _scope(viewer), _kind(kind)
        with self._store.read() as tx:
            if known in _SHARED:
                return self._shared(tx, known, scope, after)
            total = _count(tx, known, scope)
            ids = faults.customers_with(tx, known, scope, after=after, limit=_PAGE + 1)
            rows = faults.accounts_with(tx, known, ids[:_PAGE], scope)
            names = _names(tx, ids[:_PAGE], scope)
        by_customer: dict[int, list[Faulty]] = {}
        for row in rows:
            by_customer.setdefault(row.customer_id, []).append(self._faulty(row, known, names))
        whom = tuple(FaultyCustomer(hers, names.get(hers, ""), tuple(its)) for hers, its in by_customer.items())
        return Listed(known, total, whom, (), ids[_PAGE - 1] if len(ids) > _PAGE else None)

    def table(self, viewer: Viewer, kind: str) -> Iterator[TableRow]:
        """All of it, read piece by piece while it is sent; that it was taken is recorded. Raises Forbidden, NotFound
        at once.
        """
        scope, known = _scope(viewer), _kind(kind)
        require(viewer, Permission.EXPORT)
        with self._store.write() as tx:
            activity.record(
                tx,
                "quality.exported",
                at=self._clock(),
                agent_id=viewer.agent_id or None,
                ref=("", "fault", known),
            )
        return self._shared_rows(known, scope) if known in _SHARED else self._fault_rows(known, scope)

    def _fault_rows(self, kind: Kind, scope: Scope) -> Iterator[TableRow]:
        after = 0
        while True:
            with self._store.read() as tx:
                ids = faults.customers_with(tx, kind, scope, after=after, limit=_CSV_AT_ONCE)
                rows = faults.accounts_with(tx, kind, ids, scope)
                names = _names(tx, ids, scope)
            for row in rows:
                wrong = self._faulty(row, kind, names).text
                yield _table_row(row, names.get(row.customer_id, ""), wrong)
            if len(ids) < _CSV_AT_ONCE:
                return
            after = ids[-1]

    def _shared_rows(self, kind: Kind, scope: Scope) -> Iterator[TableRow]:
        with self._store.read() as tx:
            found = faults.shared(tx, _SHARED[kind], scope, at_least=MANY)
        for start in range(0, len(found), _PAGE):
            part = found[start : start + _PAGE]
            with self._store.read() as tx:
                by_key = faults.bearers(tx, _SHARED[kind], [row.key for row in part], scope)
                names = _names(tx, {row.customer_id for its in by_key.values() for row in its}, scope)
            for shared in part:
                for row in by_key.get(shared.key, []):
                    yield _table_row(row, names.get(row.customer_id, ""), self._shown(kind, shared.key))

    def _shared(self, tx: Tx, kind: Kind, scope: Scope, offset: int) -> Listed:
        found = faults.shared(tx, _SHARED[kind], scope, at_least=MANY)
        part = found[offset : offset + _PAGE]
        by_key = faults.bearers(tx, _SHARED[kind], [row.key for row in part], scope)
        names = _names(tx, {row.customer_id for its in by_key.values() for row in its}, scope)
        shared = []
        for row in part:
            bearers = dict.fromkeys(its.customer_id for its in by_key[row.key])
            shared.append(Shared(self._shown(kind, row.key), tuple((hers, names.get(hers, "")) for hers in bearers)))
        following = offset + _PAGE
        return Listed(kind, len(found), (), tuple(shared), following if following < len(found) else None)

    def _shown(self, kind: Kind, key: str) -> str:
        return phone_display(key, self._region) if kind == "shared_phone" else key

    def _faulty(self, row: AccountRow, kind: Kind, names: dict[int, str]) -> Faulty:
        text = faults_of(vars(row), region=self._region).get(Fault(kind), "")
        return Faulty(row.customer_id, names.get(row.customer_id, ""), row.shop, row.kind, text)


def _scope(viewer: Viewer) -> Scope:
    require(viewer, Permission.SEE_QUALITY)
    return scope_of(viewer)


def _kind(kind: str) -> Kind:
    known = next((each for each in KINDS if each == kind), None)
    if known is None:
        raise NotFound("quality.not_found")
    return known


def _count(tx: Tx, kind: Kind, scope: Scope) -> int:
    if kind in _SHARED:
        return len(faults.shared(tx, _SHARED[kind], scope, at_least=MANY))
    return faults.counts(tx, scope, only=kind).get(kind, 0)


def _names(tx: Tx, customer_ids: object, scope: Scope) -> dict[int, str]:
    known = customers.accounts_of(tx, customer_ids, scope)  # type: ignore[arg-type]  # any collection of ids
    return {customer_id: profile.name_of(rows) for customer_id, rows in known.items()}


def _table_row(row: AccountRow, name: str, wrong: str) -> TableRow:
    return TableRow(
        customer_id=row.customer_id,
        name=name,
        shop=row.shop,
        account=f"{row.kind} {row.key}" if row.kind == "user" else row.kind,
        wrong=wrong,
        first_name=row.first_name,
        last_name=row.last_name,
        company=row.company,
        email=row.email,
        phone=row.phone,
        postcode=row.billing.get("postcode", ""),
    )
