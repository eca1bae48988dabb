"""What agents set by hand, while a shop's facts are written: the shop's word is kept beside, and theirs stays in force.

Made for one write of a page of accounts. Where nothing is set by hand, which is nearly always, it asks the store for
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from companion.domain.by_hand import from_columns, in_force, to_columns
from companion.domain.identity import Facts
from companion.sync.records import rows
from storage.engine import Tx
from storage.people import facts_by_hand
from storage.people.accounts import AccountState


class Corrected:
    """What was set by hand of these accounts, as it stood when they were read."""

    def __init__(self, tx: Tx, states: Iterable[AccountState], *, region: str) -> None:
        self._told = {state.id: from_columns(state.told) for state in states if state.told is not None}
        self._by_hand = facts_by_hand.values(tx, self._told)
        self._region = region
        self._new: dict[int, Facts] = {}

    def told(self, state: AccountState) -> Facts:
        """What the shop told of the account until now."""
        return self._told.get(state.id) or rows.facts_of_row(state.facts)

    def in_force(self, account_id: int, told: Facts) -> Facts:
        """What is known now that the shop tells this; remembered until `keep`."""
        self._new[account_id] = told
        if account_id not in self._told:
            return told
        return in_force(told, self._by_hand.get(account_id, {}), region=self._region)

    def keep(self, tx: Tx) -> None:
        """Keeps the shop's word, once the facts in force were written."""
        new = {account_id: to_columns(told) for account_id, told in self._new.items() if account_id in self._told}
        facts_by_hand.tell(tx, new)
