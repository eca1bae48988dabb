from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import event, func, select

from storage import errors
from storage.engine import Store
from storage.schema import inbox
from storage.sync.inbox_writer import Writer
from tests.fixtures.store import Clock
from tests.storage.waiting import wait_until


@pytest.fixture
def writer(store: Store, clock: Clock) -> Iterator[Writer]:
    with closing(Writer(store, clock=clock)) as writer:
        yield writer


def delivery(**changed: Any) -> dict[str, Any]:
    return {
        "shop": "tehran",
        "topic": "order.updated",
        "resource_id": "1001",
        "delivery_id": "d-1",
        "body_hash": b"\x01" * 16,
        "body": b'{"id":1001}',
    } | changed


def stored(store: Store) -> list[Any]:
    with store.read() as tx:
        return list(tx.execute(select(inbox).order_by(inbox.c.id)).all())


def commits(store: Store) -> list[None]:
    """Grows by one with each durable commit from now on."""
    seen: list[None] = []
    event.listen(store._durable, "commit", lambda _: seen.append(None))
    return seen


def first_commit(writer: Writer) -> threading.Event:
    """Is set when the writer turns to its first batch."""
    begun = threading.Event()
    insert = writer._insert

    def announced(batch: Any) -> None:
        begun.set()
        insert(batch)

    writer._insert = announced  # type: ignore[method-assign]  # the real one, only heard of
    return begun


def together(work: Callable[[int], None], threads: int) -> None:
    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def test_an_accepted_delivery_is_there_as_it_came(store: Store, writer: Writer, clock: Clock) -> None:
    writer.accept(**delivery(body="سلام".encode()))
    (row,) = stored(store)
    assert (row.shop, row.topic, row.kind, row.resource_id) == ("tehran", "order.updated", "order", "1001")
    assert (row.delivery_id, row.body_hash, row.body) == ("d-1", b"\x01" * 16, "سلام".encode())
    assert (row.state, row.attempts, row.received_at, row.next_at) == ("waiting", 0, clock(), clock())


def test_a_doubled_delivery_is_accepted_and_stored_once(store: Store, writer: Writer) -> None:
    writer.accept(**delivery())
    writer.accept(**delivery())
    writer.accept(**delivery(body_hash=b"\x02" * 16))  # the same id with another body is another delivery
    assert len(stored(store)) == 2


def test_many_threads_lose_and_double_nothing_and_share_commits(store: Store, writer: Writer) -> None:
    seen = commits(store)

    def deliver(number: int) -> None:
        for turn in range(20):
            writer.accept(**delivery(resource_id=str(number), delivery_id=f"{number}-{turn}"))
            writer.accept(**delivery(resource_id="all", delivery_id=f"everyone-{turn}"))

    together(deliver, 32)
    ids = [row.delivery_id for row in stored(store)]
    assert len(ids) == len(set(ids)) == 32 * 20 + 20
    assert len(seen) < 32 * 40


def test_what_waits_while_the_store_is_busy_goes_into_one_commit(store: Store, writer: Writer) -> None:
    seen = commits(store)
    committing = first_commit(writer)
    threads = [
        threading.Thread(target=writer.accept, kwargs=delivery(delivery_id=str(number)), name=str(number))
        for number in range(8)
    ]
    with stalled(store):
        threads[0].start()
        assert committing.wait(10)
        for thread in threads[1:]:
            thread.start()
        wait_until(lambda: writer._arrived.qsize() == 7)
    for thread in threads:
        thread.join()
    assert len(seen) == 2
    assert len(stored(store)) == 8


class stalled:  # noqa: N801 (reads as a verb where it is used)
    """While it is open, nobody else's insert into the inbox goes through."""

    def __init__(self, store: Store) -> None:
        self._transaction = store.write(durable=False)

    def __enter__(self) -> None:
        tx = self._transaction.__enter__()
        if tx.dialect.name == "postgresql":
            tx.exec_driver_sql("LOCK TABLE inbox IN EXCLUSIVE MODE")

    def __exit__(self, *_: object) -> None:
        self._transaction.__exit__(None, None, None)


