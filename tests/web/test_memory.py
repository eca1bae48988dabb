"""What was rendered once does not stand in memory for ever, whichever process erases somebody."""

from __future__ import annotations

from companion.domain.remembered import LONGEST
from companion.domain.richtext import to_html
from tests.web.house import House


def test_rendered_notes_are_let_go_within_the_hour(house: House) -> None:
    customer = house.order()
    house.note(house.agent("sara"), customer, "**Shahrzad** called")
    visitor = house.signed_in()
    visitor.get(f"/customers/{customer}")
    rendered = to_html.cache_info().currsize
    house.clock.advance(LONGEST.total_seconds() / 2)
    visitor.get("/")
    assert to_html.cache_info().currsize == rendered > 0
    house.clock.advance(LONGEST.total_seconds() / 2)
    visitor.get("/preferences")
    assert to_html.cache_info().currsize == 0
