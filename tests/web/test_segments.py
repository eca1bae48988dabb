"""The pages of kinds and groups: what they show, take, refuse without losing it, and give as a file."""

from __future__ import annotations

import csv
import io

from companion.domain.groups import Conditions
from companion.domain.permissions import Role
from tests.web.house import House

_FORMULA = {"first_name": '=HYPERLINK("http://x.example","bank")', "last_name": ""}


def test_the_kinds_are_counted_with_their_advice_and_lead_to_their_customers(house: House) -> None:
    house.order(1, days_ago=3)
    house.segmentation.whole()
    visitor = house.signed_in(language="fa")
    page = visitor.get("/segments").get_data(as_text=True)
    assert "خدمات ویژه و اولویت بالا" in page
    assert "حرفه‌ای و مستند" in page
    assert "ذخیره قواعد" not in page, "an agent reads the rules"
    listed = visitor.get("/segments/newcomer").get_data(as_text=True)
    assert "مریم احمدی" in listed
    assert "اولین سفارش در ۶۰ روز گذشته، ۱ سفارش" in listed
    assert visitor.get("/segments/platinum").status_code == 404
    assert "تازه‌کار" in visitor.get("/").get_data(as_text=True), "beside the name on the home page too"


def test_a_kind_said_by_hand_shows_with_who_and_until_when(house: House) -> None:
    customer = house.order(1, days_ago=3)
    leader = house.signed_in("leader", Role.SUPPORT_SUPERVISOR, language="fa")
    form = {"segment": "gold", "reason": "قرارداد سالانه", "until": "۱۴۰۵/۰۶/۳۱"}
    assert leader.post(f"/customers/{customer}/segment", form).status_code == 303
    page = leader.get(f"/customers/{customer}").get_data(as_text=True)
    for shown in ("طلایی", "خدمات ویژه و اولویت بالا", "قرارداد سالانه", "تا ۳۱ شهریور ۱۴۰۵", "بر پایه قواعد: تازه‌کار"):
        assert shown in page
    assert 'value="۱۴۰۵/۰۶/۳۱"' in leader.get(f"/customers/{customer}/segment").get_data(as_text=True)
    assert leader.post(f"/customers/{customer}/segment/withdraw").status_code == 303
    assert "قرارداد سالانه" not in leader.get(f"/customers/{customer}").get_data(as_text=True)


def test_what_was_typed_stays_where_it_cannot_be_taken(house: House) -> None:
    customer = house.order(1)
    administrator = house.signed_in("admin", Role.ADMINISTRATOR)
    answer = administrator.post(
        f"/customers/{customer}/segment", {"segment": "silver", "reason": "a contract", "until": "soon"}
    )
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "This is no date." in page
    assert 'value="a contract"' in page
    assert 'value="soon"' in page
    rules = dict.fromkeys(vars(house.site.segments.rules()), "5") | {"gold_percent": "99"}
    answer = administrator.post("/segments/rules", rules)
    assert answer.status_code == 422
    assert "This rule takes a number from 1 to 50." in answer.get_data(as_text=True)
    assert 'value="99"' in answer.get_data(as_text=True)
    answer = administrator.post("/groups", {"name": "mine", "orders": "many", "city": "Tehran"})
    assert answer.status_code == 422
    for kept in ('value="mine"', 'value="many"', 'value="Tehran"'):
        assert kept in answer.get_data(as_text=True)


def test_rules_are_set_by_administrators(house: House) -> None:
    administrator = house.signed_in("admin", Role.ADMINISTRATOR)
    typed = {name: str(value) for name, value in vars(house.site.segments.rules()).items()} | {"complaints": "7"}
    assert administrator.post("/segments/rules", typed).status_code == 303
    assert house.site.segments.rules().complaints == 7


def test_a_group_is_made_changed_and_removed_on_its_pages(house: House) -> None:
    house.order(1)
    leader = house.signed_in("leader", Role.SUPPORT_SUPERVISOR)
    made = leader.post("/groups", {"name": "Buyers", "orders": "1", "city": "تهران", "segments": ["none", "gold"]})
    page = leader.get(made.location).get_data(as_text=True)
    for shown in ("Buyers", "1 customer", "مریم احمدی", "1 order at least", "Gold or No particular type"):
        assert shown in page
    edit = leader.get(f"{made.location}/edit").get_data(as_text=True)
    assert 'value="تهران"' in edit
    assert leader.post(made.location, {"name": "Nobody", "ordered_before": "2001-01-01"}).status_code == 303
    assert "Nobody at present." in leader.get(made.location).get_data(as_text=True)
    assert leader.post(f"{made.location}/remove").status_code == 303
    assert leader.get(made.location).status_code == 404


def test_long_lists_are_read_page_by_page(house: House) -> None:
    for number in range(51):
        house.order(number + 1, billing={"email": f"p{number}@example.com", "phone": ""})
    leader = house.signed_in("leader", Role.SUPPORT_SUPERVISOR)
    made = leader.post("/groups", {"name": "Buyers", "orders": "1"})
    first = leader.get(made.location).get_data(as_text=True)
    assert first.count('class="hit"') == 50
    assert "page=2" in first
    assert leader.get(f"{made.location}?page=2&order=orders").get_data(as_text=True).count('class="hit"') == 1
    assert leader.get(f"{made.location}?page=zwei&order=x").get_data(as_text=True).count('class="hit"') == 50


def test_the_file_of_a_group_opens_in_excel_and_runs_nothing(house: House) -> None:
    house.order(1, billing=_FORMULA | {"email": "x@example.com", "phone": "09120001009"})
    house.order(2, total="1250.5", currency="USD")
    leader = house.agent("leader", Role.SUPPORT_SUPERVISOR)
    group = house.site.groups.make(leader, "g", Conditions(orders=1))
    visitor = house.signed_in("other", Role.SUPPORT_SUPERVISOR)
    answer = visitor.get(f"/groups/{group.id}/customers.csv")
    assert answer.mimetype == "text/csv"
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff")
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert header[:3] == ["Number", "Name", "Company"]
    assert sorted(row[1] for row in rows) == ['\'=HYPERLINK("http://x.example","bank")', "مریم احمدی"]
    assert visitor.get("/segments/gold/customers.csv").status_code == 200


def test_a_group_that_asks_what_somebody_may_not_see_is_closed_to_her(house: House) -> None:
    group = house.site.groups.make(
        house.agent("leader", Role.SUPPORT_SUPERVISOR), "waiting", Conditions(open_ticket=True)
    )
    sales = house.signed_in("sales", Role.SALES_MANAGER)
    assert f"/groups/{group.id}" not in sales.get("/groups").get_data(as_text=True)
    assert sales.get(f"/groups/{group.id}").status_code == 403
    assert sales.get(f"/groups/{group.id}/edit").status_code == 403
