"""How a written name sounds, alike for Persian and Latin letters, and whether two words can be spellings of one.

What both scripts write are the consonants: «احسان» and Ehsan are both h-s-n. Brothers and sisters are often named
alike (حامد and حمید, فرید and فریده, شهرام and بهرام), so the long vowels, which Persian writes, must stand in the
Latin too, and what is one letter apart is called near, not the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA

from companion.domain.text import fold

Likeness = Literal["same", "near", "different"]
"""same: two spellings of one name. near: perhaps so, or a brother's or sister's name. different: other names."""

_PERSIAN = {
    "ب": "b", "پ": "p", "ت": "t", "ط": "t", "ث": "s", "س": "s", "ص": "s", "ج": "j", "چ": "c", "ح": "h", "ه": "h",
    "خ": "x", "د": "d", "ذ": "z", "ز": "z", "ض": "z", "ظ": "z", "ر": "r", "ژ": "j", "ش": "$", "غ": "q", "ق": "q",
    "ف": "f", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
}  # fmt: skip
_FIRST_PERSIAN = {"و": "v", "ی": "y"}
_PERSIAN_LONG = {"ا": "a", "ی": "i", "و": "u"}
_PAIRS = {"kh": "x", "gh": "q", "ch": "c", "sh": "$", "zh": "j", "ph": "f", "ck": "k", "th": "t"}
_LATIN = {**{letter: letter for letter in "bpcdfghjklmnqrstxz"}, "c": "k"}
_FIRST_LATIN = {"v": "v", "w": "v", "y": "y"}
_LATIN_LONG = ((re.compile("a"), "a"), (re.compile("[iy]|ee|ea"), "i"), (re.compile("[ouvw]"), "u"))
_SAID_LIKE_A = frozenset(fold(name) for name in ("مصطفی", "مرتضی", "مجتبی", "موسی", "عیسی", "یحیی", "کبری", "صغری"))
"""Written with a last letter that is said, and in Latin written, like a."""

_VOWEL = "'"
_VOWELS = tuple("aeiou")
_PERSIAN_VOWELS = frozenset("اع")

_NO_LETTER = re.compile(r"[^a-z]")
_DOUBLED = re.compile(r"([a-z])\1+")
_DOUBLED_PERSIAN = re.compile(r"(.)\1+")
_LATIN_CONSONANT = re.compile(r"^[vwy]|kh|gh|ch|sh|zh|ph|ck|th|([b-df-hj-np-txz])\1*")
_NO_VOWELS = re.compile("[^aeiouvwy]")
_LAST_I = re.compile(r"(?:[iy]|ee|ei|ey)$")
_LAST_A = re.compile(r"([ae])h?$")
_SHORT = 4  # letters up to which one slip is too much
_TELLING = 2  # consonants without which a skeleton says nothing


class _Sounds(NamedTuple):
    """The consonants (`skeleton`), the long vowels before, between and behind them, how the word ends: with i (y), open
    (a, e), perhaps open (?), or closed; and which gaps hold a u that cannot be a short one.
    """

    skeleton: str
    gaps: tuple[frozenset[str], ...]
    end: str
    long_u: frozenset[int] = frozenset()


def skeleton(word: str) -> str:
    """The consonants of one folded word, alike for both scripts, behind a mark where it begins with a vowel."""
    return _sounds(word).skeleton


def alike(one: str, other: str) -> Likeness:
    """Whether two folded words are spellings of one name. Symmetric."""
    if one == other:
        return "same"
    if not one.isascii() and not other.isascii():
        if _is_no_name(one, other):
            return "same"
        return "near" if is_a_slip(one, other) else "different"
    heard = _sound_alike(_sounds(one), _sounds(other), is_latin=one.isascii() and other.isascii())
    if heard == "different" and one.isascii() and other.isascii() and is_a_slip(one, other):
        return "near"
    return heard


def forget() -> None:
    """Let go of the words that were asked for."""
    _sounds.cache_clear()


@lru_cache(maxsize=65_536)
def _sounds(word: str) -> _Sounds:
    if not word:
        return _Sounds("", (), "")
    return _latin(word) if word.isascii() else _persian(word)


def _persian(word: str) -> _Sounds:
    letters = [_PERSIAN.get(letter, "") for letter in word]
    letters[0] = letters[0] or (_VOWEL if word[0] in _PERSIAN_VOWELS else _FIRST_PERSIAN.get(word[0], ""))
    end, inner = "", len(word)
    if inner > 1 and word[-1] in "های":
        inner -= 1
        letters[-1] = ""
        if word[-1] == "ه":
            end = "?" if word[-2] in "او" else "e"
        else:
            end = "a" if word[-1] == "ا" or word in _SAID_LIKE_A else "y"
        inner -= inner > 1 and word[inner - 1] == word[-1] == "ی"  # «رضایی» ends with one i
    gaps: list[set[str]] = [set()]
    for place in range(inner):
        if letters[place] and letters[place] != _VOWEL:
            gaps.append(set())
        elif place and word[place] in _PERSIAN_LONG:
            gaps[-1].add(_PERSIAN_LONG[word[place]])
    return _Sounds("".join(letters) + "y" * (end == "y"), tuple(map(frozenset, gaps)), end)


def _latin(word: str) -> _Sounds:
    letters = _NO_LETTER.sub("", word)
    plain = _DOUBLED.sub(r"\1", letters)
    found: list[str] = [_VOWEL] if plain.startswith(_VOWELS) else []
    at = 0
    while at < len(plain):
        pair = _PAIRS.get(plain[at : at + 2])
        found.append(pair or _latin_consonant(plain, at))
        at += 2 if pair else 1
    end, inner = "", letters
    if len(letters) > 1:
        is_i, open_end = _LAST_I.search(letters), _LAST_A.search(letters)
        if is_i:
            end, inner = "y", letters[: is_i.start()]
        elif open_end:
            end, inner = open_end[1], letters[: open_end.start()]
        elif letters[-1] == "h" and letters[-2:] not in _PAIRS:
            inner = letters[:-1]  # silent
    between = _NO_VOWELS.sub(" ", _LATIN_CONSONANT.sub(" ", inner)).split(" ")
    gaps = (frozenset(long for spelling, long in _LATIN_LONG if spelling.search(vowels)) for vowels in between)
    long_u = frozenset(place for place, vowels in enumerate(between) if _has_long_u(vowels, place))
    return _Sounds("".join(found) + "y" * (end == "y"), tuple(gaps), end, long_u)


def _has_long_u(vowels: str, place: int) -> bool:
    """«محمود» is Mahmood, Mahmoud and Mahmud; Muhammad's, behind the first consonant, is short."""
    return "oo" in vowels or "ou" in vowels or ("u" in vowels and place > 1)


