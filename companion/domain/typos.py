"""Words that differ from a typed one by a slip of the finger or two: a letter too many, one missing, another, swapped.

Three hundred thousand words are too many to compare with each; of those that can be meant, some piece stands unhurt.
Every word is cut into three, kept by its pieces and their place, and only words that share a piece are compared. (The
scheme is Pass-Join's: https://doi.org/10.14778/2078331.2078340. Two slips leave one of three pieces whole, unless both
swap letters across a cut.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

_PIECES = 3
_SHORTEST = 3
_LONG = 6


def slips_allowed(word: str) -> int:
    """How many slips a word of this length is forgiven: none in the shortest, two in long ones."""
    return 0 if len(word) < _SHORTEST or not word.isalpha() else 1 if len(word) < _LONG else 2


class Lexicon:
    """Known words, to be compared with misspelt ones. Adding and asking from several threads at once is safe."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self._by_piece: dict[str, list[str]] = {}
        self.add(words)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def add(self, words: Iterable[str]) -> None:
        """Learns words; those that it knows change nothing."""
        for word in words:
            if word in self._known or len(word) < _SHORTEST:
                continue
            self._known.add(word)
            for place, (start, end) in enumerate(_cuts(len(word))):
                self._by_piece.setdefault(_key(len(word), place, word[start:end]), []).append(word)

    def near(self, word: str, slips: int) -> list[tuple[int, str]]:
        """The known words within so many slips (1 or 2) of it, the nearest first, as (slips, word); not the word."""
        possible: set[str] = set()
        for key in _keys_of(word, slips):
            possible.update(self._by_piece.get(key, ()))
        possible.discard(word)
        compared = process.extract(word, possible, scorer=OSA.distance, score_cutoff=slips, limit=None)
        return sorted((int(distance), found) for found, distance, _ in compared)


def _keys_of(word: str, slips: int) -> Iterator[str]:
    """Where the pieces of a word within so many slips can stand in this one: the first piece left whole has at most as
    many slips before it as there are pieces, and what comes behind it has the rest.
    """
    for length in range(max(_SHORTEST, len(word) - slips), len(word) + slips + 1):
        longer = len(word) - length
        for place, (start, end) in enumerate(_cuts(length)):
            behind = _PIECES - 1 - place
            for moved in range(max(-place, longer - behind), min(place, longer + behind) + 1):
                at = start + moved
                if at >= 0 and at + end - start <= len(word):
                    yield _key(length, place, word[at : at + end - start])


def _cuts(length: int) -> tuple[tuple[int, int], ...]:
    first, second = length // _PIECES, length * 2 // _PIECES
    return (0, first), (first, second), (second, length)


def _key(length: int, place: int, piece: str) -> str:
    return f"{chr(length)}{place}{piece}"
