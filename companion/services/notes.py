"""Agents' notes about customers: writing, editing, deleting and restoring them.

Only its author edits a note, not even the administrator; every version is kept; deleting is soft. A note, its version,
its search row, the activity row and the mark that makes the outbox look are one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from companion.domain.channels import Contact, contact_of
from companion.domain.permissions import Permission, Viewer
from companion.domain.richtext import to_html
from companion.services.errors import Conflict, Forbidden, Invalid, NotFound
from companion.services.kinds import NoteKind, kinds_of
from companion.services.refs import OrderRef, Ref, TicketRef, account_of, ref_of
from companion.services.said import BODY_LIMIT, OUTCOME_LIMIT, Said, said_by
from companion.services.scopes import require, scope_of
from storage import activity, note_kinds, notes
from storage.engine import Store, Tx
from storage.errors import Duplicate
from storage.notes import NewNote, NoteRow
from storage.people import customers
from storage.search import index
from storage.segments import segments

__all__ = [
    "BODY_LIMIT",
    "OUTCOME_LIMIT",
    "Contact",
    "Note",
    "NoteDraft",
    "NoteKind",
    "NoteVersion",
    "Notes",
    "OrderRef",
    "Ref",
    "TicketRef",
    "shown",
]


@dataclass(frozen=True)
class NoteDraft:
    """A note as typed. `form_key` names one showing of the form, so that a doubled post writes one note. With a
    `contact` it records one; then its body may be empty, if the outcome says something.
    """

    customer_id: int
    body: str
    kind: str = "general"
    is_internal: bool = False
    ref: Ref | None = None
    form_key: str | None = None
    contact: Contact | None = None


@dataclass(frozen=True)
class Note:
    """A note as this viewer may see it.

    `body` is the Markdown as typed, `html` the same made safe to print as it is. `masked_cards` is true only in the
    answer to a write or edit that masked a payment card number. `ref` is the order or ticket it points at; `contact`
    what it records, if it records one.
    """

    id: int
    customer_id: int
    kind: str
    body: str
    html: str
    is_internal: bool
    is_pinned: bool
    author_id: int
    author_name: str
    created_at: datetime
    edited_at: datetime | None
    version: int
    ref: Ref | None
    deleted_at: datetime | None
    may_edit: bool
    may_delete: bool
    masked_cards: bool = False
    contact: Contact | None = None


@dataclass(frozen=True)
class NoteVersion:
    """One state a note has had; the last is the present one."""

    version: int
    kind: str
    body: str
    html: str
    written_at: datetime
    author_name: str
    contact: Contact | None = None


class Notes:
    """The use cases of a note."""

    def __init__(self, store: Store, clock: Callable[[], datetime], mark_dirty: Callable[[Tx, int], None]) -> None:
        """`mark_dirty(tx, customer_id)` tells the outbox, in the writing transaction, that her summary may change."""
        self._store = store
        self._clock = clock
        self._mark_dirty = mark_dirty

    def kinds(self) -> tuple[NoteKind, ...]:
        """The kinds of note, in the order to offer them."""
        with self._store.read() as tx:
            return kinds_of(tx)

    def get(self, viewer: Viewer, note_id: int) -> Note:
        """One note; raises NotFound."""
        with self._store.read() as tx:
            return shown(_visible(tx, viewer, note_id), viewer)

    def write(self, viewer: Viewer, draft: NoteDraft) -> Note:
        """Write a note; raises Invalid (body, kind, outcome), NotFound (customer, order, ticket), Forbidden.

        A form that was sent twice writes one note and answers it both times.
        """
        _require_writing(viewer)
        said = said_by(draft.body, draft.contact)
        masked = said.masked_cards
        try:
            with self._store.write() as tx:
                note_id = _written_before(tx, viewer, draft) or self._write(tx, viewer, draft, said)
                return shown(_visible(tx, viewer, note_id), viewer, masked_cards=masked)
        except Duplicate:  # the same form, sent twice at the very same moment
            with self._store.read() as tx:
                return shown(_visible(tx, viewer, _written_before(tx, viewer, draft)), viewer, masked_cards=masked)

    def edit(
        self,
        viewer: Viewer,
        note_id: int,
        *,
        version: int,
        body: str,
        kind: str,
        contact: Contact | Literal["same"] | None = "same",
    ) -> Note:
        """Change one's own note, last read as `version`; raises Conflict, Forbidden, Invalid, NotFound."""
        with self._store.write() as tx:
            row = _visible(tx, viewer, note_id)
            said = said_by(body, _contact_of(row) if contact == "same" else contact)
            body, masked = said.body, said.masked_cards
            if row.author_id != viewer.agent_id:
                raise Forbidden("note.not_author")
            _require_writing(viewer)
            if row.deleted_at is not None:
                raise Forbidden("note.deleted")
            if row.version != version:
                raise Conflict("note.conflict", body=row.body, version=row.version)
            if (row.body, row.kind, _contact_of(row)) == (body, kind, said.contact):
                return shown(row, viewer, masked_cards=masked)
            _require_kind(tx, kind)
            now = self._clock()
            if not notes.edit(
                tx,
                note_id,
                version=version,
                kind=kind,
                body=body,
                agent_id=viewer.agent_id,
                now=now,
                contact=said.columns,
            ):
                row = _visible(tx, viewer, note_id)
                raise Conflict("note.conflict", body=row.body, version=row.version)
            index.put(tx, "note", {note_id: said.indexed})
            self._changed(tx, viewer, "note.edited", row)
            return shown(_visible(tx, viewer, note_id), viewer, masked_cards=masked)

    def delete(self, viewer: Viewer, note_id: int) -> Note:
        """Put a note in the bin (nothing happens to one that is there); raises Forbidden, NotFound."""
        with self._store.write() as tx:
            row = _visible(tx, viewer, note_id)
            if not _may_delete(row, viewer):
                raise Forbidden("note.not_author")
            if notes.delete(tx, note_id, agent_id=viewer.agent_id, now=self._clock()):
                self._changed(tx, viewer, "note.deleted", row)
            return shown(_visible(tx, viewer, note_id), viewer)

    def restore(self, viewer: Viewer, note_id: int) -> Note:
        """Take a note out of the bin; raises Forbidden, NotFound.

        Its author may undo her own deleting; those who may delete others' notes may undo any.
        """
        with self._store.write() as tx:
            row = _visible(tx, viewer, note_id)
            is_hers = row.author_id == viewer.agent_id and row.deleted_by in {None, viewer.agent_id}
            if not is_hers and not viewer.can(Permission.DELETE_NOTES):
                raise Forbidden("note.deleted_by_other")
            if notes.restore(tx, note_id):
                self._changed(tx, viewer, "note.restored", row)
            return shown(_visible(tx, viewer, note_id), viewer)

    def pin(self, viewer: Viewer, note_id: int, pinned: bool) -> Note:  # noqa: FBT001 -- a form's two buttons
        """Pin a note to the top of its customer's page, or take the pin out; raises Forbidden, NotFound."""
        with self._store.write() as tx:
            row = _visible(tx, viewer, note_id)
            _require_writing(viewer)
            if row.deleted_at is not None:
                raise Forbidden("note.deleted")
            if notes.pin(tx, note_id, is_pinned=pinned):
                self._record(tx, viewer, "note.pinned" if pinned else "note.unpinned", row)
            return shown(_visible(tx, viewer, note_id), viewer)

    def versions(self, viewer: Viewer, note_id: int) -> tuple[NoteVersion, ...]:
        """Everything the note has said, oldest first; raises NotFound."""
        with self._store.read() as tx:
            _visible(tx, viewer, note_id)
            return tuple(
                NoteVersion(
                    version=row.version,
                    kind=row.kind,
                    body=row.body,
                    html=to_html(row.body),
                    written_at=row.written_at,
                    author_name=row.author_name,
                    contact=contact_of(row.channel, row.direction, row.outcome),
                )
                for row in notes.versions(tx, note_id)
            )

    def _write(self, tx: Tx, viewer: Viewer, draft: NoteDraft, said: Said) -> int:
        scope = scope_of(viewer)
        customer_id = customers.resolve(tx, draft.customer_id)
        account_id = customers.newest_account(tx, customer_id, scope) if customer_id else None
        if customer_id is None or account_id is None:
            raise NotFound("customer.not_found")
        _require_kind(tx, draft.kind)
        shop = ref_kind = ref_id = ""
        if draft.ref:
            account_id = account_of(tx, draft.ref, customer_id, scope)
            shop, ref_kind, ref_id = draft.ref.shop, draft.ref.kind, draft.ref.id
        note_id = notes.write(
            tx,
            NewNote(
                customer_id=customer_id,
                account_id=account_id,
                author_id=viewer.agent_id,
                kind=draft.kind,
                body=said.body,
                is_internal=draft.is_internal,
                shop=shop,
                ref_kind=ref_kind,
                ref_id=ref_id,
                form_key=draft.form_key or None,
                contact=said.columns,
            ),
            now=self._clock(),
        )
        index.put(tx, "note", {note_id: said.indexed})
        self._changed(tx, viewer, "note.written", _visible(tx, viewer, note_id))
        return note_id

    def _changed(self, tx: Tx, viewer: Viewer, action: str, row: NoteRow) -> None:
        """What the customer's summary says may be another thing now."""
        self._record(tx, viewer, action, row)
        self._mark_dirty(tx, row.customer_id)
        segments.mark(tx, [row.customer_id])

    def _record(self, tx: Tx, viewer: Viewer, action: str, row: NoteRow) -> None:
        activity.record(
            tx,
            action,
            at=self._clock(),
            agent_id=viewer.agent_id,
            customer_id=row.customer_id,
            note_id=row.id,
            ref=(row.shop, row.ref_kind, row.ref_id),
        )


