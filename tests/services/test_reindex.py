"""The index can always be built anew from what is stored: nothing is found less for it, and nothing that is gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, insert, select

from companion.domain.permissions import Role
from companion.services.notes import NoteDraft, Notes
from companion.services.search.reindex import Reindex, Reindexed
from companion.services.search.search import Search
from storage.engine import Store, Tx
from storage.errors import Corrupt
from storage.people import accounts
from storage.schema import search_rows
from storage.search import index
from storage.sync import slices
from tests.fixtures.store import Clock
from tests.services.conftest import SeenBy
from tests.storage.people import NOW, add_order, add_person, add_reply, add_ticket


@pytest.fixture
def reindex(store: Store, clock: Clock) -> Reindex:
    return Reindex(store, clock)


@pytest.fixture
def found(store: Store, clock: Clock, viewer: SeenBy) -> Callable[[str], list[int]]:
    """The customers that a search finds."""
    finding = Search(store, clock)
    eyes = viewer(Role.ADMINISTRATOR)
    return lambda text: [hit.customer_id for hit in finding.find(eyes, text).hits]


def rows(store: Store) -> set[tuple[str, int, str]]:
    with store.read() as tx:
        return {
            tuple(row) for row in tx.execute(select(search_rows.c.kind, search_rows.c.owner_id, search_rows.c.folded))
        }


def check_index(store: Store) -> None:
    """SQLite's own comparison of its index with the rows; raises Corrupt where they differ."""
    with store.write() as tx:
        tx.exec_driver_sql("INSERT INTO search_trigram (search_trigram, rank) VALUES ('integrity-check', 1)")
        for name in ("search_people", "search_texts"):
            tx.exec_driver_sql(f"INSERT INTO {name} ({name}) VALUES ('integrity-check')")


def test_everything_is_found_again_after_the_index_was_emptied(
    store: Store, reindex: Reindex, notes: Notes, viewer: SeenBy, found: Callable[[str], list[int]]
) -> None:
    with store.write() as tx:
        maryam = add_person(
            tx, "1", first_name="مریم", last_name="احمدی", billing={"city": "شیراز"}, phone="09120001001"
        )
        reza = add_person(tx, "2", first_name="رضا", last_name="کریمی", company="پارس تجارت")
    notes.write(viewer(Role.AGENT), NoteDraft(customer_id=reza.customer_id, body="بستهٔ گل‌نرگس برگشت خورد"))
    before = rows(store)
    with store.write() as tx:
        index.empty(tx)
    assert found("احمدی") == []
    reindex.run()
    assert rows(store) == before
    for text in ("احمدی", "شیراز", "1001"):
        assert found(text) == [maryam.customer_id]
    for text in ("پارستجارت", "گلنرگس"):
        assert found(text) == [reza.customer_id]


def test_tickets_and_replies_are_found_again_too(store: Store, reindex: Reindex) -> None:
    with store.write() as tx:
        ticket = add_ticket(tx, "352", title="کفش نرسید", body="<p>کد رهگیری ۲۱۰۴۷</p>")
        reply = add_reply(tx, "360", "352", "<p>در انبار است</p>")
    assert reindex.run() == Reindexed(2, 2)
    assert {(kind, owner) for kind, owner, _ in rows(store)} == {("ticket", ticket), ("reply", reply)}
    (text,) = (text for kind, _, text in rows(store) if kind == "ticket")
    assert all(word in text for word in ("352", "21047", "کفش"))


def test_a_text_that_is_out_of_date_is_written_anew(
    store: Store, reindex: Reindex, found: Callable[[str], list[int]]
) -> None:
    with store.write() as tx:
        maryam = add_person(tx, "1", last_name="احمدی")
        index.put(tx, "account", {maryam.account_id: "as an older version folded it"})
    reindex.run()
    assert found("احمدی") == [maryam.customer_id]
    assert found("older") == []


def test_texts_whose_owner_is_gone_are_removed(store: Store, reindex: Reindex) -> None:
    with store.write() as tx:
        index.put(tx, "account", dict.fromkeys(range(9000, 9003), "x"))
        index.put(tx, "note", {9000: "x"})
        index.put_things(tx, "order_note", "main", {"9000": "x"})
    reindex.run()
    assert rows(store) == set()


def test_an_ownerless_text_that_comes_while_it_runs_is_removed_at_its_end(store: Store, reindex: Reindex) -> None:
    def tell(progress: Reindexed) -> None:
        with store.write() as tx:
            index.put(tx, "account", {9000: "nobody"})

    assert reindex.run(tell).removed == 1
    assert rows(store) == set()


def test_staff_is_indexed_only_once_they_buy(store: Store, reindex: Reindex) -> None:
    with store.write() as tx:
        add_person(tx, "1", kind="user", last_name="انباردار", role="shop_manager")
        buyer = add_person(tx, "2", kind="user", last_name="مدیر", role="administrator")
        add_order(tx, buyer.account_id, "1042")
        customer = add_person(tx, "3", kind="user", last_name="خریدار", role="customer")
    reindex.run()
    assert {owner for _, owner, _ in rows(store)} == {buyer.account_id, customer.account_id}


