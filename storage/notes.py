"""Agents' notes and every version of them. Who may do what is decided by the caller; who may see what, by its scope."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.engine import Tx
from storage.given import is_among
from storage.schema import agents, note_versions, notes, orders
from storage.scope import Scope, is_internal, notes_with_owner, sees_note
from storage.types import Instant

Contact = tuple[str, str, str]
"""Channel, direction and outcome of a contact; NO_CONTACT for a note that is none."""
NO_CONTACT: Contact = ("", "", "")


@dataclass(frozen=True)
class NoteRow:
    """A note beside its author's name. `is_internal` is by itself or by its kind; `number` is that of the order it
    points at ("" when the order is not here). `channel` is "" for what is no contact.
    """

    id: int
    customer_id: int
    shop: str
    ref_kind: str
    ref_id: str
    number: str
    kind: str
    body: str
    is_internal: bool
    is_pinned: bool
    author_id: int
    author_name: str
    created_at: datetime
    edited_at: datetime | None
    version: int
    deleted_at: datetime | None
    deleted_by: int | None
    channel: str
    direction: str
    outcome: str


class TallyRow(NamedTuple):
    """How many notes there are, the date of the newest, and how many contacts lately by how many agents."""

    notes: int
    last_at: datetime | None
    contacts: int
    agents: int


@dataclass(frozen=True)
class VersionRow:
    """One state a note has had."""

    version: int
    kind: str
    body: str
    written_at: datetime
    author_name: str
    channel: str
    direction: str
    outcome: str


@dataclass(frozen=True)
class NewNote:
    """A note to be stored: `account_id` is where it was written; (`shop`, `ref_kind`, `ref_id`) what it points at."""

    customer_id: int
    account_id: int | None
    author_id: int
    kind: str
    body: str
    is_internal: bool
    shop: str = ""
    ref_kind: str = ""
    ref_id: str = ""
    form_key: str | None = None
    contact: Contact = NO_CONTACT


def write(tx: Tx, note: NewNote, *, now: datetime) -> int:
    """Store a new note as its first version; returns its id. A form key of the same author raises errors.Duplicate."""
    statement = insert(notes).values(
        customer_id=note.customer_id,
        account_id=note.account_id,
        shop=note.shop,
        ref_kind=note.ref_kind,
        ref_id=note.ref_id,
        kind=note.kind,
        body=note.body,
        is_internal=note.is_internal,
        author_id=note.author_id,
        created_at=now,
        form_key=note.form_key,
        **_columns(note.contact),
    )
    note_id = int(tx.execute(statement.returning(notes.c.id)).scalar_one())
    said = _Said(note.kind, note.body, note.contact)
    _keep_version(tx, note_id, said, version=1, agent_id=note.author_id, now=now)
    return note_id


def edit(
    tx: Tx,
    note_id: int,
    *,
    version: int,
    kind: str,
    body: str,
    agent_id: int,
    now: datetime,
    contact: Contact = NO_CONTACT,
) -> bool:
    """Make the next version of a note that still stands at `version`; False, and nothing done, when it does not."""
    changed = tx.execute(
        update(notes)
        .where(notes.c.id == note_id, notes.c.version == version)
        .values(kind=kind, body=body, edited_at=now, version=version + 1, **_columns(contact))
    )
    if changed.rowcount != 1:
        return False
    _keep_version(tx, note_id, _Said(kind, body, contact), version=version + 1, agent_id=agent_id, now=now)
    return True


def delete(tx: Tx, note_id: int, *, agent_id: int, now: datetime) -> bool:
    """Put a note in the bin; False when it lies there already."""
    changed = tx.execute(
        update(notes)
        .where(notes.c.id == note_id, notes.c.deleted_at.is_(None))
        .values(deleted_at=now, deleted_by=agent_id)
    )
    return changed.rowcount == 1


def restore(tx: Tx, note_id: int) -> bool:
    """Take a note out of the bin; False when it does not lie there."""
    changed = tx.execute(
        update(notes)
        .where(notes.c.id == note_id, notes.c.deleted_at.is_not(None))
        .values(deleted_at=None, deleted_by=None)
    )
    return changed.rowcount == 1


def pin(tx: Tx, note_id: int, *, is_pinned: bool) -> bool:
    """Pin a note, or take the pin out; False when it was so already."""
    changed = tx.execute(
        update(notes).where(notes.c.id == note_id, notes.c.is_pinned.is_not(is_pinned)).values(is_pinned=is_pinned)
    )
    return changed.rowcount == 1


def get(tx: Tx, note_id: int, scope: Scope) -> NoteRow | None:
    """A note in scope, be it deleted or not."""
    row = tx.execute(_select().where(notes.c.id == note_id, sees_note(scope))).first()
    return NoteRow(*row) if row else None


def by_form_key(tx: Tx, author_id: int, form_key: str) -> int | None:
    """The note that this author wrote with this showing of the form."""
    statement = select(notes.c.id).where(notes.c.author_id == author_id, notes.c.form_key == form_key)
    return tx.execute(statement).scalar()


def among(tx: Tx, note_ids: Collection[int], scope: Scope) -> dict[int, NoteRow]:
    """Those of the notes that are in scope and not deleted, by id."""
    if not note_ids:
        return {}
    rows = tx.execute(_among(scope), {"ids": list(note_ids)})
    return {row.id: NoteRow(*row) for row in rows}


def first(tx: Tx, customer_id: int, scope: Scope) -> tuple[NoteRow | None, tuple[NoteRow, ...]]:
    """What is to be read first: a customer's latest note, pinned or not, and her pinned ones, newest first."""
    rows = [NoteRow(*row) for row in tx.execute(_first(scope), {"customer": customer_id})]
    return (rows[0] if rows else None), tuple(row for row in rows if row.is_pinned)


