"""Repeated contact: when somebody had to call, write or come again and again, and spoke to somebody else each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from storage.notes import TallyRow

WINDOW = timedelta(days=60)
FEWEST_CONTACTS = 3
FEWEST_AGENTS = 2


@dataclass(frozen=True)
class Repeated:
    """So many contacts within so many days, with so many agents."""

    contacts: int
    days: int
    agents: int


def repeated(tally: TallyRow) -> Repeated | None:
    """Whether a customer was in touch at least FEWEST_CONTACTS times within the WINDOW that was counted, with at least
    FEWEST_AGENTS agents; contacts out of scope do not count.
    """
    if tally.contacts < FEWEST_CONTACTS or tally.agents < FEWEST_AGENTS:
        return None
    return Repeated(tally.contacts, WINDOW.days, tally.agents)
