"""One number, one spelling; one mailbox, one spelling."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from companion.domain.contact import email_key, mailbox, phone_digits, phone_display, phone_key

SPELLINGS = [
    "09120001001",
    "0912 000 1001",
    "0912-000-1001",
    "۰۹۱۲۰۰۰۱۰۰۱",
    "٠٩١٢٠٠٠١٠٠١",
    "+989120001001",
    "+98 (912) 000-1001",
    "00989120001001",
    "0098 912 0001001",
    "989120001001",
    "9120001001",
    "\u202a+98 912 000 1001\u202c",
    " ۰۹۱۲\u200c۰۰۰\u200c۱۰۰۱ ",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_mobile_is_one_number(spelling: str) -> None:
    assert phone_key(spelling) == "+989120001001"
    assert phone_display(spelling) == "0912 000 1001"
    assert phone_digits(spelling)[:2] == ("09120001001", "989120001001")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("021-88776655", "+982188776655"),
        ("+982188776655", "+982188776655"),
        ("+44 20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
    ],
)
def test_landlines_and_foreign_numbers(text: str, key: str) -> None:
    assert phone_key(text) == key


@pytest.mark.parametrize("text", ["", "123", "call me", "-", "1" * 30, "0912 000 1001 or 0912 000 1002 in the evening"])
def test_what_is_no_number_has_no_key(text: str) -> None:
    assert phone_key(text) is None
    assert phone_display(text) == text.strip()


def test_another_country_may_be_home() -> None:
    assert phone_key("020 7946 0958", "GB") == "+442079460958"
    assert phone_display("+442079460958", "GB") == "020 7946 0958"
    assert phone_digits("+98 912 000 1001", "GB")[-1] == "989120001001"


@given(st.text(max_size=60))
def test_any_text_can_be_asked(text: str) -> None:
    key = phone_key(text)
    assert key is None or phone_key(key) == key
    phone_digits(text)
    phone_display(text)
    email_key(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Maryam.Ahmadi@Example.COM", "maryam.ahmadi@example.com"),
        (" a@b.ir ", "a@b.ir"),
        ("Ali@مثال.ایران", "ali@مثال.ایران"),
        ("x@XN--MNCHEN-3YA.de", "x@münchen.de"),
    ],
)
def test_one_mailbox_is_one_key(text: str, key: str) -> None:
    assert email_key(text) == key


@pytest.mark.parametrize(
    "text", ["", "maryam", "a@b", "a@b@c.com", "deleted@site.invalid", "a b@example.com", "a@.com"]
)
def test_what_is_no_mailbox_has_no_key(text: str) -> None:
    assert email_key(text) is None


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("m.ahmadi@gmail.com", "mahmadi@gmail.com"),
        ("m.ahmadi+shop@googlemail.com", "mahmadi@gmail.com"),
        ("m.ahmadi@gmial.com", "mahmadi@gmail.com"),
        ("m.ahmadi@yahoo.con", "m.ahmadi@yahoo.com"),
        ("m.ahmadi+shop@example.com", "m.ahmadi+shop@example.com"),
    ],
)
def test_two_addresses_may_lead_to_one_mailbox(address: str, leads_to: str) -> None:
    assert mailbox(address) == mailbox(leads_to) == leads_to


@given(st.from_regex(r"[A-Za-z0-9._+-]{1,20}@[A-Za-z0-9.-]{1,20}\.(com|ir|net|org)", fullmatch=True))
def test_the_short_way_takes_what_the_library_takes(address: str) -> None:
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True).normalized.casefold()
    except EmailNotValidError:
        checked = None
    assert email_key(address) == checked
