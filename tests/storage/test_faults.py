"""Faults of accounts: kept as they are now, counted by customer, within what a reader may see."""

from __future__ import annotations

from companion.sync.people.identity import Identity
from storage.engine import Store, Tx
from storage.people import accounts, faults
from storage.scope import EVERYTHING, Scope
from tests.storage.people import NOW, Person, add_person

ONE_SHOP = Scope(agent_id=1, shops=frozenset({"custom"}))


def look(tx: Tx, *people: Person) -> None:
    Identity(region="IR").look(tx, [person.account_id for person in people], now=NOW)


def test_a_fault_is_there_as_long_as_the_fact_is_wrong(store: Store) -> None:
    with store.write() as tx:
        person = add_person(tx, "a", first_name="مریم", phone="0912", email="maryam")
        look(tx, person)
        assert faults.counts(tx, EVERYTHING) == {"phone": 1, "email": 1}
        accounts.change(tx, [{"id": person.account_id, "phone": "09120001001"}])
        look(tx, person)
        assert faults.counts(tx, EVERYTHING) == {"email": 1}


def test_customers_are_counted_and_paged_within_scope_and_without_the_gone(store: Store) -> None:
    with store.write() as tx:
        people = [add_person(tx, f"order:{n}", phone="12") for n in range(3)]
        elsewhere = add_person(tx, "order:9", shop="custom", phone="12")
        gone = add_person(tx, "order:10", phone="12")
        look(tx, *people, elsewhere, gone)
        accounts.change(tx, [{"id": gone.account_id, "gone_at": NOW}])
        assert faults.counts(tx, EVERYTHING) == {"phone": 4, "name": 4}
        assert faults.counts(tx, ONE_SHOP) == {"phone": 1, "name": 1}
        first = faults.customers_with(tx, "phone", EVERYTHING, after=0, limit=2)
        rest = faults.customers_with(tx, "phone", EVERYTHING, after=first[-1], limit=9)
        assert [*first, *rest] == sorted(its.customer_id for its in (*people, elsewhere))
        assert [row.shop for row in faults.accounts_with(tx, "phone", [elsewhere.customer_id], ONE_SHOP)] == ["custom"]


def test_an_address_of_many_people_is_found_with_its_bearers(store: Store) -> None:
    with store.write() as tx:
        for n, name in enumerate(("رضا", "سارا", "نگار", "پویا")):
            kind = {"shop": "custom"} if n == 3 else {}
            names = {"first_name": name, "last_name": name}
            look(tx, add_person(tx, str(n), kind="user", email="office@example.com", **names, **kind))
        look(tx, add_person(tx, "9", kind="user", first_name="تنها", email="alone@example.com"))
        (shared,) = faults.shared(tx, "email", EVERYTHING, at_least=3)
        assert shared == ("office@example.com", 4)
        assert faults.shared(tx, "email", ONE_SHOP, at_least=3) == []
        bearers = faults.bearers(tx, "email", [shared.key], ONE_SHOP)
        assert [row.first_name for row in bearers[shared.key]] == ["پویا"]
