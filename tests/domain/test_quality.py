"""What is a fault, and what only looks like one."""

from __future__ import annotations

from typing import Any

import pytest

from companion.domain.quality import (
    Fault,
    faults_of,
    is_impossible_email,
    is_impossible_phone,
    is_impossible_postcode,
)


@pytest.mark.parametrize("text", ["09120001001", "+98 912 000 1001", "۰۹۱۲۰۰۰۱۰۰۱", "021-33445566", "+44 20 7946 0958"])
def test_a_number_that_can_be_dialled_is_no_fault(text: str) -> None:
    assert not is_impossible_phone(text, region="IR")


@pytest.mark.parametrize("text", ["0912", "ندارم", "000000000", "11111111111", "09120000000", "0912000100199999"])
def test_a_number_that_nobody_has_is_one(text: str) -> None:
    assert is_impossible_phone(text, region="IR")


@pytest.mark.parametrize(
    "text", ["maryam@example.com", "ali.r+shop@gmail.com", "info@فروشگاه.ir", "deleted@site.invalid"]
)
def test_an_address_that_may_be_one_is_no_fault(text: str) -> None:
    assert not is_impossible_email(text)


@pytest.mark.parametrize("text", ["maryam", "maryam@", "maryam@gmail.con", "a b@example.com", "maryam@gmial.com"])
def test_an_address_where_no_mail_arrives_is_one(text: str) -> None:
    assert is_impossible_email(text)


@pytest.mark.parametrize(
    ("text", "country"),
    [("1517433611", "IR"), ("۱۵۱۷۴-۳۳۶۱۱", "IR"), ("15174 33611", "ir"), ("SW1A 1AA", "GB"), ("10115", "DE")],
)
def test_a_postcode_that_may_be_one_is_no_fault(text: str, country: str) -> None:
    assert not is_impossible_postcode(text, country=country)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("151743361", "IR"),
        ("0517433611", "IR"),
        ("1527433611", "IR"),
        ("1111111111", "IR"),
        ("-", "IR"),
        ("تهران", "IR"),
        ("0000", "DE"),
        ("1", "GB"),
        ("no postcode here", "GB"),
    ],
)
def test_a_postcode_that_no_place_has_is_one(text: str, country: str) -> None:
    assert is_impossible_postcode(text, country=country)


def test_each_fault_is_told_with_the_text_that_is_wrong() -> None:
    facts: dict[str, Any] = {
        "phone": "09120001001",
        "email": "maryam@gmail.con",
        "billing": {"phone": "123", "postcode": "99", "country": "IR"},
    }
    assert faults_of(facts, region="IR") == {
        Fault.PHONE: "123",
        Fault.EMAIL: "maryam@gmail.con",
        Fault.POSTCODE: "99",
        Fault.NAME: "",
    }


def test_a_company_is_name_enough_and_nothing_told_is_no_fault_but_the_name() -> None:
    assert faults_of({"company": "پارس تجارت"}, region="IR") == {}
    assert faults_of({}, region="IR") == {Fault.NAME: ""}
