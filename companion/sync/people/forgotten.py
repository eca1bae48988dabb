"""The do-not-import list: what a shop tells of an erased person is stored without what would name her.

Only the funnel asks it, inside its own transaction, before it decides. Where nobody was ever erased that is one short
query a page.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from companion.domain.erasing import (
    bare_customer,
    bare_order,
    bare_order_note,
    bare_refund,
    bare_reply,
    bare_ticket,
    match_keys_of_customer,
    match_keys_of_order,
    user_key,
)
from companion.domain.identity import AccountKey
from companion.sync.records.items import Item
from connectors.base import Customer, Order, OrderNote, Refund, Ticket, TicketReply
from storage.engine import Tx
from storage.orders import OrderState
from storage.privacy import erasing, erasures

FIRST_STEP = "deliveries"
"""Where an erasure begins, and begins again when more of the person comes to light."""

RecordT = TypeVar("RecordT")


class Forgotten:
    """`key` makes the hashes: 32 bytes or more, of this installation alone. `region`: the country of phones that name
    none.
    """

    def __init__(self, key: bytes, *, region: str) -> None:
        self._key = key
        self._region = region

    def digest(self, match_key: str) -> bytes:
        """A match key as it stands on the list."""
        return hmac.new(self._key, match_key.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()

    # --- orders and what belongs to them --------------------------------------------------------------------------

    def orders(
        self, tx: Tx, shop: str, items: Sequence[Item[Order]], states: Mapping[str, OrderState]
    ) -> dict[str, AccountKey]:
        """Bares the orders of erased people; returns the accounts that these are to belong to, by order id. One that
        another registered user placed for her stays that user's. `states`: how the orders stand here.
        """
        if not items or not erasures.is_anybody_listed(tx):
            return {}
        listed = self._listed(tx, items, lambda order: match_keys_of_order(shop, order, region=self._region))
        accounts_of = {item.id: states[item.id].account_id for item in items if item.id in states}
        standing = erasures.erased_among(tx, set(accounts_of.values()))
        keys = erasures.keys_of(tx, standing)
        owners: dict[str, AccountKey] = {}
        bared: list[str] = []
        for item in items:
            order, account_id = item.record, accounts_of.get(item.id)
            erasure_id = standing.get(account_id) if account_id is not None else None
            if order is None or (erasure_id is None and item.id not in listed):
                continue
            item.record = bare_order(order)
            if account_id is not None and erasure_id is not None:
                owners[item.id] = AccountKey(*keys[account_id])  # type: ignore[arg-type]  # its kind is one of these
            elif not order.customer_id:
                owners[item.id] = AccountKey("guest", guest_key(listed[item.id]))
            bared.append(item.id)
        erasing.drop_deliveries(tx, shop, "order", bared)
        return owners

    def order_notes(self, tx: Tx, shop: str, order_id: str, found: list[OrderNote]) -> list[OrderNote]:
        """The notes of an order, without their texts where it is an erased person's."""
        if found and erasures.is_anybody_listed(tx) and erasures.erased_orders(tx, shop, [order_id]):
            return [bare_order_note(note) for note in found]
        return found

    def refunds(self, tx: Tx, shop: str, found: list[Refund]) -> list[Refund]:
        """Refunds, without their reasons where the order is an erased person's."""
        if not found or not erasures.is_anybody_listed(tx):
            return found
        hers = erasures.erased_orders(tx, shop, {refund.order_id for refund in found})
        return [bare_refund(refund) if refund.order_id in hers else refund for refund in found]

    # --- registered users -----------------------------------------------------------------------------------------

    def customers(self, tx: Tx, shop: str, items: Sequence[Item[Customer]]) -> dict[str, AccountKey]:
        """Bares the records of erased people; returns their accounts, by user id."""
        if not items or not erasures.is_anybody_listed(tx):
            return {}
        listed = self._listed(tx, items, lambda record: match_keys_of_customer(shop, record, region=self._region))
        for item in items:
            if item.record is not None and item.id in listed:
                item.record = bare_customer(item.record)
        erasures_of: dict[int, set[bytes]] = {}
        for user_id, erasure_id in listed.items():
            erasures_of.setdefault(erasure_id, set()).add(self.digest(user_key(shop, user_id)))
        for erasure_id, digests in erasures_of.items():
            erasures.list_keys(tx, erasure_id, digests)
        found = {user_id: AccountKey("user", user_id) for user_id in listed}
        erasing.drop_deliveries(tx, shop, "customer", list(found))
        return found

    # --- tickets --------------------------------------------------------------------------------------------------

    def tickets(self, tx: Tx, shop: str, items: Sequence[Item[Ticket]]) -> set[str]:
        """Bares the tickets of erased people; returns their ids."""
        if not items or not erasures.is_anybody_listed(tx):
            return set()
        listed = self._listed(tx, items, lambda ticket: {user_key(shop, ticket.author_id)})
        for item in items:
            if item.record is not None and item.id in listed:
                item.record = bare_ticket(item.record)
        return set(listed)

    def replies(self, tx: Tx, shop: str, ticket_id: str, found: list[TicketReply]) -> list[TicketReply]:
        """The replies to a ticket, without their texts where it is an erased person's, or the reply is."""
        if not found or not erasures.is_anybody_listed(tx):
            return found
        if erasures.is_erased_ticket(tx, shop, ticket_id):
            return [bare_reply(reply) for reply in found]
        authors = {reply.author_id: self.digest(user_key(shop, reply.author_id)) for reply in found}
        listed = erasures.listed(tx, set(authors.values()))
        return [bare_reply(reply) if authors[reply.author_id] in listed else reply for reply in found]

    # --- whoever came to light ------------------------------------------------------------------------------------

    def adopt(self, tx: Tx, shop: str, keys: Mapping[str, AccountKey], account_ids: Mapping[str, int]) -> None:
        """These records' accounts are erased people's from now on, by the record's id. One that was not known to be
        may have kept something: its erasure begins again.
        """
        if not keys:
            return
        known = erasures.erased_among(tx, set(account_ids.values()))
        new = {account_ids[ref] for ref in keys if ref in account_ids and account_ids[ref] not in known}
        if not new:
            return
        by_account = {account_ids[ref]: keys[ref] for ref in keys if account_ids.get(ref) in new}
        digests = {
            account_id: self.digest(user_key(shop, key.key))
            for account_id, key in by_account.items()
            if key.kind == "user"
        }
        listed = erasures.listed(tx, set(digests.values()))
        for account_id, key in by_account.items():
            erasure_id = erasure_of(key) if key.kind == "guest" else listed.get(digests[account_id])
            if erasure_id is not None:
                erasures.add_accounts(tx, erasure_id, [account_id])
                erasures.begin_again(tx, [erasure_id], step=FIRST_STEP)

    def _listed(
        self, tx: Tx, items: Iterable[Item[RecordT]], match_keys: Callable[[RecordT], Collection[str]]
    ) -> dict[str, int]:
        """The erasures that the records fall under, by record id."""
        digests = {
            item.id: {self.digest(key) for key in match_keys(item.record)} for item in items if item.record is not None
        }
        found = erasures.listed(tx, set().union(*digests.values()))
        return {
            ref: min(found[digest] for digest in its if digest in found)
            for ref, its in digests.items()
            if not its.isdisjoint(found)
        }

    def unreadable(self, tx: Tx, shop: str, kind: str, items: Sequence[Item[RecordT]], parent_id: str = "") -> None:
        """Leaves no bytes of what cannot be understood where it is an erased person's, or belongs to a thing of hers:
        the order or ticket `parent_id`.
        """
        bad = [item for item in items if item.unreadable]
        if not bad or not erasures.is_anybody_listed(tx):
            return
        if kind in {"order", "order_note"}:
            ids = {parent_id} if parent_id else {item.id for item in bad}
            hers = erasures.erased_orders(tx, shop, ids)
        elif kind in {"ticket", "reply"}:
            ids = {parent_id} if parent_id else {item.id for item in bad}
            hers = {ref for ref in ids if erasures.is_erased_ticket(tx, shop, ref)}
        else:
            digests = {item.id: self.digest(user_key(shop, item.id)) for item in bad}
            listed = erasures.listed(tx, set(digests.values()))
            hers = {ref for ref, digest in digests.items() if digest in listed}
        for item in bad:
            if (parent_id or item.id) in hers:
                item.raw = b""


def guest_key(erasure_id: int, account_id: int | None = None) -> str:
    """The key of an erased guest's account: the first of each shop takes those orders that come later."""
    return f"erased:{erasure_id}" if account_id is None else f"erased:{erasure_id}:{account_id}"


def erasure_of(key: AccountKey) -> int | None:
    """The erasure that a guest's key names."""
    parts = key.key.split(":")
    return int(parts[1]) if key.kind == "guest" and parts[0] == "erased" and len(parts) > 1 else None
