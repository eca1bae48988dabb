"""An invented shop's people and notes for `benchmarks.search`. The same for a seed.

Names come from 120,000 words with natural frequencies (Zipf's), made of syllables that have a Persian and a Latin
spelling, the most frequent of them real.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

BLOCK = 20_000
"""People, or notes, that are made together."""

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


class Zipf:
    """Draws from words, the first far oftener than the last."""

    def __init__(self, words: Sequence[Word], *, slope: float, offset: float) -> None:
        self._words = words
        self._sums = list(itertools.accumulate(1 / (place + offset) ** slope for place in range(1, len(words) + 1)))

    def draw(self, chance: Random, count: int) -> list[Word]:
        """So many words."""
        return chance.choices(self._words, cum_weights=self._sums, k=count)


class Corpus:
    """So many people and notes. They come in blocks, each of which can be made without the others, so that several
    processes may.
    """

    def __init__(self, people: int, notes: int, *, seed: int) -> None:
        self.size, self.notes_size, self.seed = people, notes, seed
        chance = Random(seed)
        seen: set[str] = set()
        self._first = Zipf(_words(chance, FIRST_WORDS, _FIRST, seen, is_family=False), slope=1.0, offset=8)
        self._last = Zipf(_words(chance, LAST_WORDS, _LAST, seen, is_family=True), slope=0.8, offset=15)
        self._said = Zipf(_words(chance, NOTE_WORDS, [], set(), is_family=False), slope=1.0, offset=3)

    def people(self) -> Iterator[Person]:
        """Everybody."""
        for first in range(1, self.size + 1, BLOCK):
            yield from self.people_from(first)

    def people_from(self, start: int) -> Iterator[Person]:
        """The block of people that begins with this number."""
        chance = Random(f"{self.seed} people {start}")
        for number in range(start, min(start + BLOCK, self.size + 1)):
            (first,), (last,) = self._first.draw(chance, 1), self._last.draw(chance, 1)
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
        for first in range(1, self.notes_size + 1, BLOCK):
            yield from self.notes_from(first)

    def notes_from(self, start: int) -> Iterator[Note]:
        """The block of notes that begins with this number."""
        chance = Random(f"{self.seed} notes {start}")
        for number in range(start, min(start + BLOCK, self.notes_size + 1)):
            said = [word.persian for word in self._said.draw(chance, chance.randrange(6, 40))]
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
