"""Notes keep every version, and are read by those who may."""

from __future__ import annotations

from datetime import datetime

import pytest

from storage import errors, note_kinds, notes
from storage.engine import Store, Tx
from storage.notes import NewNote
from storage.scope import EVERYTHING, Scope
from tests.storage.people import NOW, Person, add_agent, add_order, add_person, ago


def write_note(
    tx: Tx, person: Person, author: int, *, kind: str = "general", now: datetime = NOW, **fields: str | bool
) -> int:
    note = NewNote(
        person.customer_id,
        person.account_id,
        author,
        kind,
        str(fields.get("body", "متن")),
        is_internal=bool(fields.get("is_internal")),
        shop=str(fields.get("shop", "")),
        ref_kind="order" if "ref_id" in fields else "",
        ref_id=str(fields.get("ref_id", "")),
        form_key=str(fields["form_key"]) if "form_key" in fields else None,
    )
    return notes.write(tx, note, now=now)


def test_a_note_is_read_as_it_was_written(store: Store) -> None:
    with store.write() as tx:
        person, author = add_person(tx, "1"), add_agent(tx, "سارا")
        add_order(tx, person.account_id, "7", number="1042")
        note = notes.get(tx, write_note(tx, person, author, shop="main", ref_id="7", body="سلام"), EVERYTHING)
        assert note is not None
        assert (note.body, note.author_name, note.number, note.version) == ("سلام", "سارا", "1042", 1)
        assert (note.created_at, note.edited_at, note.deleted_at, note.is_pinned) == (NOW, None, None, False)


def test_an_edit_keeps_what_stood_before(store: Store) -> None:
    with store.write() as tx:
        author = add_agent(tx)
        note_id = write_note(tx, add_person(tx, "1"), author, body="یک", now=ago(days=1))
        assert notes.edit(tx, note_id, version=1, kind="call", body="دو", agent_id=author, now=NOW)
        assert [(its.version, its.kind, its.body) for its in notes.versions(tx, note_id)] == [
            (1, "general", "یک"),
            (2, "call", "دو"),
        ]
        note = notes.get(tx, note_id, EVERYTHING)
        assert note is not None
        assert (note.body, note.version, note.edited_at) == ("دو", 2, NOW)


def test_an_edit_of_an_older_version_changes_nothing(store: Store) -> None:
    with store.write() as tx:
        author = add_agent(tx)
        note_id = write_note(tx, add_person(tx, "1"), author, body="یک")
        notes.edit(tx, note_id, version=1, kind="general", body="دو", agent_id=author, now=NOW)
        assert not notes.edit(tx, note_id, version=1, kind="general", body="سه", agent_id=author, now=NOW)
        assert [its.body for its in notes.versions(tx, note_id)] == ["یک", "دو"]


def test_deleting_is_soft_and_undone(store: Store) -> None:
    with store.write() as tx:
        person, author = add_person(tx, "1"), add_agent(tx)
        note_id = write_note(tx, person, author)
        assert notes.delete(tx, note_id, agent_id=author, now=NOW)
        assert not notes.delete(tx, note_id, agent_id=author, now=NOW)
        binned = notes.get(tx, note_id, EVERYTHING)
        assert binned is not None
        assert (binned.deleted_at, binned.deleted_by) == (NOW, author)
        assert notes.among(tx, [note_id], EVERYTHING) == {}
        assert notes.tally(tx, person.customer_id, EVERYTHING, since=NOW) == (0, None, 0, 0)
        assert notes.restore(tx, note_id)
        assert not notes.restore(tx, note_id)
        assert notes.tally(tx, person.customer_id, EVERYTHING, since=NOW) == (1, NOW, 0, 0)


def test_pinned_notes_stand_newest_first(store: Store) -> None:
    with store.write() as tx:
        person, author = add_person(tx, "1"), add_agent(tx)
        older, newer, binned = (
            write_note(tx, person, author, now=ago(days=2)),
            write_note(tx, person, author),
            write_note(tx, person, author),
        )
        for note_id in (older, newer, binned):
            assert notes.pin(tx, note_id, is_pinned=True)
        assert not notes.pin(tx, older, is_pinned=True)
        notes.delete(tx, binned, agent_id=author, now=NOW)
        assert [row.id for row in notes.first(tx, person.customer_id, EVERYTHING)[1]] == [newer, older]
        assert notes.pin(tx, older, is_pinned=False)
        assert [row.id for row in notes.first(tx, person.customer_id, EVERYTHING)[1]] == [newer]


def test_one_showing_of_a_form_writes_one_note(store: Store) -> None:
    with store.write() as tx:
        person, author, other = add_person(tx, "1"), add_agent(tx), add_agent(tx)
        note_id = write_note(tx, person, author, form_key="k")
        assert notes.by_form_key(tx, author, "k") == note_id
        assert notes.by_form_key(tx, other, "k") is None
        write_note(tx, person, other, form_key="k")
    with pytest.raises(errors.Duplicate), store.write() as tx:
        write_note(tx, person, author, form_key="k")


@pytest.mark.parametrize(("kind", "is_internal"), [("internal", False), ("general", True)])
def test_an_internal_note_is_its_authors_and_theirs_who_may_see_such(
    store: Store, kind: str, is_internal: bool
) -> None:
    with store.write() as tx:
        person, author = add_person(tx, "1"), add_agent(tx)
        note_id = write_note(tx, person, author, kind=kind, is_internal=is_internal)
        for scope, is_seen in (
            (EVERYTHING, True),
            (Scope(author, None), True),
            (Scope(999, None), False),
            (Scope(999, None, sees_internal=True), True),
        ):
            note = notes.get(tx, note_id, scope)
            assert (note is not None) == is_seen
            assert note is None or note.is_internal
            assert (notes.tally(tx, person.customer_id, scope, since=NOW).notes == 1) == is_seen
            assert (note_id in notes.among(tx, [note_id], scope)) == is_seen


def test_notes_of_other_shops_are_not_seen(store: Store) -> None:
    with store.write() as tx:
        author = add_agent(tx)
        there = write_note(tx, add_person(tx, "1", shop="custom"), author)
        pointing = write_note(tx, add_person(tx, "2", shop="", kind="manual"), author, shop="custom", ref_id="7")
        anywhere = write_note(tx, add_person(tx, "3", shop="", kind="manual"), author)
        scope = Scope(author, frozenset({"main"}))
        assert notes.among(tx, [there, pointing, anywhere], scope).keys() == {anywhere}
        assert notes.among(tx, [], EVERYTHING) == {}
        assert notes.get(tx, there, Scope(author, frozenset({"custom"}))) is not None
        assert notes.get(tx, there, Scope(author, None, sees_notes=False)) is None


def test_no_such_note(store: Store) -> None:
    with store.read() as tx:
        assert notes.get(tx, 1, EVERYTHING) is None
        assert notes.versions(tx, 1) == ()


def test_kinds_stand_in_the_order_to_offer_them(store: Store) -> None:
    with store.read() as tx:
        kinds = {row.kind: row for row in note_kinds.every(tx)}
        assert next(iter(kinds)) == "general"
        assert not kinds["complaint"].is_pushed
        assert kinds["internal"].is_internal
        assert note_kinds.exists(tx, "call")
        assert not note_kinds.exists(tx, "nonsense")
