"""Words that differ from a typed one by a slip of the finger or two: a letter too many, one missing, another, swapped.

Three hundred thousand words are too many to compare with each; of those that can be meant, some piece stands unhurt.
Every word is cut into two and into three, kept by its pieces and their place, and only words that share a piece are
compared: one slip leaves one of two pieces whole, two leave one of three. (The scheme is Pass-Join's:
https://doi.org/10.14778/2078331.2078340.) Letters swapped across a cut hurt two pieces. Words with one swap are looked
up as they are; two, both across cuts, are not forgiven.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

_MOST_SLIPS = 2
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
            for pieces in range(2, _MOST_SLIPS + 2):
                for place, (start, end) in enumerate(_cuts(len(word), pieces)):
                    key = _key(len(word), pieces, place, word[start:end])
                    self._by_piece.setdefault(key, []).append(word)

    def near(self, word: str, slips: int) -> list[tuple[int, str]]:
        """The known words within so many slips (1 or 2) of it, the nearest first, as (slips, word); not the word."""
        possible: set[str] = set()
        for key in _keys_of(word, slips):
            possible.update(self._by_piece.get(key, ()))
        possible.update(self._known.intersection(_swapped(word)))
        possible.discard(word)
        compared = process.extract(word, possible, scorer=OSA.distance, score_cutoff=slips, limit=None)
        return sorted((int(distance), found) for found, distance, _ in compared)


def _keys_of(word: str, slips: int) -> Iterator[str]:
    """Where the pieces of a word within so many slips can stand in this one: the first piece left whole has at most as
    many slips before it as there are pieces, and what comes behind it has the rest.
    """
    pieces = slips + 1
    for length in range(max(_SHORTEST, len(word) - slips), len(word) + slips + 1):
        longer = len(word) - length
        for place, (start, end) in enumerate(_cuts(length, pieces)):
            behind = pieces - 1 - place
            for moved in range(max(-place, longer - behind), min(place, longer + behind) + 1):
                at = start + moved
                if at >= 0 and at + end - start <= len(word):
                    yield _key(length, pieces, place, word[at : at + end - start])


def _swapped(word: str) -> Iterator[str]:
    """The word with two neighbours in the other order."""
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


@cache
def _cuts(length: int, pieces: int) -> tuple[tuple[int, int], ...]:
    return tuple((length * place // pieces, length * (place + 1) // pieces) for place in range(pieces))


def _key(length: int, pieces: int, place: int, piece: str) -> str:
    return f"{chr(length)}{pieces}{place}{piece}"
