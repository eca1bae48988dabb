from __future__ import annotations

import threading

from storage.engine import Store
from storage.sync import leases
from tests.fixtures.store import Clock


def acquire(store: Store, clock: Clock, owner: str) -> bool:
    with store.write(durable=False) as tx:
        return leases.acquire(tx, "poll", owner, now=clock(), seconds=60)


def test_a_lease_is_one_owners_until_it_ends(store: Store, clock: Clock) -> None:
    assert acquire(store, clock, "a")
    assert acquire(store, clock, "a")
    assert not acquire(store, clock, "b")
    clock.advance(59)
    assert not acquire(store, clock, "b")
    clock.advance(1)
    assert acquire(store, clock, "b")
    assert not acquire(store, clock, "a")


def test_a_lease_is_prolonged_by_its_owner_alone(store: Store, clock: Clock) -> None:
    assert acquire(store, clock, "a")
    clock.advance(30)
    with store.write(durable=False) as tx:
        assert leases.renew(tx, "poll", "a", now=clock(), seconds=60)
        assert not leases.renew(tx, "poll", "b", now=clock(), seconds=60)
    clock.advance(45)
    assert not acquire(store, clock, "b")


def test_a_lease_is_given_back_by_its_owner_alone(store: Store, clock: Clock) -> None:
    assert acquire(store, clock, "a")
    with store.write(durable=False) as tx:
        leases.release(tx, "poll", "b")
    assert not acquire(store, clock, "b")
    with store.write(durable=False) as tx:
        leases.release(tx, "poll", "a")
    assert acquire(store, clock, "b")


def test_of_many_that_ask_at_once_one_gets_it(store: Store, clock: Clock) -> None:
    got: list[str] = []

    def ask(owner: str) -> None:
        if acquire(store, clock, owner):
            got.append(owner)

    threads = [threading.Thread(target=ask, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
