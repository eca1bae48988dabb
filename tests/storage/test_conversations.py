"""Tickets as people ask for them, each reader within her scope."""

from __future__ import annotations

from storage.engine import Store, Tx
from storage.scope import EVERYTHING, Scope
from storage.tickets import conversations
from storage.tickets.conversations import CountRow
from storage.timeline import things
from storage.timeline.keys import Key
from tests.storage.people import NOW, Person, add_person, add_reply, add_ticket, ago, unite

ELSEWHERE = Scope(agent_id=0, shops=frozenset({"custom"}))
NO_TICKETS = Scope(agent_id=0, shops=None, sees_tickets=False)


def maryam(tx: Tx) -> Person:
    """She wrote by two accounts: the ticket by the one, an answer by the other; "5" is a colleague of the shop."""
    person = add_person(tx, "18", kind="user")
    unite(tx, add_person(tx, "19", kind="user"), person)
    add_person(tx, "5", kind="user")
    add_ticket(
        tx, "57", account_id=person.account_id, title="نرسیده", replies=3, url="https://shop/t", created_at=ago(days=9)
    )
    add_reply(tx, "60", "57", "سلام", author="5", created_at=ago(days=8))
    add_reply(tx, "61", "57", "هنوز نه", author="19", created_at=ago(days=2))
    add_reply(tx, "62", "57", "پاک شد", author="18", created_at=ago(days=1), gone_at=NOW)
    return person


def test_a_ticket_leads_to_whoever_opened_it(store: Store) -> None:
    with store.write() as tx:
        person = maryam(tx)
        add_ticket(tx, "58")
        assert conversations.owner(tx, "main", "57", EVERYTHING) == person
        assert conversations.owner(tx, "main", "58", EVERYTHING) is None
        assert conversations.owner(tx, "main", "57", ELSEWHERE) is None
        assert conversations.owner(tx, "main", "57", NO_TICKETS) is None


def test_what_was_said_is_read_with_who_said_it(store: Store) -> None:
    with store.write() as tx:
        maryam(tx)
        said = conversations.replies_of(tx, "main", "57", limit=9)
        assert [(row.reply_id, row.is_hers, row.is_gone) for row in said] == [
            ("60", False, False), ("61", True, False), ("62", True, True),
        ]  # fmt: skip
        assert {(row.title, row.url) for row in said} == {("نرسیده", "https://shop/t")}
        assert [row.reply_id for row in conversations.replies_of(tx, "main", "57", limit=2)] == ["61", "62"]
        keys = [Key(NOW, "reply", "main", "61"), Key(NOW, "ticket", "main", "57"), Key(NOW, "ticket", "main", "99")]
        assert things.replies_among(tx, keys) == {keys[0]: said[1]}
        (ticket,) = things.tickets_among(tx, keys).values()
        assert (ticket.ticket_id, ticket.title, ticket.replies, ticket.is_gone) == ("57", "نرسیده", 3, False)


def test_open_tickets_come_with_what_was_said_on_them(store: Store) -> None:
    with store.write() as tx:
        person = maryam(tx)
        add_ticket(tx, "1", account_id=person.account_id, state="closed")
        add_ticket(tx, "2", account_id=person.account_id, status="trash")
        add_ticket(tx, "3", account_id=person.account_id, gone_at=NOW)
        ((ticket, said),) = conversations.open_tickets(tx, person.customer_id, EVERYTHING)
        assert (ticket.ticket_id, ticket.title) == ("57", "نرسیده")
        assert sorted(said) == [(ago(days=8), False), (ago(days=2), True)]
        assert conversations.open_tickets(tx, person.customer_id, ELSEWHERE) == []
        assert conversations.open_tickets(tx, person.customer_id, NO_TICKETS) == []
        titles = conversations.titles(tx, person.customer_id, EVERYTHING, limit=9)
        assert [(row.ticket_id, row.state) for row in titles] == [("1", "closed"), ("57", "open")]
        assert [row.ticket_id for row in conversations.titles(tx, person.customer_id, EVERYTHING, limit=1)] == ["1"]


def test_tickets_are_counted_and_dated_by_what_was_said_last(store: Store) -> None:
    with store.write() as tx:
        person = maryam(tx)
        add_ticket(tx, "1", account_id=person.account_id, status="trash")
        hers = {person.customer_id: CountRow(1, ago(days=2))}
        assert conversations.counts(tx, [person.customer_id, 999], EVERYTHING) == hers
        assert conversations.counts(tx, [person.customer_id], ELSEWHERE) == {}
        assert conversations.counts(tx, [person.customer_id], NO_TICKETS) == {}
        assert conversations.counts(tx, [], EVERYTHING) == {}


def test_what_a_search_found_is_read_by_our_own_ids(store: Store) -> None:
    with store.write() as tx:
        person = add_person(tx, "18", kind="user")
        ticket = add_ticket(tx, "57", account_id=person.account_id, title="نرسیده", body="<p>سلام</p>")
        reply = add_reply(tx, "60", "57", "رسید", author="18", created_at=ago(days=1))
        assert conversations.found_tickets(tx, [ticket, 999])[ticket][:5] == (
            "main",
            "57",
            "نرسیده",
            "<p>سلام</p>",
            NOW,
        )
        found = conversations.found_replies(tx, [reply])[reply]
        assert found[:5] == ("main", "57", "نرسیده", "رسید", ago(days=1))
        assert found.reply is not None
        assert found.reply.is_hers
        assert conversations.found_tickets(tx, []) == conversations.found_replies(tx, []) == {}
