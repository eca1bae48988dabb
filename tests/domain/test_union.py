from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from companion.domain.union import Link, unite

MANY = 14
accounts = st.integers(0, MANY - 1)
links = st.lists(st.builds(Link, accounts, accounts, st.booleans(), st.integers(0, 3)), max_size=25)
refusals = st.lists(st.tuples(accounts, accounts).filter(lambda pair: pair[0] != pair[1]), max_size=6)


def keys(ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The same accounts, whatever ids they got."""
    return {its: ("shop", f"{number:03}") for number, its in enumerate(ids)}


def named(groups: Sequence[frozenset[int]], by: dict[int, tuple[str, ...]]) -> set[frozenset[tuple[str, ...]]]:
    return {frozenset(by[account] for account in group) for group in groups}


@given(links, refusals, st.integers(2, 6))
def test_every_account_is_in_one_group_and_none_is_too_large(
    given_links: list[Link[int]], refused: list[tuple[int, int]], largest: int
) -> None:
    found = unite(keys(range(MANY)), given_links, refused, largest=largest)
    assert sorted(account for group in found.groups for account in group) == list(range(MANY))
    assert max(map(len, found.groups)) <= largest


@given(links, refusals)
def test_who_was_kept_apart_stays_apart_whatever_links_say(
    given_links: list[Link[int]], refused: list[tuple[int, int]]
) -> None:
    found = unite(keys(range(MANY)), given_links, refused)
    assert not [pair for pair in refused for group in found.groups if set(pair) <= group]


@given(links, refusals, st.randoms(use_true_random=False))
def test_the_same_facts_in_any_order_and_under_any_ids_give_the_same_people(
    given_links: list[Link[int]], refused: list[tuple[int, int]], chance: random.Random
) -> None:
    first = keys(range(MANY))
    ids = list(range(100, 100 + MANY))
    chance.shuffle(ids)
    second = keys(ids)
    moved = [Link(ids[link.a], ids[link.b], link.is_by_hand, link.strength) for link in given_links]
    chance.shuffle(moved)
    apart = [(ids[two], ids[one]) for one, two in refused]
    assert named(unite(first, given_links, refused).groups, first) == named(unite(second, moved, apart).groups, second)


def test_a_hand_comes_before_any_evidence() -> None:
    found = unite(keys(range(3)), [Link(0, 1, strength=9), Link(1, 2, is_by_hand=True)], [(0, 2)])
    assert frozenset({1, 2}) in found.groups
    assert found.passed_over == [(Link(0, 1, strength=9), "refused")]