def test_one_bad_row_fails_its_own_caller_only(store: Store, writer: Writer) -> None:
    failed: list[int] = []
    committing = first_commit(writer)

    def deliver(number: int) -> None:
        shop: Any = None if number == 3 else "tehran"
        try:
            writer.accept(**delivery(shop=shop, delivery_id=str(number)))
        except errors.Violation:
            failed.append(number)

    with stalled(store):
        threads = [threading.Thread(target=deliver, args=(number,)) for number in range(8)]
        threads[0].start()
        assert committing.wait(10)
        for thread in threads[1:]:
            thread.start()
        wait_until(lambda: writer._arrived.qsize() == 7)
    for thread in threads:
        thread.join()
    assert failed == [3]
    assert {row.delivery_id for row in stored(store)} == {"0", "1", "2", "4", "5", "6", "7"}


def test_a_failing_database_fails_everyone_and_the_next_one_succeeds(sqlite_store: Store, clock: Clock) -> None:
    with sqlite_store.write() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    failed: list[errors.Full] = []

    def deliver(number: int) -> None:
        try:
            small.accept(**delivery(delivery_id=str(number), body=b"x" * 100_000))
        except errors.Full as error:
            failed.append(error)

    with closing(Writer(sqlite_store, clock=clock)) as small:
        together(deliver, 4)
        assert len(failed) == len({id(error) for error in failed}) == 4
        with sqlite_store.write() as tx:
            tx.exec_driver_sql("PRAGMA max_page_count = 1000000")
        small.accept(**delivery())
    assert len(stored(sqlite_store)) == 1


def test_closing_stores_what_came_in_and_takes_nothing_more(store: Store, clock: Clock) -> None:
    writer = Writer(store, clock=clock)
    together(lambda number: writer.accept(**delivery(delivery_id=str(number))), 8)
    writer.close()
    writer.close()
    assert len(stored(store)) == 8
    with pytest.raises(errors.TryAgain, match="stopping"):
        writer.accept(**delivery(delivery_id="late"))


def test_the_worker_is_woken_after_the_commit_and_not_for_a_failure(store: Store, clock: Clock) -> None:
    found: list[int] = []
    woken = threading.Event()

    def wake() -> None:
        with store.read() as tx:  # only what is committed is seen here
            found.append(tx.execute(select(func.count()).select_from(inbox)).scalar_one())
        woken.set()
        raise RuntimeError("whatever the worker does, deliveries go on")

    with closing(Writer(store, clock=clock, on_accepted=wake)) as writer:
        with pytest.raises(errors.Violation):
            writer.accept(**delivery(shop=None))
        assert found == []
        writer.accept(**delivery())
        assert woken.wait(10)
        writer.accept(**delivery(delivery_id="d-2"))
    assert found == [1, 2]


def test_the_kind_may_be_told_by_who_knows_the_topics(store: Store, clock: Clock) -> None:
    with closing(Writer(store, clock=clock, kind_of=lambda _: "order")) as writer:
        writer.accept(**delivery(topic="action.wc_companion_order_deleted"))
    assert [row.kind for row in stored(store)] == ["order"]


def test_a_delivery_survives_the_death_of_the_process_that_accepted_it(store: Store) -> None:
    program = """
import sys, time
from datetime import UTC, datetime
from storage.engine import Store
from storage.sync.inbox_writer import Writer

writer = Writer(Store(sys.argv[1]), clock=lambda: datetime(2025, 11, 21, tzinfo=UTC))
writer.accept(shop="tehran", topic="order.updated", resource_id="7", delivery_id="d", body_hash=b"h", body=b"{}")
print("accepted", flush=True)
time.sleep(60)
"""
    address = store.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", program, address], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "accepted\n"
        os.kill(process.pid, signal.SIGKILL)
    assert [row.resource_id for row in stored(store)] == ["7"]
