"""Where a query matched a text, and the piece of the text to show for it."""

from __future__ import annotations

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
    plain = _Folded(text)
    unjoined: _Folded | None = None
    for wanted in (" ".join(words), *sorted(words, key=len, reverse=True)):
        if found := plain.span_of(wanted):
            return found
        unjoined = unjoined or _Folded(text, skipped=_JOINTS)
        if found := unjoined.span_of(wanted.replace(" ", "")):
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


class _Folded:
    """A text folded letter by letter, and where each folded letter came from."""

    def __init__(self, text: str, *, skipped: frozenset[str] = frozenset()) -> None:
        self._text = text
        places: Sequence[int] = range(len(text))
        if skipped:
            places = [place for place in places if text[place] not in skipped]
        letters = [fold_letter(text[place]) for place in places]
        self._letters = "".join(letters)
        if len(self._letters) == len(letters) and all(letters):  # one for one, as nearly always
            self._places = places
        else:
            self._places = [place for place, folded in zip(places, letters, strict=True) for _ in folded]

    def span_of(self, word: str) -> Span | None:
        """Where the word stands in the text as it came."""
        if not word:
            return None
        first = start = self._letters.find(word)
        while start > 0 and self._letters[start - 1].isalnum():
            start = self._letters.find(word, start + 1)
        start = first if start < 0 else start
        if start < 0:
            return None
        end = self._places[start + len(word) - 1] + 1
        while end < len(self._text) and not fold_letter(self._text[end]):
            end += 1  # a mark that the fold drops belongs to the letter before it
        return self._places[start], end