def shown(row: NoteRow, viewer: Viewer, *, masked_cards: bool = False) -> Note:
    """A stored note as this viewer sees it, who is known to see it at all."""
    is_binned = row.deleted_at is not None
    return Note(
        id=row.id,
        customer_id=row.customer_id,
        kind=row.kind,
        body=row.body,
        html=to_html(row.body),
        is_internal=row.is_internal,
        is_pinned=row.is_pinned,
        author_id=row.author_id,
        author_name=row.author_name,
        created_at=row.created_at,
        edited_at=row.edited_at,
        version=row.version,
        ref=ref_of(row),
        deleted_at=row.deleted_at,
        may_edit=not is_binned and row.author_id == viewer.agent_id and viewer.can(Permission.WRITE_NOTES),
        may_delete=not is_binned and _may_delete(row, viewer),
        masked_cards=masked_cards,
        contact=_contact_of(row),
    )


def _contact_of(row: NoteRow) -> Contact | None:
    return contact_of(row.channel, row.direction, row.outcome)


def _visible(tx: Tx, viewer: Viewer, note_id: int | None) -> NoteRow:
    """The note, if she may see it; one in the bin is seen by its author and by those who may delete others' notes."""
    row = notes.get(tx, note_id, scope_of(viewer)) if note_id is not None else None
    if row is None or (row.deleted_at is not None and not _may_delete(row, viewer)):
        raise NotFound("note.not_found")
    return row


def _may_delete(row: NoteRow, viewer: Viewer) -> bool:
    is_hers = row.author_id == viewer.agent_id and viewer.can(Permission.WRITE_NOTES)
    return is_hers or viewer.can(Permission.DELETE_NOTES)


def _require_writing(viewer: Viewer) -> None:
    require(viewer, Permission.SEE_NOTES)
    require(viewer, Permission.WRITE_NOTES)


def _require_kind(tx: Tx, kind: str) -> None:
    if not note_kinds.exists(tx, kind):
        raise Invalid("note.unknown_kind", field="kind")


def _written_before(tx: Tx, viewer: Viewer, draft: NoteDraft) -> int | None:
    return notes.by_form_key(tx, viewer.agent_id, draft.form_key) if draft.form_key else None
