from __future__ import annotations

import threading

import pytest

from storage.fair_lock import FairLock
from tests.storage.waiting import wait_until


def queue_up(
    lock: FairLock, count: int, served: list[int], *, urgent: frozenset[int] = frozenset()
) -> list[threading.Thread]:
    """Threads that wait for the held lock, in the order of their numbers."""
    threads = []
    for number in range(count):

        def take(number: int = number) -> None:
            lock.acquire(urgent=number in urgent)
            served.append(number)
            lock.release()

        thread = threading.Thread(target=take)
        thread.start()
        wait_until(lambda number=number: lock.waiting() == number + 1)  # type: ignore[misc]  # a default is its value now
        threads.append(thread)
    return threads


def test_waiters_are_served_in_the_order_of_arrival() -> None:
    lock, served = FairLock(), list[int]()
    lock.acquire()
    threads = queue_up(lock, 20, served)
    lock.release()
    for thread in threads:
        thread.join()
    assert served == list(range(20))


def test_the_urgent_go_first_and_let_one_of_the_others_in_after_each() -> None:
    lock, served = FairLock(), list[int]()
    lock.acquire()
    threads = queue_up(lock, 6, served, urgent=frozenset({2, 4, 5}))
    lock.release()
    for thread in threads:
        thread.join()
    assert served == [2, 0, 4, 1, 5, 3]


def test_one_that_asks_again_at_once_overtakes_nobody() -> None:
    lock, served = FairLock(), list[int]()
    lock.acquire()
    threads = queue_up(lock, 5, served)
    lock.release()
    lock.acquire()  # a plain lock would be ours again before any of the others woke up
    assert served == [0, 1, 2, 3, 4]
    lock.release()
    for thread in threads:
        thread.join()


def test_it_is_held_by_one_at_a_time() -> None:
    lock = FairLock()
    inside = 0
    most = 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(200):
            lock.acquire()
            inside += 1
            most = max(most, inside)
            inside -= 1
            lock.release()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert lock.acquire(timeout=0)


def test_one_that_gives_up_leaves_its_place_to_the_next() -> None:
    lock, served = FairLock(), list[int]()
    lock.acquire()
    assert not lock.acquire(timeout=0.01)
    assert lock.waiting() == 0
    threads = queue_up(lock, 1, served)
    lock.release()
    threads[0].join()
    assert served == [0]


def test_a_lock_that_nobody_holds_cannot_be_released() -> None:
    with pytest.raises(RuntimeError):
        FairLock().release()
