"""Where a match stands in the text as it came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.domain.snippet import excerpt, locate
from companion.domain.text import words


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("مريم أحمدي", "احمدی", "أحمدي"),
        ("مُحَمّد رضا", "محمد", "مُحَمّد"),
        ("آخرین یادداشت\u200cهای او", "یادداشتهای", "یادداشت\u200cهای"),
        ("پارس تجارت", "پارستجارت", "پارس تجارت"),
        ("0912 000 1001", "09120001001", "0912 000 1001"),
        ("تلفن ۰۹۱۲۰۰۰۱۰۰۱", "0001001", "۰۰۰۱۰۰۱"),
        ("Maryam Ahmadi", "ahmadi maryam", "Ahmadi"),
        ("Maryam Ahmadi", "maryam ahmadi", "Maryam Ahmadi"),
        ("pineapple apple", "apple", "apple"),
    ],
)
def test_the_matched_part_is_pointed_at(text: str, typed: str, marked: str) -> None:
    span = locate(text, words(typed))
    assert span is not None
    assert text[slice(*span)] == marked


def test_word_at_its_start_is_preferred() -> None:
    assert locate("pineapple apple", ["apple"]) == (10, 15)


def test_what_is_not_there_is_not_pointed_at() -> None:
    assert locate("Maryam", ["reza"]) is None
    assert locate("", ["x"]) is None


@given(st.text(max_size=60), st.text(max_size=10))
def test_a_mark_lies_within_the_text(text: str, typed: str) -> None:
    span = locate(text, words(typed))
    assert span is None or 0 <= span[0] < span[1] <= len(text)


@given(st.text(max_size=300), st.data())
def test_excerpt_keeps_the_marked_part(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    piece, mark = excerpt(text, (start, end), around=20)
    assert mark is not None
    assert piece[slice(*mark)] == text[start:end]
    assert len(piece) <= end - start + 42


def test_excerpt_does_not_begin_within_a_word() -> None:
    piece, mark = excerpt("alpha beta gamma delta epsilon", (17, 22), around=7)
    assert piece == "…gamma delta…"
    assert mark == (7, 12)


def test_excerpt_without_a_mark_is_the_beginning() -> None:
    assert excerpt("alpha beta gamma", None, around=11) == ("alpha beta…", None)
    assert excerpt("short", None, around=11) == ("short", None)