@lru_cache(maxsize=256)
def _among(scope: Scope) -> Select[Any]:
    named = is_among(notes.c.id, "ids")
    return _select().where(named, notes.c.deleted_at.is_(None), sees_note(scope))


@lru_cache(maxsize=256)
def _first(scope: Scope) -> Select[Any]:
    customer = bindparam("customer", type_=BigInteger)
    newest_first = (notes.c.created_at.desc(), notes.c.id.desc())
    latest = select(notes.c.id).select_from(notes_with_owner()).where(_hers(customer, scope))
    is_latest = notes.c.id == latest.order_by(*newest_first).limit(1).correlate(None).scalar_subquery()
    return _select().where(_hers(customer, scope), or_(notes.c.is_pinned, is_latest)).order_by(*newest_first)


def tally(tx: Tx, customer_id: int, scope: Scope, *, since: datetime) -> TallyRow:
    """How many notes a customer has, and how many contacts were recorded with her since then."""
    return TallyRow(*tx.execute(_tally(scope), {"customer": customer_id, "since": since}).one())


@lru_cache(maxsize=256)
def _tally(scope: Scope) -> Select[Any]:
    hers = _hers(bindparam("customer", type_=BigInteger), scope)
    is_contact = and_(notes.c.channel != "", notes.c.created_at >= bindparam("since", type_=Instant()))
    by_agent = case((is_contact, notes.c.author_id))
    counted: tuple[ColumnElement[Any], ...] = (
        func.count(),
        func.max(notes.c.created_at),
        func.count(by_agent),
        func.count(by_agent.distinct()),
    )
    return select(*counted).select_from(notes_with_owner()).where(hers)


def versions(tx: Tx, note_id: int) -> tuple[VersionRow, ...]:
    """Everything a note has said, oldest first."""
    statement = (
        select(
            note_versions.c.version,
            note_versions.c.kind,
            note_versions.c.body,
            note_versions.c.written_at,
            agents.c.name,
            note_versions.c.channel,
            note_versions.c.direction,
            note_versions.c.outcome,
        )
        .join(agents, agents.c.id == note_versions.c.agent_id)
        .where(note_versions.c.note_id == note_id)
        .order_by(note_versions.c.version)
    )
    return tuple(VersionRow(*row) for row in tx.execute(statement))


def count_all(tx: Tx) -> tuple[int, int]:
    """How many notes there are, those in the bin too, and the last id."""
    found, last = tx.execute(select(func.count(), func.coalesce(func.max(notes.c.id), 0))).one()
    return found, last


def texts_between(tx: Tx, first: int, last: int) -> dict[int, tuple[str, str]]:
    """Body and outcome of the notes with these ids, those in the bin too. Until the transaction ends nobody changes
    them.
    """
    statement = (
        select(notes.c.id, notes.c.body, notes.c.outcome)
        .where(notes.c.id.between(first, last))
        .order_by(notes.c.id)
        .with_for_update(read=True)  # SQLite has no such words and needs none: it has one writer
    )
    return {row.id: (row.body, row.outcome) for row in tx.execute(statement)}


def _hers(customer_id: int | BindParameter[int], scope: Scope) -> ColumnElement[bool]:
    return and_(notes.c.customer_id == customer_id, notes.c.deleted_at.is_(None), sees_note(scope))


def _select() -> Select[Any]:
    points_at = and_(notes.c.ref_kind == "order", orders.c.shop == notes.c.shop, orders.c.order_id == notes.c.ref_id)
    return select(
        notes.c.id,
        notes.c.customer_id,
        notes.c.shop,
        notes.c.ref_kind,
        notes.c.ref_id,
        func.coalesce(orders.c.number, ""),
        notes.c.kind,
        notes.c.body,
        is_internal(),
        notes.c.is_pinned,
        notes.c.author_id,
        agents.c.name,
        notes.c.created_at,
        notes.c.edited_at,
        notes.c.version,
        notes.c.deleted_at,
        notes.c.deleted_by,
        notes.c.channel,
        notes.c.direction,
        notes.c.outcome,
    ).select_from(notes_with_owner().join(agents, agents.c.id == notes.c.author_id).outerjoin(orders, points_at))


class _Said(NamedTuple):
    """What a version says."""

    kind: str
    body: str
    contact: Contact


def _keep_version(tx: Tx, note_id: int, said: _Said, *, version: int, agent_id: int, now: datetime) -> None:
    tx.execute(
        insert(note_versions).values(
            note_id=note_id,
            version=version,
            kind=said.kind,
            body=said.body,
            written_at=now,
            agent_id=agent_id,
            **_columns(said.contact),
        )
    )


def _columns(contact: Contact) -> dict[str, str]:
    return dict(zip(("channel", "direction", "outcome"), contact, strict=True))
