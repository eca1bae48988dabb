"""Facts set by hand survive every later sync, and the shop's word is kept beside them."""

from __future__ import annotations

from typing import Any

from companion.app import App
from companion.domain.permissions import ROLE_PERMISSIONS, Role, Viewer
from companion.sandbox import Sandbox
from companion.services.customers.known import Correction

BILLING = {
    "first_name": "مریم",
    "last_name": "احمدی",
    "phone": "09120001001",
    "email": "maryam@example.com",
    "city": "شیراز",
    "address_1": "خیابان زند",
}


def negar(app: App) -> Viewer:
    agent = app.users.add(name="نگار", username="negar", password="سنجاقک on a blue door", role=Role.AGENT)
    return Viewer(agent.id, "نگار", Role.AGENT, ROLE_PERMISSIONS[Role.AGENT], None)


def order(sandbox: Sandbox, **billing: Any) -> int:
    sandbox.shop.clock.advance(60)
    address = BILLING | billing
    return sandbox.shop.create_order(status="processing", billing=address, shipping=address).id


def corrections(app: App, viewer: Viewer, customer: int) -> dict[str, Correction]:
    return {each.field: each for each in app.by_hand.sheet(viewer, customer).known.corrections}


def test_a_correction_survives_what_the_shop_says_later_and_can_be_taken_back(app: App, sandbox: Sandbox) -> None:
    viewer = negar(app)
    first = order(sandbox)
    app.backfill("main")
    customer = app.customers.by_order(viewer, "main", str(first))
    sheet = app.by_hand.sheet(viewer, customer)
    changed = app.by_hand.correct(
        viewer,
        customer,
        sheet.account.id,
        {"phone": "09120001009", "city": "تهران", "company": "", "first_name": "مریم"},
    )
    assert set(changed) == {"phone", "city"}
    order(sandbox, phone="0912 000 1001", city="کرمان", first_name="مریم‌سادات")
    app.poll("main")
    page = app.customers.page(viewer, customer)
    assert [point.key for point in page.phones] == ["+989120001009"]  # the wrong one stands in no address either
    assert {line for address in page.addresses for line in address.lines} == {"خیابان زند", "تهران"}
    assert page.name == "مریم‌سادات احمدی"  # what nobody corrected is the shop's, as ever
    held = corrections(app, viewer, customer)
    assert (held["phone"].value, held["phone"].told, held["phone"].set_by) == ("09120001009", "0912 000 1001", "نگار")
    assert held["city"].told == "کرمان"
    assert [hit.customer_id for hit in app.search.find(viewer, "09120001009").hits] == [customer]
    assert app.search.find(viewer, "09120001001").hits == ()

    app.by_hand.take_back(viewer, customer, sheet.account.id, "phone")
    app.by_hand.take_back(viewer, customer, sheet.account.id, "city")
    page = app.customers.page(viewer, customer)
    assert [point.key for point in page.phones] == ["+989120001001"]
    assert corrections(app, viewer, customer) == {}


def test_a_registered_users_own_record_does_not_undo_a_correction(app: App, sandbox: Sandbox) -> None:
    viewer = negar(app)
    user = sandbox.shop.create_customer("maryam@example.com", first_name="مریم", last_name="احمدى", billing=BILLING)
    placed = sandbox.shop.create_order(customer_id=user.id, status="processing", billing=BILLING)
    app.backfill("main")
    customer = app.customers.by_order(viewer, "main", str(placed.id))
    account = app.by_hand.sheet(viewer, customer).account.id
    app.by_hand.correct(viewer, customer, account, {"last_name": "محمدی", "reference": "CRM-77"})
    sandbox.shop.clock.advance(60)
    sandbox.shop.update_customer(user.id, fields={"first_name": "مریم بانو"})
    app.reconcile("main")
    assert app.customers.page(viewer, customer).name == "مریم بانو محمدی"
    assert [hit.customer_id for hit in app.search.find(viewer, "CRM-77").hits] == [customer]
    assert corrections(app, viewer, customer)["last_name"].told == "احمدى"


def test_what_is_set_to_the_shops_own_word_is_the_shops_again(app: App, sandbox: Sandbox) -> None:
    viewer = negar(app)
    first = order(sandbox)
    app.backfill("main")
    customer = app.customers.by_order(viewer, "main", str(first))
    account = app.by_hand.sheet(viewer, customer).account.id
    app.by_hand.correct(viewer, customer, account, {"email": ""})
    assert app.customers.page(viewer, customer).emails == ()
    app.by_hand.correct(viewer, customer, account, {"email": "maryam@example.com"})
    assert corrections(app, viewer, customer) == {}
    assert [point.text for point in app.customers.page(viewer, customer).emails] == ["maryam@example.com"]
