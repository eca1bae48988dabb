"""What agents know better than the shops: facts set by hand, the preferred way of contact, dates that matter.

A correction goes before the shop's word, survives every later sync and can be taken back. What was changed is logged by
the names of the fields, never by their text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from companion.domain.also_told import NOTHING_CHOSEN, Chosen
from companion.domain.by_hand import FIELDS, PLACE_FIELDS, WAYS, from_columns, in_force, to_columns, value_of
from companion.domain.channels import CHANNELS
from companion.domain.contact import email_key, phone_key
from companion.domain.identity import Facts
from companion.domain.important_days import read_day
from companion.domain.permissions import Permission, Viewer
from companion.services import profile, typed
from companion.services.customers.known import Known, known
from companion.services.errors import Invalid, NotFound
from companion.services.profile import Account
from companion.services.scopes import require, scope_of
from companion.services.search import indexing
from storage import activity, shops
from storage.engine import Store, Tx
from storage.identity import links
from storage.people import accounts, customers, facts_by_hand, important_dates
from storage.people.customers import AccountRow

__all__ = ["LINE_LIMIT", "ByHand", "Look", "Sheet", "checked"]

LINE_LIMIT = 200
"""Longest fact, in letters."""

Look = Callable[[Tx, Collection[int]], object]
"""Tells whoever unites accounts, in the writing transaction, that facts of these changed."""

_MANUAL = "manual"


@dataclass(frozen=True)
class Sheet:
    """An account as it stands in the form: its fields in force by name, and what was corrected of the customer."""

    customer_id: int
    name: str
    account: Account
    accounts: tuple[Account, ...]
    fields: Mapping[str, str]
    known: Known


class ByHand:
    """Correcting what is known of a customer, and telling more."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        look: Look,
        region: str = "IR",
        chosen: Chosen = NOTHING_CHOSEN,
    ) -> None:
        """`region` is the country (two letters) of phone numbers that name none, `chosen` are the custom fields that
        people are found by.
        """
        self._store = store
        self._clock = clock
        self._look = look
        self._region = region
        self._chosen = chosen

    def sheet(self, viewer: Viewer, customer_id: int, account_id: int | None = None) -> Sheet:
        """What the form shows: of this account, else of the one that was last heard of. Raises NotFound, Forbidden."""
        require(viewer, Permission.EDIT_CUSTOMERS)
        with self._store.read() as tx:
            customer_id, hers = _hers(tx, viewer, customer_id)
            row = _one(hers, account_id if account_id is not None else hers[0].id)
            ways = facts_by_hand.values(tx, [row.id]).get(row.id, {})
            facts = _facts(row)
            return Sheet(
                customer_id=customer_id,
                name=profile.name_of(hers),
                account=profile.account_of(row),
                accounts=tuple(profile.account_of(each) for each in hers),
                fields={field: ways.get(field, "") if field in WAYS else value_of(facts, field) for field in FIELDS},
                known=known(tx, hers),
            )

    def correct(self, viewer: Viewer, customer_id: int, account_id: int, changes: Mapping[str, str]) -> tuple[str, ...]:
        """Set these fields of an account by hand; returns the names of those that changed.

        What is set to the very thing that the shop tells is the shop's again. Raises Invalid (naming the field),
        NotFound, Forbidden.
        """
        require(viewer, Permission.EDIT_CUSTOMERS)
        wanted = {field: checked(field, changes[field], region=self._region) for field in FIELDS if field in changes}
        with self._store.write() as tx:
            customer_id, row = _alone(tx, viewer, customer_id, account_id)
            facts = _facts(row)
            ways = facts_by_hand.values(tx, [row.id]).get(row.id, {})
            changed = {
                field: value
                for field, value in wanted.items()
                if value != (ways.get(field, "") if field in WAYS else value_of(facts, field))
            }
            if not changed:
                return ()
            own = {field: value for field, value in changed.items() if field not in WAYS}
            if row.kind == _MANUAL:
                self._keep(tx, row.id, _with(facts, own))
            elif own:
                self._hold(tx, viewer, row.id, facts, own)
            self._prefer(tx, viewer, row.id, {field: changed[field] for field in WAYS if field in changed})
            self._record(tx, viewer, "customer.corrected", customer_id, row, changed)
            if own:
                self._look(tx, [row.id])
            return tuple(changed)

    def take_back(self, viewer: Viewer, customer_id: int, account_id: int, field: str) -> None:
        """Let a field of an account be the shop's again; raises NotFound, Forbidden."""
        require(viewer, Permission.EDIT_CUSTOMERS)
        with self._store.write() as tx:
            customer_id, row = _alone(tx, viewer, customer_id, account_id)
            told = facts_by_hand.told(tx, [row.id]).get(row.id)
            if told is None or field in WAYS:
                return
            facts_by_hand.remove(tx, row.id, [field])
            self._put_in_force(tx, row.id, from_columns(told))
            self._record(tx, viewer, "customer.taken_back", customer_id, row, [field])
            self._look(tx, [row.id])

    def add_date(self, viewer: Viewer, customer_id: int, *, label: str, day: str, is_yearly: bool) -> None:
        """Keep a day that matters to her, as typed; raises Invalid (label, day), NotFound, Forbidden."""
        require(viewer, Permission.EDIT_CUSTOMERS)
        label = typed.line(label, field="label", limit=LINE_LIMIT)
        if not label:
            raise Invalid("date.no_label", field="label")
        meant = read_day(day, calendar=viewer.calendar)
        if meant is None:
            raise Invalid("date.unreadable", field="day")
        if meant.year is None and not is_yearly:
            raise Invalid("date.no_year", field="day")
        with self._store.write() as tx:
            customer_id, hers = _hers(tx, viewer, customer_id)
            important_dates.add(
                tx,
                hers[0].id,
                label=label,
                calendar=meant.calendar,
                year=meant.year,
                month=meant.month,
                day=meant.day,
                is_yearly=is_yearly,
                agent_id=viewer.agent_id,
                now=self._clock(),
            )
            self._record(tx, viewer, "customer.date_added", customer_id, hers[0], ())

    def remove_date(self, viewer: Viewer, customer_id: int, date_id: int) -> None:
        """Take a date away; raises NotFound, Forbidden."""
        require(viewer, Permission.EDIT_CUSTOMERS)
        with self._store.write() as tx:
            customer_id, hers = _hers(tx, viewer, customer_id)
            found = important_dates.get(tx, date_id)
            if found is None or found.account_id not in {row.id for row in hers}:
                raise NotFound("date.not_found")
            if important_dates.remove(tx, date_id, now=self._clock()):
                self._record(tx, viewer, "customer.date_removed", customer_id, _one(hers, found.account_id), ())

    def _hold(self, tx: Tx, viewer: Viewer, account_id: int, facts: Facts, fields: Mapping[str, str]) -> None:
        """Set fields of a shop's account by hand, and keep what the shop tells."""
        columns = facts_by_hand.told(tx, [account_id]).get(account_id)
        told = from_columns(columns) if columns is not None else facts
        as_told = [field for field, value in fields.items() if value == value_of(told, field)]
        facts_by_hand.remove(tx, account_id, as_told)
        held = {field: value for field, value in fields.items() if field not in as_told}
        facts_by_hand.put(tx, account_id, held, agent_id=viewer.agent_id, now=self._clock())
        facts_by_hand.tell(tx, {account_id: to_columns(told)})
        self._put_in_force(tx, account_id, told)

    def _put_in_force(self, tx: Tx, account_id: int, told: Facts) -> None:
        """Write what is known of an account of which the shop tells this."""
        held = facts_by_hand.values(tx, [account_id]).get(account_id, {})
        own = {field: value for field, value in held.items() if field not in WAYS}
        if not own:
            facts_by_hand.forget_told(tx, account_id)
        self._keep(tx, account_id, in_force(told, own, region=self._region))

    def _keep(self, tx: Tx, account_id: int, facts: Facts) -> None:
        accounts.change(tx, [{"id": account_id, **to_columns(facts)}])
        indexing.put_accounts(tx, account_id, account_id, region=self._region, chosen=self._chosen)

    def _prefer(self, tx: Tx, viewer: Viewer, account_id: int, ways: Mapping[str, str]) -> None:
        facts_by_hand.put(tx, account_id, ways, agent_id=viewer.agent_id, now=self._clock())

    def _record(
        self, tx: Tx, viewer: Viewer, action: str, customer_id: int, row: AccountRow, fields: Collection[str]
    ) -> None:
        ref = (row.shop, "fields", ",".join(sorted(fields))) if fields else ("", "", "")
        activity.record(tx, action, at=self._clock(), agent_id=viewer.agent_id, customer_id=customer_id, ref=ref)


