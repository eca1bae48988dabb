"""What this process keeps in memory of people's texts only to be quick: rendered notes, folded names, sounds of
words, numbers in one spelling.

Nothing is found or shown by it alone: whoever asks brings the very text. But what is erased from the store should not
stand in memory for long either, so all of it is let go when somebody is erased, and else at times.
"""

from __future__ import annotations

from datetime import timedelta

from companion.domain import contact, names, richtext, sounds

LONGEST = timedelta(hours=1)
"""After so long it is let go in every process, whichever of them erased somebody."""

_CLEARING = (
    richtext.to_html.cache_clear,
    richtext.shop_html.cache_clear,
    names.name_words.cache_clear,
    sounds.forget,
    contact.phone_key.cache_clear,
    contact.phone_digits.cache_clear,
)


def forget() -> None:
    """Let go of all of it."""
    for clear in _CLEARING:
        clear()
