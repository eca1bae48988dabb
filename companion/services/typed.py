"""What people type into forms, made fit to be kept: no letter that a database refuses, not more than there is room."""

from __future__ import annotations

from companion.services.errors import Invalid


def text(typed: str) -> str:
    """Lines as typed, without what no text of a person's holds; nothing around them."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in lines if letter in "\n\t" or not _is_unstorable(letter)).strip()


def line(typed: str, *, field: str, limit: int) -> str:
    """One line, its spaces single; raises Invalid, naming the field, for one of more than `limit` letters."""
    kept = " ".join(text(typed).split())
    if len(kept) > limit:
        raise Invalid("typed.too_long", field=field, limit=limit)
    return kept if says_something(kept) else ""


def says_something(kept: str) -> bool:
    """Whether anything in it can be seen."""
    return any(letter.isprintable() and not letter.isspace() for letter in kept)


def _is_unstorable(letter: str) -> bool:
    """Control characters and halves of surrogate pairs."""
    return letter < " " or letter == "\x7f" or "\ud800" <= letter <= "\udfff"
