"""The search rows of accounts, made from what stands in the store: for `reindex`, and wherever people change facts."""

from __future__ import annotations

from companion.domain.also_told import NOTHING, NOTHING_CHOSEN, Chosen
from companion.domain.searchable import account_text, is_sought
from companion.services.fields import told_of
from storage.engine import Tx
from storage.people import accounts
from storage.search import index


def put_accounts(tx: Tx, first: int, last: int, *, region: str, chosen: Chosen = NOTHING_CHOSEN) -> int:
    """Write the search rows of the accounts with these ids, and take away those of accounts that nobody seeks; returns
    how many accounts there were. `chosen` are the custom fields that people are found by.
    """
    found = accounts.between(tx, first, last)
    told = told_of(tx, {known.id: known.shop for known in found}, chosen, region=region)
    texts: dict[int, str] = {}
    for known in found:
        facts = dict(known.facts)
        role, reference = facts.pop("role"), facts.pop("reference")
        if is_sought(kind=known.kind, role=role, has_orders=known.has_orders, is_gone=known.is_gone):
            besides = told.get(known.id, NOTHING)
            others = (reference, *besides.values)
            texts[known.id] = account_text(**facts, phones=besides.phones, others=others, region=region)
    index.put(tx, "account", texts)
    index.remove(tx, "account", [known.id for known in found if known.id not in texts])
    return len(found)
