"""Where a query matched a text, and the piece of the text to show for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from companion.domain.text import ZWNJ, fold_letter

Span = tuple[int, int]
"""[start, end) within the text as it came."""

# Between the pieces of what the index holds joined: half-spaces and spaces of a word, the separators of a number.
_JOINTS = frozenset(f"{ZWNJ} -().")


def locate(text: str, words: Sequence[str]) -> Span | None:
    """Where the folded words stand in the text: all of them together if they do, else the longest that does.

    At a word's start if it can be, else the first place. None where nothing can be pointed at.
    """
    for wanted in (" ".join(words), *sorted(words, key=len, reverse=True)):
        found = _locate(text, wanted) or _locate(text, wanted.replace(" ", ""), skipped=_JOINTS)
        if found:
            return found
    return None


def excerpt(text: str, mark: Span | None, *, around: int) -> tuple[str, Span | None]:
    """The part of a text within `around` characters of the mark, with an ellipsis where it was cut, and the mark in it.

    Without a mark it is the beginning.
    """
    start, end = mark or (0, 0)
    begin, finish = max(0, start - around), min(len(text), end + around)
    if begin:
        begin = text.find(" ", begin, start) + 1 or begin  # not in the middle of a word, if there is a space
    if finish < len(text):
        finish = max(text.rfind(" ", end, finish), end) if " " in text[end:finish] else finish
    lead, tail = "…" if begin else "", "…" if finish < len(text) else ""
    shift = len(lead) - begin
    return f"{lead}{text[begin:finish]}{tail}", (start + shift, end + shift) if mark else None


def _locate(text: str, word: str, *, skipped: frozenset[str] = frozenset()) -> Span | None:
    if not word:
        return None
    letters: list[str] = []
    offsets: list[int] = []
    for offset, letter in enumerate(text):
        if letter not in skipped:
            folded = fold_letter(letter)
            letters.append(folded)
            offsets.extend([offset] * len(folded))
    haystack = "".join(letters)
    at_start = re.search(rf"(?<!\w){re.escape(word)}", haystack)
    start = at_start.start() if at_start else haystack.find(word)
    if start < 0:
        return None
    end = offsets[start + len(word) - 1] + 1
    while end < len(text) and not fold_letter(text[end]):
        end += 1  # a mark that the fold drops belongs to the letter before it
    return offsets[start], end
