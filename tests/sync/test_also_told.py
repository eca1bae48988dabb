"""Chosen fields and the phones of older orders: whatever way they come in, their person is found by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from companion.app import App
from companion.config import Secret
from companion.domain.also_told import Label
from companion.domain.permissions import Viewer
from companion.sandbox import Sandbox
from companion.sandbox.credentials import Key
from companion.services.customers.customers import CustomerPage
from companion.services.search.search import Hit
from tests.fixtures.app import Desk, MakeApp, shops_of

KEY = "_billing_national_id"
LABEL = Label("کد ملی", "National id")
BILLING = {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com", "phone": "09120001001"}
OLD_PHONE = "09350004477"


class Eyes:
    """Somebody who searches, takes calls and reads customers' pages."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.viewer: Viewer = Desk(app).viewer

    def find(self, text: str) -> list[Hit]:
        return list(self.app.search.find(self.viewer, text).hits)

    def finds(self, text: str) -> set[int]:
        return {hit.customer_id for hit in self.find(text)}

    def call(self, number: str) -> set[int]:
        return {caller.customer_id for caller in self.app.people.called(self.viewer, number).callers}

    def page(self, customer: int) -> CustomerPage:
        return self.app.customers.page(self.viewer, customer)

    def customer_of(self, order: int) -> int:
        return self.app.customers.by_order(self.viewer, "main", str(order))


@pytest.fixture
def choosing(make_app: MakeApp, sandbox: Sandbox) -> Callable[..., App]:
    """Builds the product beside a shop whose owner chose these fields, over one store however often it is built."""

    def choose(key: Key | None = None, **labels: Label) -> App:
        first, *_ = shops_of({"main": sandbox})
        shop = msgspec.structs.replace(first, meta_keys=labels)
        if key is not None:
            shop = msgspec.structs.replace(shop, consumer_key=Secret(key.key), consumer_secret=Secret(key.secret))
        return make_app({"main": sandbox}, shops=(shop,))

    return choose


@pytest.fixture
def app(choosing: Callable[..., App]) -> App:
    return choosing(**{KEY: LABEL})


def place(sandbox: Sandbox, national_id: Any = None, **billing: str) -> int:
    sandbox.shop.clock.advance(60)
    meta = {} if national_id is None else {KEY: national_id, "_other": "4471"}
    return sandbox.shop.create_order(billing=BILLING | billing, meta=meta).id


@pytest.mark.parametrize("typed", ["0084575948", "۰۰۸۴۵۷۵۹۴۸", "008457", "احمدی 0084575948", "احمدی ٠٠٨٤٥٧"])
def test_a_guest_is_found_by_the_field_of_an_order_in_any_digits(app: App, sandbox: Sandbox, typed: str) -> None:
    hers = place(sandbox, "۰۰۸۴۵۷۵۹۴۸")
    place(sandbox, "1234567890", email="reza@example.com", phone="09120001002", last_name="کریمی")
    app.backfill("main")
    eyes = Eyes(app)
    assert eyes.finds(typed) == {eyes.customer_of(hers)}


def test_the_hit_and_the_page_name_the_field_by_its_label(app: App, sandbox: Sandbox) -> None:
    hers = place(sandbox, "۰۰۸۴۵۷۵۹۴۸")
    place(sandbox, "0084575948")
    app.backfill("main")
    eyes = Eyes(app)
    (hit,) = eyes.find("8457594")
    assert (hit.why, hit.label, hit.snippet, hit.mark) == ("meta", LABEL, "0084575948", (2, 9))
    fields = eyes.page(eyes.customer_of(hers)).fields
    assert [(field.shop, field.label, field.value) for field in fields] == [("main", LABEL, "0084575948")]


@pytest.mark.parametrize("value", [["0084575948"], {"id": "0084575948"}, "", "-", "0084575948" * 11])
def test_what_is_no_plain_value_is_left_alone(app: App, sandbox: Sandbox, value: Any) -> None:
    hers = place(sandbox, value)
    app.backfill("main")
    eyes = Eyes(app)
    assert eyes.finds("0084575948") == eyes.finds("4471") == set()
    assert eyes.page(eyes.customer_of(hers)).fields == ()


