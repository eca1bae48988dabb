"""One person, one record: how often accounts of one person become one customer, and accounts of two never do.

An invented crowd (`benchmarks/crowd.py`) is heard of in random order, 100 accounts at a time, by the very function that
every record passes through; then what became customers is held against the truth, pair by pair. The figures are of the
whole crowd; those of the third that was kept out of tuning stand beside them. At last 200 decisions by hand are made at
random and taken back at random, and everybody must be who she was.

    python -m benchmarks.identity [--people 6000] [--seed 1404]
"""

from __future__ import annotations

import argparse
import itertools
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.common import report
from benchmarks.crowd import Crowd, Maker, batches
from companion.domain.evidence import NoEvidence
from companion.domain.permissions import Permission, Role, Viewer
from companion.services.errors import ServiceError
from companion.services.people.matches import Matches
from companion.sync.people.identity import Identity
from storage import agents, migrate
from storage.engine import Store, Tx
from storage.identity import decisions, links, matches, unions
from storage.people import accounts
from storage.scope import EVERYTHING

NOW = datetime(2025, 11, 21, 8, 30, tzinfo=UTC)
AT_ONCE = 100
DECISIONS = 200
_TUNED_ON = 3  # people of two thirds; the others' were never looked at while the rules were made

Pairs = set[tuple[int, int]]


def hear(store: Store, identity: Identity, crowd: Crowd) -> tuple[dict[int, int], float]:
    """Whose each account is, by its id; and the seconds that it took to hear of all."""
    owner = {}
    start = time.perf_counter()
    for rows in batches(crowd.accounts, AT_ONCE):
        with store.write(durable=False) as tx:
            links.alone(tx)
            made = accounts.create(tx, rows, now=NOW)
            identity.look(tx, [account_id for account_id, _ in made], now=NOW)
        owner.update({account_id: crowd.owner[row["key"]] for (account_id, _), row in zip(made, rows, strict=True)})
    return owner, time.perf_counter() - start


def pairs_of(groups: Iterable[Collection[int]]) -> Pairs:
    return {pair for group in groups for pair in itertools.combinations(sorted(group), 2)}


def grouped(of: Mapping[int, int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for account_id, its in of.items():
        found[its].add(account_id)
    return found


def customers_now(store: Store, account_ids: Collection[int]) -> dict[int, int]:
    with store.read() as tx:
        return {row.id: row.customer_id for row in _beside(tx, account_ids)}


def _beside(tx: Tx, account_ids: Collection[int]) -> Iterator[unions.MemberRow]:
    ids = sorted(account_ids)
    for start in range(0, len(ids), 10_000):
        yield from unions.beside(tx, ids[start : start + 10_000])


def offered(store: Store) -> set[frozenset[int]]:
    """The pairs of customers that wait on the review page."""
    with store.read() as tx:
        rows = matches.open_pairs(tx, EVERYTHING, limit=1_000_000)
    return {frozenset((row.customer_a, row.customer_b)) for row in rows}


def stays_after_undo(store: Store, identity: Identity, owner: Mapping[int, int], chance: random.Random) -> bool:
    """Whether everybody is who she was after so many decisions, half of them about people who have much in common."""
    service = Matches(store, lambda: NOW, identity.regroup)
    with store.write() as tx:
        agent_id = agents.add(tx, name="", email="", role="administrator", sees_all_shops=True, shops=(), now=NOW)
    viewer = Viewer(agent_id, "", Role.ADMINISTRATOR, frozenset(Permission), shops=None)
    before, redirects = customers_now(store, owner), _redirects(store, owner)
    several = [ids for ids in grouped(before).values() if len(ids) > 1]
    waiting = [match.pair for match in service.review(viewer, limit=DECISIONS).matches]
    for number in range(DECISIONS):
        try:
            match number % 4:
                case 0:
                    one, other = chance.sample(sorted(chance.choice(several)), 2)
                    service.split(viewer, customers_now(store, [one])[one], [one])
                case 1:
                    service.decide(viewer, {chance.choice(waiting): chance.choice(("unite", "refuse"))})
                case 2:
                    one, other = chance.sample(sorted(owner), 2)
                    service.decide(viewer, {(one, other): "refuse"})
                case _:
                    holding = [its.id for its in service.decisions(viewer) if its.undone_at is None]
                    service.undo(viewer, chance.choice(holding))
        except ServiceError:
            continue  # what was just split cannot be split
    with store.read() as tx:
        holding = [row.id for row in decisions.of(tx, EVERYTHING, limit=DECISIONS) if row.undone_at is None]
    for decision_id in chance.sample(holding, len(holding)):
        service.undo(viewer, decision_id)
    return customers_now(store, owner) == before and _redirects(store, owner) == redirects


def _redirects(store: Store, owner: Mapping[int, int]) -> dict[int, int | None]:
    with store.read() as tx:
        own = sorted({row.own_customer_id for row in _beside(tx, owner)})
        found: dict[int, int | None] = {}
        for start in range(0, len(own), 10_000):
            found |= unions.redirects(tx, own[start : start + 10_000])
        return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=6_000)
    arguments.add_argument("--seed", type=int, default=1404)
    given = arguments.parse_args()
    crowd = Maker(given.people, given.seed).make()
    identity = Identity(no_evidence=NoEvidence(["deleted@site.invalid", "09120000000"], domains=["shop.example"]))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'store.sqlite3'}")
        migrate.upgrade(store)
        owner, seconds = hear(store, identity, crowd)
        customer_of = customers_now(store, owner)
        waiting = offered(store)
        is_stable = stays_after_undo(store, identity, owner, random.Random(given.seed))
        store.close()

    def figures(of: Mapping[int, int]) -> tuple[float, float, float]:
        """Precision and recall of the united, and recall of those united or offered."""
        true, united = pairs_of(grouped(of).values()), pairs_of(grouped({its: customer_of[its] for its in of}).values())
        seen = {pair for pair in true - united if frozenset(customer_of[its] for its in pair) in waiting}
        return len(true & united) / len(united), len(true & united) / len(true), len(true & united | seen) / len(true)

    kept_out = {its: person for its, person in owner.items() if person % _TUNED_ON == 0}
    precision, recall, with_offered = figures(owner)
    precision_out, recall_out, offered_out = figures(kept_out)
    person_of_household: dict[int, set[int]] = defaultdict(set)
    customers_of: dict[int, set[int]] = defaultdict(set)
    for account_id, person in owner.items():
        customers_of[person].add(customer_of[account_id])
    for its in crowd.people:
        if its.household:
            person_of_household[its.household].add(its.number)
    merged = sum(
        any(customers_of[one] & customers_of[other] for one, other in itertools.combinations(family, 2))
        for family in person_of_household.values()
    )
    report(
        "identity",
        [
            ("seed", str(given.seed)),
            ("people, accounts", f"{len(crowd.people):,}, {len(owner):,}"),
            ("families that share a phone", f"{len(person_of_household):,}"),
            ("pairs offered for review", f"{len(waiting):,}"),
            ("true pairs united or offered", f"{with_offered:.4f}"),
            ("kept out: precision, recall, with offered", f"{precision_out:.4f}, {recall_out:.4f}, {offered_out:.4f}"),
            ("a page of 100 accounts (ms)", f"{seconds * 1000 * AT_ONCE / len(owner):.1f}"),
        ],
        {
            "precision": precision,
            "recall": recall,
            "families_merged": merged,
            "stable_after_undo": is_stable,
            "recall_with_offered": with_offered,
            "precision_kept_out": precision_out,
            "recall_kept_out": recall_out,
        },
    )


if __name__ == "__main__":
    main()
