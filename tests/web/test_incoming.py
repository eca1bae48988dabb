"""What no form of ours sends is answered like any other wrong address or field, and is no fault of ours."""

from __future__ import annotations

import pytest

from storage.engine import Store
from tests.fixtures.store import Clock
from tests.web.house import House


@pytest.fixture
def house(store: Store, clock: Clock) -> House:
    """The databases differ in what they cannot hold."""
    return House(store, clock)


@pytest.mark.parametrize("path", ["/customers/{}", "/notes/{}", "/notes/{}/history"])
@pytest.mark.parametrize("number", [0, 2**31, 2**63 - 1, 2**63, 10**40])
def test_an_id_that_nothing_has_is_not_found(house: House, path: str, number: int) -> None:
    assert house.signed_in().get(path.format(number)).status_code == 404


def test_a_text_written_for_an_impossible_customer_is_shown_again(house: House) -> None:
    answer = house.signed_in().post(f"/customers/{10**40}/notes", {"body": "called twice"})
    assert answer.status_code == 404
    assert "called twice" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("field", "status"), [("kind", 422), ("ref", 404), ("form_key", 303), ("body", 303), ("x\0y", 303)]
)
def test_a_field_with_nul_is_taken_without_it(house: House, field: str, status: int) -> None:
    customer = house.order(1042)
    fields = {"body": "called twice", "kind": "call", field: {"ref": "main/9\0", "kind": "\0"}.get(field, "a\0b")}
    assert house.signed_in().post(f"/customers/{customer}/notes", fields).status_code == status


@pytest.mark.parametrize("query", ["order=main/%00", "kinds=%00", "sort=%00", "%00=1"])
def test_an_address_with_nul_is_a_page(house: House, query: str) -> None:
    customer = house.order(1042)
    assert house.signed_in().get(f"/customers/{customer}?{query}").status_code == 200


def test_nul_in_a_user_name_is_a_failed_sign_in(house: House) -> None:
    assert house.visitor().sign_in("neg\0ar\0").status_code == 401
