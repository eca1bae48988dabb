"""The kinds of note that an installation has, as people choose among them."""

from __future__ import annotations

from dataclasses import dataclass

from storage import note_kinds
from storage.engine import Tx


@dataclass(frozen=True)
class NoteKind:
    """A kind of note. `is_pushed` false: never in a shop. `is_internal`: every note of it is internal."""

    kind: str
    name_fa: str
    name_en: str
    is_pushed: bool
    is_internal: bool


def kinds_of(tx: Tx) -> tuple[NoteKind, ...]:
    """The kinds of note, in the order to offer them."""
    return tuple(NoteKind(*row) for row in note_kinds.every(tx))
