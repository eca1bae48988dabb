"""An invented shop's people and notes for `benchmarks.search`, and what somebody types to find them.

Names come from 120,000 words with natural frequencies (Zipf's), made of syllables that have a Persian and a Latin
spelling, some thousand of them real. A query is made from the truth by a stated edit: so it is known who is meant, and
how many others are called just so. The same for a seed.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHOPS = ("main", "second", "third")
_SHARES = (60, 30, 10)
FIRST_WORDS, LAST_WORDS, NOTE_WORDS = 8_000, 112_000, 60_000

_CONSONANTS = (
    ("ب", "b"), ("پ", "p"), ("ت", "t"), ("ج", "j"), ("چ", "ch"), ("خ", "kh"), ("د", "d"), ("ر", "r"), ("ز", "z"),
    ("س", "s"), ("ش", "sh"), ("ف", "f"), ("ق", "gh"), ("ک", "k"), ("گ", "g"), ("ل", "l"), ("م", "m"), ("ن", "n"),
)  # fmt: skip
_CONSONANT_WEIGHTS = (6, 3, 6, 3, 2, 3, 7, 10, 5, 7, 5, 4, 3, 5, 3, 6, 10, 8)
_VOWELS = (("", "a"), ("", "e"), ("", "o"), ("ا", "a"), ("ی", "i"), ("و", "oo"))
_VOWEL_WEIGHTS = (6, 4, 2, 6, 4, 2)
_FIRST = "محمد:mohammad علی:ali حسین:hossein زهرا:zahra فاطمه:fatemeh مریم:maryam رضا:reza مهدی:mahdi امیر:amir سارا:sara".split()  # noqa: SIM905, E501
_LAST = "محمدی:mohammadi حسینی:hosseini احمدی:ahmadi رضایی:rezaei کریمی:karimi موسوی:mousavi جعفری:jafari صادقی:sadeghi".split()  # noqa: SIM905, E501
_ENDINGS = (("ی", "i"), ("یان", "ian"), ("زاده", "zadeh"), ("پور", "poor"), ("نژاد", "nejad"), ("", ""))
_ENDING_WEIGHTS = (50, 8, 12, 8, 6, 16)
_MAILBOXES = ("gmail.com", "yahoo.com", "mail.example")
_CITIES = "تهران مشهد اصفهان شیراز تبریز کرج قم اهواز رشت کرمان".split()  # noqa: SIM905


class Word(NamedTuple):
    """A word in both scripts."""

    persian: str
    latin: str


class Person(NamedTuple):
    """The truth about one customer; `tracking` is the number that a note of hers holds, or "", `noted` its words."""

    number: int
    shop: str
    first: Word
    last: Word
    is_latin: bool
    phone: str
    email: str
    order: str

    @property
    def names(self) -> tuple[str, str]:
        """As the shop spells them."""
        return (self.first.latin, self.last.latin) if self.is_latin else (self.first.persian, self.last.persian)


class Note(NamedTuple):
    """A note: of which person, by which agent (1 …), and whether it is internal."""

    number: int
    person: int
    author: int
    is_internal: bool
    body: str
    tracking: str


@dataclass(frozen=True)
class Session:
    """`typed` letter by letter; `wanted` are the numbers of all whom it names equally well. `is_held_out`: of the third
    that nobody tuned anything by.
    """

    kind: str
    typed: str
    wanted: frozenset[int]
    is_held_out: bool


class Zipf:
    """Draws from words, the first far oftener than the last."""

    def __init__(self, words: Sequence[Word], *, slope: float, offset: float) -> None:
        self._words = words
        self._sums = list(itertools.accumulate(1 / (place + offset) ** slope for place in range(1, len(words) + 1)))

    def draw(self, chance: Random) -> Word:
        """One word."""
        return self._words[bisect_left(self._sums, chance.random() * self._sums[-1])]


class Corpus:
    """So many people and notes; iterate them once, in order."""

    def __init__(self, people: int, notes: int, *, seed: int) -> None:
        self.size, self.notes_size, self.seed = people, notes, seed
        chance = Random(seed)
        seen: set[str] = set()
        self._first = Zipf(_words(chance, FIRST_WORDS, _FIRST, seen, is_family=False), slope=1.0, offset=8)
        self._last = Zipf(_words(chance, LAST_WORDS, _LAST, seen, is_family=True), slope=0.8, offset=15)
        self._said = Zipf(_words(chance, NOTE_WORDS, [], set(), is_family=False), slope=1.0, offset=3)

    def people(self) -> Iterator[Person]:
        """Everybody."""
        chance = Random(self.seed + 1)
        for number in range(1, self.size + 1):
            first, last = self._first.draw(chance), self._last.draw(chance)
            phone = f"09{chance.choice((10, 12, 13, 15, 19, 30, 33, 35, 36, 90))}{chance.randrange(10**7):07d}"
            mail = f"{first.latin}.{last.latin}{chance.randrange(1000)}@{chance.choice(_MAILBOXES)}"
            yield Person(
                number=number,
                shop=chance.choices(SHOPS, _SHARES)[0],
                first=first,
                last=last,
                is_latin=chance.random() < 0.04,
                phone=phone,
                email=mail if chance.random() < 0.8 else "",
                order=str(100_000 + number * 3 + chance.randrange(3)),
            )

    def notes(self) -> Iterator[Note]:
        """All notes, the oldest first."""
        chance = Random(self.seed + 2)
        for number in range(1, self.notes_size + 1):
            said = [self._said.draw(chance).persian for _ in range(chance.randrange(6, 40))]
            tracking = f"{chance.randrange(10**23, 10**24)}" if chance.random() < 0.15 else ""
            if tracking:
                said[2:2] = ["کد", "رهگیری", tracking]
            yield Note(
                number=number,
                person=chance.randrange(self.size) + 1,
                author=chance.randrange(20) + 1,
                is_internal=chance.random() < 0.05,
                body=" ".join(said),
                tracking=tracking,
            )


def city_of(person: Person) -> str:
    """Where she lives."""
    return _CITIES[person.number % len(_CITIES)]


def _words(chance: Random, count: int, real: Sequence[str], seen: set[str], *, is_family: bool) -> list[Word]:
    found = [Word(*each.split(":")) for each in real]
    seen.update(word.persian for word in found)
    while len(found) < count:
        word = _word(chance, is_family=is_family)
        if len(word.persian) > 2 and word.persian not in seen:
            seen.add(word.persian)
            found.append(word)
    return found


def _word(chance: Random, *, is_family: bool) -> Word:
    persian = latin = ""
    for place in range(chance.choices((2, 3), (7, 3))[0]):
        while (consonant := chance.choices(_CONSONANTS, _CONSONANT_WEIGHTS)[0])[0] == persian[-1:]:
            pass  # nobody writes a letter twice
        vowel = chance.choices(_VOWELS, _VOWEL_WEIGHTS)[0]
        if place == 0 and chance.random() < 0.1:
            persian, latin = "ا", "a"
        persian, latin = persian + consonant[0] + vowel[0], latin + consonant[1] + vowel[1]
        if chance.random() < 0.4:
            while (closing := chance.choices(_CONSONANTS, _CONSONANT_WEIGHTS)[0])[0] == persian[-1]:
                pass
            persian, latin = persian + closing[0], latin + closing[1]
    if is_family:
        while (ending := chance.choices(_ENDINGS, _ENDING_WEIGHTS)[0])[0][:1] == persian[-1]:
            pass
        persian, latin = persian + ending[0], latin + ending[1]
    return Word(persian, latin)


# --- what is typed ------------------------------------------------------------------------------------------------

_LETTERS = "ابپتجچخدرزسشفقکگلمنوهی"
_ARABIC = str.maketrans("یک۰۱۲۳", "يك٠١٢٣")


def slip(word: str, chance: Random) -> str:
    """One slip of the finger: another letter, one more, one missing, two swapped. Never at the first letter."""
    while True:
        place = chance.randrange(1, len(word))
        letter = chance.choice(_LETTERS)
        match chance.randrange(4):
            case 0:
                found = word[:place] + letter + word[place + 1 :]
            case 1:
                found = word[:place] + letter + word[place:]
            case 2:
                found = word[:place] + word[place + 1 :]
            case _:
                found = word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :] if place > 1 else word
        if found != word:
            return found


_SLIPS = {3: 1, 4: 1, 5: 1}
"""Slips in a word of so many letters; longer ones have two in half of the cases."""


def sessions(people: Sequence[Person], notes: Sequence[Note], each: int, *, seed: int) -> list[Session]:
    """`each` sessions of every kind, all about these people (those whom the viewer may see) and notes."""
    chance = Random(seed + 3)
    asked = _Asked(people, notes)
    found: list[Session] = []
    for kind, make in _KINDS.items():
        while sum(session.kind == kind for session in found) < each:
            if told := make(asked, chance):
                typed, wanted = told
                found.append(Session(kind, typed, frozenset(wanted), chance.random() < 1 / 3))
    return found


class _Asked:
    """The people by everything that they may be asked for by."""

    def __init__(self, people: Sequence[Person], notes: Sequence[Note]) -> None:
        self.people = people
        self.tracked = [note for note in notes if note.tracking]
        self.notes = notes
        self.by_name: dict[frozenset[str], list[int]] = {}
        self.by_last: dict[str, list[int]] = {}
        self.by_word: dict[str, list[int]] = {}
        self.by_end: dict[str, list[int]] = {}
        self.by_sound: dict[tuple[str, str], list[int]] = {}
        for person in people:
            self.by_name.setdefault(frozenset(person.names), []).append(person.number)
            for name in person.names:
                self.by_word.setdefault(name, []).append(person.number)
            self.by_last.setdefault(person.names[1], []).append(person.number)
            self.by_end.setdefault(person.phone[-4:], []).append(person.number)
            self.by_sound.setdefault((person.first.latin, person.last.latin), []).append(person.number)

    def one(self, chance: Random) -> Person:
        """Somebody whose name is written in Persian."""
        while (person := chance.choice(self.people)).is_latin:
            pass
        return person


Told = tuple[str, Sequence[int]] | None


def _full(asked: _Asked, chance: Random, *, is_reversed: bool = False) -> Told:
    person = asked.one(chance)
    first, last = person.names
    return f"{last} {first}" if is_reversed else f"{first} {last}", asked.by_name[frozenset(person.names)]


def _last(asked: _Asked, chance: Random) -> Told:
    person = asked.one(chance)
    return person.names[1], asked.by_last[person.names[1]]


def _misspelt(asked: _Asked, chance: Random) -> Told:
    person = asked.one(chance)
    first, last = person.names
    if len(last) < 4:
        return None
    typed = slip(last, chance)
    if len(last) > 6 and chance.random() < 0.5:
        typed = slip(typed, chance)
    name = f"{first} {typed}"
    return None if frozenset((first, typed)) in asked.by_name else (name, asked.by_name[frozenset(person.names)])


def _misspelt_last(asked: _Asked, chance: Random) -> Told:
    person = asked.one(chance)
    last = person.names[1]
    typed = slip(last, chance)
    if len(last) < 5 or typed in asked.by_last:
        return None
    slips = OSA.distance(typed, last)
    near = process.extract(typed, list(asked.by_word), scorer=OSA.distance, score_cutoff=slips, limit=None)
    holding = [name for name in asked.by_word if typed in name]
    return typed, [number for name in (*(name for name, _, _ in near), *holding) for number in asked.by_word[name]]


def _phone(asked: _Asked, chance: Random) -> Told:
    person = chance.choice(asked.people)
    bare = person.phone[1:]
    spelling = chance.choice(("0{0}", "+98{0}", "0098{0}", "+98 {1} {2} {3}", "0{1}-{2}{3}"))
    typed = spelling.format(bare, bare[:3], bare[3:6], bare[6:])
    return typed.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")) if chance.random() < 0.3 else typed, [
        person.number
    ]


def _end(asked: _Asked, chance: Random) -> Told:
    person = asked.one(chance)
    end = person.phone[-4:]
    wanted = asked.by_end[end]
    if chance.random() < 0.5:
        return end, wanted
    same = set(asked.by_last[person.names[1]])
    return f"{person.names[1]} {end}", [number for number in wanted if number in same]


def _mail(asked: _Asked, chance: Random) -> Told:
    person = chance.choice(asked.people)
    return (person.email, [person.number]) if person.email else None


def _order(asked: _Asked, chance: Random) -> Told:
    person = chance.choice(asked.people)
    return f"#{person.order}", [person.number]


def _tracking(asked: _Asked, chance: Random) -> Told:
    note = chance.choice(asked.tracked)
    return note.tracking if chance.random() < 0.7 else note.tracking[8:18], [note.person]


def _words_of_note(asked: _Asked, chance: Random) -> Told:
    note = chance.choice(asked.notes)
    said = [word for word in note.body.split() if not word.isdigit()]
    chosen = sorted(set(said), key=said.index)[-6:]
    if len(chosen) < 5:
        return None
    return " ".join(chance.sample(chosen, 4)), [note.person]


def _other_letters(asked: _Asked, chance: Random) -> Told:
    person = asked.one(chance)
    typed = " ".join(person.names).translate(_ARABIC)
    return (typed, asked.by_name[frozenset(person.names)]) if "ي" in typed or "ك" in typed else None


def _latin(asked: _Asked, chance: Random) -> Told:
    person = asked.one(chance)
    return f"{person.first.latin} {person.last.latin}", asked.by_sound[person.first.latin, person.last.latin]


def _spaces(asked: _Asked, chance: Random) -> Told:
    person = asked.one(chance)
    first, last = person.names
    if chance.random() < 0.5:
        return first + last, asked.by_name[frozenset(person.names)]
    half = len(last) // 2
    return (f"{first} {last[:half]} {last[half:]}", asked.by_name[frozenset(person.names)]) if half > 1 else None


def _reversed(asked: _Asked, chance: Random) -> Told:
    return _full(asked, chance, is_reversed=True)


_KINDS = {
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
