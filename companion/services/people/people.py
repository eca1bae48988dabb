"""People whom no shop knows: added by hand, found by the number they call from, taken away again.

Somebody added by hand is an account of no shop. When a shop comes to know her, the two are united as any others are.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from companion.domain.contact import phone_display, phone_key
from companion.domain.permissions import Permission, Viewer
from companion.services import profile
from companion.services.errors import Forbidden, Invalid, NotFound
from companion.services.notes import NoteDraft, Notes
from companion.services.people.by_hand import Look, checked
from companion.services.said import said_by
from companion.services.scopes import require, scope_of
from companion.services.search import indexing
from companion.services.search.search import Hit, Search
from storage import activity, notes
from storage.engine import Store, Tx
from storage.errors import Duplicate
from storage.identity import links
from storage.people import accounts, customers
from storage.people.customers import AccountRow, ContactRow
from storage.scope import EVERYTHING, Scope
from storage.search import candidates

_MANUAL = "manual"
_FORM_KEY = re.compile(r"[A-Za-z0-9_-]{12,64}")
_LIKELY = 5
_CALLERS = 50
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_FIELDS = ("name", "company", "phone", "email", "reference")


@dataclass(frozen=True)
class NewPerson:
    """Somebody as typed: a name, a company, a phone or an e-mail is enough. `form_key` names one showing of the form,
    so that a doubled post adds one person.
    """

    name: str = ""
    phone: str = ""
    email: str = ""
    company: str = ""
    reference: str = ""
    form_key: str = ""


@dataclass(frozen=True)
class Added:
    """Whom adding somebody led to; `was_known`: a customer who stood here before, and surely the same person."""

    customer_id: int
    was_known: bool = False


@dataclass(frozen=True)
class Caller:
    """Somebody who has the number that was asked for."""

    customer_id: int
    name: str
    shops: tuple[str, ...]
    orders_count: int
    last_contact_at: datetime | None


@dataclass(frozen=True)
class Called:
    """Who has a number: `number` as people write it, "" where what was given is no number at all."""

    number: str
    callers: tuple[Caller, ...]


class People:
    """Adding somebody, and knowing whether somebody is known."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        search: Search,
        notes: Notes,
        look: Look,
        region: str = "IR",
    ) -> None:
        """`look` tells whoever unites accounts of new ones; `region` is the country (two letters) of phone numbers
        that name none.
        """
        self._store = store
        self._clock = clock
        self._search = search
        self._notes = notes
        self._look = look
        self._region = region

    def add(self, viewer: Viewer, person: NewPerson, note: NoteDraft | None = None) -> Added:
        """Add somebody, with a first `note` (its customer is put in here) if there is something to say. Raises Invalid
        (naming the field), Forbidden.
        """
        require(viewer, Permission.EDIT_CUSTOMERS)
        facts = self._facts(person)
        if note:
            said_by(note.body, note.contact)  # refused before anybody is added
        added = self._once(viewer, person, facts)
        if note:
            draft = replace(note, customer_id=added.customer_id, form_key=person.form_key or None)
            self._notes.write(viewer, draft)
        return added

    def _once(self, viewer: Viewer, person: NewPerson, facts: dict[str, str]) -> Added:
        key = person.form_key if _FORM_KEY.fullmatch(person.form_key) else secrets.token_urlsafe(12)
        try:
            with self._store.write() as tx:
                links.alone(tx)
                return _added_before(tx, key) or self._add(tx, viewer, key, facts)
        except Duplicate:  # the same form, sent twice at the very same moment
            with self._store.read() as tx:
                return _added_before(tx, key) or Added(0)

    def likely(self, viewer: Viewer, person: NewPerson) -> tuple[Hit, ...]:
        """Who may be the very person that is being typed: by phone, by e-mail, by name; raises Forbidden."""
        found: dict[int, Hit] = {}
        if phone_key(person.phone, self._region):
            found |= {hit.customer_id: hit for hit in self._hits(viewer, person.phone)}
        for text in (person.email, person.name, person.company):
            if len(text.strip()) > 2:  # noqa: PLR2004 -- fewer letters are anybody
                found = {hit.customer_id: hit for hit in self._hits(viewer, text)} | found
        return tuple(found.values())[:_LIKELY]

    def called(self, viewer: Viewer, number: str) -> Called:
        """Who has this number, in whatever spelling, the one last heard of first; raises Forbidden."""
        scope = scope_of(viewer)
        key = phone_key(number, self._region)
        if key is None:
            return Called("", ())
        with self._store.read() as tx:
            return Called(phone_display(key, self._region), _callers(tx, key, scope))

    def remove(self, viewer: Viewer, customer_id: int) -> None:
        """Take away somebody whom one added by mistake; raises Forbidden where anything hangs on her, NotFound."""
        require(viewer, Permission.EDIT_CUSTOMERS)
        with self._store.write() as tx:
            links.alone(tx)
            row = self._manual(tx, viewer, customer_id)
            if notes.first(tx, row.customer_id, EVERYTHING)[0] is not None:
                raise Forbidden("person.not_empty")
            if row.gone_at is None:
                self._change(tx, viewer, row, "customer.removed", gone_at=self._clock())

    def restore(self, viewer: Viewer, customer_id: int) -> None:
        """Bring back somebody who was taken away; raises Forbidden, NotFound."""
        require(viewer, Permission.EDIT_CUSTOMERS)
        with self._store.write() as tx:
            links.alone(tx)
            row = self._manual(tx, viewer, customer_id)
            if row.gone_at is not None:
                self._change(tx, viewer, row, "customer.restored", gone_at=None)

    def _hits(self, viewer: Viewer, text: str) -> tuple[Hit, ...]:
        return self._search.find(viewer, text, limit=_LIKELY).hits

    def _facts(self, person: NewPerson) -> dict[str, str]:
        """The columns of the new account."""
        told = {field: checked(field, getattr(person, field), region=self._region) for field in _FIELDS}
        if not any(told[field] for field in ("name", "company", "phone", "email")):
            raise Invalid("person.nobody", field="name")
        first, _, last = told.pop("name").partition(" ")
        return {**told, "first_name": first if last else "", "last_name": last or first}

    def _add(self, tx: Tx, viewer: Viewer, key: str, facts: dict[str, str]) -> Added:
        now = self._clock()
        row: dict[str, Any] = {"shop": "", "kind": _MANUAL, "key": key, **facts, "created_at": now, "facts_at": now}
        ((account_id, customer_id),) = accounts.create(tx, [row], now=now)
        indexing.put_accounts(tx, account_id, account_id, region=self._region)
        activity.record(tx, "customer.added", at=now, agent_id=viewer.agent_id, customer_id=customer_id)
        self._look(tx, [account_id])
        hers = customers.resolve(tx, customer_id) or customer_id
        return Added(hers, was_known=hers != customer_id)

    def _manual(self, tx: Tx, viewer: Viewer, customer_id: int) -> AccountRow:
        """The one account of a customer whom no shop knows."""
        resolved = customers.resolve(tx, customer_id)
        if resolved is None or not customers.accounts_of(tx, [resolved], scope_of(viewer)).get(resolved):
            raise NotFound("customer.not_found")
        hers = customers.accounts_of(tx, [resolved], EVERYTHING)[resolved]
        if len(hers) > 1 or hers[0].kind != _MANUAL:
            raise Forbidden("person.known_to_a_shop")
        return hers[0]

    def _change(self, tx: Tx, viewer: Viewer, row: AccountRow, action: str, *, gone_at: datetime | None) -> None:
        accounts.change(tx, [{"id": row.id, "gone_at": gone_at}])
        indexing.put_accounts(tx, row.id, row.id, region=self._region)
        activity.record(tx, action, at=self._clock(), agent_id=viewer.agent_id, customer_id=row.customer_id)
        self._look(tx, [row.id])


def _added_before(tx: Tx, key: str) -> Added | None:
    """The customer who was added by this showing of the form."""
    state = accounts.states(tx, "", _MANUAL, [key]).get(key)
    return Added(state.customer_id) if state else None


def _callers(tx: Tx, key: str, scope: Scope) -> tuple[Caller, ...]:
    # The index of search knows every number of hers, those of her older orders too.
    rows = candidates.starting(tx, [[[key.removeprefix("+")]]], scope, kinds=("account",), limit=_CALLERS)
    ids = {row.customer_id for row in rows}
    hers = customers.accounts_of(tx, ids, scope)
    contacts = customers.contacts(tx, ids, scope)
    found = [
        Caller(
            customer_id=customer_id,
            name=profile.name_of(accounts_),
            shops=profile.shops_of(accounts_),
            orders_count=contacts.get(customer_id, ContactRow()).orders,
            last_contact_at=contacts.get(customer_id, ContactRow()).last_contact_at,
        )
        for customer_id, accounts_ in hers.items()
        if any(row.gone_at is None or row.kind == "user" for row in accounts_)
    ]
    newest_last = sorted(found, key=lambda its: (its.last_contact_at or _LONG_AGO, its.customer_id))
    return tuple(reversed(newest_last))
