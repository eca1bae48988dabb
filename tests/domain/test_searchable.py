"""What the index holds of an account: every field, in every spelling that people type."""

from __future__ import annotations

import pytest

from companion.domain.searchable import LONGEST_TEXT, account_text, note_text, reply_text, ticket_text
from companion.domain.text import words

ADDRESS = {
    "first_name": "مريم",
    "last_name": "أحمدي",
    "company": "پارس تجارت",
    "address_1": "خیابان ولیعصر، کوچه‌ی گل",
    "city": "تهران",
    "postcode": "12345-67890",
    "country": "IR",
    "phone": "+98 21 8877 6655",
}
TEXT = account_text(
    first_name="مریم",
    last_name="احمدی",
    username="maryam_a",
    email="M.Ahmadi@Example.com",
    phone="۰۹۱۲ ۰۰۰ ۱۰۰۱",
    company="",
    billing=ADDRESS,
    shipping={},
)


@pytest.mark.parametrize(
    "typed",
    [
        "مریم",
        "احمدي مريم",
        "مریم‌احمدی",
        "مریماحمدی",
        "پارستجارت",
        "پارس تجارت",
        "maryam_a",
        "ahmadi@example",
        "09120001001",
        "9120001001",
        "989120001001",
        "1001",
        "02188776655",
        "ولیعصر تهران",
        "کوچهی گل",
        "1234567890",
        "۱۲۳۴۵-۶۷۸۹۰",
    ],
)
def test_found_by(typed: str) -> None:
    assert all(word in TEXT for word in words(typed))


def test_each_thing_stands_once() -> None:
    assert TEXT.split().count("احمدی") == 1
    assert TEXT.split().count("09120001001") == 1


def test_nothing_known_is_nothing_indexed() -> None:
    nothing = account_text(
        first_name="", last_name="", username="", email="", phone="", company="", billing={}, shipping={}
    )
    assert not nothing


def test_a_note_is_found_by_a_links_address() -> None:
    assert "track?id" not in note_text("سلام")
    assert "2104883761" in note_text("[رهگیری](https://post.ir/2104883761)")


def test_a_ticket_is_found_by_its_number_its_title_and_the_words_of_its_html() -> None:
    text = ticket_text(
        number="57", title="سفارش نرسيده", body="<p>كد: <b>۲۱۰۴۸۸۳۷۶۱</b></p><table><td>یک</td><td>دو</td></table>"
    )
    for typed in ("57", "نرسیده", "2104883761", "کد یک دو"):
        assert all(f" {word}" in f" {text}" for word in words(typed)), typed
    assert "table" not in text


def test_a_reply_is_found_by_its_words_up_to_the_length_of_a_note() -> None:
    assert reply_text("<div>یک</div><div>پاسخ‌های دو</div>") == "یک پاسخ های دو پاسخهای"
    assert len(reply_text("<p>" + "نقل قول " * 10_000)) <= LONGEST_TEXT
