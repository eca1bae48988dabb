"""What somebody typed into the search box, and the ways to ask the index for it.

A way is a list of groups, of which every one must stand in a text; a group is a list of words, of which one suffices;
"ahm*" is the beginning of a word (`storage.search.candidates.Way`). Whoever types may not have finished a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from companion.domain.calendar import to_latin_digits
from companion.domain.signs import LEAST_DIGITS, ends_with, sounds_like
from companion.domain.text import words

LONGEST = 200
"""Letters of a query that are looked at."""

_WORDS_LIMIT = 8
_TOO_MANY = 3
"""Letters from which the index of texts is asked for the beginning of a word."""

Way = Sequence[Sequence[str]]

_NATIONAL_ID = 10
"""Digits of an Iranian one, which may begin with 00; a whole phone that is written with 00 has more."""

_NUMBER = re.compile(r"^[+#(]?[0-9][0-9\s\-().]*$")
_MOBILE = re.compile(r"^(?:98|0)?(9\d{9})$")
_NO_DIGIT = re.compile(r"\D")

# The letters of the standard Persian keyboard (ISIRI 9147) on those of the English one.
_ENGLISH = "qwertyuiop[]asdfghjkl;'zxcvbnm,"
_PERSIAN = "ضصثقفغعهخحجچشسیبلاتنمکگظطزرذدپو"
_TO_PERSIAN = str.maketrans(_ENGLISH + "\\", _PERSIAN + "ژ")
_TO_ENGLISH = str.maketrans(_PERSIAN, _ENGLISH)


@dataclass(frozen=True)
class Query:
    """The folded `words` to look for. `number`: it is nothing but one number, whose digits stand as the one word."""

    words: tuple[str, ...]
    is_number: bool = False

    @property
    def longest(self) -> int:
        """Letters of its longest word."""
        return max(map(len, self.words), default=0)

    @property
    def begun(self) -> str:
        """The last word, if it is the beginning of too many: texts are asked for the others."""
        return self.words[-1] if len(self.words) > 1 and len(self.words[-1]) < _TOO_MANY else ""

    @property
    def is_of_letters(self) -> bool:
        """Whether it can be a name."""
        return bool(self.words) and all(word.isalpha() for word in self.words)

    def of_people(self) -> list[Way]:
        """The words as beginnings, in any order; digits also as the last of a number; two words also as one."""
        plain = [_beginning(word) for word in self.words]
        return [plain, *_with_two_as_one(self.words)]

    def of_called(self) -> list[Way]:
        """The words as they are, in any order."""
        return [[[word] for word in self.words]]

    def of_texts(self) -> list[Way]:
        """The words as they are, the last one as a beginning; one that `begun` tells is left out."""
        *others, last = self.words
        if self.begun:
            return [[[word] for word in others]]
        joined = [[[f"{left}{right}*"]] for left, right in [self.words] if left.isalpha()] if len(others) == 1 else []
        return [[*([word] for word in others), [f"{last}*"]], *joined]

    def by_sound(self) -> list[Way]:
        """Names of the other script that are said alike; none where a word is no name."""
        groups = [sounds_like(word, is_whole=word is not self.words[-1]) for word in self.words]
        return [groups] if groups and all(groups) else []


def read(typed: str) -> Query:
    """What was typed, folded. A number stands as one word, without its separators and the ways to begin a phone."""
    plain = to_latin_digits(typed[:LONGEST]).strip()
    if _NUMBER.match(plain):
        return Query((_bare(_NO_DIGIT.sub("", plain)),), is_number=True)
    found = tuple(bare for word in words(typed[:LONGEST]) if (bare := word.lstrip("#")))[:_WORDS_LIMIT]
    return Query(found)


def on_the_other_keyboard(typed: str) -> str:
    """What was meant, if the keyboard stood at the other language; "" where nothing else can be."""
    meant = typed.casefold().translate(_TO_PERSIAN if typed.isascii() else _TO_ENGLISH)
    return meant if meant != typed.casefold() and (not typed.isascii() or any(map(str.isalpha, typed))) else ""


def _beginning(word: str) -> list[str]:
    end = ends_with(word) if word.isdecimal() and len(word) >= LEAST_DIGITS else ""
    return [f"{word}*", end] if end else [f"{word}*"]


def _with_two_as_one(found: Sequence[str]) -> list[Way]:
    """«محمد رضا» for «محمدرضا»: the words with two that stand beside each other written as one."""
    return [
        [*([f"{word}*"] for word in found[:place]), [f"{left}{right}*"], *([f"{word}*"] for word in found[place + 2 :])]
        for place, (left, right) in enumerate(pairwise(found))
        if left.isalpha() and right.isalpha()
    ]


def _bare(digits: str) -> str:
    """A number without what stands before it in one spelling of a phone and not in another (0098, 98, 0)."""
    if digits.startswith("0098") or len(digits) > _NATIONAL_ID:
        digits = digits.removeprefix("00")
    mobile = _MOBILE.match(digits)
    return mobile[1] if mobile else digits
