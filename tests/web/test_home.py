"""Home and search."""

from __future__ import annotations

from companion.domain.trouble import Trouble
from companion.web import ShopFreshness
from tests.web.house import House


def test_home_shows_the_latest_customers_first(house: House) -> None:
    house.order(1, days_ago=9)
    other = {"first_name": "رضا", "last_name": "کریمی", "email": "reza@example.com", "phone": "09120001002"}
    house.order(2, days_ago=2, billing=other)
    page = house.signed_in(language="fa").get("/").text
    assert page.index("رضا کریمی") < page.index("مریم احمدی")
    assert "۱ سفارش" in page


def test_home_without_customers_says_what_will_come(house: House) -> None:
    assert "No customer yet" in house.signed_in().get("/").text


def test_search_finds_by_part_of_a_name_and_marks_it(house: House) -> None:
    customer = house.order()
    answer = house.signed_in().get("/search?q=احمد", htmx=True)
    assert f'href="/customers/{customer}"' in answer.text
    assert "<mark>احمد</mark>" in answer.text
    assert "<html" not in answer.text, "htmx gets the list alone"
    assert 'id="search-status" hx-swap-oob="true">1 result</p>' in answer.text


def test_search_works_as_a_page_without_javascript(house: House) -> None:
    house.order()
    page = house.signed_in().get("/search?q=maryam@").text
    assert "<html" in page
    assert 'value="maryam@"' in page
    assert "مریم احمدی" in page


def test_nothing_found_says_so_and_escapes_what_was_typed(house: House) -> None:
    page = house.signed_in(language="fa").get("/search?q=<script>alert(1)</script>", htmx=True).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "چیزی پیدا نشد" in page


def test_an_empty_box_clears_the_list(house: House) -> None:
    answer = house.signed_in().get("/search?q=", htmx=True).text
    assert "hit" not in answer
    assert "empty" not in answer


def test_a_very_long_query_is_cut_rather_than_refused(house: House) -> None:
    assert house.signed_in().get("/search?q=" + "آ" * 3000, htmx=True).status_code == 200


def test_the_foot_tells_how_fresh_each_shop_is(house: House) -> None:
    house.adapt(
        freshness=lambda _: (
            ShopFreshness("main", house.clock()),
            ShopFreshness("custom", None, done=12_400, total=20_000, is_late=True, trouble=Trouble.UNREACHABLE),
        )
    )
    page = house.signed_in(language="fa").get("/").text
    assert "آخرین به‌روزرسانی" in page
    assert "دریافت اولیه: ۱۲٬۴۰۰ از ۲۰٬۰۰۰" in page
    assert "فروشگاه در دسترس نیست" in page
    assert 'href="/sync' not in page, "an agent may not look further"


def test_results_are_narrowed_without_a_script(house: House) -> None:
    client = house.signed_in()
    house.order(1042, days_ago=3)
    page = client.get("/search?q=احمدی").text
    hit = "<mark>احمدی</mark>"
    assert hit in page
    assert 'name="kind"' in page
    assert hit not in client.get("/search?q=احمدی&kind=note").text
    assert hit not in client.get("/search?q=احمدی&until=1403/01/01").text
    typed = client.get("/search?q=احمدی&since=nonsense&shop=nowhere&agent=x&segment=none&kind=all").text
    assert hit in typed
    assert 'value="nonsense"' in typed
