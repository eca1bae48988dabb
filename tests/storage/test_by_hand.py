"""Facts set by hand, dates that matter, contacts counted, and who has a number."""

from __future__ import annotations

from datetime import timedelta

from storage import notes
from storage.engine import Store
from storage.notes import NewNote
from storage.people import facts_by_hand, important_dates
from storage.people.accounts import states
from storage.people.facts_by_hand import HandRow
from storage.scope import EVERYTHING
from tests.storage.people import NOW, add_agent, add_person, ago


def test_a_fact_is_set_set_anew_and_let_go(store: Store) -> None:
    with store.write() as tx:
        agent = add_agent(tx, "سارا")
        one, other = add_person(tx, "1"), add_person(tx, "2")
        facts_by_hand.put(tx, one.account_id, {"phone": "1", "city": "قم"}, agent_id=agent, now=ago(days=2))
        facts_by_hand.put(tx, one.account_id, {"phone": "2"}, agent_id=agent, now=NOW)
    ids = [one.account_id, other.account_id]
    with store.read() as tx:
        assert facts_by_hand.values(tx, ids) == {one.account_id: {"phone": "2", "city": "قم"}}
        assert facts_by_hand.of(tx, ids) == [
            HandRow(one.account_id, "phone", "2", "سارا", NOW),
            HandRow(one.account_id, "city", "قم", "سارا", ago(days=2)),
        ]
    with store.write() as tx:
        facts_by_hand.remove(tx, one.account_id, ["phone", "city"])
        assert facts_by_hand.values(tx, ids) == {}


def test_what_the_shop_tells_comes_with_the_account_as_long_as_it_is_kept(store: Store) -> None:
    with store.write() as tx:
        one, other = add_person(tx, "1"), add_person(tx, "2")
        facts_by_hand.tell(tx, {one.account_id: {"phone": "1"}})
        facts_by_hand.tell(tx, {one.account_id: {"phone": "2", "billing": {"city": "قم"}}})
    with store.write() as tx:
        told = {key: state.told for key, state in states(tx, "main", "guest", ["1", "2"]).items()}
        assert told == {"1": {"phone": "2", "billing": {"city": "قم"}}, "2": None}
        assert facts_by_hand.told(tx, [one.account_id, other.account_id]) == {one.account_id: told["1"]}
        facts_by_hand.forget_told(tx, one.account_id)
        assert states(tx, "main", "guest", ["1"])["1"].told is None


def test_a_date_is_kept_until_it_is_taken_away(store: Store) -> None:
    with store.write() as tx:
        one, agent = add_person(tx, "1"), add_agent(tx)
        date_id = important_dates.add(
            tx,
            one.account_id,
            label="سالگرد",
            calendar="jalali",
            year=None,
            month=9,
            day=9,
            is_yearly=True,
            agent_id=agent,
            now=NOW,
        )
        (row,) = important_dates.of(tx, [one.account_id])
        assert (row.id, row.label, row.year, row.month, row.is_yearly) == (date_id, "سالگرد", None, 9, True)
        assert important_dates.remove(tx, date_id, now=NOW)
        assert not important_dates.remove(tx, date_id, now=NOW)
        assert important_dates.of(tx, [one.account_id]) == []


def test_contacts_are_counted_since_a_time_with_their_agents(store: Store) -> None:
    def note(author: int, channel: str) -> NewNote:
        contact = (channel, "in", "") if channel else ("", "", "")
        return NewNote(one.customer_id, one.account_id, author, "call", "متن", is_internal=False, contact=contact)

    with store.write() as tx:
        one, sara, ali = add_person(tx, "1"), add_agent(tx), add_agent(tx, "علی")
        notes.write(tx, note(ali, "phone"), now=ago(days=61))
        notes.write(tx, note(sara, "phone"), now=ago(days=3))
        notes.write(tx, note(sara, "chat"), now=ago(days=2))
        notes.write(tx, note(ali, ""), now=ago(days=1))
        lately = notes.tally(tx, one.customer_id, EVERYTHING, since=NOW - timedelta(days=60))
        assert (lately.contacts, lately.agents) == (2, 1)
        longer = notes.tally(tx, one.customer_id, EVERYTHING, since=ago(days=90))
        assert (longer.contacts, longer.agents) == (3, 2)
