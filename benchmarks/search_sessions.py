"""What somebody types in `benchmarks.search`, and who is meant.

A query is made from the truth by a stated edit (`benchmarks.search_edits`): so it is known who is meant, and how many
others are called just so. The same for a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from benchmarks.search_corpus import Note, Person
from benchmarks.search_edits import in_arabic, in_two, of_phone, slip, slips


@dataclass(frozen=True)
class Session:
    """`typed` letter by letter; `wanted` are the numbers of all whom it names equally well, `welcome` of those who may
    stand among them: they bear such a name too, in the other script. `is_held_out`: of the third that nobody tuned
    anything by.
    """

    kind: str
    typed: str
    wanted: frozenset[int]
    welcome: frozenset[int]
    is_held_out: bool


def sessions(people: Sequence[Person], notes: Sequence[Note], each: int, *, seed: int) -> list[Session]:
    """`each` sessions of every kind, all about these people (those whom the viewer may see) and notes."""
    chance = Random(seed + 3)
    asked = _Asked(people, notes)
    found: list[Session] = []
    for place, (kind, make) in enumerate(_KINDS.items(), start=1):
        while len(found) < each * place:
            if told := make(asked, chance):
                typed, wanted, welcome = told
                found.append(Session(kind, typed, frozenset(wanted), frozenset(welcome), chance.random() < 1 / 3))
    return found


class _Told(NamedTuple):
    """A session's text and people."""

    typed: str
    wanted: Sequence[int]
    welcome: Sequence[int] = ()


class _Asked:
    """The people by everything that they may be asked for by."""

    def __init__(self, people: Sequence[Person], notes: Sequence[Note]) -> None:
        self.people = people
        self.tracked = [note for note in notes if note.tracking]
        self.notes = notes
        self.by_name: dict[frozenset[str], list[int]] = {}
        self.by_last: dict[str, list[int]] = {}
        self.by_word: dict[str, list[int]] = {}
        self.in_latin: dict[str, list[int]] = {}
        """Who bears the Persian name, and is called so in Latin letters."""
        self.by_end: dict[str, list[int]] = {}
        self.by_sound: dict[tuple[str, str], list[int]] = {}
        for person in people:
            self.by_name.setdefault(frozenset(person.names), []).append(person.number)
            for name in person.names:
                self.by_word.setdefault(name, []).append(person.number)
            for word in (person.first, person.last) if person.is_latin else ():
                self.in_latin.setdefault(word.persian, []).append(person.number)
            self.by_last.setdefault(person.names[1], []).append(person.number)
            self.by_end.setdefault(person.phone[-4:], []).append(person.number)
            self.by_sound.setdefault((person.first.latin, person.last.latin), []).append(person.number)

    def one(self, chance: Random) -> Person:
        """Somebody whose name is written in Persian."""
        while (person := chance.choice(self.people)).is_latin:
            pass
        return person


def _full(asked: _Asked, chance: Random) -> _Told:
    person = asked.one(chance)
    first, last = person.names
    return _Told(f"{first} {last}", asked.by_name[frozenset(person.names)])


def _reversed(asked: _Asked, chance: Random) -> _Told:
    person = asked.one(chance)
    first, last = person.names
    return _Told(f"{last} {first}", asked.by_name[frozenset(person.names)])


def _last(asked: _Asked, chance: Random) -> _Told:
    person = asked.one(chance)
    return _Told(person.names[1], asked.by_last[person.names[1]])


def _misspelt(asked: _Asked, chance: Random) -> _Told | None:
    person = asked.one(chance)
    first, last = person.names
    if len(last) < 4:
        return None
    typed = slips(last, chance)
    if frozenset((first, typed)) in asked.by_name:
        return None  # another's name
    return _Told(f"{first} {typed}", asked.by_name[frozenset(person.names)])


def _misspelt_last(asked: _Asked, chance: Random) -> _Told | None:
    person = asked.one(chance)
    last = person.names[1]
    typed = slip(last, chance)
    if len(last) < 5 or typed in asked.by_word:
        return None  # another's name
    distance = OSA.distance(typed, last)
    near = process.extract(typed, list(asked.by_word), scorer=OSA.distance, score_cutoff=distance, limit=None)
    alike = {name for name, _, _ in near} | {name for name in asked.by_word if typed in name}
    wanted = [number for name in alike for number in asked.by_word[name]]
    return _Told(typed, wanted, [number for name in alike for number in asked.in_latin.get(name, ())])


def _phone(asked: _Asked, chance: Random) -> _Told:
    person = chance.choice(asked.people)
    return _Told(of_phone(person.phone, chance), [person.number])


def _end(asked: _Asked, chance: Random) -> _Told:
    person = asked.one(chance)
    end = person.phone[-4:]
    wanted = asked.by_end[end]
    if chance.random() < 0.5:
        return _Told(end, wanted)
    same = set(asked.by_last[person.names[1]])
    return _Told(f"{person.names[1]} {end}", [number for number in wanted if number in same])


def _mail(asked: _Asked, chance: Random) -> _Told | None:
    person = chance.choice(asked.people)
    return _Told(person.email, [person.number]) if person.email else None


def _order(asked: _Asked, chance: Random) -> _Told:
    person = chance.choice(asked.people)
    return _Told(f"#{person.order}", [person.number])


def _tracking(asked: _Asked, chance: Random) -> _Told:
    note = chance.choice(asked.tracked)
    return _Told(note.tracking if chance.random() < 0.7 else note.tracking[8:18], [note.person])


def _words_of_note(asked: _Asked, chance: Random) -> _Told | None:
    note = chance.choice(asked.notes)
    said = [word for word in note.body.split() if not word.isdigit()]
    chosen = sorted(set(said), key=said.index)[-6:]
    if len(chosen) < 5:
        return None
    return _Told(" ".join(chance.sample(chosen, 4)), [note.person])


def _other_letters(asked: _Asked, chance: Random) -> _Told | None:
    person = asked.one(chance)
    name = " ".join(person.names)
    typed = in_arabic(name)
    return _Told(typed, asked.by_name[frozenset(person.names)]) if typed != name else None


def _latin(asked: _Asked, chance: Random) -> _Told:
    person = asked.one(chance)
    latin = (person.first.latin, person.last.latin)
    return _Told(" ".join(latin), asked.by_sound[latin])


def _spaces(asked: _Asked, chance: Random) -> _Told | None:
    person = asked.one(chance)
    first, last = person.names
    named = asked.by_name[frozenset(person.names)]
    if chance.random() < 0.5:
        return _Told(first + last, named)
    return _Told(f"{first} {in_two(last)}", named) if len(last) > 3 else None


_KINDS: Mapping[str, Callable[[_Asked, Random], _Told | None]] = {
    "last name": _last,
    "first and last name": _full,
    "last and first name": _reversed,
    "phone": _phone,
    "last four digits": _end,
    "e-mail": _mail,
    "order number": _order,
    "tracking number in a note": _tracking,
    "four words of a note": _words_of_note,
    "misspelt last name, first name": _misspelt,
    "misspelt last name alone": _misspelt_last,
    "Arabic letters": _other_letters,
    "Latin spelling": _latin,
    "spaces missing or added": _spaces,
}
