"""The accounts behind orders, tickets and registered users: found or made, their facts kept, their search text written.

Only `apply` calls it, inside its own transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from companion.domain.identity import (
    AccountKey,
    Facts,
    account_of_order,
    facts_of_customer,
    facts_of_order,
    preferred,
    tell_the_same,
)
from companion.domain.searchable import STAFF_ROLES, account_text
from companion.sync.people.corrected import Corrected
from companion.sync.people.identity import Identity
from companion.sync.records import rows
from companion.sync.records.items import Item
from connectors.base import Customer, Order
from storage.engine import Tx
from storage.identity import links
from storage.people import accounts
from storage.search import index
from storage.segments import segments


class Owner(NamedTuple):
    """Whose an order or a ticket is."""

    account_id: int
    customer_id: int


class Authors(NamedTuple):
    """The owners of tickets by WordPress user id, and those of these users whose own record was never read."""

    owners: dict[str, Owner]
    unread: list[str]


class People:
    """`region` is the country whose phone spellings are assumed."""

    def __init__(self, region: str, identity: Identity) -> None:
        self._region = region
        self._identity = identity

    def of_orders(
        self, tx: Tx, shop: str, placed: Sequence[Order], *, now: datetime, whose: Mapping[str, AccountKey]
    ) -> dict[str, Owner]:
        """The owner of each order, by order id; unknown people are made, known ones learn what is newer. `whose`:
        those of which it is known already, whatever they say.
        """
        links.alone(tx)
        key_of = {order.id: whose.get(order.id) or account_of_order(order, region=self._region) for order in placed}
        newest: dict[AccountKey, Order] = {}
        for order in placed:
            key = key_of[order.id]
            if key not in newest or _is_newer(order.created_at, newest[key].created_at):
                newest[key] = order
        known = {
            AccountKey(kind, key): state
            for kind in ("user", "guest")
            for key, state in accounts.states(tx, shop, kind, [k.key for k in newest if k.kind == kind]).items()
        }
        made = self._make(tx, shop, {key: order for key, order in newest.items() if key not in known}, now=now)
        learnt = self._learn(tx, {key: (state, newest[key]) for key, state in known.items()})
        moved = self._identity.look(tx, {*(owner.account_id for owner in made.values()), *learnt}, now=now)
        owners = made | {key: Owner(state.id, state.customer_id) for key, state in known.items()}
        if moved:
            owners = {key: Owner(its, moved.get(its, customer_id)) for key, (its, customer_id) in owners.items()}
        return {order_id: owners[key] for order_id, key in key_of.items()}

    def _make(self, tx: Tx, shop: str, newest: dict[AccountKey, Order], *, now: datetime) -> dict[AccountKey, Owner]:
        if not newest:
            return {}
        facts = {key: facts_of_order(order) for key, order in newest.items()}
        created = accounts.create(
            tx,
            [rows.account_row(shop, key, facts[key], facts_at=order.created_at) for key, order in newest.items()],
            now=now,
        )
        owners = {key: Owner(*ids) for key, ids in zip(newest, created, strict=True)}
        self._index(tx, {owners[key].account_id: known for key, known in facts.items()})
        return owners

    def _learn(self, tx: Tx, known: dict[AccountKey, tuple[accounts.AccountState, Order]]) -> Collection[int]:
        """What orders tell of people who are known; returns the accounts of which something else is known now."""
        changed, texts = [], {}
        corrected = Corrected(tx, (state for state, _ in known.values()), region=self._region)
        for state, order in known.values():
            before = corrected.told(state)
            told = facts_of_order(order)
            has_own_record = state.content_hash is not None
            is_news = not has_own_record and _is_newer(order.created_at, state.facts_at)
            after = preferred(told, before) if is_news else preferred(before, told)
            if after != before or is_news or state.gone_at is not None:
                facts_at = order.created_at if is_news else state.facts_at
                in_force = corrected.in_force(state.id, after)
                changed.append({"id": state.id, **rows.facts_row(in_force), "facts_at": facts_at, "gone_at": None})
            is_other = not tell_the_same(before, after, region=self._region)
            if is_other or state.gone_at is not None or after.role in STAFF_ROLES:
                texts[state.id] = corrected.in_force(state.id, after)
        accounts.change(tx, changed)
        corrected.keep(tx)
        self._index(tx, texts)
        return texts

    def of_authors(self, tx: Tx, shop: str, user_ids: Collection[str], *, now: datetime) -> Authors:
        """The accounts of the registered users who wrote tickets; one whom nobody knows is made, nameless as yet."""
        wanted = sorted(user_id for user_id in user_ids if user_id)
        states = accounts.states(tx, shop, "user", wanted)
        new = [user_id for user_id in wanted if user_id not in states]
        created = accounts.create(
            tx, [rows.account_row(shop, AccountKey("user", key), Facts(), facts_at=None) for key in new], now=now
        )
        owners = {key: Owner(state.id, state.customer_id) for key, state in states.items()}
        owners |= {key: Owner(*made) for key, made in zip(new, created, strict=True)}
        unread = [key for key, state in states.items() if state.content_hash is None and state.gone_at is None]
        return Authors(owners, new + unread)

    def of_customers(
        self, tx: Tx, shop: str, items: Sequence[Item[Customer]], *, read_seq: int, now: datetime
    ) -> dict[str, int]:
        """Writes registered users by their own records, which know better than any order does; returns their accounts
        by user id.
        """
        records = {item.id: item for item in items}
        states = accounts.states(tx, shop, "user", list(records))
        new, new_facts, changed, texts = [], [], [], {}
        corrected = Corrected(tx, states.values(), region=self._region)
        for key, item in records.items():
            if item.record is None:
                continue
            told = facts_of_customer(item.record)
            own = rows.customer_row(
                item.record, read_seq=read_seq, raw_hash=item.raw_hash, content_hash=item.content_hash
            )
            state = states.get(key)
            if state is None:
                new.append({**rows.account_row(shop, AccountKey("user", key), told, facts_at=None), **own})
                new_facts.append(told)
                continue
            after = corrected.in_force(state.id, preferred(told, corrected.told(state)))
            changed.append({"id": state.id, **rows.facts_row(after), **own})
            if told.role not in STAFF_ROLES:
                texts[state.id] = after
        created = accounts.create(tx, new, now=now)
        texts.update(
            {ids[0]: facts for ids, facts in zip(created, new_facts, strict=True) if facts.role not in STAFF_ROLES}
        )
        accounts.change(tx, changed)
        corrected.keep(tx)
        self._index(tx, texts)
        self._identity.look(tx, {*(row["id"] for row in changed), *(ids[0] for ids in created)}, now=now)
        accounts_of = {key: state.id for key, state in states.items()}
        return accounts_of | {row["key"]: ids[0] for row, ids in zip(new, created, strict=True)}

    def forget_abandoned(self, tx: Tx, account_ids: Collection[int], *, now: datetime) -> None:
        """A guest whose last order turned out to be another's (a corrected e-mail) is nobody: tombstoned, not found."""
        segments.mark_accounts(tx, account_ids)
        abandoned = accounts.abandoned(tx, account_ids)
        for account_id in abandoned:
            accounts.change(tx, [{"id": account_id, "gone_at": now}])
            index.remove(tx, "account", [account_id])
        self._identity.look(tx, abandoned, now=now)

    def _index(self, tx: Tx, facts: dict[int, Facts]) -> None:
        if facts:
            index.put(tx, "account", {account_id: self._text(known) for account_id, known in facts.items()})

    def _text(self, facts: Facts) -> str:
        return account_text(
            first_name=facts.first_name,
            last_name=facts.last_name,
            username=facts.username,
            email=facts.email,
            phone=facts.phone,
            company=facts.company,
            billing=rows.address_row(facts.billing),
            shipping=rows.address_row(facts.shipping),
            others=(facts.reference,),
            region=self._region,
        )


def _is_newer(date: datetime | None, than: datetime | None) -> bool:
    return date is not None and (than is None or date >= than)
