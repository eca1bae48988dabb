"""Looks at every account anew: for when it was changed, in the program or its configuration, what is evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from companion.sync.people.identity import Identity
from storage.engine import Store
from storage.people import accounts

_AT_ONCE, _AT_ONCE_WHEN_PRESSED = 25, 10
"""Ids of one transaction: some ten milliseconds on SQLite, so that everybody else goes on meanwhile."""


@dataclass(frozen=True, slots=True)
class Regrouped:
    """How far it is: `done` of `total` accounts were looked at, `moved` of them have another customer now."""

    done: int
    total: int
    moved: int


def regroup(
    store: Store, identity: Identity, clock: Callable[[], datetime], tell: Callable[[Regrouped], None]
) -> Regrouped:
    """Looks at all; `tell` hears of each step. Interrupted, it is simply begun again. What people decided holds."""
    with store.read() as tx:
        total, last = accounts.count(tx)
    done = moved = 0
    first = 1
    while first <= last:
        at_once = _AT_ONCE_WHEN_PRESSED if store.is_pressed() else _AT_ONCE
        with store.write(durable=False) as tx:
            there = accounts.among(tx, first, first + at_once - 1)
            moved += len(identity.look(tx, there, now=clock()))
        first += at_once
        done += len(there)
        tell(Regrouped(done, total, moved))
    return Regrouped(done, total, moved)
