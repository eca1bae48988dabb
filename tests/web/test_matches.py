"""Likely matches: the page of them, deciding without JavaScript, and what a customer's page offers."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.web.house import House, Visitor

MARYAM = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com", "phone": "09120001001"}
AHMADI = {"first_name": "", "last_name": "احمدی", "email": "", "phone": "09120001001"}


@pytest.fixture
def two(house: House) -> tuple[int, int]:
    """Two customers with one phone, of whom one gave half a name."""
    return house.order(1042, billing=MARYAM), house.order(1043, billing=AHMADI)


@pytest.fixture
def client(house: House) -> Visitor:
    return house.signed_in("negar", language="fa")


def pair_on(page: TestResponse) -> str:
    """The name of the first pair's form field."""
    _, found, rest = page.text.partition('name="pair-')
    assert found
    return f"pair-{rest.partition(chr(34))[0]}"


def test_pairs_are_listed_counted_and_decided(client: Visitor, two: tuple[int, int]) -> None:
    page = client.get("/matches")
    assert "تلفن یکسان" in page.text
    answer = client.post("/matches", {pair_on(page): "unite"})
    assert (answer.status_code, answer.location) == (303, "/matches")
    page = client.get("/matches")
    assert "اکنون یک مشتری هستند." in page.text
    assert 'name="pair-' not in page.text
    assert client.get(f"/customers/{two[1]}").location == f"/customers/{two[0]}"


def test_her_page_offers_whom_she_may_be_and_keeps_them_apart(client: Visitor, two: tuple[int, int]) -> None:
    page = client.get(f"/customers/{two[0]}")
    answer = client.post("/matches", {pair_on(page): "refuse", "customer": str(two[0])})
    assert answer.location == f"/customers/{two[0]}"
    assert 'name="pair-' not in client.get(f"/customers/{two[0]}").text


def test_two_customers_are_united_by_searching_and_parted_by_undoing(client: Visitor, two: tuple[int, int]) -> None:
    found = client.get(f"/customers/{two[0]}/unite?q=1043").text
    assert f'value="{two[1]}"' in found
    assert f'value="{two[0]}"' not in found
    assert client.post(f"/customers/{two[0]}/unite", {"other": str(two[1])}).location == f"/customers/{two[0]}"
    page = client.get(f"/customers/{two[0]}").text
    _, _, rest = page.partition("/decisions/")
    undone = client.post(f"/decisions/{rest.partition('/')[0]}/undo", {"customer": str(two[0])})
    assert undone.status_code == 303
    assert client.get(f"/customers/{two[1]}").status_code == 200


def test_uniting_whom_somebody_kept_apart_says_why_not(client: Visitor, two: tuple[int, int]) -> None:
    client.post("/matches", {pair_on(client.get("/matches")): "refuse"})
    answer = client.post(f"/customers/{two[0]}/unite", {"other": str(two[1]), "q": "احمدی"})
    assert answer.status_code == 422
    assert "همکاری گفته که این‌ها دو نفرند" in answer.text
    assert 'value="احمدی"' in answer.text


def test_accounts_are_chosen_to_be_separated(client: Visitor, two: tuple[int, int]) -> None:
    client.post(f"/customers/{two[0]}/unite", {"other": str(two[1])})
    page = client.get(f"/customers/{two[0]}").text
    _, _, rest = page.partition('name="account" value="')
    chosen = rest.partition('"')[0]
    none = client.post(f"/customers/{two[0]}/split", {})
    assert none.status_code == 303
    assert "بعضی از آن‌ها، نه همه" in client.get(f"/customers/{two[0]}").text
    client.post(f"/customers/{two[0]}/split", {"account": str(chosen)})
    assert [client.get(f"/customers/{its}").status_code for its in two] == [200, 200]
