"""Masks payment card numbers that were typed into a note: nobody needs them there, and the law forbids keeping them.

A card number is taken to be 16 digits, in any script and with any common separators, that pass the check-digit formula
of ISO/IEC 7812-1 and begin as cards in use do (2, 4, 5, 6 or 9; Iranian banks' with 5, 6 and 9). One number in ten of
16 digits passes by chance; that is accepted, as the first six and the last four digits stay to be read.
"""

from __future__ import annotations

import re

from companion.domain.calendar import to_latin_digits

_DIGIT = "[0-9۰-۹٠-٩]"
_BETWEEN = r"[ \t\u00a0\u200b-\u200f\u202a-\u202e\u2066-\u2069._/\-‐-―]{0,3}"
_CARD = re.compile(rf"(?<!{_DIGIT}){_DIGIT}(?:{_BETWEEN}{_DIGIT}){{15}}(?!{_DIGIT})")
_ONE_DIGIT = re.compile(_DIGIT)

_SHOWN_FIRST, _SHOWN_LAST, _LENGTH = 6, 4, 16
_FIRST_DIGITS = "24569"
MASK = "•"


def mask(text: str) -> tuple[str, int]:
    """The text with the middle digits of every card number replaced by bullets, and how many numbers that were."""
    pieces: list[str] = []
    copied = searched = count = 0
    while found := _CARD.search(text, searched):
        if not _is_card(to_latin_digits(found[0])):
            searched = found.start() + 1  # a group of digits before the card may have hidden it
            continue
        pieces += text[copied : found.start()], _masked(found[0])
        copied = searched = found.end()
        count += 1
    return "".join((*pieces, text[copied:])), count


def _is_card(text: str) -> bool:
    digits = [int(letter) for letter in text if letter.isdigit()]
    if str(digits[0]) not in _FIRST_DIGITS:
        return False
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _masked(number: str) -> str:
    places = [found.start() for found in _ONE_DIGIT.finditer(number)]
    hidden = set(places[_SHOWN_FIRST : _LENGTH - _SHOWN_LAST])
    return "".join(MASK if place in hidden else letter for place, letter in enumerate(number))
