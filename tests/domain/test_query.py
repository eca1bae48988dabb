"""What is typed, as the ways to ask for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.domain import query


@pytest.mark.parametrize(
    "typed", ["+98 912 000 1001", "0098-912-000-1001", "۰۹۱۲۰۰۰۱۰۰۱", "9120001001", "(0912) 0001001"]
)
def test_every_spelling_of_a_phone_is_one_word(typed: str) -> None:
    assert query.read(typed) == query.Query(("9120001001",), is_number=True)


@pytest.mark.parametrize("typed", ["0012345679", "۰۰۱۲۳۴۵۶۷۹", "00123"])
def test_a_number_that_begins_with_two_zeros_and_is_no_phone_keeps_them(typed: str) -> None:
    assert query.read(typed).words == ("0012345679"[: len(typed)],)


@pytest.mark.parametrize(
    ("typed", "meant"), [("lpln", "محمد"), ("vqhdd", "رضایی"), ("۱۲", ""), ("sg`", "سل`"), ("اثممخ", "hello")]
)
def test_what_the_keys_mean_on_the_other_keyboard(typed: str, meant: str) -> None:
    assert query.on_the_other_keyboard(typed) == meant


@given(st.text(max_size=60))
def test_anything_can_be_asked(typed: str) -> None:
    asked = query.read(typed)
    if asked.words:
        assert asked.of_people()
        assert asked.of_called()
        assert asked.of_texts()
        asked.by_sound()
