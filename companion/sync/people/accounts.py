"""The accounts behind orders, tickets and registered users: found or made, their facts kept, their search text written.

Only `apply` calls it, inside its own transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from companion.domain.also_told import NOTHING, NOTHING_CHOSEN, AlsoTold, Chosen, Telling, also_told, tells_more
from companion.domain.by_hand import from_columns
from companion.domain.identity import (
    AccountKey,
    Facts,
    account_of_order,
    facts_of_customer,
    facts_of_order,
    preferred,
    tell_the_same,
)
from companion.domain.searchable import STAFF_ROLES, account_text, is_sought
from companion.sync.people.corrected import Corrected
from companion.sync.people.identity import Identity
from companion.sync.records import rows
from companion.sync.records.items import Item
from connectors.base import Customer, Order
from storage.engine import Tx
from storage.identity import links
from storage.people import accounts
from storage.people import also_told as stored
from storage.search import index
from storage.segments import segments

_LONGEST_AGO = datetime.min.replace(tzinfo=UTC)


class Owner(NamedTuple):
    """Whose an order or a ticket is."""

    account_id: int
    customer_id: int


class Sought(NamedTuple):
    """Accounts whose search text is to be written, with their facts in force; and of those that are new all that is
    told of them besides.
    """

    facts: dict[int, Facts]
    tellings: dict[int, list[Telling]]


class Placed(NamedTuple):
    """The owners of orders by order id, and whose search text is due once the orders are stored: `People.index`."""

    owners: dict[str, Owner]
    sought: Sought


class Authors(NamedTuple):
    """The owners of tickets by WordPress user id, and those of these users whose own record was never read."""

    owners: dict[str, Owner]
    unread: list[str]


class People:
    """`region` is the country whose phone spellings are assumed; `chosen` are the custom fields that people are found
    by.
    """

    def __init__(self, region: str, identity: Identity, chosen: Chosen = NOTHING_CHOSEN) -> None:
        self._region = region
        self._identity = identity
        self._chosen = chosen

    def of_orders(
        self,
        tx: Tx,
        shop: str,
        placed: Sequence[Order],
        *,
        now: datetime,
        whose: Mapping[str, AccountKey],
        known_orders: Collection[str],
    ) -> Placed:
        """The owner of each order, by order id; unknown people are made, known ones learn what is newer. `whose`:
        those of which it is known already, whatever they say; `known_orders`: those of them that stand here.
        """
        links.alone(tx)
        key_of = {order.id: whose.get(order.id) or account_of_order(order, region=self._region) for order in placed}
        orders_of: dict[AccountKey, list[Order]] = {}
        for order in placed:
            orders_of.setdefault(key_of[order.id], []).append(order)
        for key, hers in orders_of.items():
            if len(hers) > 1:  # the newest first; of those of one moment the one that came last
                orders_of[key] = sorted(hers, key=_age)[::-1]
        known = {
            AccountKey(kind, key): state
            for kind in ("user", "guest")
            for key, state in accounts.states(tx, shop, kind, [k.key for k in orders_of if k.kind == kind]).items()
        }
        made, sought = self._make(tx, shop, {key: its for key, its in orders_of.items() if key not in known}, now=now)
        meant = [(state, orders_of[key]) for key, state in known.items()]
        before = stored.of_orders(tx, shop, known_orders, self._keys(shop))
        learnt = self._learn(tx, shop, meant, before, sought)
        moved = self._identity.look(tx, {*(owner.account_id for owner in made.values()), *learnt}, now=now)
        owners = made | {key: Owner(state.id, state.customer_id) for key, state in known.items()}
        if moved:
            owners = {key: Owner(its, moved.get(its, customer_id)) for key, (its, customer_id) in owners.items()}
        return Placed({order_id: owners[key] for order_id, key in key_of.items()}, sought)

    def _make(
        self, tx: Tx, shop: str, orders_of: dict[AccountKey, list[Order]], *, now: datetime
    ) -> tuple[dict[AccountKey, Owner], Sought]:
        if not orders_of:
            return {}, Sought({}, {})
        facts = {key: facts_of_order(hers[0]) for key, hers in orders_of.items()}
        created = accounts.create(
            tx,
            [rows.account_row(shop, key, facts[key], facts_at=hers[0].created_at) for key, hers in orders_of.items()],
            now=now,
        )
        owners, keys = {key: Owner(*ids) for key, ids in zip(orders_of, created, strict=True)}, self._keys(shop)
        return owners, Sought(
            {owners[key].account_id: known for key, known in facts.items()},
            {
                # Of one order the facts hold all but its custom fields.
                owners[key].account_id: [rows.telling_of(order, keys) for order in hers]
                if keys or len(hers) > 1
                else []
                for key, hers in orders_of.items()
            },
        )

    def _learn(
        self,
        tx: Tx,
        shop: str,
        known: Collection[tuple[accounts.AccountState, list[Order]]],
        told_before: Mapping[str, Telling],
        sought: Sought,
    ) -> Collection[int]:
        """What orders tell of people who are known; returns the accounts of which something else is known now."""
        changed, learnt = [], []
        corrected = Corrected(tx, (state for state, _ in known), region=self._region)
        keys = self._keys(shop)
        for state, hers in known:
            order = hers[0]
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
            is_learnt = is_other or state.gone_at is not None or after.role in STAFF_ROLES
            if is_learnt:
                learnt.append(state.id)
            if is_learnt or any(self._tells_more(each, told_before.get(each.id), after, keys) for each in hers):
                sought.facts[state.id] = corrected.in_force(state.id, after)
        accounts.change(tx, changed)
        corrected.keep(tx)
        return learnt

    def _tells_more(self, order: Order, before: Telling | None, facts: Facts, keys: Collection[str]) -> bool:
        """Whether an order tells something besides the facts, or did until now."""
        now = rows.telling_of(order, keys)
        return before != now and any(
            tells_more(each, facts, keys, region=self._region) for each in (now, before) if each is not None
        )

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
        new, new_facts, new_tellings, changed, sought = [], [], [], [], Sought({}, {})
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
                new_tellings.append(rows.telling_of(item.record, self._keys(shop)))
                continue
            after = corrected.in_force(state.id, preferred(told, corrected.told(state)))
            changed.append({"id": state.id, **rows.facts_row(after), **own})
            if told.role not in STAFF_ROLES:
                sought.facts[state.id] = after
        created = accounts.create(tx, new, now=now)
        for (account_id, _), facts, telling in zip(created, new_facts, new_tellings, strict=True):
            if facts.role not in STAFF_ROLES:
                sought.facts[account_id] = facts
                sought.tellings[account_id] = [telling]
        accounts.change(tx, changed)
        corrected.keep(tx)
        self.index(tx, shop, sought)
        self._identity.look(tx, {*(row["id"] for row in changed), *(ids[0] for ids in created)}, now=now)
        accounts_of = {key: state.id for key, state in states.items()}
        return accounts_of | {row["key"]: ids[0] for row, ids in zip(new, created, strict=True)}

    def forget_abandoned(self, tx: Tx, account_ids: Collection[int], *, now: datetime) -> None:
        """Of accounts an order of which turned out to be another's (a corrected e-mail): a guest whose last one it was
        is nobody, tombstoned and not found; the others are not found any more by what that order told.
        """
        segments.mark_accounts(tx, account_ids)
        abandoned = accounts.abandoned(tx, account_ids)
        for account_id in account_ids:
            if account_id in abandoned:
                accounts.change(tx, [{"id": account_id, "gone_at": now}])
                index.remove(tx, "account", [account_id])
                continue
            for left in accounts.between(tx, account_id, account_id):
                if is_sought(kind=left.kind, role=left.facts["role"], has_orders=left.has_orders, is_gone=left.is_gone):
                    self.index(tx, left.shop, Sought({left.id: from_columns(left.facts)}, {}))
        self._identity.look(tx, abandoned, now=now)

    def index(self, tx: Tx, shop: str, sought: Sought) -> None:
        """Writes the search texts of these accounts, once everything that is told of them is stored."""
        if not sought.facts:
            return
        keys, region = self._keys(shop), self._region
        told = {
            its: also_told(tellings, keys, region=region) if tellings else NOTHING
            for its, tellings in sought.tellings.items()
        }
        for its, known in stored.of_accounts(tx, sought.facts.keys() - told.keys(), keys).items():
            told[its] = also_told(known.tellings, keys, known_wrong=known.corrected, region=region)
        texts = {its: self._text(facts, told.get(its, NOTHING)) for its, facts in sought.facts.items()}
        index.put(tx, "account", texts)

    def _keys(self, shop: str) -> Collection[str]:
        """The keys of the shop's chosen fields."""
        return self._chosen.get(shop, ())

    def _text(self, facts: Facts, told: AlsoTold) -> str:
        return account_text(
            first_name=facts.first_name,
            last_name=facts.last_name,
            username=facts.username,
            email=facts.email,
            phone=facts.phone,
            company=facts.company,
            billing=rows.address_row(facts.billing),
            shipping=rows.address_row(facts.shipping),
            phones=told.phones,
            others=(facts.reference, *told.values),
            region=self._region,
        )


def _age(order: Order) -> datetime:
    return order.created_at or _LONGEST_AGO


def _is_newer(date: datetime | None, than: datetime | None) -> bool:
    return date is not None and (than is None or date >= than)
