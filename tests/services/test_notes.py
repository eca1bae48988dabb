"""Writing notes: who may, what is kept, and what is told to the outbox."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from companion.domain.permissions import Permission, Role, Viewer
from companion.services.errors import Conflict, Forbidden, Invalid, NotFound, ServiceError
from companion.services.notes import BODY_LIMIT, Note, NoteDraft, Notes, OrderRef, TicketRef
from storage import schema
from storage.engine import Store, Tx
from storage.scope import EVERYTHING
from storage.search.candidates import holding
from tests.fixtures.store import Clock
from tests.services.conftest import SeenBy
from tests.storage.people import NOW, Person, add_order, add_person, add_ticket, unite


def actions(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.execute(select(schema.activity.c.action).order_by(schema.activity.c.id)).scalars())


def account_of(store: Store, note: Note) -> int | None:
    with store.read() as tx:
        row = tx.execute(select(schema.notes.c.account_id).where(schema.notes.c.id == note.id)).one()
    return row.account_id if row.account_id is None else int(row.account_id)


def found_by(store: Store, word: str) -> list[int]:
    with store.read() as tx:
        return [row.owner_id for row in holding(tx, [word], EVERYTHING, kinds=("note",), limit=9)]


def test_a_note_is_kept_as_typed_and_told(
    notes: Notes, viewer: SeenBy, maryam: Person, store: Store, dirty: list[int]
) -> None:
    sara = viewer()
    note = notes.write(sara, NoteDraft(maryam.customer_id, " تماس گرفت: **عصبانی**\r\nفردا ", "call"))
    assert (note.body, note.kind, note.version) == ("تماس گرفت: **عصبانی**\nفردا", "call", 1)
    assert "<strong>عصبانی</strong>" in note.html
    assert (note.author_id, note.author_name, note.created_at, note.edited_at) == (sara.agent_id, "سارا", NOW, None)
    assert (note.may_edit, note.may_delete, note.masked_cards, note.ref) == (True, True, False, None)
    assert notes.get(sara, note.id) == note
    assert dirty == [maryam.customer_id]
    assert actions(store) == ["note.written"]
    assert found_by(store, "عصبانی") == [note.id]


def test_a_note_on_an_order_points_at_it_and_stands_at_its_account(
    notes: Notes, viewer: SeenBy, maryam: Person, store: Store
) -> None:
    with store.write() as tx:
        newer = unite(tx, add_person(tx, "2", shop="custom", facts_at=NOW), maryam)
        add_order(tx, maryam.account_id, "7", number="1042")
    sara = viewer()
    on_order = notes.write(sara, NoteDraft(maryam.customer_id, "متن", ref=OrderRef("main", "7")))
    assert on_order.ref == OrderRef("main", "7", "1042")
    assert account_of(store, on_order) == maryam.account_id
    assert account_of(store, notes.write(sara, NoteDraft(maryam.customer_id, "متن"))) == newer.account_id
    here = viewer(Role.AGENT, "main")
    assert account_of(store, notes.write(here, NoteDraft(maryam.customer_id, "متن"))) == maryam.account_id


def test_a_note_on_a_ticket_points_at_it_and_stands_at_its_account(
    notes: Notes, viewer: SeenBy, maryam: Person, store: Store
) -> None:
    with store.write() as tx:
        unite(tx, add_person(tx, "2", shop="custom", facts_at=NOW), maryam)
        add_ticket(tx, "57", account_id=maryam.account_id)
    sara = viewer()
    on_ticket = notes.write(sara, NoteDraft(maryam.customer_id, "متن", ref=TicketRef("main", "57")))
    assert on_ticket.ref == TicketRef("main", "57")
    assert account_of(store, on_ticket) == maryam.account_id
    assert notes.get(viewer(Role.SALES_MANAGER), on_ticket.id).ref == TicketRef("main", "57")


def test_a_note_to_a_united_customer_goes_to_whom_she_became(
    notes: Notes, viewer: SeenBy, maryam: Person, store: Store
) -> None:
    with store.write() as tx:
        other = add_person(tx, "2")
        unite(tx, other, maryam)
    assert notes.write(viewer(), NoteDraft(other.customer_id, "متن")).customer_id == maryam.customer_id


def test_a_form_sent_twice_writes_one_note(
    notes: Notes, viewer: SeenBy, maryam: Person, store: Store, dirty: list[int]
) -> None:
    sara, negar = viewer(), viewer()
    draft = NoteDraft(maryam.customer_id, "متن", form_key="form-1")
    first = notes.write(sara, draft)
    assert notes.write(sara, draft) == first
    assert notes.write(negar, draft).id != first.id
    assert dirty == [maryam.customer_id] * 2
    assert actions(store) == ["note.written"] * 2


def test_a_form_sent_twice_at_once_writes_one_note(notes: Notes, viewer: SeenBy, maryam: Person, store: Store) -> None:
    sara, written = viewer(), []
    ready = threading.Barrier(4)

    def send() -> None:
        ready.wait(10)
        written.append(notes.write(sara, NoteDraft(maryam.customer_id, "متن", form_key="form-1")).id)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(written) == 4
    assert len(set(written)) == 1
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(schema.notes)).scalar_one() == 1


def test_card_numbers_do_not_reach_the_store(notes: Notes, viewer: SeenBy, maryam: Person, store: Store) -> None:
    sara = viewer()
    note = notes.write(sara, NoteDraft(maryam.customer_id, "کارت ۴۱۱۱ ۱۱۱۱ ۱۱۱۱ ۱۱۱۱"))
    assert note.masked_cards
    assert note.body == "کارت ۴۱۱۱ ۱۱•• •••• ۱۱۱۱"
    assert not notes.get(sara, note.id).masked_cards
    edited = notes.edit(sara, note.id, version=1, body="4111111111111111", kind="general")
    assert edited.masked_cards
    assert [its.body for its in notes.versions(sara, note.id)] == ["کارت ۴۱۱۱ ۱۱•• •••• ۱۱۱۱", "411111••••••1111"]
    assert found_by(store, "4111111111111111") == []


@pytest.mark.parametrize("body", ["", "  \n\t ", "\u200c\u200e", "\x00\x01"])
def test_a_note_that_says_nothing_is_not_taken(notes: Notes, viewer: SeenBy, maryam: Person, body: str) -> None:
    with pytest.raises(Invalid) as refusal:
        notes.write(viewer(), NoteDraft(maryam.customer_id, body))
    assert (refusal.value.code, refusal.value.field) == ("note.empty", "body")


def test_odd_letters_that_no_database_takes_are_left_out(notes: Notes, viewer: SeenBy, maryam: Person) -> None:
    assert notes.write(viewer(), NoteDraft(maryam.customer_id, "a\x00b\ud800c 👍🏽")).body == "abc 👍🏽"


def test_a_note_may_be_so_long_and_no_longer(notes: Notes, viewer: SeenBy, maryam: Person) -> None:
    sara = viewer()
    assert len(notes.write(sara, NoteDraft(maryam.customer_id, "م" * BODY_LIMIT)).body) == BODY_LIMIT
    with pytest.raises(Invalid) as refusal:
        notes.write(sara, NoteDraft(maryam.customer_id, "م" * (BODY_LIMIT + 1)))
    assert (refusal.value.code, refusal.value.params) == ("note.too_long", {"limit": BODY_LIMIT})


def test_what_a_note_is_about_must_be_there_and_hers(
    notes: Notes, viewer: SeenBy, maryam: Person, store: Store, dirty: list[int]
) -> None:
    with store.write() as tx:
        other = add_person(tx, "2")
        add_order(tx, other.account_id, "7")
        add_order(tx, maryam.account_id, "8", shop="custom")
        add_ticket(tx, "57", account_id=other.account_id)
        add_ticket(tx, "58", account_id=maryam.account_id, shop="custom")
        add_ticket(tx, "59", account_id=maryam.account_id)
    sara, here = viewer(), viewer(Role.AGENT, "main")
    drafts: list[tuple[Viewer, NoteDraft, type[ServiceError]]] = [
        (sara, NoteDraft(999, "متن"), NotFound),
        (sara, NoteDraft(maryam.customer_id, "متن", ref=OrderRef("main", "7")), NotFound),
        (sara, NoteDraft(maryam.customer_id, "متن", ref=OrderRef("main", "99")), NotFound),
        (here, NoteDraft(maryam.customer_id, "متن", ref=OrderRef("custom", "8")), NotFound),
        (sara, NoteDraft(maryam.customer_id, "متن", ref=TicketRef("main", "57")), NotFound),
        (here, NoteDraft(maryam.customer_id, "متن", ref=TicketRef("custom", "58")), NotFound),
        (viewer(Role.SALES_MANAGER), NoteDraft(maryam.customer_id, "متن", ref=TicketRef("main", "59")), NotFound),
        (viewer(Role.ADMINISTRATOR, "custom"), NoteDraft(maryam.customer_id, "متن"), NotFound),
        (sara, NoteDraft(maryam.customer_id, "متن", kind="nonsense"), Invalid),
    ]
    for who, draft, error in drafts:
        with pytest.raises(error):
            notes.write(who, draft)
    assert dirty == []
    assert actions(store) == []


# --- editing ------------------------------------------------------------------------------------------------------


def test_only_its_author_edits_not_even_the_administrator(
    notes: Notes, viewer: SeenBy, maryam: Person, dirty: list[int]
) -> None:
    note = notes.write(viewer(), NoteDraft(maryam.customer_id, "متن"))
    dirty.clear()
    for role in Role:
        other = viewer(role)
        assert not notes.get(other, note.id).may_edit
        with pytest.raises(Forbidden) as refusal:
            notes.edit(other, note.id, version=1, body="دیگر", kind="general")
        assert refusal.value.code == "note.not_author"
    assert dirty == []


def test_an_edit_is_kept_as_a_version_and_told(
    notes: Notes, viewer: SeenBy, maryam: Person, clock: Clock, store: Store, dirty: list[int]
) -> None:
    sara = viewer()
    note = notes.write(sara, NoteDraft(maryam.customer_id, "قدیم"))
    clock.advance(60)
    edited = notes.edit(sara, note.id, version=1, body="جدید", kind="call")
    assert (edited.body, edited.kind, edited.version, edited.edited_at) == ("جدید", "call", 2, clock())
    assert [(its.body, its.kind) for its in notes.versions(sara, note.id)] == [("قدیم", "general"), ("جدید", "call")]
    assert found_by(store, "جدید") == [note.id]
    assert found_by(store, "قدیم") == []
    assert dirty == [maryam.customer_id] * 2
    assert actions(store) == ["note.written", "note.edited"]


def test_saving_without_a_change_changes_nothing(
    notes: Notes, viewer: SeenBy, maryam: Person, store: Store, dirty: list[int]
) -> None:
    sara = viewer()
    note = notes.write(sara, NoteDraft(maryam.customer_id, "متن"))
    assert notes.edit(sara, note.id, version=1, body="متن ", kind="general") == note
    assert dirty == [maryam.customer_id]
    assert actions(store) == ["note.written"]


def test_an_edit_of_what_has_changed_meanwhile_loses_neither_text(notes: Notes, viewer: SeenBy, maryam: Person) -> None:
    sara = viewer()
    note = notes.write(sara, NoteDraft(maryam.customer_id, "یک"))
    notes.edit(sara, note.id, version=1, body="دو", kind="general")
    with pytest.raises(Conflict) as conflict:
        notes.edit(sara, note.id, version=1, body="سه", kind="general")
    assert (conflict.value.body, conflict.value.version) == ("دو", 2)
    assert notes.edit(sara, note.id, version=2, body="سه", kind="general").body == "سه"


def test_a_faulty_edit_leaves_the_note_as_it_was(notes: Notes, viewer: SeenBy, maryam: Person) -> None:
    sara = viewer()
    note = notes.write(sara, NoteDraft(maryam.customer_id, "یک"))
    with pytest.raises(Invalid):
        notes.edit(sara, note.id, version=1, body=" ", kind="general")
    with pytest.raises(Invalid):
        notes.edit(sara, note.id, version=1, body="دو", kind="nonsense")
    with pytest.raises(NotFound):
        notes.edit(sara, 999, version=1, body="دو", kind="general")
    assert notes.get(sara, note.id) == note


def test_a_failure_anywhere_writes_nothing(store: Store, clock: Clock, viewer: SeenBy, maryam: Person) -> None:
    def fail(_tx: Tx, _customer_id: int) -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 -- raised by the line above
        Notes(store, clock, fail).write(viewer(), NoteDraft(maryam.customer_id, "متن"))
    assert actions(store) == []
    assert found_by(store, "متن") == []
    with store.read() as tx:
        assert tx.execute(select(schema.notes.c.id)).first() is None


# --- deleting, restoring, pinning ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ADMINISTRATOR, True),
        (Role.SUPPORT_SUPERVISOR, True),
        (Role.SALES_MANAGER, False),
        (Role.AGENT, False),
    ],
)
def test_who_deletes_and_restores_anothers_note(
    notes: Notes, viewer: SeenBy, maryam: Person, role: Role, may: bool
) -> None:
    sara, other = viewer(), viewer(role)
    note = notes.write(sara, NoteDraft(maryam.customer_id, "متن"))
    assert notes.get(other, note.id).may_delete is may
    if may:
        assert notes.delete(other, note.id).deleted_at == NOW
        with pytest.raises(Forbidden):
            notes.restore(sara, note.id)
        assert notes.restore(other, note.id).deleted_at is None
    else:
        with pytest.raises(Forbidden):
            notes.delete(other, note.id)
        notes.delete(sara, note.id)
        for act in (notes.restore, notes.get, notes.versions, notes.delete):
            with pytest.raises(NotFound):
                act(other, note.id)


def test_an_author_undoes_her_own_deleting(
    notes: Notes, viewer: SeenBy, maryam: Person, store: Store, dirty: list[int]
) -> None:
    sara = viewer()
    note = notes.write(sara, NoteDraft(maryam.customer_id, "متن"))
    binned = notes.delete(sara, note.id)
    assert (binned.may_edit, binned.may_delete, binned.deleted_at) == (False, False, NOW)
    assert notes.delete(sara, note.id) == binned
    assert found_by(store, "متن") == []
    refusals: list[Callable[[], object]] = [
        lambda: notes.edit(sara, note.id, version=1, body="دو", kind="general"),
        lambda: notes.pin(sara, note.id, pinned=True),
    ]
    for refused in refusals:
        with pytest.raises(Forbidden) as refusal:
            refused()
        assert refusal.value.code == "note.deleted"
    assert notes.restore(sara, note.id) == note
    assert notes.restore(sara, note.id) == note
    assert found_by(store, "متن") == [note.id]
    assert actions(store) == ["note.written", "note.deleted", "note.restored"]
    assert dirty == [maryam.customer_id] * 3


def test_anybody_who_writes_may_pin(notes: Notes, viewer: SeenBy, maryam: Person, store: Store) -> None:
    note = notes.write(viewer(), NoteDraft(maryam.customer_id, "متن"))
    other = viewer()
    assert notes.pin(other, note.id, pinned=True).is_pinned
    assert notes.pin(other, note.id, pinned=True).is_pinned
    assert not notes.pin(other, note.id, pinned=False).is_pinned
    assert actions(store) == ["note.written", "note.pinned", "note.unpinned"]


# --- who sees what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.ADMINISTRATOR, True),
        (Role.SUPPORT_SUPERVISOR, True),
        (Role.SALES_MANAGER, False),
        (Role.AGENT, False),
    ],
)
@pytest.mark.parametrize(("kind", "is_internal"), [("internal", False), ("general", True)])
def test_internal_notes_are_for_some_roles_and_their_author(
    notes: Notes, viewer: SeenBy, maryam: Person, role: Role, sees: bool, kind: str, is_internal: bool
) -> None:
    sara, other = viewer(), viewer(role)
    note = notes.write(sara, NoteDraft(maryam.customer_id, "متن", kind, is_internal))
    assert note.is_internal
    assert notes.get(sara, note.id) == note
    acts: list[Callable[[], object]] = [
        lambda: notes.get(other, note.id),
        lambda: notes.versions(other, note.id),
        lambda: notes.pin(other, note.id, pinned=True),
    ]
    for act in acts:
        if sees:
            act()
        else:
            with pytest.raises(NotFound):
                act()


def test_notes_of_other_shops_are_as_good_as_none(notes: Notes, viewer: SeenBy, maryam: Person) -> None:
    note = notes.write(viewer(), NoteDraft(maryam.customer_id, "متن"))
    with pytest.raises(NotFound):
        notes.get(viewer(Role.ADMINISTRATOR, "custom"), note.id)


@pytest.mark.parametrize("missing", [Permission.SEE_CUSTOMERS, Permission.SEE_NOTES, Permission.WRITE_NOTES])
def test_writing_needs_its_permissions(notes: Notes, viewer: SeenBy, maryam: Person, missing: Permission) -> None:
    sara = viewer()
    less = Viewer(sara.agent_id, sara.name, sara.role, sara.permissions - {missing}, None)
    with pytest.raises(Forbidden) as refusal:
        notes.write(less, NoteDraft(maryam.customer_id, "متن"))
    assert refusal.value.params == {"permission": missing.value}


def test_the_kinds_are_offered(notes: Notes) -> None:
    kinds = notes.kinds()
    assert kinds[0].kind == "general"
    assert {kind.kind for kind in kinds if kind.is_internal} == {"internal"}
