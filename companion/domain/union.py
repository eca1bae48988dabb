"""Which accounts are one person: the groups that links make, in an order that depends on nothing but the facts.

Links are taken by hand first, then by the strength of their evidence, then by the accounts' own keys. One that would
join two accounts that somebody kept apart, directly or through others, is passed over, and so is one that would make a
group of more accounts than a person has: both are for a person to look at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, Literal, NamedTuple, TypeVar

Account = TypeVar("Account", bound=Hashable)

LARGEST = 12
"""Accounts that a person may have; more are somebody's who shares an address with many."""


class Link(NamedTuple, Generic[Account]):
    """Says that accounts `a` and `b` are one person's. `strength` is that of the evidence; a hand's needs none."""

    a: Account
    b: Account
    is_by_hand: bool = False
    strength: int = 0


Reason = Literal["refused", "crowded"]
"""Why a link unites nobody: somebody kept apart two of those it would join; they would be too many."""


class Union(NamedTuple, Generic[Account]):
    """`groups`: every account once, with those that are the same person. `passed_over`: links that made no group."""

    groups: list[frozenset[Account]]
    passed_over: list[tuple[Link[Account], Reason]]


def unite(
    keys: Mapping[Account, tuple[str, ...]],
    links: Iterable[Link[Account]],
    refusals: Iterable[tuple[Account, Account]],
    *,
    largest: int = LARGEST,
) -> Union[Account]:
    """The groups of the accounts. `keys`: what names each account wherever it is stored, so that the same facts give
    the same groups whatever ids they have. Links and refusals to other accounts are left out.
    """
    leader: dict[Account, Account] = {account: account for account in keys}
    members: dict[Account, set[Account]] = {account: {account} for account in keys}
    apart: dict[Account, set[Account]] = defaultdict(set)
    for one, other in refusals:
        if one in keys and other in keys:
            apart[one].add(other)
            apart[other].add(one)

    passed_over: list[tuple[Link[Account], Reason]] = []
    known = [link for link in links if link.a in keys and link.b in keys]
    for link in sorted(known, key=lambda link: _rank(link, keys)):
        one, other = leader[link.a], leader[link.b]
        if one == other:
            continue
        small, large = sorted((one, other), key=lambda its: len(members[its]))
        is_refused = any(apart[account] & members[large] for account in members[small])
        if is_refused or len(members[small]) + len(members[large]) > largest:
            passed_over.append((link, "refused" if is_refused else "crowded"))
            continue
        for account in members[small]:
            leader[account] = large
        members[large] |= members.pop(small)
    return Union([frozenset(group) for group in members.values()], passed_over)


def _rank(link: Link[Account], keys: Mapping[Account, tuple[str, ...]]) -> tuple[object, ...]:
    pair = sorted((keys[link.a], keys[link.b]))
    return (not link.is_by_hand, -link.strength, pair)
