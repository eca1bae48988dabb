"""Who is found by what is nearly her name: slips, spaces, the other script, the other keyboard; and by filters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from companion.domain.permissions import Role
from companion.domain.searchable import order_note_text, order_text
from companion.services.notes import NoteDraft, Notes
from companion.services.search.search import Filters, Search
from storage.engine import Store
from storage.schema import segments
from storage.search import index, vocabulary
from tests.services.conftest import SeenBy
from tests.storage.people import NOW, Person, add_order, add_order_note, add_person, ago


@pytest.mark.parametrize(
    "typed",
    [
        "احمذی",  # another letter
        "مریم احدمی",  # two swapped
        "مریم احممدی",
        "اخمدی مریم",
        "maryam ahmadi",
        "ahmadi",
        "lvdl hplnd",  # the keyboard stood at English
        "مریماحمدی",
        "مر یم احمدی",
    ],
)
def test_she_is_found_by_what_is_like_her_name(
    search: Search, viewer: SeenBy, store: Store, maryam: Person, typed: str
) -> None:
    with store.write() as tx:
        add_person(tx, "2", first_name="رضا", last_name="کریمی", phone="09350002002")
    (hit,) = search.find(viewer(), typed).hits
    assert (hit.customer_id, hit.name) == (maryam.customer_id, "مریم احمدی")


def test_what_is_only_like_the_words_is_said_to_be_so_and_stands_last(
    search: Search, viewer: SeenBy, store: Store
) -> None:
    with store.write() as tx:
        near = add_person(tx, "1", last_name="احمدی").customer_id
        called_so = add_person(tx, "2", last_name="اهمدی").customer_id
    hits = search.find(viewer(), "اهمدی").hits
    assert [(hit.customer_id, hit.approximate) for hit in hits] == [(called_so, False), (near, True)]


def test_a_latin_name_is_found_by_persian_letters(search: Search, viewer: SeenBy, store: Store) -> None:
    with store.write() as tx:
        person = add_person(tx, "1", first_name="Mohammad", last_name="Rezaei")
    (hit,) = search.find(viewer(), "محمد رضایی").hits
    assert (hit.customer_id, hit.approximate) == (person.customer_id, True)


@pytest.mark.parametrize("typed", ["محمد رضا کریمی", "محمدرضا کریمی", "محمد\u200cرضا کریمی", "کریمی محمدرضا"])
@pytest.mark.parametrize("name", ["محمدرضا", "محمد رضا", "محمد\u200cرضا"])
def test_spaces_within_a_name_are_no_matter(
    search: Search, viewer: SeenBy, store: Store, typed: str, name: str
) -> None:
    with store.write() as tx:
        person = add_person(tx, "1", first_name=name, last_name="کریمی")
    assert [hit.customer_id for hit in search.find(viewer(), typed).hits] == [person.customer_id]


def test_a_word_that_is_a_name_is_misspelt_only_where_the_others_find_nobody(
    search: Search, viewer: SeenBy, store: Store, maryam: Person
) -> None:
    with store.write() as tx:
        named = add_person(tx, "2", first_name="مریم", last_name="احمدپور").customer_id
        add_person(tx, "3", first_name="مریخ", last_name="کریمی")
    assert [hit.customer_id for hit in search.find(viewer(), "مریم احمدپرو").hits] == [named]
    assert [hit.customer_id for hit in search.find(viewer(), "مریخ احمدی").hits] == [maryam.customer_id]


def test_the_last_digits_of_a_phone_stand_before_the_same_digits_elsewhere(
    search: Search, viewer: SeenBy, store: Store
) -> None:
    with store.write() as tx:
        elsewhere = add_person(tx, "1", phone="09121001555", facts_at=NOW).customer_id
        at_end = add_person(tx, "2", phone="09120001001").customer_id
    assert [hit.customer_id for hit in search.find(viewer(), "۱۰۰۱").hits] == [at_end, elsewhere]


def test_a_misspelt_name_learnt_by_another_process_is_known_at_once(
    search: Search, viewer: SeenBy, store: Store, maryam: Person
) -> None:
    assert len(search.find(viewer(), "احمذی").hits) == 1
    with store.write() as tx:
        other = add_person(tx, "2", last_name="صالحی").customer_id
    assert [hit.customer_id for hit in search.find(viewer(), "صالخی").hits] == [other]


def test_words_leave_the_vocabulary_with_the_last_who_bears_them(store: Store) -> None:
    with store.write() as tx:
        one = add_person(tx, "1", last_name="صالحی").account_id
        two = add_person(tx, "2", last_name="صالحی").account_id
        index.remove(tx, "account", [one])
        assert "صالحی" in vocabulary.since(tx, 0)
        index.put(tx, "account", {two: "کریمی"})
        assert "صالحی" not in vocabulary.since(tx, 0)
        assert "کریمی" in vocabulary.since(tx, 0)


def test_order_notes_and_the_customers_words_on_orders_are_found(
    search: Search, viewer: SeenBy, store: Store, maryam: Person
) -> None:
    with store.write() as tx:
        add_order(tx, maryam.account_id, "7", number="1042", customer_note="زنگ دوم را بزنید", created_at=ago(days=2))
        add_order_note(tx, "7", "تحویل نگهبان شد", created_at=ago(days=1))
        index.put_things(tx, "order", "main", {"7": order_text("زنگ دوم را بزنید")})
        index.put_things(tx, "order_note", "main", {"n7": order_note_text("تحویل نگهبان شد")})
    (word,) = search.find(viewer(), "زنگ دوم").hits
    assert (word.why, word.customer_id, word.thing.id if word.thing else "") == (
        "customer_note",
        maryam.customer_id,
        "7",
    )
    (note,) = search.find(viewer(), "نگهبان").hits
    assert (note.why, note.written_at, note.author) == ("order_note", ago(days=1), "سیستم")
    assert search.find(viewer(Role.ADMINISTRATOR, "custom"), "نگهبان").hits == ()
    with store.write() as tx:
        index.put_things(tx, "order", "main", {"7": ""})
    assert search.find(viewer(), "زنگ دوم").hits == ()


def test_filters_leave_out_what_is_not_asked_for(
    search: Search, viewer: SeenBy, store: Store, notes: Notes, maryam: Person
) -> None:
    with store.write() as tx:
        other = add_person(tx, "2", shop="custom", last_name="احمدی", facts_at=ago(days=30))
        tx.execute(
            insert(segments).values(
                customer_id=other.customer_id, segment="gold", computed="gold", terms=[], computed_at=NOW
            )
        )
    author = viewer()
    notes.write(author, NoteDraft(other.customer_id, "با احمدی صحبت شد"))

    def found(only: Filters) -> list[tuple[int, str]]:
        return [(hit.customer_id, hit.why) for hit in search.find(author, "احمدی", only=only).hits]

    assert {customer for customer, _ in found(Filters())} == {maryam.customer_id, other.customer_id}
    assert found(Filters(kind="note")) == [(other.customer_id, "note")]
    assert found(Filters(shop="main")) == [(maryam.customer_id, "name")]
    assert found(Filters(segment="gold")) == [(other.customer_id, "name")]
    assert found(Filters(agent_id=author.agent_id)) == [(other.customer_id, "note")]
    assert found(Filters(agent_id=author.agent_id + 1)) == []
    assert found(Filters(kind="account", until=ago(days=29))) == [(other.customer_id, "name")]
    assert found(Filters(kind="note", since=NOW - timedelta(days=1))) == [(other.customer_id, "note")]
    assert found(Filters(kind="note", since=NOW + timedelta(days=1))) == []
