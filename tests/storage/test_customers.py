"""Customers as people look at them, each reader within her scope."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from storage.engine import Store, Tx
from storage.people import customers
from storage.schema import customers as customers_table
from storage.schema import notes as notes_table
from storage.scope import EVERYTHING, Scope
from storage.timeline import keys as timeline
from storage.timeline import things
from storage.timeline.keys import PARTS, Key, Kind, Part, Wanted
from tests.storage.people import (
    NOW,
    Person,
    add_agent,
    add_line,
    add_order,
    add_order_note,
    add_person,
    add_refund,
    add_reply,
    add_ticket,
    ago,
    unite,
)
from tests.storage.test_notes import write_note

ONLY_MAIN = Scope(agent_id=0, shops=frozenset({"main"}))


def both_shops(tx: Tx) -> Person:
    """One customer with an account in each of two shops."""
    here = add_person(tx, "1", last_name="احمدی", facts_at=ago(days=1))
    unite(tx, add_person(tx, "1", shop="custom", last_name="صالحی", facts_at=NOW), here)
    return here


def test_a_united_customer_leads_to_the_one_she_became(store: Store) -> None:
    with store.write() as tx:
        one, two, three = (add_person(tx, str(place)) for place in range(3))
        unite(tx, three, two)
        unite(tx, two, one)
        assert customers.resolve(tx, three.customer_id) == one.customer_id
        assert customers.resolve(tx, one.customer_id) == one.customer_id
        assert customers.resolve(tx, 999_999) is None


def test_a_circle_of_merges_is_not_walked_for_ever(store: Store) -> None:
    with store.write() as tx:
        one, two = add_person(tx, "1"), add_person(tx, "2")
        for its, other in ((one, two), (two, one)):
            tx.execute(
                update(customers_table)
                .where(customers_table.c.id == its.customer_id)
                .values(merged_into=other.customer_id)
            )
        assert customers.resolve(tx, one.customer_id) is None


def test_accounts_last_heard_of_stand_first_and_only_those_one_sees(store: Store) -> None:
    with store.write() as tx:
        person = both_shops(tx)
        unite(tx, add_person(tx, "2", facts_at=NOW, gone_at=NOW), person)
        hers = customers.accounts_of(tx, [person.customer_id], EVERYTHING)[person.customer_id]
        assert [(row.shop, row.key) for row in hers] == [("custom", "1"), ("main", "1"), ("main", "2")]
        seen = customers.accounts_of(tx, [person.customer_id], ONLY_MAIN)[person.customer_id]
        assert {row.shop for row in seen} == {"main"}
        assert customers.accounts_of(tx, [], EVERYTHING) == {}


def test_a_note_is_written_at_the_account_last_heard_of(store: Store) -> None:
    with store.write() as tx:
        person = both_shops(tx)
        assert customers.newest_account(tx, person.customer_id, EVERYTHING) != person.account_id
        assert customers.newest_account(tx, person.customer_id, ONLY_MAIN) == person.account_id
        assert customers.newest_account(tx, person.customer_id, EVERYTHING, shop="main") == person.account_id
        assert customers.newest_account(tx, person.customer_id, Scope(0, frozenset())) is None


def test_sums_leave_out_deleted_orders_and_other_shops(store: Store) -> None:
    with store.write() as tx:
        person = add_person(tx, "1")
        add_order(tx, person.account_id, "1", total=10, paid_at=NOW)
        add_order(tx, person.account_id, "2", total=5, paid_at=NOW, created_at=ago(days=3))
        add_order(tx, person.account_id, "3", total=7, status="pending", created_at=None)
        add_order(tx, person.account_id, "4", total=99, gone_at=NOW)
        add_order(tx, person.account_id, "5", total=3, shop="custom", currency="USD")
        add_refund(tx, "1", 4)
        add_refund(tx, "2", 100, gone_at=NOW)
        add_refund(tx, "4", 100)
        hers = customers.purchases(tx, person.customer_id, EVERYTHING)
        assert [(row.order_id, row.currency, row.total, row.refunded) for row in hers] == [
            ("5", "USD", 3, 0),
            ("1", "IRT", 10, 4),
            ("2", "IRT", 5, 0),
            ("3", "IRT", 7, 0),
        ]
        assert [row.has_paid_date for row in hers] == [False, True, True, False]
        assert [row.created_at for row in hers[-2:]] == [ago(days=3), None]
        assert {row.currency for row in customers.purchases(tx, person.customer_id, ONLY_MAIN)} == {"IRT"}
        assert customers.purchases(tx, person.customer_id, Scope(0, None, sees_orders=False)) == []


def test_contacts_count_what_one_sees(store: Store) -> None:
    with store.write() as tx:
        person, agent = add_person(tx, "1"), add_agent(tx)
        add_order(tx, person.account_id, "1", created_at=ago(days=9))
        add_order(tx, person.account_id, "2", status="trash")
        write_note(tx, person, agent, kind="internal")
        (all_of_it,) = customers.contacts(tx, [person.customer_id], EVERYTHING).values()
        assert (all_of_it.orders, all_of_it.last_contact_at) == (1, NOW)
        (colleagues,) = customers.contacts(tx, [person.customer_id], Scope(999, None)).values()
        assert colleagues.last_contact_at == ago(days=9)
        assert customers.contacts(tx, [person.customer_id], Scope(999, frozenset())) == {}
        assert customers.contacts(tx, [], EVERYTHING) == {}


def test_recent_customers_are_those_of_the_newest_orders_and_notes(store: Store) -> None:
    with store.write() as tx:
        agent = add_agent(tx)
        people = [add_person(tx, str(place)) for place in range(4)]
        for place, person in enumerate(people[:3]):
            add_order(tx, person.account_id, str(place), created_at=ago(days=place + 1))
        write_note(tx, people[2], agent)
        newest = [people[2], people[0], people[1]]
        assert customers.recent(tx, EVERYTHING, limit=9) == [person.customer_id for person in newest]
        assert customers.recent(tx, EVERYTHING, limit=1) == [people[2].customer_id]
        assert customers.recent(tx, Scope(0, frozenset({"custom"})), limit=9) == []


def test_who_placed_an_order(store: Store) -> None:
    with store.write() as tx:
        person = add_person(tx, "1")
        add_order(tx, person.account_id, "7")
        assert customers.of_order(tx, "main", "7", EVERYTHING) == person
        assert customers.of_order(tx, "main", "7", Scope(0, frozenset({"custom"}))) is None
        assert customers.of_order(tx, "main", "8", EVERYTHING) is None


# --- the timeline -------------------------------------------------------------------------------------------------


def busy(tx: Tx) -> Person:
    """A customer with things of every kind, several in one instant and some without a date."""
    person, agent = add_person(tx, "1"), add_agent(tx)
    for place in range(6):
        at = None if place == 5 else ago(hours=place // 2)
        add_order(tx, person.account_id, str(place), created_at=at)
        add_order_note(tx, str(place), "نوشته", created_at=at)
        add_refund(tx, str(place), 1, created_at=at)
        add_ticket(tx, str(place), account_id=person.account_id, created_at=at)
        add_reply(tx, f"{place}0", str(place), created_at=at)
        add_reply(tx, f"{place}1", str(place), created_at=at)
        write_note(tx, person, agent, now=at or NOW)
    return person


def walk(tx: Tx, person: Person, *, newest_first: bool, limit: int, parts: tuple[Part, ...] = PARTS) -> list[Key]:
    found: list[Key] = []
    after = None
    wanted = Wanted(frozenset(parts), newest_first, ("status from",))
    while page := timeline.page(tx, person.customer_id, EVERYTHING, wanted, after=after, limit=limit):
        found += page
        after = page[-1]
    return found


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
@pytest.mark.parametrize("newest_first", [True, False])
def test_pages_of_any_size_make_one_timeline(store: Store, limit: int, newest_first: bool) -> None:
    with store.write() as tx:
        person = busy(tx)
        whole = walk(tx, person, newest_first=newest_first, limit=limit)
        assert len(whole) == len(set(whole)) == 42
        assert whole == list(reversed(walk(tx, person, newest_first=not newest_first, limit=3)))
        dates = [key.at for key in whole if key.at]
        assert dates == sorted(dates, reverse=newest_first)
        undated = [key.at is None for key in whole]
        assert undated == sorted(undated, reverse=not newest_first)


def test_the_timeline_may_be_of_some_kinds_only(store: Store) -> None:
    with store.write() as tx:
        person = busy(tx)
        assert {key.kind for key in walk(tx, person, newest_first=True, limit=4, parts=("refund", "note"))} == {
            "refund",
            "note",
        }
        assert walk(tx, person, newest_first=True, limit=4, parts=()) == []


def test_changes_of_status_and_contacts_are_parts_of_their_own(store: Store) -> None:
    with store.write() as tx:
        person, agent = add_person(tx, "1"), add_agent(tx)
        add_order(tx, person.account_id, "7")
        add_order_note(tx, "7", "Paid. The status from pending to paid.", order_note_id="changed")
        add_order_note(tx, "7", "کد رهگیری", order_note_id="said")
        note = write_note(tx, person, agent)
        contact = write_note(tx, person, agent)
        tx.execute(update(notes_table).where(notes_table.c.id == contact).values(channel="phone", direction="in"))
        seen = {
            part: [key.id for key in walk(tx, person, newest_first=True, limit=1, parts=(part,))]
            for part in ("status", "order_note", "contact", "note")
        }
        assert seen == {"status": ["changed"], "order_note": ["said"], "contact": [str(contact)], "note": [str(note)]}


def test_within_an_instant_the_order_comes_before_what_hangs_on_it(store: Store) -> None:
    with store.write() as tx:
        person = add_person(tx, "1")
        add_order(tx, person.account_id, "7")
        add_order_note(tx, "7", "نوشته")
        add_refund(tx, "7", 1)
        assert [key.kind for key in walk(tx, person, newest_first=False, limit=9)] == ["order", "order_note", "refund"]


def test_the_timeline_holds_what_one_sees(store: Store) -> None:
    with store.write() as tx:
        person, agent = add_person(tx, "1"), add_agent(tx)
        add_order(tx, person.account_id, "1", shop="custom")
        add_order_note(tx, "1", "نوشته", shop="custom")
        add_refund(tx, "1", 1, shop="custom")
        add_ticket(tx, "2", shop="custom", account_id=person.account_id)
        add_reply(tx, "3", "2", shop="custom")
        write_note(tx, person, agent, kind="internal")

        def kinds(scope: Scope) -> list[Kind]:
            wanted = Wanted(frozenset(PARTS), newest_first=True)
            page = timeline.page(tx, person.customer_id, scope, wanted, after=None, limit=9)
            return sorted(key.kind for key in page)

        assert kinds(EVERYTHING) == ["note", "order", "order_note", "refund", "reply", "ticket"]
        assert kinds(Scope(agent, frozenset({"main"}))) == ["note"]
        assert kinds(Scope(999, None)) == ["order", "order_note", "refund", "reply", "ticket"]
        assert kinds(Scope(999, None, sees_tickets=False)) == ["order", "order_note", "refund"]
        assert kinds(Scope(999, None, sees_orders=False)) == ["reply", "ticket"]


def test_things_are_read_whole(store: Store) -> None:
    with store.write() as tx:
        person = add_person(tx, "1")
        add_order(tx, person.account_id, "7", number="1042", total=30, currency="USD")
        add_line(tx, "7", "کیف", position=1, total=10)
        add_line(tx, "7", "کفش", position=0, total=20)
        add_refund(tx, "7", 4, reason="پاره بود")
        add_refund(tx, "7", 3, refund_id="gone", gone_at=NOW)
        add_order_note(tx, "7", "رسید", to_customer=True)
        keys = walk(tx, person, newest_first=False, limit=9)
        (order,) = things.orders_among(tx, keys).values()
        assert [line.name for line in order.lines] == ["کفش", "کیف"]
        assert (order.number, order.total, order.refunded) == ("1042", 30, 4)
        told = {row.refund_id: row for row in things.refunds_among(tx, keys).values()}
        assert (told["r7"].number, told["r7"].currency, told["r7"].reason) == ("1042", "USD", "پاره بود")
        assert told["gone"].is_gone
        (note,) = things.order_notes_among(tx, keys).values()
        assert (note.body, note.to_customer, note.number) == ("رسید", True, "1042")
        assert not things.orders_among(tx, [])
        assert not things.refunds_among(tx, [])
        assert not things.order_notes_among(tx, [])
