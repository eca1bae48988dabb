"""Tickets as rows: what an update keeps, who is due, who carries the summary, and who was not seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from storage import shop_agents
from storage.engine import Store, Tx
from storage.tickets import replies, tickets
from tests.storage.people import NOW, add_person, add_reply, add_shop_agent, add_ticket, ago, unite


def row(ticket_id: str, **columns: Any) -> dict[str, Any]:
    return {
        "shop": "main",
        "ticket_id": ticket_id,
        "account_id": None,
        "title": "",
        "body": "",
        "status": "queued",
        "state": "open",
        "channel": "",
        "replies": 0,
        "summary": None,
        "takes_summary": False,
        "read_seq": 5,
        "raw_hash": b"r",
        "content_hash": b"c",
        "modified_at": NOW,
        "replies_due_at": None,
        **columns,
    }


def put(tx: Tx, *rows: dict[str, Any]) -> dict[str, int]:
    known = tickets.states(tx, "main", [each["ticket_id"] for each in rows])
    return tickets.upsert(tx, rows, {key: state.id for key, state in known.items()})


def test_an_update_keeps_our_id_what_it_does_not_tell_and_what_is_due(store: Store) -> None:
    with store.write() as tx:
        first = put(tx, row("1", channel="email", replies_due_at=NOW), row("2"))
        tickets.set_written(tx, "main", {"1": "ours"})
        tickets.set_gone(tx, "main", ["2"], read_seq=6, now=NOW)
        again = put(tx, row("1", title="نو"), row("2", channel="chat"), row("3"))
    assert {key: again[key] for key in first} == first
    with store.read() as tx:
        assert tickets.replies_due(tx, "main", now=NOW, limit=9) == ["1"]
        assert tickets.summaries_written(tx, "main", ["1", "2"]) == {"1": "ours"}
        states = tickets.states(tx, "main", ["1", "2", "3", "4"])
        assert {key: state.gone_at for key, state in states.items()} == {"1": None, "2": None, "3": None}


def test_replies_of_open_tickets_come_first_and_are_claimed_once(store: Store) -> None:
    with store.write() as tx:
        put(tx, row("1", state="closed", replies_due_at=ago(hours=2)), row("2", replies_due_at=NOW), row("3"))
        assert tickets.count_replies_due(tx, "main") == 2
        assert tickets.replies_due(tx, "main", now=NOW, limit=9) == ["2", "1"]
        until = NOW + timedelta(seconds=30)
        assert tickets.claim_replies(tx, "main", ["1", "2"], now=NOW, until=until) == ["1", "2"]
        assert tickets.claim_replies(tx, "main", ["1", "2"], now=NOW, until=until) == []
        put(tx, row("1", replies_due_at=NOW))  # it changed while they were read
        for ticket_id in ("1", "2"):
            tickets.end_claim(tx, "main", ticket_id, until)
        assert tickets.replies_due(tx, "main", now=until, limit=9) == ["1"]


def test_what_a_round_did_not_see_is_what_was_read_before_it(store: Store) -> None:
    with store.write() as tx:
        put(tx, row("1", read_seq=4), row("2", read_seq=4, state="closed"), row("3", read_seq=4, status="trash"))
        put(tx, row("4", read_seq=9), row("5", read_seq=4), row("6", read_seq=4))
        tickets.set_missing(tx, "main", ["5"], NOW)
        tickets.touch(tx, "main", ["6"], 9)
        assert tickets.open_unseen(tx, "main", before_seq=9, limit=9) == ["1"]
        stamps = tickets.stamps(tx, "main")
    assert {key for key, stamp in stamps.items() if stamp.read_seq < 9} == {"1", "2", "3", "5"}
    assert stamps["5"].missing_since == NOW


def test_carriers_are_few_however_many_tickets_she_has_and_only_those_that_take_it(store: Store) -> None:
    with store.write() as tx:
        hers, other = add_person(tx, "7", kind="user"), add_person(tx, "8", kind="user")
        hers, customer = unite(tx, hers, other), other.customer_id
        for number in range(20):
            add_ticket(
                tx,
                str(number),
                account_id=hers.account_id if number % 2 else other.account_id,
                state="closed",
                takes_summary=True,
                created_at=ago(days=number),
            )
        add_ticket(tx, "open", account_id=hers.account_id, takes_summary=True, created_at=ago(days=99))
        add_ticket(tx, "mute", account_id=hers.account_id, takes_summary=False)
        add_ticket(tx, "gone", account_id=hers.account_id, takes_summary=True, gone_at=NOW)
        found = tickets.possible_carriers(tx, "main", [customer], newest=3, pointed_at=["15"])
        assert {carrier.ticket_id for carrier in found} == {"0", "1", "2", "15", "open"}
        assert tickets.customers_of(tx, "main", ["3", "mute", "?"]) == {"3": customer, "mute": customer}


def test_an_older_list_of_replies_neither_brings_back_nor_takes_away(store: Store) -> None:
    with store.write() as tx:
        add_reply(tx, "1", "9", "stands", read_seq=7)
        add_reply(tx, "2", "9", "gone", read_seq=7, gone_at=NOW)
        known = {key: state.id for key, state in replies.states(tx, "main", ["1", "2"]).items()}
        old = {"shop": "main", "ticket_id": "9", "author_id": "", "status": "", "created_at": NOW, "modified_at": NOW}
        rows = [{**old, "reply_id": key, "body": "old", "read_seq": 6, "gone_at": None} for key in ("2", "3")]
        replies.upsert(tx, rows, known, read_seq=6)
        replies.tombstone_others(tx, "main", "9", ["2", "3"], read_seq=6, now=NOW)
        assert replies.standing(tx, "main", ["9", "10"]) == {"9": 2}
        states = replies.states(tx, "main", ["1", "2", "3"])
    assert {key: (state.body, state.is_gone) for key, state in states.items()} == {
        "1": ("stands", False),
        "2": ("gone", True),
        "3": ("old", False),
    }


def test_people_of_a_shop_are_called_by_its_list_before_their_accounts(store: Store) -> None:
    with store.write() as tx:
        add_person(tx, "3", kind="user", first_name="نام", last_name="حساب")
        add_person(tx, "4", kind="user", username="reza")
        add_person(tx, "5", kind="user")
        add_shop_agent(tx, "3", "مینا راد")
        assert shop_agents.names(tx, "main", ["3", "4", "5", ""]) == {"3": "مینا راد", "4": "reza"}
        shop_agents.replace(tx, "main", [], read_seq=2, now=NOW)
        assert shop_agents.names(tx, "main", ["3"]) == {"3": "مینا راد"}
