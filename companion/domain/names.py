"""Whether two names can be one person's: in either order, in Persian or Latin letters, with a slip of the finger.

Spellings are compared by what both scripts write, the consonants: «احسان» and Ehsan are both h-s-n. What one of them
leaves out (vowels but for the first, doubled letters, a silent h at the end) counts for nothing, so a skeleton alone
never speaks for a person: first and last name must agree, and within one script they are compared letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from companion.domain.text import fold

Agreement = Literal["same", "compatible", "different", "unknown"]
"""same: first and last name are one person's. compatible: what is known of both agrees, but one is not whole.
different: they cannot be one name. unknown: one of them has none.
"""

# What stands before a name and is none; «سید» and «سادات» are a part of many, and are often left out.
_TITLES = frozenset(
    "آقا آقای خانم خانوم جناب سرکار دکتر مهندس استاد حاج حاجی سید سیده سادات mr mrs ms miss dr eng seyed seyyed sayyed "  # noqa: SIM905
    "seyedeh sadat haj haji".split()
)
_FOLDED_TITLES = frozenset(fold(title) for title in _TITLES)

_PERSIAN = {
    "ب": "b", "پ": "p", "ت": "t", "ط": "t", "ث": "s", "س": "s", "ص": "s", "ج": "j", "چ": "c", "ح": "h", "ه": "h",
    "خ": "x", "د": "d", "ذ": "z", "ز": "z", "ض": "z", "ظ": "z", "ر": "r", "ژ": "j", "ش": "$", "غ": "q", "ق": "q",
    "ف": "f", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
}  # fmt: skip
_FIRST_PERSIAN = {"و": "v", "ی": "y"}
_PAIRS = {"kh": "x", "gh": "q", "ch": "c", "sh": "$", "zh": "j", "ph": "f", "ck": "k", "th": "t", "dh": "z"}
_LATIN = {**{letter: letter for letter in "bpcdfghjklmnqrstxz"}, "c": "k"}
_FIRST_LATIN = {"v": "v", "w": "v", "y": "y"}
_SAID_LIKE_A = frozenset(fold(name) for name in ("مصطفی", "مرتضی", "مجتبی", "موسی", "عیسی", "یحیی", "کبری", "صغری"))
"""Written with a last letter that is said, and in Latin written, like a."""

_VOWEL = "'"
_VOWELS = tuple("aeiou")
_PERSIAN_VOWELS = frozenset("اع")

_NO_LETTER = re.compile(r"[^a-z]")
_DOUBLED = re.compile(r"([a-z])\1+")
_LAST_I = re.compile(r"(?:[iy]|ee|ei|ey)$")
_SHORT = 4  # letters up to which one slip is too much
_TELLING = 2  # consonants without which a skeleton says nothing


@lru_cache(maxsize=65_536)
def skeleton(word: str) -> str:
    """The consonants of one folded word, alike for both scripts, behind a mark where it begins with a vowel."""
    if not word:
        return ""
    if word.isascii():
        return _latin_skeleton(word)
    letters = [_PERSIAN.get(letter, "") for letter in word]
    letters[0] = letters[0] or (_VOWEL if word[0] in _PERSIAN_VOWELS else _FIRST_PERSIAN.get(word[0], ""))
    if word[-1] == "ه" and len(word) > 1:
        letters[-1] = ""
    if word[-1] == "ی" and len(word) > 1 and word not in _SAID_LIKE_A:
        letters[-1] = "y"
    return "".join(letters)


def _latin_skeleton(word: str) -> str:
    letters = _NO_LETTER.sub("", word)
    plain = _DOUBLED.sub(r"\1", letters)
    found: list[str] = [_VOWEL] if plain.startswith(_VOWELS) else []
    at = 0
    while at < len(plain):
        pair = _PAIRS.get(plain[at : at + 2])
        found.append(pair or _consonant(plain, at))
        at += 2 if pair else 1
    return "".join(found) + ("y" if len(letters) > 1 and _LAST_I.search(letters) else "")


def _consonant(word: str, at: int) -> str:
    letter = word[at]
    if letter == "h" and at == len(word) - 1:
        return ""  # silent
    return _LATIN.get(letter, "") or ("" if at else _FIRST_LATIN.get(letter, ""))


def name_words(*names: str) -> tuple[str, ...]:
    """The folded words of a name, without titles; all of them where it is nothing but titles."""
    words = [word for word in fold(" ".join(names)).split() if any(map(str.isalpha, word))]
    return tuple([word for word in words if word not in _FOLDED_TITLES] or words)


def compare(one: Sequence[str], other: Sequence[str]) -> Agreement:
    """How two names, as `name_words`, go together. Symmetric."""
    if not one or not other:
        return "unknown"
    if _is_one_spelling(one, other):
        return "same" if min(len(one), len(other)) > 1 else "compatible"
    fewer, more = sorted((tuple(one), tuple(other)), key=lambda words: (len(words), words))
    left = list(more)
    for word in fewer:
        match = next((its for its in left if is_one_word(word, its)), None)
        if match is None:
            return "different"
        left.remove(match)
    return "same" if len(fewer) > 1 else "compatible"


def is_one_word(one: str, other: str) -> bool:
    """Whether two folded words are spellings of one name."""
    if one == other:
        return True
    if one.isascii() == other.isascii():
        if not one.isascii():
            return len(one) == len(other) and _is_a_slip(one, other)
        return _is_a_slip(one, other) or _sound_alike(one, other)
    return _sound_alike(one, other)


def _sound_alike(one: str, other: str) -> bool:
    its = skeleton(one)
    return len(its.removeprefix(_VOWEL)) >= _TELLING and its == skeleton(other)


def _is_a_slip(one: str, other: str) -> bool:
    return min(len(one), len(other)) > _SHORT and OSA.distance(one, other, score_cutoff=1) <= 1


def _is_one_spelling(one: Iterable[str], other: Iterable[str]) -> bool:
    """«محمد رضا» and «محمدرضا»: the same letters, divided otherwise."""
    return "".join(one) == "".join(other)
