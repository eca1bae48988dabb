"""Whose an order is, and which facts of a person stand."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from companion.domain.identity import (
    Facts,
    account_of_order,
    facts_of_customer,
    facts_of_order,
    preferred,
    tell_the_same,
)
from companion.domain.searchable import account_text
from connectors.base import Address
from tests.domain.test_content import CUSTOMER, ORDER


def placed(**fields: object) -> object:
    return account_of_order(msgspec.structs.replace(ORDER, **fields), region="IR")


def test_a_registered_users_order_is_hers_whatever_the_address() -> None:
    assert placed(customer_id="9", billing=Address(email="else@example.com")) == ("user", "9")


def test_a_guest_is_her_folded_email() -> None:
    assert placed(customer_id="", billing=Address(email=" Maryam@Example.COM ")) == ("guest", "maryam@example.com")


def test_a_guest_without_email_is_her_phone_in_any_spelling() -> None:
    for spelling in ("۰۹۱۲۰۰۰۱۰۰۱", "+98 912 000 1001", "00989120001001", "9120001001"):
        assert placed(customer_id="", billing=Address(phone=spelling)) == ("guest", "+989120001001")


def test_an_order_of_nobody_stands_for_itself() -> None:
    assert placed(customer_id="", billing=Address(email="no mail", phone="12")) == ("guest", "order:1042")


def test_the_profile_names_a_user_and_her_billing_fills_the_rest() -> None:
    facts = facts_of_customer(
        msgspec.structs.replace(
            CUSTOMER, last_name="", billing=Address(first_name="بابک", last_name="راد", phone="021")
        )
    )
    assert (facts.first_name, facts.last_name, facts.phone) == ("مریم", "راد", "021")


def test_an_order_sent_elsewhere_still_tells_who_paid() -> None:
    order = msgspec.structs.replace(ORDER, shipping=Address(first_name="بابک", phone="021"))
    assert facts_of_order(order).first_name == "مریم"


_WORDS = st.sampled_from(["", "الف", "ب"])
_FACTS = st.builds(
    Facts,
    **dict.fromkeys(("first_name", "last_name", "company", "email", "phone", "username", "role"), _WORDS),
    billing=st.builds(Address, city=_WORDS),
    shipping=st.builds(Address, city=_WORDS),
)


@given(_FACTS, _FACTS)
def test_what_is_known_is_never_lost_to_an_empty_field(first: Facts, second: Facts) -> None:
    merged = preferred(first, second)
    for name in Facts.__struct_fields__:
        if getattr(second, name) not in {"", Address()}:
            assert getattr(merged, name) not in {"", Address()}


@given(_FACTS, _FACTS)
def test_learning_the_same_twice_changes_nothing(first: Facts, second: Facts) -> None:
    merged = preferred(first, second)
    assert preferred(first, merged) == merged


SPELLINGS = st.sampled_from(["", "09120001001", "+98 912 000 1001", "۰۹۱۲۰۰۰۱۰۰۱", "09120001002", "0912", "call me"])
PEOPLE = st.builds(
    Facts,
    first_name=st.sampled_from(["", "مریم"]),
    phone=SPELLINGS,
    billing=st.builds(Address, phone=SPELLINGS, city=st.sampled_from(["", "تهران"])),
)


@given(one=PEOPLE, other=PEOPLE)
def test_facts_that_tell_the_same_are_found_by_the_same(one: Facts, other: Facts) -> None:
    if tell_the_same(one, other, region="IR"):
        assert found_by(one) == found_by(other)


def test_another_spelling_of_a_phone_tells_nothing_new_and_another_number_does() -> None:
    known = Facts(first_name="مریم", phone="09120001001", billing=Address(phone="09120001001", city="تهران"))
    respelt = Address(phone="۰۹۱۲۰۰۰۱۰۰۱", city="تهران")
    assert tell_the_same(known, msgspec.structs.replace(known, phone="+989120001001", billing=respelt), region="IR")
    assert not tell_the_same(known, msgspec.structs.replace(known, phone="09120001002"), region="IR")
    assert not tell_the_same(known, msgspec.structs.replace(known, last_name="احمدی"), region="IR")


def found_by(facts: Facts) -> str:
    return account_text(
        first_name=facts.first_name,
        last_name=facts.last_name,
        username=facts.username,
        email=facts.email,
        phone=facts.phone,
        company=facts.company,
        billing=msgspec.to_builtins(facts.billing),
        shipping=msgspec.to_builtins(facts.shipping),
    )