def test_an_abandoned_guest_is_not_indexed_and_a_deleted_user_is(store: Store, reindex: Reindex) -> None:
    with store.write() as tx:
        guest = add_person(tx, "typo@mail.example", last_name="احمدی")
        user = add_person(tx, "7", kind="user", last_name="کریمی", role="customer")
        accounts.change(tx, [{"id": person.account_id, "gone_at": NOW} for person in (guest, user)])
    reindex.run()
    assert {owner for _, owner, _ in rows(store)} == {user.account_id}


def test_an_interrupted_run_goes_on_where_it_stood(store: Store, reindex: Reindex) -> None:
    with store.write() as tx:
        people = [add_person(tx, str(number), last_name=f"person{number}") for number in range(250)]
        index.empty(tx)

    def stop_in_the_middle(progress: Reindexed) -> None:
        if progress.done >= 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex.run(stop_in_the_middle)
    assert 100 <= len(rows(store)) < 250
    told: list[Reindexed] = []
    reindex.run(told.append)
    assert told[0].done >= 100
    assert told[-1] == Reindexed(250, 250)
    assert {owner for _, owner, _ in rows(store)} == {person.account_id for person in people}
    with store.read() as tx:
        assert slices.finished(tx, "", "search") == {}


def test_progress_ends_where_it_said_it_would(store: Store, reindex: Reindex, notes: Notes, viewer: SeenBy) -> None:
    with store.write() as tx:
        person = add_person(tx, "1", last_name="احمدی")
    notes.write(viewer(Role.AGENT), NoteDraft(customer_id=person.customer_id, body="تماس گرفت"))
    told: list[Reindexed] = []
    result = reindex.run(told.append)
    assert [progress.done for progress in told] == [0, 1, 2]
    assert {progress.total for progress in told} == {2}
    assert result == Reindexed(2, 2, 0)


def test_an_empty_store_has_nothing_to_index(reindex: Reindex) -> None:
    assert reindex.run() == Reindexed(0, 0)


def test_writing_goes_on_between_two_slices(store: Store, reindex: Reindex) -> None:
    with store.write() as tx:
        for number in range(150):
            add_person(tx, str(number), last_name=f"person{number}")

    def write(progress: Reindexed) -> None:
        with store.write() as tx:
            index.put(tx, "account", {150: f"changed{progress.done}", 1: f"changed{progress.done}"})

    reindex.run(write)
    if store.dialect == "sqlite":
        check_index(store)


DAMAGES = {
    "emptied": ["INSERT INTO search_trigram (search_trigram) VALUES ('delete-all')"],
    "rows that it does not know": ["UPDATE search_rows SET folded = ' somebody else'"],
    "broken blocks": ["UPDATE search_trigram_data SET block = x'ffffffffffff' WHERE id > 10"],
    "broken root": ["UPDATE search_trigram_data SET block = x'ffffffffffff'"],
    "lost blocks": ["DELETE FROM search_trigram_data"],
    "lost lookup": ["DELETE FROM search_trigram_idx"],
    "lost settings": ["DELETE FROM search_trigram_config"],
    "lost table": ["DROP TABLE search_trigram_config"],
    "emptied words": ["INSERT INTO search_people (search_people) VALUES ('delete-all')"],
    "broken words": ["UPDATE search_people_data SET block = x'ffffffffffff'", "DROP TABLE search_texts_config"],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_index_is_built_anew(sqlite_store: Store, clock: Clock, damage: list[str]) -> None:
    with sqlite_store.write() as tx:
        people = [add_person(tx, str(number), last_name=f"احمدی {number}") for number in range(300)]
    before = rows(sqlite_store)
    with sqlite_store.write() as tx:
        for statement in damage:
            tx.exec_driver_sql(statement)
    url = sqlite_store.url.render_as_string()
    sqlite_store.close()
    store = Store(url)
    Reindex(store, clock).run()
    check_index(store)
    assert rows(store) == before
    with store.write() as tx:
        index.put(tx, "account", {people[0].account_id: "changed"})
    check_index(store)
    store.close()


def test_a_damaged_index_says_how_to_mend_it(sqlite_store: Store, clock: Clock) -> None:
    with sqlite_store.write() as tx:
        person = add_person(tx, "1", last_name="احمدی")
        tx.exec_driver_sql("INSERT INTO search_trigram (search_trigram) VALUES ('delete-all')")
    with pytest.raises(Corrupt, match="companion reindex"), sqlite_store.write() as tx:
        index.put(tx, "account", {person.account_id: "changed"})


def test_damage_found_on_the_way_lets_the_next_run_begin_anew(sqlite_store: Store, clock: Clock) -> None:
    with sqlite_store.write() as tx:
        for number in range(150):
            add_person(tx, str(number), last_name=f"person{number}")
    reindex = Reindex(sqlite_store, clock)

    def damage(tx: Tx) -> None:
        tx.execute(delete(search_rows).where(search_rows.c.owner_id > 100))
        tx.execute(insert(search_rows).values(id=101, kind="account", owner_id=101, folded=" never learnt "))
        tx.exec_driver_sql("INSERT INTO search_trigram (search_trigram) VALUES ('delete-all')")

    def tell(progress: Reindexed) -> None:
        if progress.done == 100:
            with sqlite_store.write() as tx:
                damage(tx)

    with pytest.raises(Corrupt):
        reindex.run(tell)
    reindex.run()
    check_index(sqlite_store)
    with sqlite_store.read() as tx:
        assert tx.execute(select(func.count()).select_from(search_rows)).scalar_one() == 150
