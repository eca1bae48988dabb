"""A person who was erased is nowhere in the store, and does not come back with what the shop tells next."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import msgspec
import pytest
import sqlalchemy

from companion.app import App
from companion.domain.also_told import Label
from companion.domain.richtext import to_html
from companion.domain.text import fold
from companion.sandbox import Sandbox
from companion.services.notes import NoteDraft
from companion.sync.people.erasing import STEPS
from storage import schema
from storage.engine import Store
from storage.privacy import erasures
from tests.fixtures.app import Desk, MakeApp, shops_of, stored_order
from tests.sync.helpdesks import stored_ticket

HERS = {
    "first_name": "شهرزاد",
    "last_name": "Zarrinkelk",
    "company": "گلستانه",
    "address_1": "کوچه نسترن ۷",
    "city": "نطنز",
    "postcode": "8761943215",
    "email": "Shahrzad@Secret.example",
    "phone": "0912 555 73 91",
}
NEEDLES = ("شهرزاد", "zarrinkelk", "گلستانه", "نسترن", "8761943215", "secret.example", "9125557391", "0084575948")
NATIONAL_ID = "billing_national_id"
KEY = "companion_note"
LANDLINE = {"first_name": "نادر", "last_name": "دیگری", "email": "nader@example.test", "phone": "02133445566"}


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return make_sandbox(bridge=True)


@pytest.fixture
def app(make_app: MakeApp, sandbox: Sandbox) -> App:
    (shop,) = shops_of({"main": sandbox}, helpdesk=True)
    labels = {NATIONAL_ID: Label("کد ملی", "National id")}
    return make_app({"main": sandbox}, shops=(msgspec.structs.replace(shop, meta_keys=labels),))


class Her:
    """Somebody with an account, orders, tickets and notes in one shop, all of them known to both sides."""

    def __init__(self, app: App, sandbox: Sandbox) -> None:
        shop = sandbox.shop
        self.app, self.sandbox = app, sandbox
        self.user = shop.create_customer(HERS["email"], first_name=HERS["first_name"], last_name=HERS["last_name"])
        self.order = shop.create_order(
            customer_id=self.user.id,
            billing=HERS,
            customer_note="زنگ شهرزاد را بزنید",
            status="processing",
            meta={NATIONAL_ID: "0084575948"},
        ).id
        self.as_guest = shop.create_order(billing=HERS, status="completed").id
        shop.add_order_note(self.order, "بسته به شهرزاد تحویل شد")
        shop.create_refund(self.order, 10_000, reason="به درخواست شهرزاد")
        self.ticket = shop.helpdesk.open_ticket(self.user.id, "سلام، شهرزاد هستم", content="<p>09125557391</p>").id
        shop.helpdesk.reply(self.ticket, 3, "شهرزاد عزیز، پیگیری شد")
        self.other = shop.create_order(billing=LANDLINE, status="processing").id
        self.read()
        app.poll("main")
        for number in (self.order, self.as_guest):
            app.rereader.order_notes(app.shops["main"], str(number))
        self.desk = Desk(app)
        self.customer = self.desk.customer_of(self.order)
        body = "شهرزاد، ۰۹۱۲۵۵۵۷۳۹۱، فقط عصرها"
        self.note = app.notes.write(self.desk.viewer, NoteDraft(customer_id=self.customer, body=body, kind="call")).id
        app.notes.edit(self.desk.viewer, self.note, version=1, body=body + "!", kind="call")
        self.by_hand()
        app.drain()

    def by_hand(self) -> None:
        """What an agent sets by hand about her."""
        viewer = self.desk.viewer
        account = self.app.customers.page(viewer, self.customer).accounts[0].id
        self.app.by_hand.correct(viewer, self.customer, account, {"company": "گلستانه دوم"})
        self.app.by_hand.add_date(viewer, self.customer, label="تولد شهرزاد", day="1370/08/30", is_yearly=True)
        self.app.segments.choose(viewer, self.customer, "gold", reason="شهرزاد سفارش داد", until="")

    def read(self) -> None:
        """Everything, by every way that brings something in."""
        app, shop = self.app, self.app.shops["main"]
        app.backfill("main")
        self.sandbox.shop.clock.advance(61)
        app.poll("main")
        app.ticket_sweep.changed(shop)
        app.reconcile("main", force=True)
        for number in (self.order, self.as_guest):
            app.rereader.order(shop, str(number))
            app.rereader.order_notes(shop, str(number))
            app.rereader.refunds(shop, str(number))
        app.rereader.ticket(shop, str(self.ticket))
        app.rereader.ticket_replies(shop, str(self.ticket))
        app.rereader.customer(shop, str(self.user.id))

    def carried(self) -> list[str]:
        """The lines of ours that stand in the shop about her."""
        shop = self.sandbox.shop
        lines = [shop.order(number).meta_value(KEY) for number in (self.order, self.as_guest)]
        return [str(line) for line in (*lines, shop.helpdesk.tickets[self.ticket].meta.get(KEY)) if line]

    def customers(self) -> set[int]:
        """Everybody that her accounts are."""
        orders = (self.desk.customer_of(number) for number in (self.order, self.as_guest))
        return {*orders, self.app.customers.by_ticket(self.desk.viewer, "main", str(self.ticket))}

    def erase(self) -> None:
        for customer in self.customers():
            self.app.erasures.erase(self.desk.viewer, customer, typed=None)


@pytest.fixture
def her(app: App, sandbox: Sandbox) -> Her:
    return Her(app, sandbox)


def everything(store: Store) -> Iterator[tuple[str, str]]:
    """Every text in every table, as it would be read and as it would be searched, with the table's name."""
    with store.read() as tx:
        inspector = sqlalchemy.inspect(tx)
        for name in inspector.get_table_names():
            if name in {"search_people", "search_texts"}:  # they keep no texts; their parts are tables themselves
                continue
            for row in tx.exec_driver_sql(f'SELECT * FROM "{name}"'):  # the words of an index too
                for value in row:
                    yield from ((name, text) for text in spellings(value))


