"""Who may be one person: what is offered for review, what people decide of it, and that all of it can be undone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from companion.domain.evidence import NoEvidence
from companion.domain.permissions import Role, Viewer
from companion.services.customers.customers import Customers
from companion.services.customers.entries import BEGINNING
from companion.services.errors import Forbidden, Invalid, NotFound
from companion.services.people.matches import Matches
from companion.services.people.whole_page import WholePage, WholePages
from companion.sync.people.identity import Identity
from storage.engine import Store
from storage.identity import unions
from storage.people import accounts
from storage.schema import activity, customers
from tests.fixtures.store import Clock
from tests.services.conftest import SeenBy
from tests.storage.people import NOW, Person, add_person

PHONE = "09120001001"


@dataclass
class House:
    store: Store
    identity: Identity
    matches: Matches
    pages: WholePages

    def page(self, who: Viewer, person: Person) -> WholePage:
        return self.pages.open(who, person.customer_id, BEGINNING)

    def meet(self, *people: dict[str, Any]) -> list[Person]:
        with self.store.write() as tx:
            made = [add_person(tx, f"{number}-{facts}", **facts) for number, facts in enumerate(people)]
            self.identity.look(tx, [person.account_id for person in made], now=NOW)
        return made

    def look(self, *people: Person) -> None:
        with self.store.write() as tx:
            self.identity.look(tx, [person.account_id for person in people], now=NOW)

    def owners(self, people: Sequence[Person]) -> list[int]:
        with self.store.read() as tx:
            found = unions.owners(tx, [person.account_id for person in people])
        return [found[person.account_id] for person in people]

    def redirects(self) -> list[tuple[int, int | None]]:
        with self.store.read() as tx:
            return [(row.id, row.merged_into) for row in tx.execute(select(customers).order_by(customers.c.id))]


@pytest.fixture
def house(store: Store, clock: Clock) -> House:
    identity = Identity(no_evidence=NoEvidence())
    pages = WholePages(store, Customers(store, clock, lambda shop, order_id: None))
    return House(store, identity, Matches(store, clock, identity.regroup), pages)


def called(first: str, last: str, **facts: str) -> dict[str, Any]:
    return {"first_name": first, "last_name": last, **facts}


MARYAM = called("مریم", "احمدی", phone=PHONE)
AHMADI = called("", "احمدی", phone=PHONE)


def pair(one: Person, other: Person) -> tuple[int, int]:
    return one.account_id, other.account_id


def test_a_likely_pair_is_offered_with_what_both_share(house: House, viewer: SeenBy) -> None:
    one, other = house.meet(MARYAM, {**AHMADI, "shop": "custom"})
    who = viewer()
    (match,) = house.matches.review(who).matches
    assert match.pair == pair(one, other)
    assert (match.shared, match.names, match.passed_over) == (("phone",), "compatible", "")
    assert house.matches.count(who) == 1
    (hers,) = house.page(who, other).matches
    assert (hers.one.customer_id, hers.other.customer_id) == (other.customer_id, one.customer_id)


def test_several_are_decided_at_once_and_each_can_be_undone(house: House, viewer: SeenBy) -> None:
    people = house.meet(
        MARYAM, AHMADI, called("رضا", "کریمی", phone="09120001002"), called("", "کریمی", phone="09120001002")
    )
    before = house.redirects()
    who = viewer()
    done = house.matches.decide(who, {pair(*people[:2]): "unite", pair(*people[2:]): "refuse"})
    assert [its.problem for its in done] == ["", ""]
    assert house.matches.review(who).matches == ()
    maryam, ahmadi, reza, karimi = house.owners(people)
    assert maryam == ahmadi
    assert reza != karimi
    refusal, union = house.matches.decisions(who)
    assert (refusal.kind, union.kind) == ("refuse", "unite")
    house.matches.undo(who, union.id)
    house.matches.undo(who, refusal.id)
    assert house.redirects() == before
    assert house.owners(people) == [person.customer_id for person in people]
    assert len(house.matches.review(who).matches) == 2


def test_a_refusal_takes_no_other_pair_from_the_list(house: House, viewer: SeenBy) -> None:
    people = house.meet(
        MARYAM, AHMADI, called("رضا", "کریمی", phone="09120001002"), called("", "کریمی", phone="09120001002")
    )
    house.matches.decide(viewer(), {pair(*people[:2]): "refuse"})
    assert [match.pair for match in house.matches.review(viewer()).matches] == [pair(*people[2:])]


def test_a_refused_pair_stays_refused_whatever_comes_later(house: House, viewer: SeenBy) -> None:
    one, other = people = house.meet(MARYAM, AHMADI)
    house.matches.decide(viewer(), {pair(one, other): "refuse"})
    with house.store.write() as tx:  # now it would be certain
        accounts.change(tx, [{"id": its.account_id, "email": "m@example.com"} for its in people])
    house.look(*people)
    assert house.owners(people) == [one.customer_id, other.customer_id]
    assert house.matches.review(viewer()).matches == ()
    with pytest.raises(Invalid, match=r"match\.refused"):
        house.matches.unite(viewer(), one.customer_id, other.customer_id)


def test_a_union_that_a_refusal_forbids_is_shown_with_the_reason(house: House, viewer: SeenBy) -> None:
    here, there, third = house.meet(
        {**MARYAM, "email": "m@example.com"},
        {**AHMADI, "shop": "custom"},
        called("مریم", "احمدی", email="m@example.com"),
    )
    assert house.owners([here, third]) == [here.customer_id] * 2
    house.matches.decide(viewer(), {pair(here, there): "refuse"})
    with house.store.write() as tx:
        accounts.change(tx, [{"id": there.account_id, "email": "m@example.com"}])
    house.look(there)
    (match,) = house.matches.review(viewer()).matches
    assert (match.pair, match.passed_over) == (pair(there, third), "refused")


def test_uniting_two_customers_can_be_undone_to_the_very_ids(house: House, viewer: SeenBy) -> None:
    people = house.meet(called("مریم", "احمدی"), called("م", "الف", shop="custom"))
    before = house.redirects()
    who = viewer()
    assert house.matches.unite(who, people[1].customer_id, people[0].customer_id) == people[0].customer_id
    (decision,) = house.page(who, people[0]).decisions
    assert house.matches.undo(who, decision.id) == tuple(person.customer_id for person in people)
    assert house.redirects() == before
    assert house.matches.undo(who, decision.id)
    assert house.page(who, people[1]).decisions[0].undone_at is not None


def test_accounts_are_split_off_and_what_was_held_together_by_them_stays_one(house: House, viewer: SeenBy) -> None:
    people = house.meet(
        {**MARYAM, "email": "a@example.com"},
        called("مریم", "احمدی", email="a@example.com", phone="09120001002", shop="custom"),
        called("مریم", "احمدی", phone="09120001002", shop="third"),
    )
    who = viewer()
    first, bridge, _ = people
    stayed, left = house.matches.split(who, first.customer_id, [bridge.account_id])
    assert house.owners(people) == [stayed, left, stayed]
    house.look(*people)
    assert house.owners(people) == [stayed, left, stayed]
    house.matches.undo(who, house.matches.decisions(who)[0].id)
    assert house.owners(people) == [first.customer_id] * 3


def test_all_or_none_of_the_accounts_are_no_split(house: House, viewer: SeenBy) -> None:
    one, other, stranger = house.meet(
        called("مریم", "احمدی", email="a@example.com"), called("مریم", "احمدی", email="a@example.com"), AHMADI
    )
    for chosen in ([], [one.account_id, other.account_id]):
        with pytest.raises(Invalid, match=r"match\.split_some"):
            house.matches.split(viewer(), one.customer_id, chosen)
    with pytest.raises(NotFound):
        house.matches.split(viewer(), one.customer_id, [stranger.account_id])


def test_refusals_splits_and_undos_in_any_order_leave_no_trace(house: House, viewer: SeenBy) -> None:
    chance = random.Random(7)
    people = house.meet(
        *(called("مریم", "احمدی", phone=PHONE, email=f"{place % 3}@example.com") for place in range(6)),
        *(called("", "احمدی", phone=PHONE) for _ in range(3)),
    )
    who = viewer()
    before = house.owners(people), house.redirects()
    for _ in range(40):
        one, other = chance.sample(people, 2)
        mine, its = house.owners([one, other])
        if mine == its:
            house.matches.split(who, mine, [one.account_id])
        else:
            house.matches.decide(who, {pair(one, other): chance.choice(["unite", "refuse"])})
        if chance.random() < 0.5:
            house.matches.undo(who, chance.choice(house.matches.decisions(who)).id)
    while holding := [its for its in house.matches.decisions(who) if its.undone_at is None]:
        house.matches.undo(who, chance.choice(holding).id)
    with house.store.read() as tx:
        left = {row.id for row in tx.execute(select(customers.c.id))}
    assert left
    assert (house.owners(people), house.redirects()) == before


def test_who_does_not_see_a_shop_neither_sees_nor_decides_its_pairs(house: House, viewer: SeenBy) -> None:
    one, other = house.meet(MARYAM, {**AHMADI, "shop": "custom"})
    elsewhere = viewer(Role.AGENT, "main")
    assert house.matches.review(elsewhere).matches == ()
    assert house.matches.count(elsewhere) == 0
    assert house.page(elsewhere, one).matches == ()
    assert house.matches.decide(elsewhere, {pair(one, other): "unite"})[0].problem == "match.not_found"
    with pytest.raises(NotFound):
        house.matches.unite(elsewhere, one.customer_id, other.customer_id)
    house.matches.decide(viewer(), {pair(one, other): "unite"})
    (decision,) = house.matches.decisions(viewer())
    assert house.matches.decisions(elsewhere) == ()
    with pytest.raises(NotFound):
        house.matches.undo(elsewhere, decision.id)


def test_deciding_needs_its_permission_and_leaves_a_line_in_the_log(house: House, viewer: SeenBy) -> None:
    one, other = house.meet(MARYAM, AHMADI)
    nobody = replace(viewer(), permissions=frozenset())
    assert house.matches.count(nobody) == 0
    with pytest.raises(Forbidden):
        house.matches.review(nobody)
    with pytest.raises(Forbidden):
        house.matches.decide(nobody, {pair(one, other): "unite"})
    house.matches.decide(viewer(Role.AGENT), {pair(one, other): "unite"})
    with house.store.read() as tx:
        assert [row.action for row in tx.execute(select(activity.c.action))] == ["match.united"]


def test_a_name_that_few_bear_is_worth_a_look_on_her_own_page(house: House, viewer: SeenBy) -> None:
    here, there, _ = house.meet(
        called("بابک", "صالحی", phone="09120001004"),
        called("Babak", "Salehi", phone="09120001005", shop="custom"),
        called("سارا", "صالحی", phone="09120001006"),
    )
    assert house.matches.review(viewer()).matches == ()
    (match,) = house.page(viewer(), here).matches
    assert (match.pair, match.shared) == (pair(here, there), ("name",))
    house.matches.decide(viewer(), {match.pair: "refuse"})
    assert house.page(viewer(), there).matches == ()
