"""Contacts: what a note that records one must say, and when they are many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from companion.domain.channels import Contact
from companion.domain.permissions import Role
from companion.services.customers.contacts import WINDOW, Repeated, repeated
from companion.services.errors import Invalid
from companion.services.notes import OUTCOME_LIMIT, NoteDraft, Notes
from companion.services.scopes import scope_of
from companion.services.search.reindex import Reindex
from companion.services.search.search import Search
from storage import notes as stored_notes
from storage.engine import Store
from tests.fixtures.store import Clock
from tests.services.conftest import SeenBy
from tests.storage.people import Person

CALLED = Contact("phone", "in", "قرار شد فردا زنگ بزنیم")


def test_a_contact_may_say_nothing_but_its_outcome_and_is_found_by_it(
    notes: Notes, viewer: SeenBy, maryam: Person, search: Search, store: Store, clock: Clock
) -> None:
    sara = viewer()
    note = notes.write(sara, NoteDraft(maryam.customer_id, " ", "call", contact=CALLED))
    assert (note.body, note.contact) == ("", CALLED)
    (hit,) = search.find(sara, "فردا").hits
    assert (hit.customer_id, hit.why, hit.snippet) == (maryam.customer_id, "note", CALLED.outcome)
    Reindex(store, clock).run(lambda _: None)
    assert [hit.customer_id for hit in search.find(sara, "فردا").hits] == [maryam.customer_id]


def test_a_contact_says_something(notes: Notes, viewer: SeenBy, maryam: Person) -> None:
    sara = viewer()
    with pytest.raises(Invalid, match=r"contact\.empty"):
        notes.write(sara, NoteDraft(maryam.customer_id, "\u200c", contact=Contact("chat")))
    with pytest.raises(Invalid, match=r"typed\.too_long"):
        notes.write(sara, NoteDraft(maryam.customer_id, "a", contact=Contact("chat", "in", "a" * (OUTCOME_LIMIT + 1))))


def test_an_outcome_is_one_line_without_a_card_number(notes: Notes, viewer: SeenBy, maryam: Person) -> None:
    said = NoteDraft(maryam.customer_id, "", contact=Contact("visit", "out", " کارت\n4111111111111111 "))
    note = notes.write(viewer(), said)
    assert note.masked_cards
    assert note.contact is not None
    assert note.contact.outcome.startswith("کارت ")
    assert "41111111" not in note.contact.outcome


def test_its_author_corrects_a_contact_and_history_keeps_what_it_was(
    notes: Notes, viewer: SeenBy, maryam: Person
) -> None:
    sara = viewer()
    note = notes.write(sara, NoteDraft(maryam.customer_id, "متن", contact=CALLED))
    other = Contact("message", "out", "")
    edited = notes.edit(sara, note.id, version=1, body="متن", kind="general", contact=other)
    assert (edited.contact, edited.version) == (other, 2)
    kept = notes.edit(sara, note.id, version=2, body="متن دیگر", kind="general")
    assert kept.contact == other
    assert notes.edit(sara, note.id, version=3, body="متن دیگر", kind="general", contact=None).contact is None
    assert [version.contact for version in notes.versions(sara, note.id)] == [CALLED, other, other, None]


def test_repeated_contact_counts_what_was_seen_lately_by_how_many_agents(
    notes: Notes, viewer: SeenBy, maryam: Person, store: Store, clock: Clock
) -> None:
    sara, ali = viewer(), viewer(name="علی")

    def seen_by(role: Role) -> Repeated | None:
        with store.read() as tx:
            since = clock() - WINDOW
            return repeated(stored_notes.tally(tx, maryam.customer_id, scope_of(viewer(role)), since=since))

    notes.write(sara, NoteDraft(maryam.customer_id, "خیلی پیش", contact=CALLED))
    clock.advance(timedelta(days=61).total_seconds())
    notes.write(sara, NoteDraft(maryam.customer_id, "یک", contact=CALLED))
    notes.write(sara, NoteDraft(maryam.customer_id, "دو", contact=CALLED))
    notes.write(sara, NoteDraft(maryam.customer_id, "سه", contact=CALLED))
    notes.write(ali, NoteDraft(maryam.customer_id, "یادداشتی که تماس نیست"))
    assert seen_by(Role.AGENT) is None  # the same agent each time
    notes.write(ali, NoteDraft(maryam.customer_id, "محرمانه", "internal", contact=CALLED))
    assert seen_by(Role.AGENT) is None
    assert seen_by(Role.SUPPORT_SUPERVISOR) == Repeated(contacts=4, days=60, agents=2)
    binned = notes.write(ali, NoteDraft(maryam.customer_id, "چهار", contact=CALLED))
    assert seen_by(Role.AGENT) == Repeated(contacts=4, days=60, agents=2)
    notes.delete(ali, binned.id)
    assert seen_by(Role.AGENT) is None
