"""Two who may be one person, side by side: what is shown of each, and who is called like somebody. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from companion.domain import evidence
from companion.domain.names import compare, name_words
from companion.domain.permissions import Permission, Viewer
from companion.services import profile
from companion.services.scopes import scope_of
from storage.engine import Tx
from storage.identity import identifiers, matches, unions
from storage.identity.matches import PairRow
from storage.people import customers
from storage.people.customers import AccountRow, ContactRow
from storage.scope import Scope

_SAME_NAME = 5
"""Others who may bear a name, for it to be worth a look."""

Pair = tuple[int, int]
"""Ids of two accounts."""


@dataclass(frozen=True)
class Side:
    """One of two who may be one person: the account that is compared, and the customer whose it is."""

    customer_id: int
    name: str
    account: profile.Account
    address: tuple[str, ...]
    accounts: int
    orders_count: int
    last_contact_at: datetime | None


@dataclass(frozen=True)
class Match:
    """Two who may be one person. `shared` is what both have (email, phone, place; name: nothing but a name that few
    bear), `names` how their names agree. `passed_over`: why they were not united, though the evidence is certain
    (refused, crowded), else "".
    """

    one: Side
    other: Side
    shared: tuple[str, ...]
    names: str
    passed_over: str

    @property
    def pair(self) -> Pair:
        """The two accounts."""
        return self.one.account.id, self.other.account.id


def matches_of(tx: Tx, viewer: Viewer, hers: Sequence[AccountRow]) -> tuple[Match, ...]:
    """Who else may be the customer of these accounts, by evidence, else by a name that few bear; she stands first in
    each. Nobody for who may not decide.
    """
    if not viewer.can(Permission.UNITE_CUSTOMERS):
        return ()
    scope, ids = scope_of(viewer), {row.id for row in hers}
    rows = matches.of_accounts(tx, ids, scope) if ids else []
    rows = [row if row.account_a in ids else _turned(row) for row in rows]
    rows = list({row.customer_b: row for row in reversed(rows)}.values())[::-1]
    rows += _namesakes(tx, hers, {row.customer_b for row in rows}, scope)
    return side_by_side(tx, rows, scope)


def side_by_side(tx: Tx, rows: Sequence[PairRow], scope: Scope) -> tuple[Match, ...]:
    """The pairs with what is known of both."""
    owners = {owner for row in rows for owner in (row.customer_a, row.customer_b)}
    accounts = customers.accounts_of(tx, owners, scope)
    contacts = customers.contacts(tx, owners, scope)

    def side(customer_id: int, account_id: int) -> Side:
        hers, contact = accounts[customer_id], contacts.get(customer_id, ContactRow())
        row = next(its for its in hers if its.id == account_id)
        return Side(
            customer_id=customer_id,
            name=profile.name_of([row]) or profile.name_of(hers),
            account=profile.account_of(row),
            address=profile.address_lines(row.billing),
            accounts=len(hers),
            orders_count=contact.orders,
            last_contact_at=contact.last_contact_at,
        )

    return tuple(
        Match(
            one=side(row.customer_a, row.account_a),
            other=side(row.customer_b, row.account_b),
            shared=tuple(row.evidence.get("shared", ())),
            names=str(row.evidence.get("names", "")),
            passed_over=row.passed_over,
        )
        for row in rows
    )


def _turned(row: PairRow) -> PairRow:
    """The same pair, the other one first."""
    return row._replace(
        account_a=row.account_b,
        account_b=row.account_a,
        customer_a=row.customer_b,
        customer_b=row.customer_a,
    )


def _namesakes(tx: Tx, hers: Sequence[AccountRow], already: Collection[int], scope: Scope) -> list[PairRow]:
    """Those who are called like her, where they are few: worth a look, and no more."""
    words = {row.id: name_words(row.first_name, row.last_name) for row in hers}
    keys = {evidence.name_key(its) for its in words.values()} - {""}
    ids = {row.id for row in hers}
    found = identifiers.of_name(tx, keys, limit=_SAME_NAME + len(ids) + 1) - ids
    if not found or len(found) > _SAME_NAME:
        return []
    owners = unions.owners(tx, found)
    refused = matches.refused(tx, ids)
    others = accounts_by_id(tx, set(owners.values()), scope)
    pairs: dict[int, PairRow] = {}
    for other_id in sorted(found & others.keys()):
        owner, other = owners[other_id], others[other_id]
        if owner in already or (min(owner, hers[0].customer_id), max(owner, hers[0].customer_id)) in refused:
            continue
        its = name_words(other.first_name, other.last_name)
        like = next((row for row in hers if compare(words[row.id], its) in {"same", "slipped", "near"}), None)
        if like is not None:
            shared = {"shared": ["name"], "names": compare(words[like.id], its)}
            pairs.setdefault(owner, PairRow(like.id, other_id, like.customer_id, owner, 0, shared, ""))
    return list(pairs.values())


def accounts_by_id(tx: Tx, customer_ids: Collection[int], scope: Scope) -> dict[int, AccountRow]:
    """The accounts of these customers that are in scope, by id."""
    found = customers.accounts_of(tx, customer_ids, scope)
    return {row.id: row for hers in found.values() for row in hers}
