"""What a note is to say, fit to be kept: neither empty nor endless, and no payment card's number in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from companion.domain import cards
from companion.domain.channels import Contact
from companion.domain.searchable import note_text
from companion.services import typed
from companion.services.errors import Invalid
from storage.notes import NO_CONTACT

BODY_LIMIT = 20_000
"""Longest note, in characters."""
OUTCOME_LIMIT = 200
"""Longest outcome of a contact, in characters."""


@dataclass(frozen=True)
class Said:
    """A note's words. `masked_cards`: a card number stood in them."""

    body: str
    contact: Contact | None
    masked_cards: bool

    @property
    def columns(self) -> tuple[str, str, str]:
        """The contact as it is stored."""
        its = self.contact
        return (its.channel, its.direction, its.outcome) if its else NO_CONTACT

    @property
    def indexed(self) -> str:
        """By what it is found."""
        return note_text(self.body, self.contact.outcome if self.contact else "")


def said_by(body: str, contact: Contact | None) -> Said:
    """The text to keep, its card numbers masked. Raises Invalid for one that says nothing, or too much."""
    text = typed.text(body)
    if len(text) > BODY_LIMIT:
        raise Invalid("note.too_long", field="body", limit=BODY_LIMIT)
    outcome = typed.line(contact.outcome, field="outcome", limit=OUTCOME_LIMIT) if contact else ""
    if not typed.says_something(text):
        if contact and not outcome:
            raise Invalid("contact.empty", field="body")
        if not contact:
            raise Invalid("note.empty", field="body")
        text = ""
    text, in_text = cards.mask(text)
    outcome, in_outcome = cards.mask(outcome)
    return Said(text, replace(contact, outcome=outcome) if contact else None, in_text + in_outcome > 0)
