"""What was put is found by any part of it, within the reader's scope, and by nothing it no longer says."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from storage import notes
from storage.engine import Store, Tx
from storage.notes import NewNote
from storage.schema import search_rows
from storage.scope import EVERYTHING, Scope
from storage.search import index
from storage.search.candidates import holding, starting
from storage.search.numbers import orders_numbered
from tests.storage.people import NOW, add_agent, add_order, add_person, add_reply, add_ticket, ago


def owners(tx: Tx, *words: str, scope: Scope = EVERYTHING, limit: int = 50) -> list[int]:
    """Who has the words in any part."""
    return [row.owner_id for row in holding(tx, words, scope, kinds=("account",), limit=limit)]


def called(tx: Tx, *words: str, scope: Scope = EVERYTHING, limit: int = 50) -> list[int]:
    """Who has words like these: "ahm*" begins one."""
    return [row.owner_id for row in starting(tx, [[[word] for word in words]], scope, kinds=("account",), limit=limit)]


def test_any_part_finds(store: Store) -> None:
    with store.write() as tx:
        maryam = add_person(tx, "1", first_name="مریم", last_name="احمدی", phone="09120001001").account_id
        reza = add_person(tx, "2", first_name="رضا", last_name="کریمی").account_id
        assert owners(tx, "حمد") == [maryam]
        assert owners(tx, "م") == []  # two letters or less are no part worth looking for
        assert owners(tx, "1001") == [maryam]
        assert owners(tx, "رضا", "کر") == [reza]
        assert owners(tx, "رضا", "احمدی") == []


def test_word_starts_are_told_from_other_parts(store: Store) -> None:
    with store.write() as tx:
        inner = add_person(tx, "1", last_name="محمدی").account_id
        first = add_person(tx, "2", last_name="حمدی").account_id
        assert owners(tx, "حمد") == [first, inner]
        assert called(tx, "حم*") == [first]
        assert called(tx, "حمدی") == [first]
        assert called(tx, "حمد") == []


def test_a_changed_text_is_found_by_what_it_says_now(store: Store) -> None:
    with store.write() as tx:
        owner = add_person(tx, "1", last_name="قدیمی").account_id
        assert index.put(tx, "account", {owner: "جدیدی"}) == 1
        assert owners(tx, "جدید") == [owner]
        assert owners(tx, "قدیم") == []


def test_an_unchanged_text_is_not_written(store: Store) -> None:
    with store.write() as tx:
        assert index.put(tx, "account", {7: "one", 8: "two"}) == 2
        assert index.put(tx, "account", {7: "one", 8: "three"}) == 1
        assert index.put(tx, "account", {}) == 0


def test_what_is_removed_is_not_found(store: Store) -> None:
    with store.write() as tx:
        owner = add_person(tx, "1", last_name="احمدی").account_id
        index.remove(tx, "account", [owner])
        assert owners(tx, "احمدی") == []
        index.remove(tx, "account", [owner])


def test_thousands_at_once(store: Store) -> None:
    texts = {owner: f"word{owner}" for owner in range(1, 2502)}
    with store.write() as tx:
        assert index.put(tx, "account", texts) == len(texts)
        assert index.put(tx, "account", texts) == 0
        index.remove(tx, "account", texts)
        assert tx.execute(delete(search_rows)).rowcount == 0


def test_the_newest_are_given_up_to_the_limit(store: Store) -> None:
    with store.write() as tx:
        ids = [add_person(tx, str(place), last_name="احمدی").account_id for place in range(5)]
        assert owners(tx, "احمدی", limit=2) == [ids[4], ids[3]]


def test_of_those_who_match_the_ones_last_heard_of_are_given(store: Store) -> None:
    with store.write() as tx:
        ids = [
            add_person(tx, str(place), last_name="احمدی", facts_at=ago(days=days) if days else None).account_id
            for place, days in enumerate((3, 0, 1, 2))
        ]
        assert called(tx, "احمدی", limit=3) == [ids[2], ids[3], ids[0]]


def test_other_shops_people_are_not_candidates(store: Store) -> None:
    with store.write() as tx:
        here = add_person(tx, "1", last_name="احمدی").account_id
        add_person(tx, "1", shop="custom", last_name="احمدی")
        unknown = add_person(tx, "x", shop="", kind="manual", last_name="احمدی").account_id
        assert owners(tx, "احمدی", scope=Scope(1, frozenset({"main"}))) == [unknown, here]


def test_notes_are_found_by_those_who_may_read_them(store: Store) -> None:
    with store.write() as tx:
        author, colleague = add_agent(tx), add_agent(tx, "نگار")
        person = add_person(tx, "1")
        open_note, internal, binned = (
            notes.write(
                tx, NewNote(person.customer_id, person.account_id, author, kind, "متن", is_internal=False), now=NOW
            )
            for kind in ("general", "internal", "general")
        )
        index.put(tx, "note", dict.fromkeys([open_note, internal, binned], "رهگیری 2104883761"))
        notes.delete(tx, binned, agent_id=author, now=NOW)

        def found(scope: Scope) -> set[int]:
            return {row.owner_id for row in holding(tx, ["48837"], scope, kinds=("note",), limit=9)}

        assert found(EVERYTHING) == {open_note, internal}
        assert found(Scope(author, None)) == {open_note, internal}
        assert found(Scope(colleague, None)) == {open_note}
        assert found(Scope(colleague, frozenset({"custom"}))) == set()
        assert found(Scope(author, None, sees_notes=False)) == set()


def test_a_kinds_search_is_not_filled_by_the_texts_of_another(store: Store) -> None:
    with store.write() as tx:
        person = add_person(tx, "1", last_name="سفارشی")
        add_ticket(tx, "57", account_id=person.account_id)
        replies = {add_reply(tx, str(place), "57"): "سفارش نرسیده" for place in range(20)}
        index.put(tx, "reply", replies)
        for word in ("سفارش", "سفا"):
            assert owners(tx, word, limit=3) == [person.account_id]
            hits = holding(tx, [word], EVERYTHING, kinds=("reply",), limit=3)
            assert [row.owner_id for row in hits] == sorted(replies, reverse=True)[:3]
            assert {(row.customer_id, row.folded) for row in hits} == {(person.customer_id, "سفارش نرسیده")}


def test_tickets_and_replies_are_found_by_those_who_may_see_them_while_they_stand(store: Store) -> None:
    with store.write() as tx:
        person = add_person(tx, "1")
        standing, gone = add_ticket(tx, "1", account_id=person.account_id), add_ticket(tx, "2", gone_at=NOW)
        nobodys = add_ticket(tx, "3", account_id=None)
        index.put(tx, "ticket", dict.fromkeys([standing, gone, nobodys], "کارتن له شده"))
        here, deleted, of_gone = add_reply(tx, "1", "1"), add_reply(tx, "2", "1", gone_at=NOW), add_reply(tx, "3", "2")
        index.put(tx, "reply", dict.fromkeys([here, deleted, of_gone], "کارتن له شده"))

        def found(scope: Scope) -> set[tuple[str, int]]:
            kinds: tuple[index.Kind, ...] = ("ticket", "reply")
            return {
                (kind, row.owner_id) for kind in kinds for row in holding(tx, ["کارتن"], scope, kinds=(kind,), limit=9)
            }

        assert found(EVERYTHING) == found(Scope(1, frozenset({"main"}))) == {("ticket", standing), ("reply", here)}
        assert found(Scope(1, frozenset({"custom"}))) == set()
        assert found(Scope(1, None, sees_tickets=False)) == set()


def test_orders_are_found_by_number_or_id_in_the_shops_one_sees(store: Store) -> None:
    with store.write() as tx:
        one, two = add_person(tx, "1"), add_person(tx, "1", shop="custom")
        add_order(tx, one.account_id, "7", number="1042", created_at=ago(days=2))
        add_order(tx, two.account_id, "1042", number="A-9", shop="custom")
        add_order(tx, one.account_id, "8", number="1042", gone_at=NOW)
        found = orders_numbered(tx, "1042", EVERYTHING)
        assert [(row.shop, row.order_id, row.customer_id) for row in found] == [
            ("custom", "1042", two.customer_id),
            ("main", "7", one.customer_id),
        ]
        assert [row.shop for row in orders_numbered(tx, "1042", Scope(1, frozenset({"main"})))] == ["main"]
        add_order(tx, two.account_id, "12", number="1049", shop="custom")
        for scope, shops in ((EVERYTHING, {"main", "custom"}), (Scope(1, frozenset({"custom"})), {"custom"})):
            assert {row.shop for row in orders_numbered(tx, "104", scope, as_beginning=5)} == shops
        assert orders_numbered(tx, "104", Scope(1, frozenset()), as_beginning=5) == []
        assert orders_numbered(tx, "1042", Scope(1, None, sees_orders=False)) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 6), st.text("abcمن ", max_size=8) | st.none()), max_size=25),
    st.text("abcمن", min_size=3, max_size=4),
)
def test_index_and_texts_stay_of_one_mind(store: Store, changes: list[tuple[int, str | None]], word: str) -> None:
    kept: dict[int, str] = {}
    with store.write() as tx:
        index.remove(tx, "account", list(range(1, 100)))
        people = {key: person.account_id for key in range(1, 7) if (person := add_person(tx, f"{id(changes)}-{key}"))}
        for key, text in changes:
            if text is None:
                index.remove(tx, "account", [people[key]])
                kept.pop(people[key], None)
            else:
                index.put(tx, "account", {people[key]: text})
                kept[people[key]] = text
        assert set(owners(tx, word)) == {owner for owner, text in kept.items() if word in text}
        tx.rollback()


@pytest.mark.parametrize("word", ["%", "_", "a%", "\\", "'", '"', "a'b"])
def test_odd_words_are_harmless(store: Store, word: str) -> None:
    with store.write() as tx:
        add_person(tx, "1", last_name="احمدی")
        owners(tx, word)
        called(tx, f"{word}*", "abc")
        owners(tx, "abc", word)


def test_short_and_long_words_may_be_mixed(store: Store) -> None:
    with store.write() as tx:
        owner = add_person(tx, "1", first_name="مریم", last_name="احمدی").account_id
        assert owners(tx, "م", "احمدی") == owners(tx, "احمدی", "م") == [owner]
        assert owners(tx, "م", "صالحی") == []
