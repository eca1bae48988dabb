"""Everything known about a person, as a page and a file; and the way to erasing her."""

from __future__ import annotations

import json

from companion.domain.permissions import Role
from tests.web.house import House


def test_the_export_holds_all_there_is_and_is_written_down(house: House) -> None:
    customer = house.order(customer_id=18, customer_note="زنگ نزنید")
    house.order_notes(1042, ["کد پیگیری ۲۱۰۴۸۸۳۷۶۱"])
    house.refund(1042, "1000", reason="پارگی")
    house.ticket(57, author=18, content="<p>کجاست؟</p>")
    house.replies([(5, "<p>در راه است</p>", 1)])
    author = house.agent("author")
    house.note(author, customer, "فقط عصرها")
    visitor = house.signed_in("sara", Role.SUPPORT_SUPERVISOR)
    page = visitor.get(f"/customers/{customer}/export").get_data(as_text=True)
    found = json.loads(visitor.get(f"/customers/{customer}/export.json").get_data(as_text=True))
    hers = ("maryam@example.com", "گاندی", "زنگ نزنید", "۲۱۰۴۸۸۳۷۶۱", "پارگی", "کجاست؟", "در راه است", "فقط عصرها")
    for told in hers:
        assert told in page, told
        assert told in json.dumps(found, ensure_ascii=False), told
    assert found["orders"][0]["total"] == "18450000"
    assert [row["action"] for row in found["activity"] if row["action"].startswith("customer")] == ["customer.exported"]


def test_what_the_viewer_may_not_see_is_not_in_the_export(house: House) -> None:
    customer = house.order(customer_id=18)
    house.ticket(57, author=18, content="<p>فقط پشتیبانی</p>")
    house.note(house.agent("author"), customer, "محرمانه است", is_internal=True)
    visitor = house.signed_in("sara", Role.SALES_MANAGER)
    for path in ("export", "export.json"):
        text = visitor.get(f"/customers/{customer}/{path}").get_data(as_text=True)
        assert "محرمانه است" not in text
        assert "فقط پشتیبانی" not in text
    assert "Not everything" in visitor.get(f"/customers/{customer}/export").get_data(as_text=True)


def test_erasing_asks_for_her_name_and_then_says_how_far_it_is(house: House) -> None:
    customer = house.order()
    house.note(house.agent("author"), customer, "فقط عصرها")
    visitor = house.signed_in("sara", Role.ADMINISTRATOR)
    page = visitor.get(f"/customers/{customer}/erase").get_data(as_text=True)
    assert "مریم احمدی" in page
    assert "Erase Personal Data" in page
    refused = visitor.post(f"/customers/{customer}/erase", {"typed": "مریم"})
    assert refused.status_code == 422
    assert 'value="مریم"' in refused.get_data(as_text=True)
    assert visitor.post(f"/customers/{customer}/erase", {"typed": " مريم احمدي "}).status_code == 303
    state = visitor.get(f"/customers/{customer}/erase").get_data(as_text=True)
    assert "مریم" not in state
    assert "Erased" in state
    assert "مریم" not in visitor.get(f"/customers/{customer}").get_data(as_text=True)
    assert f"/customers/{customer}" in visitor.get("/privacy").get_data(as_text=True)
    assert f'href="/customers/{customer}"' not in visitor.get("/search?q=احمدی").get_data(as_text=True)
