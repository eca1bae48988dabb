"""The search rows of accounts, made from what stands in the store: for `reindex`, and wherever people change facts."""

from __future__ import annotations

from companion.domain.searchable import account_text, is_sought
from storage.engine import Tx
from storage.people import accounts
from storage.search import index


def put_accounts(tx: Tx, first: int, last: int, *, region: str) -> int:
    """Write the search rows of the accounts with these ids, and take away those of accounts that nobody seeks; returns
    how many accounts there were.
    """
    found = accounts.between(tx, first, last)
    texts: dict[int, str] = {}
    for known in found:
        facts = dict(known.facts)
        role, reference = facts.pop("role"), facts.pop("reference")
        if is_sought(kind=known.kind, role=role, has_orders=known.has_orders, is_gone=known.is_gone):
            texts[known.id] = account_text(**facts, others=(reference,), region=region)
    index.put(tx, "account", texts)
    index.remove(tx, "account", [known.id for known in found if known.id not in texts])
    return len(found)
