"""Card numbers do not stay in notes; other numbers do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.domain.cards import MASK, mask


def luhn(first_fifteen: str) -> str:
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in first_fifteen[-1::-2])
    return first_fifteen + str(-(doubled + sum(map(int, first_fifteen[-2::-2]))) % 10)


CARD = luhn("603799123456789")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("4111111111111111", "411111••••••1111"),
        ("4111 1111 1111 1111", "4111 11•• •••• 1111"),
        ("4111-1111-1111-1111", "4111-11••-••••-1111"),
        ("۴۱۱۱ ۱۱۱۱ ۱۱۱۱ ۱۱۱۱", "۴۱۱۱ ۱۱•• •••• ۱۱۱۱"),
        ("کارت ۴۱۱۱۱۱۱۱۱۱۱۱۱۱۱۱ بود", "کارت ۴۱۱۱۱۱••••••۱۱۱۱ بود"),
        ("1 4111111111111111", "1 411111••••••1111"),
        ("4111\u200c1111\u200c1111\u200c1111", "4111\u200c11••\u200c••••\u200c1111"),
    ],
)
def test_a_card_number_is_masked_in_any_writing(typed: str, kept: str) -> None:
    assert mask(typed) == (kept, 1)


def test_every_card_in_the_text_is_masked() -> None:
    kept, count = mask(f"{CARD} و {CARD}")
    assert count == 2
    assert CARD not in kept


@pytest.mark.parametrize(
    "text",
    ["2104883761", "4111111111111112", "0" * 16, "41111111111111111111", "210488376100000000000000", "09120001001", ""],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == (text, 0)


@given(st.text("0123456789", min_size=14, max_size=14), st.sampled_from("24569"), st.text("ab \n", max_size=5))
def test_any_valid_number_is_masked_wherever_it_stands(middle: str, first: str, around: str) -> None:
    number = luhn(first + middle)
    kept, count = mask(f"{around}{number}{around}")
    assert count == 1
    assert number not in kept
    assert number[:6] in kept
    assert number[-4:] in kept


@given(st.text())
def test_masking_keeps_the_length_and_masks_once(text: str) -> None:
    kept, _ = mask(text)
    assert len(kept) == len(text)
    assert all(new in {old, MASK} for new, old in zip(kept, text, strict=True))
    assert mask(kept) == (kept, 0)
