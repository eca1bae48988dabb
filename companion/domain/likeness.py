"""How well a folded text of the index answers a query: the order in which hits stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from itertools import pairwise

from companion.domain.query import Query
from companion.domain.searchable import NEXT_PART
from companion.domain.sounds import alike


class Likeness(IntEnum):
    """What is better than what. Whoever is called so stands before what merely holds the words; what is only like them
    comes last. `SLIP` is a single one, `ACROSS` two names of hers that hold the word where they meet.
    """

    FULL_NAME = 0
    WHOLE = 1
    BEGINNING = 2
    NUMBER_BEGUN = 3
    SOUND = 4
    TEXT = 5
    TEXT_BEGUN = 6
    PART = 7
    TEXT_PART = 8
    OTHER_KEYBOARD = 9
    SLIP = 10
    SOUND_BEGUN = 11
    SLIPS = 12
    ACROSS = 13


APPROXIMATE = frozenset({Likeness.SOUND, Likeness.OTHER_KEYBOARD, Likeness.SLIP, Likeness.SOUND_BEGUN, Likeness.SLIPS})
"""What is like the query, and is not the query."""

Rank = tuple[int, int]
"""A Likeness, and a number that tells like from like; smaller is better. Between equals the latest contact decides."""

_WHOLE_PHONE = 10


def of_person(folded: str, query: Query) -> Rank | None:
    """Of an account's text; names before e-mails, phones and addresses. None where it does not hold every word."""
    names, told = _parts(folded)
    everything = f" {names} {told} "
    words = query.words
    level = max(_of_word(everything, word) for word in words)
    if level > Likeness.PART:
        level = min(
            (
                max(_of_word(everything, word) for word in (*words[:place], left + right, *words[place + 2 :]))
                for place, (left, right) in enumerate(pairwise(words))
            ),
            default=level,
        )
        level = max(level, Likeness.BEGINNING)
    if level > Likeness.PART:
        return None
    if level == Likeness.WHOLE and len(words) > 1 and set(names.split()[: len(words)]) == set(words):
        return Likeness.FULL_NAME, 0
    if level == Likeness.PART and any(_is_across(names, told, word) for word in words):
        return Likeness.ACROSS, 0
    return level, 0 if all(word in names for word in words) else 1


def in_text(folded: str, words: Sequence[str], place: int) -> Rank | None:
    """Of what was written; `place` is that of its kind. None where it does not hold every word."""
    padded = f" {folded} "
    level = max(_of_word(padded, word) for word in words)
    if level > Likeness.PART:
        joined = [left + right for left, right in pairwise(words)]
        return (Likeness.TEXT_BEGUN, place) if any(word in padded for word in joined) else None
    match level:
        case Likeness.WHOLE:
            return Likeness.TEXT, place
        case Likeness.BEGINNING:
            return Likeness.TEXT_BEGUN, place
        case _:
            return Likeness.TEXT_PART, place


def by_sound(folded: str, words: Sequence[str]) -> Rank:
    """Of an account's text found by how its names sound. The index knows consonants and beginnings alone; whose names
    sound otherwise as a whole come later.
    """
    names = _parts(folded)[0].split()
    unlike = sum(
        not any(name.isascii() != word.isascii() and alike(word, name) == "same" for name in names) for word in words
    )
    return (Likeness.SOUND_BEGUN, unlike) if unlike else (Likeness.SOUND, 0)


def by_slips(folded: str, words: Sequence[str], meant: Mapping[str, Mapping[str, int]]) -> Rank | None:
    """Of an account's text found by words near to those typed, `meant` with their slips: the fewest slips first."""
    names, told = _parts(folded)
    everything = f" {names} {told} "
    held = set(everything.split())
    slips = 0
    for word in words:
        if f" {word}" in everything:
            continue
        near = [distance for other, distance in meant[word].items() if other in held]
        if not near:
            near = [distance for other, distance in meant[word].items() if other in everything]
        if not near:
            return None
        slips += min(near)
    return (Likeness.SLIP if slips == 1 else Likeness.SLIPS), slips


def _parts(folded: str) -> tuple[str, str]:
    names, _, rest = folded.partition(NEXT_PART)
    return names, rest.partition(NEXT_PART)[0]


def _is_across(names: str, told: str, word: str) -> bool:
    """Whether the word stands nowhere but in names written together, as the index holds them too."""
    if word not in names or word in told:
        return False
    apart = names.split()
    together = {"".join(apart[place : place + count]) for place in range(len(apart)) for count in (2, 3)}
    return not any(word in name for name in apart if name not in together)


def _of_word(padded: str, word: str) -> int:
    if f" {word} " in padded:
        return Likeness.WHOLE
    if f" {word}" in padded:
        return Likeness.BEGINNING
    if word not in padded:
        return Likeness.SLIPS
    if word.isdecimal() and f"{word} " in padded:
        return Likeness.WHOLE if len(word) >= _WHOLE_PHONE else Likeness.BEGINNING
    # Within an e-mail address or a code words begin in the middle.
    before = padded[padded.index(word) - 1]
    return Likeness.PART if before.isalnum() else Likeness.BEGINNING
