"""Signs in the index beside the words themselves: how a name sounds in the other script, and how a number ends.

Each begins with a letter that no fold gives, so that nothing that people type meets one by chance; it is asked for like
the beginning of a word.
"""

from __future__ import annotations

from collections.abc import Iterable

from companion.domain.names import name_words, skeleton

_SOUND = "\u064a"
_END = "\u0643"

LEAST_DIGITS = 4
"""Digits by which the end of a number is worth asking for."""

_MOST_DIGITS = 10
_LAST = "y"
_AS_LETTERS = str.maketrans({"'": "a", "$": "w"})
"""Signs of a skeleton that no word holds, as letters that no skeleton has."""


def sounds(names: Iterable[str]) -> tuple[str, ...]:
    """The signs of names as the index holds them; each says in which script the name is written."""
    return tuple(dict.fromkeys(filter(None, (_sound(word, is_latin=word.isascii()) for word in name_words(*names)))))


def sounds_like(word: str, *, is_whole: bool) -> tuple[str, ...]:
    """The signs of names in the other script that a folded word can be meant for, "*" at the end of a beginning.

    Of a word that is not `is_whole`, still being typed, a last i may be one within the name. None for one that has a
    digit, or no consonant.
    """
    if not word.isalpha() or not (sign := _sound(word, is_latin=not word.isascii())):
        return ()
    if is_whole:
        return (sign,)
    return tuple(dict.fromkeys((f"{sign}*", f"{sign.removesuffix(_LAST)}*")))


def ends(numbers: Iterable[str]) -> tuple[str, ...]:
    """The signs of numbers (digits alone) by which their last digits are found."""
    return tuple(dict.fromkeys(_END + number[: -_MOST_DIGITS - 1 : -1] for number in numbers if number))


def ends_with(digits: str) -> str:
    """The sign to ask for numbers with these last digits; "" where they are too few."""
    return f"{_END}{digits[: -_MOST_DIGITS - 1 : -1]}*" if len(digits) >= LEAST_DIGITS else ""


def _sound(word: str, *, is_latin: bool) -> str:
    """Nothing where one consonant is all there is to hear."""
    heard = skeleton(word).translate(_AS_LETTERS)
    return f"{_SOUND}{'l' if is_latin else 'p'}{heard}" if len(heard) > 1 else ""
