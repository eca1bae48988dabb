"""Whether two names can be one person's: in either order, in Persian or Latin letters, with a slip of the finger.

A word alone never speaks for a person: first and last name must agree. How a word sounds is `companion.domain.sounds`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from companion.domain.sounds import Likeness, alike, is_a_slip, skeleton
from companion.domain.text import fold

__all__ = ["Agreement", "compare", "is_one_word", "name_words", "skeleton"]

Agreement = Literal["same", "slipped", "near", "compatible", "different", "unknown"]
"""same: first and last name are one person's. slipped: but for a slip in the last word, commonly the name that a family
shares. near: but for one elsewhere, or for a vowel that one script leaves out; a brother or sister may be called so.
compatible: what is known of both agrees, but one is not whole. different: they cannot be one name. unknown: one of them
has none.
"""

# What stands before a name and is none; «سید» and «سادات» are a part of many, and are often left out.
_TITLES = frozenset(
    "آقا آقای خانم خانوم جناب سرکار دکتر مهندس استاد حاج حاجی سید سیده سادات mr mrs ms miss dr eng seyed seyyed sayyed "  # noqa: SIM905
    "seyedeh sadat haj haji".split()
)
_FOLDED_TITLES = frozenset(fold(title) for title in _TITLES)

_BESIDE_ANOTHER = frozenset(
    skeleton(fold(name))
    for name in (
        "محمد علی رضا حسین حسن مهدی امیر زهرا فاطمه مریم ابوالفضل عباس جواد کاظم صادق تقی نقی باقر اکبر امین "  # noqa: SIM905
        "احسان سجاد طاها یاسین عرفان پارسا سبحان محسن هادی".split()
    )
)
"""Given names that stand beside another one («محمد رضا»), and then tell her or him from a brother or sister."""


@lru_cache(maxsize=16_384)
def name_words(*names: str) -> tuple[str, ...]:
    """The folded words of a name, without titles; all of them where it is nothing but titles."""
    words = [word for word in fold(" ".join(names)).split() if any(map(str.isalpha, word))]
    return tuple([word for word in words if word not in _FOLDED_TITLES] or words)


def compare(one: Sequence[str], other: Sequence[str]) -> Agreement:
    """How two names, as `name_words`, go together. Symmetric."""
    if not one or not other:
        return "unknown"
    if "".join(one) == "".join(other):  # «محمد رضا» and «محمدرضا»: the same letters, divided otherwise
        return "same" if max(len(one), len(other)) > 1 else "compatible"
    said = _compared(tuple(one), tuple(other)) if len(one) == len(other) else "different"
    return said if said != "different" else _compared(_divided_as_in(other, one), _divided_as_in(one, other))


def _compared(one: tuple[str, ...], other: tuple[str, ...]) -> Agreement:
    fewer, more = sorted((one, other), key=lambda words: (len(words), words))
    left = list(more)
    near: list[tuple[str, str]] = []
    for word in _those_that_stand_there_first(fewer, more):
        likeness, match = _best(word, left)
        if match is None and word == fewer[-1] and more[-1] in left and is_a_slip(word, more[-1], longer_than=2):
            likeness, match = "near", more[-1]
        if match is None:
            return "different"
        if likeness == "near":
            near.append((word, match))
        left.remove(match)
    if len(fewer) == 1 or _is_a_name_more(left, more):
        return "compatible"
    if not near:
        return "same"
    return "slipped" if near == [(fewer[-1], more[-1])] else "near"


def is_one_word(one: str, other: str) -> bool:
    """Whether two folded words can be spellings of one name."""
    return alike(one, other) != "different"


def _is_a_name_more(left: Sequence[str], more: Sequence[str]) -> bool:
    """Whether what only the longer name has is a given name: behind the last name may stand more of it («احمدی‌نژاد»),
    before it only a given one.
    """
    stands_before = any(word in left for word in more[:-1]) and more[-1] not in left
    return more[0] in left or stands_before or any(skeleton(word) in _BESIDE_ANOTHER for word in left)


def _those_that_stand_there_first(fewer: Sequence[str], more: Sequence[str]) -> list[str]:
    """So that no word takes the place of another that is the very same."""
    return sorted(fewer, key=lambda word: word not in more)


def _best(word: str, among: Sequence[str]) -> tuple[Likeness, str | None]:
    near = None
    for its in among:
        likeness = alike(word, its)
        if likeness == "same":
            return "same", its
        if likeness == "near" and near is None:
            near = its
    return ("near", near) if near is not None else ("different", None)


def _divided_as_in(other: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    """The words, with two neighbours as one where they are one in the other name: Mohammad Reza for «محمدرضا»."""
    for place, (left, right) in enumerate(itertools.pairwise(words)):
        is_one_script = left.isascii() == right.isascii()
        if is_one_script and any(alike(word, left + right) == "same" for word in other):
            return (*words[:place], left + right, *words[place + 2 :])
    return tuple(words)
