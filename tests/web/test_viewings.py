"""The page tells who else has it open."""

from __future__ import annotations

import re

from tests.web.house import House


def test_two_agents_on_one_page_see_each_other(house: House) -> None:
    customer = house.order()
    path = f"/customers/{customer}/viewings"
    sara, nima = house.signed_in("sara"), house.signed_in("nima", language="fa")
    assert f'hx-get="{path}"' in sara.get(f"/customers/{customer}").text
    assert sara.get(path, htmx=True).status_code == 204, "nobody else is there"
    told = nima.get(path, htmx=True)
    assert "هم این پرونده را باز کرده است" in told.text
    known = re.search(r'name="known" value="(\d+)"', told.text)
    assert known is not None
    assert nima.get(f"{path}?known={known[1]}", htmx=True).status_code == 204, "the page knows her already"
    house.clock.advance(60)
    gone = nima.get(f"{path}?known={known[1]}", htmx=True)
    assert gone.status_code == 200
    assert "avatar" not in gone.text, "she closed the page"


def test_whoever_may_not_see_a_customer_is_not_told_of_her_pages(house: House) -> None:
    house.order()
    assert house.signed_in().get("/customers/999/viewings", htmx=True).status_code == 404
