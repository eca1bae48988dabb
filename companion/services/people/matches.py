"""Who may be one person: pairs for people to look at, what they decide of them, and how it is undone.

Whatever is decided is kept as links by hand; who is one customer then is made of the links by the very function that
evidence passes through (`regroup`). Nobody decides of an account that she does not see.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from companion.domain.permissions import Permission, Viewer
from companion.services import profile
from companion.services.errors import Invalid, NotFound
from companion.services.people.likely import Match, Pair, Side, accounts_by_id, side_by_side
from companion.services.scopes import require, scope_of
from storage import activity
from storage.engine import Store, Tx
from storage.identity import decisions, links, matches, unions
from storage.identity.decisions import Kind as DecisionKind
from storage.people import customers
from storage.people.customers import AccountRow
from storage.scope import Scope

__all__ = ["DecidedPair", "Decision", "Match", "Matches", "Review", "Side"]

MOST_COUNTED = 99
"""Pairs that the menu counts."""

_AT_ONCE = 20
_HISTORY = 20

Regroup = Callable[[Tx, Collection[int]], Mapping[int, int]]


@dataclass(frozen=True)
class Review:
    """A page of what is to be looked at, the strongest evidence first."""

    matches: tuple[Match, ...]
    page: int
    has_more: bool


@dataclass(frozen=True)
class Decision:
    """What somebody decided: `accounts` are those it is about. `undone_at` None: it holds."""

    id: int
    kind: DecisionKind
    made_at: datetime
    made_by: str
    undone_at: datetime | None
    undone_by: str
    accounts: tuple[profile.Account, ...]
    customers: tuple[int, ...]


@dataclass(frozen=True)
class DecidedPair:
    """What became of one pair of several: `problem` is the code of why nothing was done, "" where it was."""

    pair: Pair
    verdict: Literal["unite", "refuse"]
    problem: str = ""


class Matches:
    """Reading and deciding. `regroup(tx, account_ids)` makes the customers anew after links changed."""

    def __init__(self, store: Store, clock: Callable[[], datetime], regroup: Regroup, *, region: str = "IR") -> None:
        self._store = store
        self._clock = clock
        self._regroup = regroup
        self._region = region

    # --- reading --------------------------------------------------------------------------------------------------

    def count(self, viewer: Viewer) -> int:
        """How many pairs wait to be looked at, counted up to MOST_COUNTED; 0 for who may not decide."""
        if not viewer.can(Permission.UNITE_CUSTOMERS):
            return 0
        with self._store.read() as tx:
            return matches.count_open(tx, scope_of(viewer), most=MOST_COUNTED)

    def review(self, viewer: Viewer, *, page: int = 1, limit: int = _AT_ONCE) -> Review:
        """What is to be looked at; raises Forbidden."""
        require(viewer, Permission.UNITE_CUSTOMERS)
        scope = scope_of(viewer)
        page = max(1, page)
        with self._store.read() as tx:
            rows = matches.open_pairs(tx, scope, limit=limit + 1, offset=(page - 1) * limit)
            return Review(side_by_side(tx, rows[:limit], scope), page, len(rows) > limit)

    def decisions(self, viewer: Viewer) -> tuple[Decision, ...]:
        """The newest decisions; nothing for who may not decide."""
        with self._store.read() as tx:
            return decisions_of(tx, viewer)

    # --- deciding -------------------------------------------------------------------------------------------------

    def decide(self, viewer: Viewer, verdicts: Mapping[Pair, Literal["unite", "refuse"]]) -> tuple[DecidedPair, ...]:
        """Several pairs at once, each by itself: what cannot be done says so and hinders no other. Raises Forbidden."""
        require(viewer, Permission.UNITE_CUSTOMERS)
        done = []
        with self._store.write() as tx:
            links.alone(tx)
            for pair, verdict in verdicts.items():
                try:
                    with tx.begin_nested():
                        self._decide(tx, viewer, pair, verdict)
                    done.append(DecidedPair(pair, verdict))
                except (Invalid, NotFound) as error:
                    done.append(DecidedPair(pair, verdict, error.code))
        return tuple(done)

    def unite(self, viewer: Viewer, customer_id: int, other_id: int) -> int:
        """Say that two customers are one person; returns whom they are now. Raises Forbidden; NotFound; Invalid where
        somebody said that they are two, or they would have too many accounts.
        """
        require(viewer, Permission.UNITE_CUSTOMERS)
        with self._store.write() as tx:
            links.alone(tx)
            pair = [_oldest(tx, its, scope_of(viewer)) for its in (customer_id, other_id)]
            if pair[0] == pair[1]:
                raise Invalid("match.is_one", field="other")
            self._decide(tx, viewer, (pair[0].id, pair[1].id), "unite")
            return unions.owners(tx, [pair[0].id])[pair[0].id]

    def split(self, viewer: Viewer, customer_id: int, account_ids: Collection[int]) -> tuple[int, int]:
        """Say that some of a customer's accounts are another person's; returns whose the others are now, and whose
        these. Raises Forbidden; NotFound; Invalid where it is none of them or all.
        """
        require(viewer, Permission.UNITE_CUSTOMERS)
        scope, now = scope_of(viewer), self._clock()
        with self._store.write() as tx:
            links.alone(tx)
            resolved = customers.resolve(tx, customer_id)
            seen = customers.accounts_of(tx, [resolved], scope).get(resolved, []) if resolved is not None else []
            if resolved is None or not seen:
                raise NotFound("customer.not_found")
            hers = {row.id for row in seen}
            members = {row.id for row in unions.beside(tx, hers)}
            leaving = set(account_ids)
            if not leaving <= hers:
                raise NotFound("match.not_found")
            if not leaving or leaving == members:
                raise Invalid("match.split_some", field="account")
            staying = members - leaving
            decision_id = decisions.make(
                tx,
                "split",
                different=itertools.product(sorted(leaving), sorted(staying)),
                agent_id=viewer.agent_id,
                now=now,
            )
            self._regroup(tx, members)
            # What held them together may have been one of the others.
            apart = [*_steps(tx, leaving), *_steps(tx, staying)]
            if apart:
                decisions.add(tx, decision_id, same=apart, now=now)
                self._regroup(tx, members)
            owners = unions.owners(tx, members)
            stayed, left = owners[min(staying)], owners[min(leaving)]
            self._record(tx, viewer, "match.split", stayed)
            return stayed, left

    def undo(self, viewer: Viewer, decision_id: int) -> tuple[int, ...]:
        """Take a decision back; nothing happens to one that was. Returns the customers of its accounts now. Raises
        Forbidden; NotFound also where one of its accounts is not hers to see.
        """
        require(viewer, Permission.UNITE_CUSTOMERS)
        with self._store.write() as tx:
            links.alone(tx)
            about = decisions.accounts_in(tx, [decision_id]).get(decision_id, set())
            owners = unions.owners(tx, about)
            seen = accounts_by_id(tx, set(owners.values()), scope_of(viewer))
            if not about or not about <= seen.keys():
                raise NotFound("match.not_found")
            if decisions.undo(tx, decision_id, agent_id=viewer.agent_id, now=self._clock()):
                self._regroup(tx, about)
                owners = unions.owners(tx, about)
                self._record(tx, viewer, "match.undone", min(owners.values()))
            return tuple(sorted(set(owners.values())))

    def _decide(self, tx: Tx, viewer: Viewer, pair: Pair, verdict: Literal["unite", "refuse"]) -> None:
        owners = unions.owners(tx, pair)
        seen = accounts_by_id(tx, set(owners.values()), scope_of(viewer))
        if len(owners) < len(set(pair)) or not owners.keys() <= seen.keys():
            raise NotFound("match.not_found")
        are_one = len(set(owners.values())) == 1
        if verdict == "refuse" and are_one:
            raise Invalid("match.is_one", field="pair")
        ordered = (min(pair), max(pair))
        if (verdict == "unite" and are_one) or (verdict == "refuse" and links.is_refused(tx, ordered)):
            return  # somebody was quicker
        now = self._clock()
        made = {"same": [ordered]} if verdict == "unite" else {"different": [ordered]}
        decision_id = decisions.make(tx, verdict, **made, agent_id=viewer.agent_id, now=now)
        self._regroup(tx, pair)
        now_owned = unions.owners(tx, pair)
        if verdict == "unite" and len(set(now_owned.values())) > 1:
            if links.reason_of(tx, decision_id) == "crowded":
                raise Invalid("match.crowded", field="pair")
            raise Invalid("match.refused", field="pair")
        self._record(tx, viewer, "match.united" if verdict == "unite" else "match.refused", min(now_owned.values()))

    def _record(self, tx: Tx, viewer: Viewer, action: str, customer_id: int) -> None:
        activity.record(tx, action, at=self._clock(), agent_id=viewer.agent_id, customer_id=customer_id)


def decisions_of(tx: Tx, viewer: Viewer, hers: Sequence[AccountRow] | None = None) -> tuple[Decision, ...]:
    """The newest decisions, if given those about these accounts; nothing for who may not decide."""
    if not viewer.can(Permission.UNITE_CUSTOMERS):
        return ()
    scope = scope_of(viewer)
    rows = decisions.of(tx, scope, account_ids=None if hers is None else [row.id for row in hers], limit=_HISTORY)
    if not rows:
        return ()
    about = decisions.accounts_in(tx, [row.id for row in rows])
    owners = unions.owners(tx, {its for ids in about.values() for its in ids})
    accounts = accounts_by_id(tx, set(owners.values()), scope)
    return tuple(
        Decision(
            *row,
            accounts=tuple(profile.account_of(accounts[its]) for its in sorted(about[row.id]) if its in accounts),
            customers=tuple(sorted({owners[its] for its in about[row.id]})),
        )
        for row in rows
    )


def _oldest(tx: Tx, customer_id: int, scope: Scope) -> AccountRow:
    """The account by which a customer is united with another: the one she has had for longest."""
    resolved = customers.resolve(tx, customer_id)
    hers = customers.accounts_of(tx, [resolved], scope).get(resolved) if resolved is not None else None
    if not hers:
        raise NotFound("customer.not_found")
    return min(hers, key=lambda row: row.id)


def _steps(tx: Tx, account_ids: Iterable[int]) -> list[Pair]:
    """The links that would make one customer of these accounts' customers: none where they are one."""
    owners = unions.owners(tx, set(account_ids))
    first: dict[int, int] = {}
    for account_id in sorted(owners):
        first.setdefault(owners[account_id], account_id)
    return list(itertools.pairwise(first.values()))
