"""Everybody looked at anew: what the rules say now holds afterwards, and everybody else goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from companion.domain.evidence import NoEvidence
from companion.sync.people.identity import Identity
from companion.sync.people.regroup import Regrouped, regroup
from storage.engine import Store, Tx
from storage.identity import unions
from tests.storage.people import NOW, Person, add_person

EMAIL = {"email": "desk@example.com", "first_name": "مریم", "last_name": "احمدی"}


def two_of_one(store: Store, *, among: int) -> list[Person]:
    """Two accounts with one address, the first and the last of many."""
    with store.write() as tx:
        people = [add_person(tx, str(number), **(EMAIL if number in {0, among - 1} else {})) for number in range(among)]
        Identity().look(tx, [person.account_id for person in people], now=NOW)
    return [people[0], people[-1]]


def owners(store: Store, people: list[Person]) -> set[int]:
    with store.read() as tx:
        return set(unions.owners(tx, [person.account_id for person in people]).values())


def test_what_is_evidence_no_more_parts_whom_it_united(store: Store) -> None:
    people = two_of_one(store, among=60)
    assert len(owners(store, people)) == 1
    told: list[Regrouped] = []
    regroup(store, Identity(no_evidence=NoEvidence(["desk@example.com"])), lambda: NOW, told.append)
    assert told[-1] == Regrouped(done=60, total=60, moved=1)
    assert len(owners(store, people)) == 2
    regroup(store, Identity(), lambda: NOW, told.append)
    assert len(owners(store, people)) == 1


@pytest.mark.parametrize(("is_pressed", "most"), [(False, 25), (True, 10)])
def test_a_transaction_is_short_and_shorter_where_somebody_waits(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, *, is_pressed: bool, most: int
) -> None:
    two_of_one(sqlite_store, among=60)
    looked_at: list[int] = []
    transactions = 0
    write = sqlite_store.write

    class Watched(Identity):
        def look(self, tx: Tx, account_ids: Any, **how: Any) -> dict[int, int]:
            looked_at.append(len(account_ids))
            return super().look(tx, account_ids, **how)

    @contextmanager
    def counted(*, durable: bool = True) -> Iterator[Tx]:
        nonlocal transactions
        transactions += 1
        with write(durable=durable) as tx:
            yield tx

    monkeypatch.setattr(sqlite_store, "write", counted)
    monkeypatch.setattr(sqlite_store, "is_pressed", lambda: is_pressed)
    regroup(sqlite_store, Watched(), lambda: NOW, lambda _: None)
    assert sum(looked_at) == 60
    assert max(looked_at) == most
    assert transactions == len(looked_at)