def checked(field: str, text: str, *, region: str) -> str:
    """A fact as typed, fit to be kept; raises Invalid, naming the field, for one that cannot be."""
    value = typed.line(text, field=field, limit=LINE_LIMIT)
    if field == "phone" and value and phone_key(value, region) is None:
        raise Invalid("person.phone", field=field)
    if field == "email" and value and email_key(value) is None:
        raise Invalid("person.email", field=field)
    if field == "preferred_channel" and value not in {"", *CHANNELS}:
        raise Invalid("person.channel", field=field)
    return value


def _with(facts: Facts, fields: Mapping[str, str]) -> Facts:
    """The facts of a person whom no shop knows, changed."""
    own = {field: value for field, value in fields.items() if field not in PLACE_FIELDS}
    places = {field: value for field, value in fields.items() if field in PLACE_FIELDS}
    changed: dict[str, Any] = {**own, "billing": msgspec.structs.replace(facts.billing, **places)}
    after: Facts = msgspec.structs.replace(facts, **changed)
    if not any((after.first_name, after.last_name, after.company, after.phone, after.email)):
        raise Invalid("person.nobody", field="last_name")
    return after


def _hers(tx: Tx, viewer: Viewer, customer_id: int) -> tuple[int, list[AccountRow]]:
    """The customer's present id and those of her accounts that this viewer may know of."""
    resolved = customers.resolve(tx, customer_id)
    hers = customers.accounts_of(tx, [resolved], scope_of(viewer)).get(resolved) if resolved is not None else None
    if resolved is None or not hers:
        raise NotFound("customer.not_found")
    return resolved, hers


def _alone(tx: Tx, viewer: Viewer, customer_id: int, account_id: int) -> tuple[int, AccountRow]:
    """The customer's present id and the account, whose facts nobody else writes until the transaction ends."""
    _, hers = _hers(tx, viewer, customer_id)
    if shop := _one(hers, account_id).shop:
        shops.apply_alone(tx, shop)
    links.alone(tx)
    customer_id, hers = _hers(tx, viewer, customer_id)
    return customer_id, _one(hers, account_id)


def _facts(row: AccountRow) -> Facts:
    return from_columns({name: getattr(row, name) for name in accounts.FACT_COLUMNS})


def _one(hers: Collection[AccountRow], account_id: int) -> AccountRow:
    row = next((each for each in hers if each.id == account_id), None)
    if row is None:
        raise NotFound("account.not_found")
    return row
