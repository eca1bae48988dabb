"""The kinds of note that this installation has."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from storage.engine import Tx
from storage.schema import note_kinds


class NoteKindRow(NamedTuple):
    """A kind of note. `is_pushed` false: never in a shop. `is_internal`: every note of it is internal."""

    kind: str
    name_fa: str
    name_en: str
    is_pushed: bool
    is_internal: bool


_COLUMNS = (
    note_kinds.c.kind,
    note_kinds.c.name_fa,
    note_kinds.c.name_en,
    note_kinds.c.is_pushed,
    note_kinds.c.is_internal,
)


def every(tx: Tx) -> tuple[NoteKindRow, ...]:
    """All kinds, in the order to offer them."""
    return tuple(NoteKindRow(*row) for row in tx.execute(_EVERY))


_EVERY = select(*_COLUMNS).order_by(note_kinds.c.position, note_kinds.c.kind)


def exists(tx: Tx, kind: str) -> bool:
    """Whether there is such a kind."""
    return tx.execute(select(note_kinds.c.kind).where(note_kinds.c.kind == kind)).first() is not None
