"""Two workers on PostgreSQL share the work: nothing is done twice, and one stands in for another that is killed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from companion.sandbox import Sandbox, ShopClock
from companion.sandbox.records import Order
from storage import shops
from storage.engine import Store
from storage.schema import inbox as inbox_table
from storage.schema import leases
from storage.sync import inbox, outbox
from tests.e2e.installation import POLL_SECONDS, Installation, wait_for
from tests.fixtures.app import Desk

ORDERS = 220  # more than two claims' worth


def test_two_workers_drain_one_inbox_and_one_outbox_and_write_nothing_twice(
    tmp_path: Path,
    postgresql_store: Store,
    make_sandbox: Callable[..., Sandbox],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A batch takes the shop a while, so that both have one under way at the same time.
    sandbox = make_sandbox(clock=ShopClock(), write_seconds=lambda records: records / 50)
    placed = [
        sandbox.shop.create_order(billing={"first_name": f"مشتری {n}", "email": f"guest{n}@example.com"}, quiet=True).id
        for n in range(ORDERS)
    ]
    with Installation(tmp_path, postgresql_store, sandbox, module="companion") as installation:
        installation.process("serve").wait_until_up()
        with installation.app() as app:
            app.backfill("main")
            app.prepare(app.shops["main"])
            desk = Desk(app)
            for order_id in placed:
                desk.write(order_id)
        for order_id in placed:
            sandbox.shop.update_order(order_id, status="completed")
        assert {delivered.status for delivered in sandbox.shop.run_queue()} == {200}
        writes = Writes(sandbox)
        monkeypatch.setattr(sandbox.shop, "update_order", writes)
        # Nothing is written before both are there, so that each finds something to write.
        with postgresql_store.write() as tx:
            shops.pause(tx, "main")
        for worker in [installation.process("work") for _ in range(2)]:
            worker.wait_until_up()
        with postgresql_store.write() as tx:
            shops.resume(tx, "main")
        wait_for(lambda: at_work(postgresql_store), 40)
        with postgresql_store.read() as tx:
            ends = Counter(
                (row.state, row.attempts)
                for row in tx.execute(sqlalchemy.select(inbox_table.c.state, inbox_table.c.attempts)).all()
            )
    assert ends == {("applied", 0): ORDERS}
    assert writes.by_order == dict.fromkeys(placed, 1)
    assert len(writes.connections) > 1


class Writes:
    """Stands before the shop's own saving of orders, and counts what came through."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._save = sandbox.shop.update_order
        self._lock = threading.Lock()
        self.by_order: Counter[int] = Counter()
        self.connections: set[int] = set()  # each has a thread of the sandbox's own

    def __call__(self, order_id: int, **changes: Any) -> Order:
        with self._lock:
            self.by_order[order_id] += 1
            self.connections.add(threading.get_ident())
        return self._save(order_id, **changes)


def at_work(store: Store) -> str:
    with store.read() as tx:
        waiting = [*inbox.counts(tx), *outbox.counts(tx)]
    return f"still {waiting}" if waiting else ""


def test_one_of_two_workers_looks_and_when_it_is_killed_the_other_does(
    tmp_path: Path, postgresql_store: Store, make_sandbox: Callable[..., Sandbox]
) -> None:
    sandbox = make_sandbox(clock=ShopClock())
    with Installation(tmp_path, postgresql_store, sandbox) as installation:
        looking = installation.process("work")
        wait_for(lambda: "" if holder(postgresql_store) else "nobody looks", 30)
        first = holder(postgresql_store)
        assert first is not None
        other = installation.process("work")
        other.wait_until_up()
        wait_for(lambda: "" if looks_again(postgresql_store, first) else "it does not look again", 2 * POLL_SECONDS)
        looking.kill()
        sandbox.shop.log.clear()
        wait_for(lambda: "" if replaced(postgresql_store, first) else "nobody took over", 2 * POLL_SECONDS)
        wait_for(lambda: "" if sandbox.shop.log.count(path="/customers") else "the other does not look", 10)


def holder(store: Store) -> tuple[str, datetime] | None:
    with store.read() as tx:
        row = tx.execute(sqlalchemy.select(leases.c.owner, leases.c.until).where(leases.c.name == "look:main")).first()
    return (row.owner, row.until) if row else None


def looks_again(store: Store, before: tuple[str, datetime]) -> bool:
    """The same worker prolonged its lease by a whole turn: another one was not let in between."""
    now = holder(store)
    assert now is not None
    assert now[0] == before[0]
    return (now[1] - before[1]).total_seconds() > POLL_SECONDS / 2


def replaced(store: Store, before: tuple[str, datetime]) -> bool:
    now = holder(store)
    return now is not None and now[0] != before[0]
