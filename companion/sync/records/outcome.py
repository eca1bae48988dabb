"""What became of a page of records, as the funnel tells it to whoever read them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from companion.domain.decide import Verdict

WRITTEN = frozenset({Verdict.CREATE, Verdict.UPDATE, Verdict.RESTORE})
"""The verdicts that write the record anew."""


@dataclass(slots=True)
class Outcome:
    """What became of a page: how often each verdict, which ids must be read again, whose refunds differ from ours,
    which registered users it names whose own record was never read, and which it believed though their date went back.
    """

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    needs_read: list[str] = field(default_factory=list)
    refunds_due: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)
    people_due: list[str] = field(default_factory=list)
    went_back: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Takes another page's outcome in."""
        self.verdicts.update(other.verdicts)
        self.needs_read += other.needs_read
        self.refunds_due += other.refunds_due
        self.parked += other.parked
        self.people_due += other.people_due
        self.went_back += other.went_back

    @property
    def created(self) -> int:
        """How many records were new to us."""
        return self.verdicts[Verdict.CREATE]

    @property
    def written(self) -> int:
        """How many records were created, updated or restored."""
        return sum(self.verdicts[verdict] for verdict in WRITTEN)
