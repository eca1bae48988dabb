"""The customer's page and its timeline."""

from __future__ import annotations

import re

from companion.domain.channels import Contact
from companion.domain.permissions import Role
from tests.web.house import NATIONAL_ID, House

PARS = {"first_name": "", "last_name": "محمدی", "company": "پارس‌تجارت", "email": "pars@example.com", "phone": ""}


def test_the_page_tells_who_she_is(house: House) -> None:
    customer = house.order()
    page = house.signed_in(language="fa").get(f"/customers/{customer}").text
    assert "<h1><bdi>مریم احمدی</bdi></h1>" in page
    assert 'href="tel:+989120001001"' in page
    assert "۰۹۱۲" in page
    assert 'href="mailto:maryam@example.com"' in page
    assert 'data-copy="maryam@example.com"' in page
    assert "خیابان گاندی" in page
    assert "فروشگاه اصلی" in page


def test_a_chosen_field_stands_under_its_label_with_a_copy_button(house: House) -> None:
    customer = house.order(meta_data=[{"id": 1, "key": NATIONAL_ID, "value": "۰۰۸۴۵۷۵۹۴۸"}])
    for language, label, copying in (("fa", "کد ملی", "رونوشت کد ملی"), ("en", "National id", "Copy National id")):
        visitor = house.signed_in(language, language=language)
        page = visitor.get(f"/customers/{customer}").text
        who = page[page.index('class="who card"') : page.index("</header>", page.index('class="who card"'))]
        assert f"{label}:" in who
        assert 'data-copy="0084575948"' in who
        assert copying in who
        hit = visitor.get("/search?q=۰۰۸۴۵۷", htmx=True).text
        assert label in hit
        assert "<mark>۰۰۸۴۵۷</mark>۵۹۴۸" in hit


def test_money_is_shown_in_toman_with_persian_digits(house: House) -> None:
    customer = house.order()
    page = house.signed_in(language="fa").get(f"/customers/{customer}").text
    assert "۱٬۸۴۵٬۰۰۰ تومان" in page


def test_dates_follow_the_readers_calendar(house: House) -> None:
    customer = house.order(days_ago=30)
    assert "۳۰ مهر ۱۴۰۴" in house.signed_in("a", language="fa").get(f"/customers/{customer}").text
    assert "22 October 2025" in house.signed_in("b", language="en").get(f"/customers/{customer}").text


def test_the_pinned_note_stands_before_everything_that_happened(house: House) -> None:
    author = house.agent("sara", name="سارا مرادی")
    customer = house.order()
    cause = house.note(author, customer, "کد پستی اشتباه بود")
    house.notes.pin(author, cause.id, pinned=True)
    house.clock.advance(60)
    house.note(author, customer, "دوباره تماس گرفت")
    page = house.signed_in().get(f"/customers/{customer}").text
    assert page.index("کد پستی اشتباه بود") < page.index('id="composer"') < page.index('id="timeline"')
    assert page.index("دوباره تماس گرفت") < page.index('id="composer"'), "the latest note too"


def test_the_timeline_holds_orders_refunds_order_notes_and_notes(house: House) -> None:
    author = house.agent("sara", name="سارا مرادی")
    customer = house.order()
    house.refund(1042, "100000", reason="رنگ دیگری بود")
    house.order_notes(1042, ["کد رهگیری ۲۱۰۴۸۸۳۷۶۱"])
    house.note(author, customer, "**پیگیری** شد", order_id=1042)
    page = house.signed_in().get(f"/customers/{customer}").text
    assert "کفش پیاده‌روی زنانه" in page
    assert "رنگ دیگری بود" in page
    assert "کد رهگیری ۲۱۰۴۸۸۳۷۶۱" in page
    assert "<strong>پیگیری</strong> شد" in page
    assert "https://main.example/orders/1042" in page


def test_the_timeline_is_filtered_by_kind_and_turned_round(house: House) -> None:
    author = house.agent("sara")
    customer = house.order(days_ago=10)
    house.note(author, customer, "یادداشت نخست")
    house.clock.advance(3600)
    house.note(author, customer, "یادداشت دوم")
    visitor = house.signed_in()
    part = visitor.get(f"/customers/{customer}/timeline?kinds=note&sort=oldest", htmx=True).text
    assert "<html" not in part
    assert "کفش" not in part
    assert part.index("یادداشت نخست") < part.index("یادداشت دوم")
    whole = visitor.get(f"/customers/{customer}?kinds=order&sort=oldest").text
    timeline = whole[whole.index('id="timeline"') :]
    assert "کفش" in timeline
    assert "یادداشت دوم" not in timeline


def test_an_unknown_kind_in_an_address_is_nobodys_harm(house: House) -> None:
    customer = house.order()
    assert house.signed_in().get(f"/customers/{customer}?kinds=secrets").status_code == 200


def test_a_long_timeline_loads_more_with_and_without_javascript(house: House) -> None:
    author = house.agent("sara")
    customer = house.order(days_ago=200)
    for i in range(60):
        house.clock.advance(60)
        house.note(author, customer, f"note number {i:02}")
    visitor = house.signed_in()
    first = visitor.get(f"/customers/{customer}").text
    timeline = first[first.index('id="timeline"') :]
    assert "note number 59" in timeline
    assert "note number 05" not in timeline
    more = re.search(r'<a class="button" href="([^"]+)"\s+hx-get="([^"]+)"', timeline)
    assert more is not None
    plain, live = (address.replace("&amp;", "&") for address in more.groups())
    fragment = visitor.get(live, htmx=True).text
    assert "note number 05" in fragment
    assert "<html" not in fragment
    page = visitor.get(plain).text
    assert "note number 05" in page[page.index('id="timeline"') :]


