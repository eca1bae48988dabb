"""Repeated contact: when somebody had to call, write or come again and again, and spoke to somebody else each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import notes
from storage.engine import Tx
from storage.scope import Scope

WINDOW = timedelta(days=60)
FEWEST_CONTACTS = 3
FEWEST_AGENTS = 2


@dataclass(frozen=True)
class Repeated:
    """So many contacts within so many days, with so many agents."""

    contacts: int
    days: int
    agents: int


def repeated(tx: Tx, customer_id: int, scope: Scope, *, now: datetime) -> Repeated | None:
    """Whether this customer was in touch at least FEWEST_CONTACTS times within the WINDOW before now, with at least
    FEWEST_AGENTS agents; contacts out of scope do not count.
    """
    found, agents = notes.contacts(tx, customer_id, scope, since=now - WINDOW)
    if found < FEWEST_CONTACTS or agents < FEWEST_AGENTS:
        return None
    return Repeated(found, WINDOW.days, agents)
