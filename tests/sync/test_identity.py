"""Who becomes one customer, by what accounts share; in whatever order it is heard of."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from companion.domain.evidence import NoEvidence
from companion.sync.people.identity import Identity
from storage.engine import Store, Tx
from storage.identity import links
from storage.people import accounts
from storage.schema import accounts as accounts_table
from storage.schema import customers, notes
from storage.schema import links as links_table
from tests.storage.people import NOW, Person, add_agent, add_person
from tests.storage.test_notes import write_note

PHONE = "09120001001"


@pytest.fixture
def identity() -> Identity:
    return Identity(no_evidence=NoEvidence(["09120000000"], domains=["shop.example"]))


def meet(tx: Tx, identity: Identity, *people: dict[str, Any]) -> list[Person]:
    """Accounts that are made and looked at one after the other."""
    made = []
    for number, facts in enumerate(people):
        last = tx.execute(select(accounts_table.c.id).order_by(accounts_table.c.id.desc())).scalar() or 0
        person = add_person(tx, f"{last}-{number}", **facts)
        identity.look(tx, [person.account_id], now=NOW)
        made.append(person)
    return made


def learn(tx: Tx, identity: Identity, person: Person, **facts: str) -> None:
    accounts.change(tx, [{"id": person.account_id, **facts}])
    identity.look(tx, [person.account_id], now=NOW)


def owners(tx: Tx, people: Sequence[Person]) -> list[int]:
    """Whose accounts these are now."""
    rows = {row.id: row.customer_id for row in tx.execute(select(accounts_table.c.id, accounts_table.c.customer_id))}
    return [rows[person.account_id] for person in people]


def are_one(tx: Tx, *people: Person) -> bool:
    return len(set(owners(tx, people))) == 1


def said(tx: Tx) -> list[tuple[str, bool]]:
    rows = tx.execute(select(links_table.c.verdict, links_table.c.withdrawn_at).order_by(links_table.c.id))
    return [(verdict, withdrawn_at is None) for verdict, withdrawn_at in rows]


def maryam(**facts: Any) -> dict[str, Any]:
    return {"first_name": "مریم", "last_name": "احمدی", **facts}


def test_one_address_is_one_person_in_every_shop(store: Store, identity: Identity) -> None:
    with store.write() as tx:
        one, other = meet(
            tx, identity, maryam(email="m@example.com"), {"shop": "custom", "kind": "user", "email": "M@Example.com"}
        )
        assert are_one(tx, one, other)
        assert (
            tx.execute(select(customers.c.merged_into).where(customers.c.id == other.customer_id)).scalar()
            == one.customer_id
        )


def test_a_phone_unites_names_that_agree_and_no_family(store: Store, identity: Identity) -> None:
    with store.write() as tx:
        hers, latin, his = meet(
            tx,
            identity,
            maryam(phone=PHONE),
            {"first_name": "Ahmadi", "last_name": "Maryam", "phone": "+98 912 000 1001"},
            {"first_name": "رضا", "last_name": "احمدی", "phone": "۰۹۱۲۰۰۰۱۰۰۱"},
        )
        assert are_one(tx, hers, latin)
        assert not are_one(tx, hers, his)


@pytest.mark.parametrize(("one", "other"), [("شهرام", "بهرام"), ("Hamid", "حامد"), ("Farid", "فریده")])
def test_brothers_and_sisters_named_alike_are_never_united_by_their_phone(
    store: Store, identity: Identity, one: str, other: str
) -> None:
    with store.write() as tx:
        people = meet(
            tx, identity, *({"first_name": its, "last_name": "کریمی", "phone": PHONE} for its in (one, other))
        )
        assert not are_one(tx, *people)


def test_one_address_under_clearly_different_names_is_only_likely(store: Store, identity: Identity) -> None:
    with store.write() as tx:
        people = meet(
            tx,
            identity,
            maryam(email="home@example.com"),
            {"first_name": "رضا", "last_name": "کریمی", "email": "home@example.com"},
            {"first_name": "", "last_name": "", "email": "home@example.com"},  # of these two nobody knows which one
        )
        assert len(set(owners(tx, people))) == 3
        assert said(tx) == [("likely", True)] * 3


@pytest.mark.parametrize("facts", [{"phone": "09120000000"}, {"email": "info@shop.example"}, {"phone": "09999999999"}])
def test_what_is_everybodys_joins_nobody(store: Store, identity: Identity, facts: dict[str, str]) -> None:
    with store.write() as tx:
        assert not are_one(tx, *meet(tx, identity, maryam(**facts), maryam(**facts)))
        assert said(tx) == []


def test_a_guest_who_is_known_by_everybodys_address_is_nobody(store: Store, identity: Identity) -> None:
    """Whoever orders by the shop's own address is one account; its phone is the last one's."""
    with store.write() as tx:
        hers, orders_of_many = (
            add_person(tx, key, **maryam(phone=PHONE, email=key)) for key in ("m@example.com", "info@shop.example")
        )
        identity.look(tx, [hers.account_id, orders_of_many.account_id], now=NOW)
        assert not are_one(tx, hers, orders_of_many)
        assert said(tx) == []


@pytest.mark.parametrize("is_agent_first", [True, False])
def test_what_an_agent_writes_from_joins_nobody(store: Store, identity: Identity, *, is_agent_first: bool) -> None:
    def appoint(tx: Tx) -> None:
        add_agent(tx, email="Sara@example.com")
        identity.appointed(tx, "Sara@example.com", now=NOW)

    with store.write() as tx:
        if is_agent_first:
            appoint(tx)
        guest = add_person(tx, "sara@example.com", **maryam(email="sara@example.com", phone=PHONE))
        identity.look(tx, [guest.account_id], now=NOW)
        people = meet(
            tx,
            identity,
            maryam(email="sara@example.com"),
            {"email": "sara@example.com", "shop": "custom"},
            maryam(phone=PHONE),
        )
        if not is_agent_first:
            assert are_one(tx, guest, *people)
            appoint(tx)
        assert len(set(owners(tx, [guest, *people]))) == 4
        assert not any(in_force for _, in_force in said(tx))


def test_a_postcode_where_parcels_are_kept_for_many_is_nobodys(store: Store, identity: Identity) -> None:
    there = {"billing": {"postcode": "7134567890"}}
    with store.write() as tx:
        hers, again = meet(tx, identity, maryam(**there), maryam(shop="custom", **there))
        assert not are_one(tx, hers, again)
        assert said(tx) == [("likely", True)]
        names = ["رضا", "سارا", "نیما", "پریسا", "بابک"]
        meet(tx, identity, *({"first_name": name, "last_name": "صالحی", **there} for name in names))
        assert not any(in_force for _, in_force in said(tx))


def test_a_sixth_name_shows_that_an_address_is_an_offices(store: Store, identity: Identity) -> None:
    names = ["مریم", "رضا", "سارا", "نیما", "پریسا"]
    office = [{"first_name": name, "last_name": "صالحی", "email": "office@example.com"} for name in names]
    with store.write() as tx:
        *_, nima, parisa = meet(tx, identity, *office)
        again = meet(tx, identity, {"shop": "custom", **office[-1]})[0]
        assert are_one(tx, parisa, again)
        (sixth,) = meet(tx, identity, {"first_name": "بابک", "last_name": "کاظمی", "email": "office@example.com"})
        assert not are_one(tx, parisa, again)
        assert owners(tx, [again]) == [again.customer_id]
        assert not any(in_force for _, in_force in said(tx))
        learn(tx, identity, sixth, email="babak@example.com")
        assert are_one(tx, parisa, again)
        assert not are_one(tx, nima, parisa)


def test_a_fact_that_comes_late_parts_whom_a_wrong_one_united(store: Store, identity: Identity) -> None:
    with store.write() as tx:
        one, other = meet(tx, identity, maryam(email="m@example.com"), maryam(email="m@example.com", shop="custom"))
        assert are_one(tx, one, other)
        learn(tx, identity, other, email="other@example.com")
        assert owners(tx, [one, other]) == [one.customer_id, other.customer_id]
        assert set(tx.execute(select(customers.c.merged_into)).scalars()) == {None}
        assert said(tx) == [("same", False)]


def test_notes_go_with_the_account_they_were_written_at(store: Store, identity: Identity) -> None:
    with store.write() as tx:
        agent = add_agent(tx)
        one, other = meet(tx, identity, maryam(email="m@example.com"), maryam(phone=PHONE, shop="custom"))
        note_id = write_note(tx, other, agent)
        learn(tx, identity, other, email="m@example.com")

        def owner() -> int | None:
            return tx.execute(select(notes.c.customer_id).where(notes.c.id == note_id)).scalar()

        assert owner() == one.customer_id
        learn(tx, identity, other, email="")
        assert owner() == other.customer_id


def test_the_outbox_hears_of_everybody_who_gained_or_lost_an_account(store: Store) -> None:
    told: list[set[int]] = []
    identity = Identity(told=lambda _, its: told.append(set(its)))
    with store.write() as tx:
        one, other = meet(tx, identity, maryam(email="m@example.com"), maryam(email="m@example.com", shop="custom"))
        assert told == [{one.customer_id, other.customer_id}]
        learn(tx, identity, other, first_name="Maryam")
        assert len(told) == 1


def test_more_than_twelve_accounts_are_for_a_person_to_look_at(store: Store, identity: Identity) -> None:
    with store.write() as tx:
        people = meet(tx, identity, *[maryam(email="m@example.com", shop=f"shop-{place}") for place in range(14)])
        found = owners(tx, people)
        assert max(map(found.count, found)) == 12
        passed_over = set(tx.execute(select(links_table.c.passed_over)).scalars())
        assert passed_over == {"", "crowded"}


def test_a_look_that_finds_nothing_new_writes_nothing(store: Store, identity: Identity) -> None:
    with store.write() as tx:
        people = meet(tx, identity, maryam(email="m@example.com"), maryam(email="m@example.com", phone=PHONE))
        before = links.evidence(tx, [person.account_id for person in people])
        assert identity.look(tx, [person.account_id for person in people], now=NOW) == {}
        assert links.evidence(tx, [person.account_id for person in people]) == before


def test_two_shops_that_meet_her_at_once_make_one_customer_of_her(postgresql_store: Store) -> None:
    """Each transaction sees nothing of the other until that has ended; they wait for each other instead."""
    identity, made = Identity(), []
    first_is_in = threading.Event()

    def meet_her(shop: str) -> None:
        if shop == "custom":
            first_is_in.wait(10)
        with postgresql_store.write() as tx:
            links.alone(tx)
            first_is_in.set()
            person = add_person(tx, "her", **maryam(shop=shop, email="m@example.com"))
            identity.look(tx, [person.account_id], now=NOW)
            made.append(person)

    threads = [threading.Thread(target=meet_her, args=(shop,)) for shop in ("main", "custom")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    with postgresql_store.read() as tx:
        assert are_one(tx, *made)


FACTS = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(["مریم", "Maryam", "رضا", ""]),
        "last_name": st.sampled_from(["احمدی", "کریمی"]),
        "email": st.sampled_from(["a@example.com", "b@example.com", "c@example.com", ""]),
        "phone": st.sampled_from(["09120001001", "09120001002", ""]),
        "billing": st.sampled_from([{"postcode": "1998913131"}, {"postcode": "7134567890"}, {}]),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FACTS, min_size=2, max_size=9), st.randoms(use_true_random=False), st.integers(1, 4))
def test_the_same_facts_in_any_order_give_the_same_customers(
    sqlite_store: Store, people: list[dict[str, Any]], chance: random.Random, at_once: int
) -> None:
    class Undone(Exception):
        pass

    def groups(order: Sequence[int], at_once: int) -> set[frozenset[int]]:
        found: set[frozenset[int]] = set()
        identity = Identity()
        try:
            with sqlite_store.write() as tx:
                made: dict[int, Person] = {}
                # Each is heard of twice: first as the next one is, then as it truly is.
                for place in order:
                    made[place] = add_person(tx, str(place), **people[(place + 1) % len(people)])
                    identity.look(tx, [made[place].account_id], now=NOW)
                for start in range(0, len(order), at_once):
                    batch = order[start : start + at_once]
                    for place in batch:
                        accounts.change(tx, [{"id": made[place].account_id, **people[place]}])
                    identity.look(tx, [made[place].account_id for place in batch], now=NOW)
                owner = dict(zip(order, owners(tx, [made[place] for place in order]), strict=True))
                found = {frozenset(p for p in order if owner[p] == its) for its in owner.values()}
                ids = {min(made[p].customer_id for p in group) for group in found}
                assert ids == set(owner.values())
                raise Undone  # noqa: TRY301 -- nothing of it is kept
        except Undone:
            return found

    order = list(range(len(people)))
    shuffled = chance.sample(order, len(order))
    assert groups(order, 1) == groups(shuffled, at_once)
