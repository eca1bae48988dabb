"""The fold makes spellings alike, and never the text itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.domain.text import ZWNJ, fold, fold_letter, indexed, indexed_names, words

PERSIAN = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
SAME_LETTERS = ["یيىېےۍ", "کك", "هةۀەہ", "اأإآٱ", "وؤ", "0۰٠", "9۹٩", "aAÁà", "sS"]


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_every_letter_of_unicode_folds_to_what_stays() -> None:
    for code in range(0x110000):
        folded = fold(chr(code))
        assert fold(folded) == folded, hex(code)


@given(st.text())
def test_folded_text_holds_no_wildcard_and_no_stray_space(text: str) -> None:
    folded = fold(text)
    assert not set(folded) & set("%_\\")
    assert folded == " ".join(folded.split())


@pytest.mark.parametrize("letters", SAME_LETTERS)
def test_variants_of_a_letter_fold_alike(letters: str) -> None:
    assert len({fold(letter) for letter in letters}) == 1


@given(st.text(PERSIAN + " ", max_size=30))
def test_arabic_keyboard_and_persian_keyboard_fold_alike(text: str) -> None:
    assert fold(text.replace("ی", "ي").replace("ک", "ك")) == fold(text)


@given(st.integers(min_value=0))
def test_digits_of_the_three_scripts_fold_alike(number: int) -> None:
    latin = str(number)
    assert fold(latin.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))) == latin
    assert fold(latin.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))) == latin


@given(
    st.text(PERSIAN, min_size=1),
    st.sampled_from(["\u0640", "\u064b", "\u0651", "\u200e", "\u202b", "\u2069", "\ufeff"]),
)
def test_marks_that_are_not_seen_are_not_folded(text: str, mark: str) -> None:
    assert fold(mark.join(text)) == fold(text)


def test_hamza_typed_apart_folds_as_the_letter_that_has_it() -> None:
    assert fold("مسي\u0654ول") == fold("مسئول") == fold("مسیول")


@pytest.mark.parametrize("written", [f"یادداشت{ZWNJ}ها", "یادداشت ها", "یادداشتها"])
@pytest.mark.parametrize("typed", [f"یادداشت{ZWNJ}ها", "یادداشت ها", "یادداشتها"])
def test_half_space_space_and_nothing_find_each_other(written: str, typed: str) -> None:
    assert all(word in indexed(f"همه {written} را بخوان") for word in words(typed))


def test_names_are_found_without_their_space() -> None:
    assert "پارستجارت" in indexed_names(["پارس تجارت", ""])


def test_number_in_groups_is_found_without_them() -> None:
    assert "2104883761" in indexed("رهگیری ۲۱۰۴-۸۸ ۳۷۶۱ است")


def test_what_is_indexed_begins_with_the_folded_text() -> None:
    assert indexed("می روم") == "می روم میروم"
    assert indexed("plain words") == "plain words"


def test_words_are_those_with_a_letter_or_digit_each_once() -> None:
    assert words("  Maryam, maryam - ۱۲ @ ") == ("maryam", "12")
    assert words("?!…") == ()


def test_mail_addresses_and_codes_stay_whole() -> None:
    assert fold("Maryam.Ahmadi+1@Example.com") == "maryam.ahmadi+1@example.com"
    assert fold("AB-12/7#x") == "ab-12/7#x"


@given(st.characters())
def test_a_letter_by_itself_folds_as_in_a_text(letter: str) -> None:
    assert " ".join(fold_letter(letter).split()) == fold(letter)