def test_the_months_name_is_not_repeated_where_the_next_stretch_begins(house: House) -> None:
    customer = house.order()
    part = house.signed_in().get(f"/customers/{customer}/timeline", htmx=True).text
    assert part.count("timeline-month") == 1


def test_a_part_asked_for_without_htmx_leads_to_the_whole_page(house: House) -> None:
    customer = house.order()
    answer = house.signed_in().get(f"/customers/{customer}/timeline?kinds=note&_scheme=x&_external=1")
    assert answer.location == f"/customers/{customer}?kinds=note"


def test_an_order_number_leads_to_its_customer_with_the_order_in_view(house: House) -> None:
    customer = house.order(1042)
    house.order(1043)
    answer = house.signed_in().get("/orders/main/1042", follow_redirects=True)
    assert answer.request.path == f"/customers/{customer}"
    in_view = answer.text.split("The order you asked for")[1].split('id="filters"')[0]
    assert "1042" in in_view
    assert '<option value="main/1042" selected>' in answer.text, "a note written now is about it"


def test_an_order_of_somebody_else_is_not_put_in_view(house: House) -> None:
    customer = house.order(1042)
    house.order(1043, billing=PARS)
    page = house.signed_in().get(f"/customers/{customer}?order=main/1043").text
    assert "The order you asked for" not in page


def test_an_unknown_customer_is_not_found_in_both_languages(house: House) -> None:
    assert "There is no such customer" in house.signed_in("a").get("/customers/99").text
    answer = house.signed_in("b", language="fa").get("/customers/99")
    assert answer.status_code == 404
    assert "چنین مشتری‌ای نیست" in answer.text


def test_a_place_on_the_timeline_that_nobody_gave_is_refused_in_words(house: House) -> None:
    customer = house.order()
    answer = house.signed_in().get(f"/customers/{customer}?after=nonsense")
    assert answer.status_code == 422
    assert "does not exist any more" in answer.text


def test_shop_text_is_never_taken_for_markup(house: House) -> None:
    evil = "<img src=x onerror=alert(1)>"
    billing = {"first_name": evil, "last_name": evil, "company": evil, "address_1": evil, "city": evil, "email": evil}
    customer = house.order(
        status=evil[:20],
        billing=billing | {"phone": evil},
        payment_method_title=evil,
        customer_note=evil,
        line_items=[{"id": 1, "name": evil, "quantity": 2, "total": "1"}],
    )
    house.order_notes(1042, [evil])
    house.refund(1042, "1", reason=evil)
    house.note(house.agent("sara", name=evil), customer, evil)
    visitor = house.signed_in()
    for path in (f"/customers/{customer}", "/", "/search?q=onerror"):
        assert "<img" not in visitor.get(path).text


def test_internal_notes_are_not_shown_to_every_role(house: House) -> None:
    supervisor = house.agent("boss", Role.SUPPORT_SUPERVISOR)
    customer = house.order()
    note = house.note(supervisor, customer, "فقط برای مدیران", is_internal=True)
    house.notes.pin(supervisor, note.id, pinned=True)
    assert "فقط برای مدیران" not in house.signed_in("agent").get(f"/customers/{customer}").text
    assert "فقط برای مدیران" in house.signed_in("other", Role.SUPPORT_SUPERVISOR).get(f"/customers/{customer}").text


def test_what_she_bought_is_told_by_year_and_month_of_the_readers_calendar(house: House) -> None:
    house.order(1041, days_ago=300, status="completed", total="2000000")
    house.order(1040, days_ago=20, status="failed", total="99000000")
    customer = house.order(1042, days_ago=3)
    page = house.signed_in(language="fa").get(f"/customers/{customer}").text
    bought = page.split('id="purchases"')[1].split("</section>")[0]
    assert "امسال" in bought
    assert "۱٬۸۴۵٬۰۰۰ تومان" in bought, "of 1404"
    assert "۲۰۰٬۰۰۰ تومان" in bought, "of 1403"
    assert "آبان ۱۴۰۴" in bought
    assert "بهمن ۱۴۰۳" in bought
    assert "پرداخت‌های ناموفق" in bought
    assert bought.count("<rect") == 2, "a bar for each month with orders"
    assert "November 2025" in house.signed_in("b").get(f"/customers/{customer}").text


def test_a_change_of_status_is_told_in_the_readers_words(house: House) -> None:
    customer = house.order()
    said = ["Order status changed from Pending payment to Processing.", "کد رهگیری ۲۱۰۴۸۸۳۷۶۱"]
    house.order_notes(1042, said)
    visitor = house.signed_in(language="fa")
    changes = visitor.get(f"/customers/{customer}/timeline?kinds=status", htmx=True).text
    assert "در انتظار پرداخت" in changes
    assert "در حال انجام" in changes
    assert "Order status" not in changes
    assert "کد رهگیری" not in changes
    others = visitor.get(f"/customers/{customer}/timeline?kinds=order_note", htmx=True).text
    assert "کد رهگیری" in others
    assert "در انتظار پرداخت" not in others


def test_repeated_contact_stands_at_the_top(house: House) -> None:
    customer = house.order()
    for number in range(3):
        author = house.agent(f"agent{number}", name=f"کارشناس {number}")
        house.note(author, customer, "تماس گرفت", contact=Contact("phone"))
    page = house.signed_in(language="fa").get(f"/customers/{customer}").text
    assert "۳ تماس در ۶۰ روز با ۳ کارشناس" in page
    assert page.index("۳ تماس در ۶۰ روز") < page.index('id="first"')
    contacts = house.signed_in("b").get(f"/customers/{customer}/timeline?kinds=contact", htmx=True).text
    assert contacts.count("تماس گرفت") == 3
