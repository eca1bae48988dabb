"""The one fold: text of the index and text of the query made alike, so that spelling does not hide a person.

What folds together: Persian and Arabic variants of a letter (ی ي ى, ک ك, ه ة ۀ), hamza and madda over a letter and the
plain letter, capital and small, accented Latin and plain, Persian, Arabic and Latin digits. What is dropped: harakat,
tatweel, direction marks. What becomes a space: the half-space and the punctuation around words; what stands inside
e-mails, codes and numbers (`.` `@` `-` `+` `/` `#` `:`) stays. Only index columns and queries hold folded text: the
text itself is never altered.

A half-space may be typed as a half-space, a space, or not at all. The fold takes it as a space; `joined` gives the
words that arise when the pieces are written as one, and the index holds both. A query needs the fold alone. A later
index of words or of likely misspellings stands on the same fold and splits at the same spaces.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

ZWNJ = "\u200c"

# NFKD takes letters apart before this table is asked, so that hamza and madda are marks to drop (ئ = ي and hamza).
# The combining marks of Latin and Arabic are dropped; those of other scripts can be vowels and stay.
_DROPPED = (
    *range(0x0300, 0x0370),  # Latin accents
    *range(0x0610, 0x061B),  # Arabic honorifics
    *range(0x064B, 0x0660),  # harakat, hamza and madda above and below
    0x0670,  # superscript alef
    *range(0x06D6, 0x06EE),  # Quranic marks
    0x0640,  # tatweel
    0x00AD,  # soft hyphen
    0x034F,  # grapheme joiner
    0x061C,  # Arabic letter mark
    0x200B,  # zero-width space
    *range(0x200D, 0x2010),  # joiner and direction marks (200C is the half-space)
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,  # byte order mark
    *range(0xFE00, 0xFE10),  # variation selectors
    *range(0xD800, 0xE000),  # halves of a surrogate pair, which no database takes
)
_LETTERS = {
    "ي": "ی", "ى": "ی", "ې": "ی", "ے": "ی", "ۍ": "ی", "ێ": "ی", "ؠ": "ی", "ٸ": "ی",
    "ك": "ک", "ڪ": "ک", "ګ": "گ",
    "ة": "ه", "ہ": "ه", "ە": "ه", "ھ": "ه", "ۃ": "ه",
    "ٱ": "ا", "ۄ": "و", "ۆ": "و", "ۇ": "و", "ۈ": "و", "ۋ": "و",
    "٫": ".",
}  # fmt: skip
_SPACES = "\u200c\u2028\u2029!\"$%&'()*,;<=>?[\\]^_`{|}~«»‹›“”‘’„،؛؟٪٬·•–—−"
_TABLE: dict[int, str | None] = {
    **dict.fromkeys(_DROPPED),
    **{ord(letter): folded for letter, folded in _LETTERS.items()},
    **{ord(mark): " " for mark in _SPACES},
    **{ord(digit): str(i % 10) for i, digit in enumerate("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩")},
    **dict.fromkeys(range(0x20), " "),
    **dict.fromkeys(range(0x7F, 0xA0), " "),
}

# Pieces that Persian writers put apart from their word by a half-space, a space or nothing.
_PREFIXES = frozenset({"می", "نمی", "بی", "هم", "پیش", "غیر"})
_SUFFIXES = frozenset(
    # One string: words read best as words.
    "ها های هایی هایم هایت هایش هایمان هایتان هایشان تر تری ترین ام ات اش ای اند ایم اید مان تان شان گر گری گاه".split()  # noqa: SIM905
)

_WORD = re.compile(r"\S+")
# A number written in groups, long enough to be one that people look for: a tracking number, a phone, a card's rest.
_DIGITS = re.compile(r"[0-9](?:[ .\-/]?[0-9]){5,}")
_NO_DIGIT = re.compile(r"[^0-9]")


def fold(text: str) -> str:
    """The text as index and query hold it. Idempotent; single spaces, none at the ends; never raises."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    return " ".join(text.casefold().translate(_TABLE).split())


def words(text: str) -> tuple[str, ...]:
    """The folded words of a query that hold a letter or digit, each once."""
    return tuple(dict.fromkeys(word for word in fold(text).split() if any(map(str.isalnum, word))))


def joined(text: str) -> Iterator[str]:
    """The folded words that arise where half-spaces, spaces beside an affix, or separators of digits are left out."""
    if ZWNJ in text:
        for match in _WORD.finditer(text):
            if ZWNJ in match[0]:
                yield from fold(match[0].replace(ZWNJ, "")).split()
    folded = fold(text)
    for run in _DIGITS.finditer(folded):
        yield _NO_DIGIT.sub("", run[0])
    for left, right in itertools.pairwise(folded.split()):
        if right in _SUFFIXES or left in _PREFIXES:
            yield left + right


def indexed(text: str) -> str:
    """The folded text with its joined words behind it: what the index holds of a long text."""
    folded = fold(text)
    extra = dict.fromkeys(word for word in joined(text) if word not in folded)
    return " ".join((folded, *extra)) if extra else folded


def indexed_names(fields: Iterable[str]) -> str:
    """Short fields (names, companies) folded, each also without any space: «پارس تجارت» is found by «پارستجارت»."""
    folded = [fold(field) for field in fields]
    compact = (field.replace(" ", "") for field in folded if " " in field)
    return " ".join(dict.fromkeys(field for field in (*folded, *compact) if field))


@lru_cache(maxsize=4096)  # there are few letters, and every snippet asks for each of its own
def fold_letter(letter: str) -> str:
    """One letter folded by itself: what `fold` makes of it within a text, a space for each separator."""
    return unicodedata.normalize("NFKD", letter).casefold().translate(_TABLE)
