"""Changes of status are told from the notes that WooCommerce writes about them."""

from __future__ import annotations

import pytest

from companion.domain.status_changes import WORDS, StatusChange, status_change


@pytest.mark.parametrize(
    ("note", "change"),
    [
        (
            "Order status changed from Pending payment to Processing.",
            StatusChange("pending", "processing", ""),
        ),
        (
            "Payment received. Order status changed from On hold to Completed.",
            StatusChange("on-hold", "completed", "Payment received."),
        ),
        ("وضعیت سفارش از در حال انجام به تکمیل شده تغییر کرد.", StatusChange("processing", "completed", "")),
        ("وضعيت سفارش از در انتظار پرداخت به لغو‌شده تغيير يافت.", StatusChange("pending", "cancelled", "")),
        ("Order status changed from Processing to Packed in box 3.", StatusChange("processing", "Packed in box 3", "")),
    ],
)
def test_a_change_is_told_in_the_shops_own_words_for_statuses(note: str, change: StatusChange) -> None:
    assert status_change(note) == change
    assert any(words in note for words in WORDS), "a database finds it by these"


@pytest.mark.parametrize("note", ["", "کد رهگیری ۲۱۰۴۸۸۳۷۶۱", "Order status changed", "وضعیت سفارش را پرسید"])
def test_any_other_note_stays_a_note(note: str) -> None:
    assert status_change(note) is None
