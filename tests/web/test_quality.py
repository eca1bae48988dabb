"""The page of what is wrong with people's facts, and the same as a file."""

from __future__ import annotations

import csv
import io

from companion.domain.permissions import Role
from tests.web.house import PASSWORD, House

BAD = {"phone": "0912", "email": "maryam@gmail.con", "postcode": "12"}


def test_every_kind_is_counted_and_leads_to_whom_it_concerns(house: House) -> None:
    customer = house.order(billing=BAD)
    visitor = house.signed_in("sara", Role.SALES_MANAGER)
    page = visitor.get("/quality").get_data(as_text=True)
    assert "Impossible phones" in page
    for kind, wrong in (("phone", "0912"), ("email", "maryam@gmail.con"), ("postcode", "12")):
        listed = visitor.get(f"/quality/{kind}").get_data(as_text=True)
        assert f'href="/customers/{customer}"' in listed
        assert wrong in listed
        assert "1 customer" in listed
    assert "Nothing is wrong here" in visitor.get("/quality/name").get_data(as_text=True)
    assert visitor.get("/quality/nothing").status_code == 404


def test_what_is_put_right_in_the_shop_leaves_the_list(house: House) -> None:
    house.order(billing=BAD, customer_id=7)
    visitor = house.signed_in("sara", Role.SALES_MANAGER)
    assert "0912" in visitor.get("/quality/phone").get_data(as_text=True)
    house.order(1043, billing={"email": "maryam@example.com"}, customer_id=7, days_ago=1)
    assert "Nothing is wrong here" in visitor.get("/quality/phone").get_data(as_text=True)


def test_the_file_is_whole_and_inert(house: House) -> None:
    for number in range(3):
        billing = BAD | {"first_name": '=HYPERLINK("http://evil.example")', "email": f"who{number}@gmail.con"}
        house.order(2000 + number, billing=billing)
    visitor = house.signed_in("sara", Role.SALES_MANAGER)
    answer = visitor.get("/quality/email.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert [row[2] for row in rows[1:]] == [f"who{number}@gmail.con" for number in range(3)]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_people_of_other_shops_are_in_no_count_list_or_file(house: House) -> None:
    house.order(billing=BAD)
    house.order(3001, shop="custom", billing=BAD | {"phone": "0935"})
    house.users.add(name="نازنین", username="nazanin", password=PASSWORD, role=Role.SALES_MANAGER, shops={"custom"})
    visitor = house.visitor()
    visitor.sign_in("nazanin")
    for path in ("/quality", "/quality/phone", "/quality/phone.csv"):
        text = visitor.get(path).get_data(as_text=True)
        assert "0912" not in text
    assert "0935" in visitor.get("/quality/phone").get_data(as_text=True)
