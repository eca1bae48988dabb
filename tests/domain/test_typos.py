"""Words within a slip or two are found among many, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from companion.domain.typos import Lexicon, slips_allowed

WORDS = ("احمدی", "محمدی", "صالحی", "کریمی", "رضایی", "علی", "سلیمانی", "محمدزاده")


@pytest.mark.parametrize(("word", "slips"), [("ab", 0), ("علی", 1), ("کریمی", 1), ("احمدیان", 2), ("0912345", 0)])
def test_short_words_are_forgiven_less(word: str, slips: int) -> None:
    assert slips_allowed(word) == slips


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("احمذی", "احمدی"), ("احدمی", "احمدی"), ("کریممی", "کریمی"), ("سلیمنی", "سلیمانی"), ("محمزذاده", "محمدزاده")],
)
def test_a_misspelt_word_is_near_to_the_one_that_is_meant(typed: str, meant: str) -> None:
    assert Lexicon(WORDS).near(typed, slips_allowed(typed))[0][1] == meant


@given(st.sampled_from(WORDS), st.integers(0, 8), st.sampled_from("ابپک"), st.integers(0, 3))
def test_no_single_slip_hides_a_word(word: str, place: int, letter: str, kind: int) -> None:
    place = min(place, len(word) - 1)
    swapped = word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :] if place else word
    typed = (
        word[:place] + letter + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + word[place + 1 :],
        swapped,
    )[kind]
    found = Lexicon(WORDS).near(typed, 1)
    assert typed == word or (OSA.distance(typed, word), word) in found
    assert all(distance <= 1 for distance, _ in found)


def test_a_word_learnt_twice_is_told_once() -> None:
    lexicon = Lexicon(WORDS)
    lexicon.add(WORDS)
    assert len(lexicon) == len(WORDS)
    assert "علی" in lexicon
    assert [word for _, word in lexicon.near("احمذی", 1)] == ["احمدی"]
