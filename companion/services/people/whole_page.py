"""Everything that a customer's page shows, read in one transaction: one state of the store, and few statements.

What each part is, and who may see it, is decided where the part is made.
"""

from __future__ import annotations

from dataclasses import dataclass

from companion.domain.permissions import Viewer
from companion.services.customers.customers import CustomerPage, Customers
from companion.services.customers.entries import Stretch, Timeline
from companion.services.kinds import NoteKind, kinds_of
from companion.services.people.likely import Match, matches_of
from companion.services.people.matches import Decision, decisions_of
from companion.services.people.privacy import Erasure, erasure_of
from storage.engine import Store


@dataclass(frozen=True)
class WholePage:
    """A customer's page. `matches` are who else may be she, and `decisions` what was decided of her accounts: neither
    for whoever may not decide. `kinds` are those that a note may be of.
    """

    head: CustomerPage
    timeline: Timeline
    matches: tuple[Match, ...]
    decisions: tuple[Decision, ...]
    erasure: Erasure | None
    kinds: tuple[NoteKind, ...]


class WholePages:
    """Opening a customer."""

    def __init__(self, store: Store, customers: Customers) -> None:
        self._store = store
        self._customers = customers

    def open(self, viewer: Viewer, customer_id: int, stretch: Stretch) -> WholePage:
        """The page of a customer, or of the one she was united with (`head.id`), with a stretch of her timeline. What
        the shop may have left on her newest orders without a trace is read there soon.

        Raises:
            NotFound: there is no such customer, or none that this viewer may see.
            Invalid: the stretch begins after no place of ours.
        """
        hers = self._customers
        with self._store.read() as tx:
            found = hers.find(tx, viewer, customer_id)
            page = WholePage(
                head=hers.head(tx, viewer, found),
                timeline=hers.happened(tx, viewer, found, stretch),
                matches=matches_of(tx, viewer, found.accounts),
                decisions=decisions_of(tx, viewer, found.accounts),
                erasure=erasure_of(tx, found.id),
                kinds=kinds_of(tx),
            )
            unread = hers.unread(tx, found)
        hers.have_read(unread)
        return page