def spellings(value: object) -> Iterator[str]:
    if isinstance(value, (bytes, memoryview)):
        value = bytes(value).decode("utf-8", "ignore")
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        for text in (value, re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), value)):
            yield fold(text)
            yield re.sub(r"[\s\-()]", "", fold(text))


def found_in(store: Store) -> set[tuple[str, str]]:
    return {(table, needle) for table, text in everything(store) for needle in NEEDLES if needle in text}


def test_the_search_of_this_test_finds_her_before(her: Her) -> None:
    tables = {table for table, _ in found_in(her.app.store)}
    assert tables >= {
        "accounts", "facts_by_hand", "important_dates", "segment_choices", "notes", "note_versions", "orders",
        "order_notes", "refunds", "tickets", "ticket_replies", "search_rows", "identifiers",
    }  # fmt: skip
    assert len(her.carried()) > 1
    assert {needle for _, needle in found_in(her.app.store)} == set(NEEDLES)


def test_nothing_of_an_erased_person_is_left_in_any_table_nor_comes_back(her: Her) -> None:
    app, shop = her.app, her.sandbox.shop
    her.erase()
    assert found_in(app.store) == set()
    app.drain()
    app.eraser.work()
    assert her.carried() == []
    shop.clock.advance(3600)
    shop.update_order(her.order, status="completed", billing={"address_2": "زنگ شهرزاد"})
    shop.add_order_note(her.order, "شهرزاد تماس گرفت")
    shop.helpdesk.reply(her.ticket, her.user.id, "شهرزاد هستم، ممنون")
    again = shop.create_order(billing=HERS | {"phone": ""}, status="processing").id
    by_phone = shop.create_order(billing=HERS | {"email": "new@example.test", "company": ""}, status="processing").id
    her.read()
    app.reindex()
    assert not {(table, needle) for table, needle in found_in(app.store)}
    for number in (her.order, again, by_phone):
        row = stored_order(app, number)
        assert row is not None
        assert (row.billing, row.customer_note, row.number) == ({}, "", str(number))
    row = stored_order(app, her.order)
    assert row is not None
    assert row.status == "completed"
    app.drain()
    assert her.carried() == []


def test_whoever_erased_her_stays_known_and_the_others_stay_whole(her: Her) -> None:
    app = her.app
    her.erase()
    app.drain()
    app.eraser.work()
    with app.store.read() as tx:
        rows = tx.execute(sqlalchemy.select(schema.activity).where(schema.activity.c.action == "customer.erased")).all()
        jobs = erasures.newest(tx, limit=9)
    assert {row.agent_id for row in rows} == {her.desk.agent.id}
    assert all(job.finished_at and job.asked_by == "مینا" for job in jobs)
    assert sum(job.counts["notes"] for job in jobs) == 1
    other = stored_order(app, her.other)
    assert other is not None
    assert other.billing["last_name"] == "دیگری"
    ticket = stored_ticket(app, her.ticket)
    assert ticket is not None
    assert (ticket.title, ticket.body, ticket.url) == ("", "", "")


def test_it_is_finished_only_when_the_shop_shows_nothing_of_ours_any_more(her: Her) -> None:
    app = her.app
    her.erase()
    with app.store.read() as tx:
        assert erasures.unfinished(tx)
    app.eraser.work()
    assert her.carried() != []
    with app.store.read() as tx:
        assert [job.step for job in erasures.unfinished(tx)] != []
    app.drain()
    app.eraser.work()
    with app.store.read() as tx:
        assert erasures.unfinished(tx) == []


def test_a_line_of_ours_goes_from_the_trash_too_and_nothing_leaves_the_trash_for_it(her: Her) -> None:
    app, shop = her.app, her.sandbox.shop
    shop.trash_order(her.as_guest)
    shop.helpdesk.trash(her.ticket)
    app.rereader.order(app.shops["main"], str(her.as_guest))
    app.rereader.ticket(app.shops["main"], str(her.ticket))
    app.drain()
    assert len(her.carried()) > 1
    her.erase()
    app.drain()
    app.eraser.work()
    assert her.carried() == []
    assert shop.order(her.as_guest).status == shop.helpdesk.tickets[her.ticket].status == "trash"
    with app.store.read() as tx:
        assert erasures.unfinished(tx) == []


@pytest.mark.parametrize("steps", range(1, len(STEPS), 2))
def test_killed_after_any_step_it_is_done_all_the_same(her: Her, steps: int) -> None:
    app = her.app
    left = steps
    with app.store.write() as tx:
        jobs = {app.eraser.begin(tx, customer, asked_by=None) for customer in her.customers()}

    def is_killed() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    app.eraser.work(should_stop=is_killed)
    app.eraser.work()
    app.drain()
    app.eraser.work()
    assert found_in(app.store) == set()
    with app.store.read() as tx:
        assert all((job := erasures.get(tx, each)) and job.finished_at for each in jobs)


def test_this_process_does_not_remember_how_her_notes_were_rendered(her: Her) -> None:
    her.app.notes.get(her.desk.viewer, her.note)
    assert to_html.cache_info().currsize > 0
    her.erase()
    assert to_html.cache_info().currsize == 0
