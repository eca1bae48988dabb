"""Adding people, correcting facts, and the page that a phone exchange opens."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tests.web.house import House, Visitor

UNKNOWN = "۰۹۱۲۰۰۰۹۹۹۹"
NEW = {"name": "ناصر صالحی", "phone": "09120009999", "form_key": "shown-once-only"}


def customer_of(location: str) -> int:
    found = re.search(r"/customers/(\d+)", location)
    assert found is not None, location
    return int(found[1])


def add(visitor: Visitor, **fields: str) -> int:
    answer = visitor.post("/people/new", {**NEW, **fields})
    assert answer.status_code == 303, answer.text
    return customer_of(answer.location)


@pytest.mark.parametrize(
    ("query", "field"), [("صالحی", "name"), (UNKNOWN, "phone"), ("+98 912 000", "phone"), ("a@example.com", "email")]
)
def test_what_was_searched_for_stands_in_its_field(house: House, query: str, field: str) -> None:
    visitor = house.signed_in()
    assert "/people/new?q=" in visitor.get(f"/search?q={quote(query)}").text
    page = visitor.get(f"/people/new?q={quote(query)}").text
    assert re.search(rf'name="{field}" value="{re.escape(query)}"', page)


def test_a_person_is_added_with_a_first_contact(house: House) -> None:
    visitor = house.signed_in()
    contact = {"is_contact": "1", "channel": "phone", "direction": "in", "outcome": "asked for a price"}
    customer = add(visitor, body="calls again on Sunday", **contact)
    page = visitor.get(f"/customers/{customer}").text
    assert "She is added." in page
    assert "asked for a price" in page
    assert "calls again on Sunday" in page
    assert "take away" not in page  # something hangs on her


def test_what_cannot_be_taken_comes_back_as_it_was_typed(house: House) -> None:
    visitor = house.signed_in()
    answer = visitor.post("/people/new", {**NEW, "phone": "12", "body": "a long story"})
    assert answer.status_code == 422
    assert "This is no possible phone number" in answer.text
    assert 'value="ناصر صالحی"' in answer.text
    assert "a long story" in answer.text


def test_who_may_be_the_same_person_is_shown_while_one_types(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    found = visitor.get("/people/likely?phone=0912+000+1001&name=", htmx=True).text
    assert f"/customers/{customer}" in found
    assert "Perhaps already known" in found


def test_a_mistake_is_taken_away_and_brought_back(house: House) -> None:
    visitor = house.signed_in()
    customer = add(visitor)
    assert visitor.post(f"/customers/{customer}/remove").status_code == 303
    assert "nobody finds her any more" in visitor.get(f"/customers/{customer}").text
    assert visitor.post(f"/customers/{customer}/restore").status_code == 303
    assert "nobody finds her any more" not in visitor.get(f"/customers/{customer}").text


def test_a_number_that_calls_leads_to_whoever_has_it(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    answer = visitor.get("/call?number=%2B98+912+000+1001")
    assert answer.status_code == 302
    assert answer.location == f"/customers/{customer}?contact=phone#composer"
    assert 'name="is_contact" value="1" checked' in visitor.get(answer.location).text


def test_a_number_that_several_have_lists_them(house: House) -> None:
    visitor = house.signed_in()
    both = {house.order(), house.order(2000, billing={"first_name": "علی", "last_name": "رضایی", "email": "ali@x.com"})}
    page = visitor.get("/call?number=09120001001").text
    assert "Several people have the number" in page
    assert {int(found) for found in re.findall(r"/customers/(\d+)\?contact=phone", page)} == both


def test_a_number_that_nobody_has_offers_a_new_person(house: House) -> None:
    visitor = house.signed_in()
    page = visitor.get(f"/call?number={quote(UNKNOWN)}").text
    assert "Nobody has the number" in page
    assert f"/people/new?number={quote(UNKNOWN)}" in page
    form = visitor.get(f"/people/new?number={quote(UNKNOWN)}").text
    assert f'value="{UNKNOWN}"' in form
    assert 'name="is_contact" value="1" checked' in form


@pytest.mark.parametrize(("number", "said"), [("", "The number is withheld"), ("anonymous", "is no phone number")])
def test_what_is_no_number_leads_to_the_search(house: House, number: str, said: str) -> None:
    page = house.signed_in().get(f"/call?number={number}").text
    assert said in page
    assert 'role="search"' in page


def test_whoever_is_not_signed_in_comes_back_to_the_call(house: House) -> None:
    visitor = house.visitor()
    house.agent("negar")
    gate = visitor.get("/call?number=0912")
    assert gate.location == "/sign-in?next=/call?number%3D0912"
    assert visitor.sign_in("negar", next="/call?number=0912").location == "/call?number=0912"


def test_a_correction_goes_before_the_shop_and_is_taken_back(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    form = visitor.get(f"/customers/{customer}/facts").text
    assert 'name="shown_phone" value="09120001001"' in form
    typed = {
        "account": "1",
        "shown_phone": "09120001001",
        "phone": "09120001009",
        "shown_city": "تهران",
        "city": "تهران",
    }
    assert visitor.post(f"/customers/{customer}/facts", typed).status_code == 303
    house.order(1050, days_ago=1)
    page = visitor.get(f"/customers/{customer}").text
    assert "0912 000 1009" in page
    assert "0912 000 1001" not in page
    assert "1 correction by hand" in page
    assert "In the shop: <bdi>09120001001</bdi>" in visitor.get(f"/customers/{customer}/facts").text
    visitor.post(f"/customers/{customer}/facts/back", {"account": "1", "field": "phone"})
    assert "0912 000 1001" in visitor.get(f"/customers/{customer}").text


def test_a_form_that_lay_open_does_not_undo_what_a_colleague_changed(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    visitor.post(f"/customers/{customer}/facts", {"account": "1", "phone": "09120001009"})
    stale = {"account": "1", "shown_phone": "09120001001", "phone": "09120001001", "shown_city": "تهران", "city": "قم"}
    visitor.post(f"/customers/{customer}/facts", stale)
    page = visitor.get(f"/customers/{customer}").text
    assert "0912 000 1009" in page
    assert "قم" in page


def test_an_impossible_fact_stays_in_the_form_with_the_rest(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    answer = visitor.post(f"/customers/{customer}/facts", {"account": "1", "email": "nobody", "city": "قم"})
    assert answer.status_code == 422
    assert "This is not an e-mail address" in answer.text
    assert 'value="nobody"' in answer.text
    assert 'value="قم"' in answer.text


def test_dates_and_the_preferred_way_stand_at_the_top_of_her_page(house: House) -> None:
    visitor = house.signed_in()
    customer = house.order()
    ways = {"account": "1", "preferred_channel": "message", "preferred_contact": "WhatsApp, after ten"}
    visitor.post(f"/customers/{customer}/facts", ways)
    day = {"label": "Anniversary", "day": "28 November", "repeats": "yearly"}  # the clock says 21 November
    assert visitor.post(f"/customers/{customer}/dates", day).status_code == 303
    page = visitor.get(f"/customers/{customer}").text
    assert "WhatsApp, after ten" in page
    assert "Anniversary" in page
    assert "in 7 days" in page
    refused = visitor.post(f"/customers/{customer}/dates", {"label": "Birthday", "day": "some day"})
    assert refused.status_code == 422
    assert "This is no date" in refused.text
    assert 'value="Birthday"' in refused.text
