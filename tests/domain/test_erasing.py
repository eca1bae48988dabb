"""By what an erased person is known again, and by what nobody else is taken for her."""

from __future__ import annotations

from typing import Any

from companion.domain.erasing import (
    Told,
    bare_order,
    match_keys_of,
    match_keys_of_order,
    mentions,
    needles_of,
    point_key,
)
from connectors.base import Address, Order

HER = Told(["Maryam@Example.com"], ["0912 000 1001"], ["مریم احمدی"])


def order(*, user: str = "", summary: str | None = None, **billing: str) -> Order:
    fields: dict[str, Any] = {
        **dict.fromkeys(
            ("payment_method", "payment_method_title", "transaction_id", "created_via", "customer_note"), "text"
        ),
        **dict.fromkeys(("created_at", "modified_at", "paid_at", "completed_at")),
    }
    return Order(
        id="1",
        number="1042",
        status="processing",
        currency="IRR",
        total=5,
        customer_id=user,
        billing=Address(**billing),
        shipping=Address(),
        lines=(),
        refund_ids=(),
        meta=(("national_id", "0012"),),
        summary=summary,
        **fields,
    )


def listed() -> set[str]:
    keys = match_keys_of([HER], region="IR")
    return {*keys.named, *(point_key(kind, key) for kind, key in keys.points)}


def is_hers(one: Order) -> bool:
    return not listed().isdisjoint(match_keys_of_order("main", one, region="IR"))


def test_she_is_known_again_by_any_spelling_of_her_email_or_by_her_phone_as_a_guest() -> None:
    assert is_hers(order(email="MARYAM@example.com"))
    assert is_hers(order(phone="+989120001001"))
    assert is_hers(order(user="7", email="maryam@example.com", phone=""))


def test_the_same_phone_with_another_address_is_hers_only_beside_her_name() -> None:
    assert is_hers(order(email="new@example.com", phone="09120001001", first_name="احمدي", last_name="مريم"))
    assert not is_hers(order(email="reza@example.com", phone="09120001001", first_name="رضا", last_name="احمدی"))
    assert not is_hers(order(user="7", phone="09120001001", first_name="رضا", last_name="احمدی"))


def test_a_namesake_is_somebody_else() -> None:
    assert not is_hers(order(email="other@example.com", phone="09350002002", first_name="مریم", last_name="احمدی"))


def test_of_an_order_the_bare_business_facts_stay() -> None:
    bare = bare_order(order(first_name="مریم", email="maryam@example.com", summary="مریم زنگ زد"))
    assert (bare.number, bare.total, bare.status, bare.payment_method_title) == ("1042", 5, "processing", "text")
    assert (bare.billing, bare.meta, bare.customer_note, bare.transaction_id) == (Address(), (), "", "")
    assert bare.summary == ""  # there is one, whatever it says
    assert bare_order(order()).summary is None


def test_bytes_that_speak_of_her_are_recognised_in_whatever_spelling() -> None:
    needles = needles_of([HER], region="IR")
    assert mentions(b'{"first": "\\u0645\\u0631\\u064a\\u0645 \\u0627\\u062d\\u0645\\u062f\\u064a"}', needles)
    assert mentions("تلفن: ۰۹۱۲-۰۰۰-۱۰۰۱".encode(), needles)
    assert mentions(b"<MARYAM@example.com>", needles)
    assert not mentions("مریم محمدی، 09120001002".encode(), needles)