def test_a_corrected_order_is_found_by_what_it_says_now(app: App, sandbox: Sandbox) -> None:
    first = place(sandbox, "0084575948", phone=OLD_PHONE)
    place(sandbox)
    app.backfill("main")
    eyes = Eyes(app)
    hers = eyes.customer_of(first)
    assert eyes.finds("0084575948") == eyes.call(OLD_PHONE) == {hers}
    sandbox.shop.clock.advance(60)
    sandbox.shop.update_order(first, billing=BILLING, meta={KEY: "0012345679"})
    app.poll("main")
    assert eyes.finds("0084575948") == eyes.call(OLD_PHONE) == set()
    assert eyes.finds("0012345679") == {hers}


def test_the_phone_of_an_older_order_is_searched_and_called(app: App, sandbox: Sandbox) -> None:
    first = place(sandbox, phone=OLD_PHONE)
    place(sandbox)
    app.backfill("main")
    eyes = Eyes(app)
    hers = eyes.customer_of(first)
    for spelling in (OLD_PHONE, "+98 935 000 4477", "۰۹۳۵۰۰۰۴۴۷۷"):
        assert eyes.call(spelling) == eyes.finds(spelling) == {hers}
    (hit,) = eyes.find("4477")
    assert (hit.why, hit.snippet) == ("phone", "0935 000 4477")
    assert [point.key for point in eyes.page(hers).phones] == ["+989120001001", "+989350004477"]


def test_what_an_order_told_leaves_with_it(app: App, sandbox: Sandbox) -> None:
    first = place(sandbox, phone=OLD_PHONE)
    second = place(sandbox)
    app.backfill("main")
    eyes = Eyes(app)
    assert eyes.call(OLD_PHONE) == {eyes.customer_of(second)}
    sandbox.shop.clock.advance(60)
    reza = {"first_name": "رضا", "last_name": "کریمی", "email": "reza@example.com"}
    sandbox.shop.update_order(first, billing=BILLING | reza | {"phone": OLD_PHONE})
    app.poll("main")
    assert eyes.customer_of(first) != eyes.customer_of(second)
    assert eyes.call(OLD_PHONE) == eyes.finds(OLD_PHONE) == {eyes.customer_of(first)}


def test_a_registered_user_is_found_by_the_field_of_her_own_record(
    choosing: Callable[..., App], sandbox: Sandbox
) -> None:
    app = choosing(sandbox.credentials.admin_rw, **{KEY: LABEL})
    user = sandbox.shop.create_customer("maryam@example.com", first_name="مریم", meta={KEY: "0084575948"})
    hers = sandbox.shop.create_order(customer_id=user.id, billing=BILLING).id
    app.backfill("main")
    eyes = Eyes(app)
    assert eyes.finds("0084575948") == {eyes.customer_of(hers)}
    sandbox.shop.clock.advance(60)
    sandbox.shop.update_customer(user.id, meta={KEY: "0012345679"})
    app.reconcile("main")
    assert eyes.finds("0084575948") == set()
    assert eyes.finds("0012345679") == {eyes.customer_of(hers)}


def test_a_field_that_is_chosen_later_is_found_once_the_index_is_built_anew(
    choosing: Callable[..., App], sandbox: Sandbox
) -> None:
    before = choosing()
    hers = place(sandbox, "0084575948")
    before.backfill("main")
    assert not before.reindex_is_due()
    after = choosing(**{KEY: LABEL})
    eyes = Eyes(after)
    assert after.reindex_is_due()
    assert eyes.finds("0084575948") == set()
    after.reindex()
    assert not after.reindex_is_due()
    assert eyes.finds("0084575948") == {eyes.customer_of(hers)}
    assert not after.search.find(eyes.viewer, "4471").hits
    choosing().reindex()
    assert eyes.finds("0084575948") == set()
