"""The edits that make what is typed in `benchmarks.search` from how somebody is called: slips, spellings, letters."""

from __future__ import annotations

from random import Random

_LETTERS = "ابپتجچخدرزسشفقکگلمنوهی"
_ARABIC = str.maketrans("یک۰۱۲۳", "يك٠١٢٣")
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_PHONES = ("0{0}", "+98{0}", "0098{0}", "+98 {1} {2} {3}", "0{1}-{2}{3}")
_LONG = 6
"""Letters above which a word has two slips in half of the cases."""


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


def slips(word: str, chance: Random) -> str:
    """The word with a slip, or two where it is long."""
    typed = slip(word, chance)
    return slip(typed, chance) if len(word) > _LONG and chance.random() < 0.5 else typed


def of_phone(phone: str, chance: Random) -> str:
    """A mobile's number (0912…) in one of five spellings, with Latin or Persian digits."""
    bare = phone[1:]
    typed = chance.choice(_PHONES).format(bare, bare[:3], bare[3:6], bare[6:])
    return typed.translate(_PERSIAN_DIGITS) if chance.random() < 0.3 else typed


def in_arabic(text: str) -> str:
    """The text with the letters and digits of the other keyboard; itself where it has none of them."""
    return text.translate(_ARABIC)


def in_two(word: str) -> str:
    """The word with a space in its middle."""
    half = len(word) // 2
    return f"{word[:half]} {word[half:]}"
