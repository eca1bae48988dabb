"""What two accounts share, and what that says of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.domain.evidence import (
    Identifier,
    Known,
    NoEvidence,
    judge,
    known_of,
    postcode_key,
    site_of,
    soundness,
)

MAIL = {"email": "m@example.com"}
PHONE = {"phone": "09120001001"}
PLACE = {"postcode": "1998913131"}
OTHER_MAIL = {"email": "other@example.com"}
OTHER_PHONE = {"phone": "09120001002"}


def known(first: str = "مریم", last: str = "احمدی", *, postcode: str = "", role: str = "", **facts: str) -> Known:
    told = {"first_name": first, "last_name": last, "email": "", "phone": "", "username": "", "role": role, **facts}
    return known_of(told, {"postcode": postcode})


def said(one: Known, other: Known, *others: Known) -> tuple[str, str] | None:
    """Verdict and names, where these and perhaps others bear what the two share."""
    shared = one.identifiers & other.identifiers
    sound = {key: soundness([its for its in (one, other, *others) if key in its.identifiers]) for key in shared}
    found = judge(one, other, sound)
    assert found == judge(other, one, sound)
    return (found.verdict, found.names) if found else None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (known(**MAIL), known("Maryam", "Ahmadi", **MAIL), ("same", "same")),
        (known(**MAIL), known("", "", **MAIL), ("same", "unknown")),
        (known(**MAIL), known("رضا", "کریمی", **MAIL), ("likely", "different")),
        (known("شهناز", **MAIL), known("مهناز", **MAIL), ("likely", "near")),
        (known(**PHONE), known("Maryam", "Ahmadi", phone="+98 912 000 1001"), ("same", "same")),
        (known(**PHONE), known("", "احمدی", **PHONE), ("likely", "compatible")),
        (known("مریم", "احمدی راد", **PHONE), known("", "احمدی راد", **PHONE), ("likely", "compatible")),
        (known(**PHONE), known("", "", **PHONE), ("likely", "unknown")),
        (known(**PHONE), known("رضا", **PHONE), None),
        (known("مریم", "کریمی", **PHONE), known("مریم", "کریمل", **PHONE), ("same", "slipped")),
        (known("شهناز", **PHONE), known("مهناز", **PHONE), ("likely", "near")),
        (known(**PLACE), known("Maryam", "Ahmadi", postcode="19989-13131"), ("likely", "same")),
        (known(**PLACE, **MAIL), known(**PLACE, **PHONE), ("likely", "same")),
        (known(**PLACE, **MAIL, **PHONE), known(**PLACE, **OTHER_MAIL, **OTHER_PHONE), ("likely", "same")),
        (known("مریم", "کریمی", **PLACE), known("مریم", "کریمل", **PLACE), ("likely", "slipped")),
        (known("شهناز", **PLACE), known("مهناز", **PLACE), ("likely", "near")),
        (known(**PLACE), known("", "احمدی", **PLACE), None),
        (known(**PLACE), known("رضا", **PLACE), None),
        (known("", "نوروزی‌زاده", **MAIL), known("نوید", "نوروزیزاده", **MAIL), ("same", "compatible")),
        (known(email="m.ahmadi+shop@gmail.com"), known(email="MAhmadi@googlemail.com"), ("same", "same")),
        (known(email="ahmadi@gmail.con"), known("", "", email="ahmadi@gmail.com"), ("same", "unknown")),
        (known(email="m.ahmadi@example.com"), known(email="mahmadi@example.com"), None),
        (known(), known(), None),
        (known(username="m@example.com"), known(**MAIL), ("same", "same")),
        (known(username="09120001001"), known(**PHONE), ("same", "same")),
    ],
)
def test_evidence_is_weighed_against_the_names(one: Known, other: Known, expected: tuple[str, str] | None) -> None:
    assert said(one, other) == expected


def test_half_a_name_is_nobodys_where_two_people_write_from_one_address() -> None:
    assert said(known(**MAIL), known("", "احمدی", **MAIL)) == ("same", "compatible")
    assert said(known(**MAIL), known("", "احمدی", **MAIL), known("رضا", **MAIL)) == ("likely", "compatible")
    sisters = known("شهناز", **MAIL), known("مهناز", **MAIL)
    assert said(sisters[0], known("", "احمدی", **MAIL), sisters[1]) == ("likely", "compatible")


def test_what_the_shops_own_staff_bear_says_nothing() -> None:
    assert said(known(**MAIL), known(role="shop_manager", **MAIL)) is None


def test_six_names_spoil_what_they_share_and_spellings_of_one_do_not() -> None:
    names = ["مریم", "سارا", "رضا", "نیما", "پریسا", "بابک"]
    assert soundness([known(name, **MAIL) for name in names]) == "none"
    assert soundness([known(name, **MAIL) for name in names[:5]]) == "contested"
    assert (
        soundness([known(*name, **MAIL) for name in (("مریم", "احمدی"), ("Ahmadi", "Maryam"), ("مريم", "احمدي"))])
        == "sound"
    )
    assert soundness([known(**MAIL)] * 51) == "none"


@pytest.mark.parametrize(
    ("text", "is_nobodys"),
    [
        ("deleted@site.invalid", True), ("Info@Shop.example", True), ("m@example.com", False),
        ("desk.shop@gmail.com", True), ("deskshop+order@gmail.com", True),
        ("۰۹۱۲ ۰۰۰ ۰۰۰۰", True), ("09999999999", True), ("09120001001", False),
    ],
)  # fmt: skip
def test_what_is_everybodys_is_known_in_any_spelling(text: str, is_nobodys: bool) -> None:
    nobodys = NoEvidence(
        ["deleted@site.invalid", "DeskShop@gmail.com", "0912 000 0000"],
        domains=[site_of("https://www.shop.example/fa")],
    )
    found = [key for key in known(email=text, phone=text).identifiers if key.kind != "name"]
    assert any(key not in nobodys for key in found) is not is_nobodys


@pytest.mark.parametrize("text", ["", "1111111111", "1234567890", "-", "12"])
def test_a_postcode_typed_to_fill_the_field_in_is_none(text: str) -> None:
    assert postcode_key(text) == ""


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_anything_may_stand_in_the_fields(first: str, last: str, text: str) -> None:
    found = known(first, last, email=text, phone=text, username=text, postcode=text)
    assert all(isinstance(key, Identifier) and key.key for key in found.identifiers)