def _latin_consonant(word: str, at: int) -> str:
    letter = word[at]
    if letter == "h" and at == len(word) - 1:
        return ""  # silent
    return _LATIN.get(letter, "") or ("" if at else _FIRST_LATIN.get(letter, ""))


def _sound_alike(one: _Sounds, other: _Sounds, *, is_latin: bool) -> Likeness:
    if one.skeleton != other.skeleton:
        return "different"
    if len(one.skeleton.removeprefix(_VOWEL)) < _TELLING:  # «شیوا»: the vowels must tell
        is_heard = any(one.gaps) and one.end == other.end and one.gaps[1:] == other.gaps[1:]
        return "same" if one.skeleton.removeprefix(_VOWEL) and is_heard else "different"
    heard = {_ends_alike(one.end, other.end)}
    if len(one.gaps) == len(other.gaps):
        pairs = list(zip(one.gaps, other.gaps, strict=True))
        heard.add("same" if _may_begin(*pairs[0]) else "near")
        heard.update(_vowels_alike(*pair, is_latin=is_latin) for pair in pairs[1:])
        if not all("u" in one.gaps[place] & other.gaps[place] for place in one.long_u | other.long_u):
            heard.add("near")
    else:
        heard.add("near")
    return "different" if "different" in heard else "near" if "near" in heard else "same"


def _ends_alike(one: str, other: str) -> Likeness:
    if one == other:
        return "same"
    if "?" in {one, other} or {one, other} == {"a", "e"}:
        return "near"
    return "different"


def _may_begin(one: frozenset[str], other: frozenset[str]) -> bool:
    """The first vowel is written in neither script alike, but for a long i."""
    return ("i" in one) == ("i" in other) or not one or not other


def _vowels_alike(one: frozenset[str], other: frozenset[str], *, is_latin: bool) -> Likeness:
    if is_latin:  # nobody agrees where to write a and where e
        one, other = one - {"a"}, other - {"a"}
    if one == other:
        return "same"
    if "i" in one ^ other:
        return "different" if one and other and not one & other else "near"
    # What Persian writes is a part of what Latin does, which has the short vowels too.
    return "same" if one <= other or other <= one else "near"


def _is_no_name(one: str, other: str) -> bool:
    """A letter typed twice, or two in the wrong order: what no parents ever told two children apart by."""
    if min(len(one), len(other)) < _SHORT:
        return False
    if len(one) != len(other):
        return _DOUBLED_PERSIAN.sub(r"\1", one) == _DOUBLED_PERSIAN.sub(r"\1", other)
    differing = [place for place, (its, others) in enumerate(zip(one, other, strict=True)) if its != others]
    if len(differing) != 2 or differing[1] != differing[0] + 1:  # noqa: PLR2004 -- two neighbours
        return False
    first, second = differing
    return one[first] == other[second] and one[second] == other[first]


def is_a_slip(one: str, other: str, *, longer_than: int = _SHORT) -> bool:
    """One letter wrong, missing, too many or misplaced; not the letter that makes a woman's name of a man's."""
    if min(len(one), len(other)) <= longer_than or one.startswith(other) or other.startswith(one):
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1
