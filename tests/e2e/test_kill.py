"""kill −9 at any moment loses nothing: real processes under load, killed again and again, and all is right at the end.

`COMPANION_SOAK_KILLS=500 pytest tests/e2e/test_kill.py -s` kills so many times on each database; `COMPANION_SEED=…`
repeats a run's chances (what the threads make of them is their own).

What the load leaves out: orders deleted for good, which no poll finds; only comparing all ids does. What it keeps in:
while companion is down the shop's deliveries fail and are lost, and the seventh failure in a row disables a webhook,
until companion's next look mends it. So much of the load arrives by polls alone.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from companion.app import App
from companion.domain.targets import NEVER_WRITTEN
from companion.sandbox import Sandbox, ShopClock
from storage.engine import Store
from storage.schema import customers, inbox, notes, order_lines, order_notes, orders
from storage.sync import outbox
from tests.e2e.installation import Installation, wait_for
from tests.e2e.load import Agent, Postbook, Shopkeeper, seed_of_this_run
from tests.fixtures.soak import Played

AGENTS = ("mina", "sara")
QUICK = {"sqlite": 4, "postgresql": 4}
"""Kills of a normal run."""
PATIENCE_S = 240.0
"""For the end: the claims of a killed process, a look, and all queues; it is waited for only where it is needed."""

COMMANDS = {"sqlite": (["run"],), "postgresql": (["serve"], ["work"], ["work"])}


@pytest.fixture
def busy_shop(make_sandbox: Any) -> Sandbox:
    """A shop whose clock and webhook queue run by themselves."""
    shop: Sandbox = make_sandbox(clock=ShopClock(), queue_seconds=0.3)
    return shop


@pytest.fixture
def installation(tmp_path: Path, store: Store, busy_shop: Sandbox) -> Iterator[Installation]:
    with Installation(tmp_path, store, busy_shop) as made:
        yield made


def test_whatever_is_killed_and_when_nothing_is_lost_doubled_or_wrong(
    installation: Installation, busy_shop: Sandbox, store: Store, played: Played
) -> None:
    seed = seed_of_this_run()
    chance = random.Random(seed)
    kills = int(os.environ.get("COMPANION_SOAK_KILLS", "0")) or QUICK[store.dialect]
    print(f"\n{store.dialect}: {kills} kills, COMPANION_SEED={seed}")  # noqa: T201 (repeats the run)
    shopkeeper = Shopkeeper(random.Random(chance.random()), busy_shop)
    for _ in range(150):
        shopkeeper.create(quiet=True)
    installation.add_agents(AGENTS)
    postbook = Postbook(busy_shop)
    agents = [
        Agent(random.Random(chance.random()), installation.address, name, lambda: order_ids(busy_shop))
        for name in AGENTS
    ]
    begun_at = time.monotonic()
    processes = [installation.process(*words) for words in COMMANDS[store.dialect]]
    for process in processes:
        process.wait_until_up()
    # A slow machine needs longer to start again; killed only before they are up, they would have nothing to lose.
    longest = max(5.0, 2.5 * (time.monotonic() - begun_at))
    killed: Counter[str] = Counter()
    pause = threading.Event()
    with ExitStack() as load:
        for pressure in (shopkeeper, *agents):
            load.enter_context(pressure)
        for _ in range(kills):
            pause.wait(chance.uniform(0.2, longest))
            victim = chance.choice(processes)
            victim.kill()
            killed[victim.command[-1]] += 1
            pause.wait(chance.uniform(0.0, 0.8))
            victim.start()
            postbook.copy()
        pause.wait(2.0)
        wait_for(lambda: nothing_came_through(postbook, agents), PATIENCE_S)
        seconds = max(process.ask_to_stop() for process in processes)
    for process in processes:
        process.start()
    with installation.app() as app:
        wait_for(lambda: unsettled(app, busy_shop), PATIENCE_S)
        for process in processes:
            process.ask_to_stop()
        postbook.copy()
        disabled = sum(webhook.status != "active" for webhook in busy_shop.shop.deliveries.webhooks.values())
        print(  # noqa: T201 (what the run was worth)
            f"killed {dict(killed)}; {shopkeeper.done} changes in the shop, {len(busy_shop.shop.orders)} orders, "
            f"{sum(len(agent.notes) for agent in agents)} notes; {len(postbook.accepted)} deliveries accepted, "
            f"{postbook.failed} failed, {disabled} webhooks disabled at the end; left in {seconds:.1f} s"
        )
        assert [refusal for agent in agents for refusal in agent.refusals] == []
        no_accepted_delivery_is_missing(store, postbook)
        every_answered_note_is_there_once(store, agents)
        every_summary_is_right(app, busy_shop)
        a_second_round_changes_nothing(app, busy_shop)
    played(f"kills on {store.dialect}", kills)


def order_ids(sandbox: Sandbox) -> list[int]:
    with sandbox.shop.lock:
        return list(sandbox.shop.orders)


def nothing_came_through(postbook: Postbook, agents: list[Agent]) -> str:
    """What the run would prove nothing without."""
    postbook.copy()
    answered = sum(note.is_answered for agent in agents for note in agent.notes)
    return "" if postbook.accepted and answered else f"{len(postbook.accepted)} deliveries, {answered} notes"


# --- what must hold -----------------------------------------------------------------------------------------------


def unsettled(app: App, sandbox: Sandbox) -> str:
    """What still waits or differs; "" once all is done."""
    with sandbox.shop.lock:
        there = {str(key): shop_facts(order) for key, order in sandbox.shop.orders.items()}
        queued = sandbox.shop.deliveries.waiting
    with app.store.read() as tx:
        waiting = tx.execute(
            sqlalchemy.select(sqlalchemy.func.count()).where(inbox.c.state.not_in(["applied", "ignored"]))
        ).scalar_one()
        to_push = outbox.counts(tx)
        notes_due = tx.execute(
            sqlalchemy.select(sqlalchemy.func.count()).where(orders.c.notes_due_at.is_not(None))
        ).scalar_one()
        here = stored_facts(tx)
    if queued or waiting or to_push or notes_due:
        return (
            f"{queued} to deliver, {waiting} in the inbox, {to_push} in the outbox, {notes_due} orders' notes to read"
        )
    differing = [key for key in there.keys() | here.keys() if there.get(key) != here.get(key)]
    return "; ".join(f"order {key}: there {there.get(key)}, here {here.get(key)}" for key in differing[:3])


def shop_facts(order: Any) -> tuple[Any, ...]:
    """What must be alike here and there of an order: status (trash is one), total, lines, the notes standing on it."""
    lines = [(line.name, line.quantity, amount(line.total)) for line in order.lines]
    return order.status, amount(order.total), lines, sorted(str(note.id) for note in order.notes)


def amount(value: Decimal) -> int:
    return int(value * 10_000)


def stored_facts(tx: sqlalchemy.Connection) -> dict[str, tuple[Any, ...]]:
    lines: dict[str, list[tuple[Any, ...]]] = {}
    for line in tx.execute(sqlalchemy.select(order_lines).order_by(order_lines.c.order_id, order_lines.c.position)):
        lines.setdefault(line.order_id, []).append((line.name, line.quantity, line.total))
    standing: dict[str, list[str]] = {}
    for note in tx.execute(sqlalchemy.select(order_notes).where(order_notes.c.gone_at.is_(None))):
        standing.setdefault(note.order_id, []).append(note.order_note_id)
    return {
        row.order_id: (row.status, row.total, lines.get(row.order_id, []), sorted(standing.get(row.order_id, [])))
        for row in tx.execute(sqlalchemy.select(orders).where(orders.c.gone_at.is_(None)))
    }


def no_accepted_delivery_is_missing(store: Store, postbook: Postbook) -> None:
    with store.read() as tx:
        kept = {
            (row.topic, row.delivery_id, row.body_hash)
            for row in tx.execute(sqlalchemy.select(inbox.c.topic, inbox.c.delivery_id, inbox.c.body_hash))
        }
    assert postbook.accepted
    assert postbook.accepted - kept == set()


def every_answered_note_is_there_once(store: Store, agents: list[Agent]) -> None:
    with store.read() as tx:
        rows = tx.execute(sqlalchemy.select(notes.c.body, notes.c.deleted_at)).all()
    found = Counter(row.body for row in rows)
    binned = {row.body for row in rows if row.deleted_at is not None}
    written = [note for agent in agents for note in agent.notes]
    assert sum(note.is_answered for note in written) > 0
    assert [note.body for note in written if note.is_answered and found[note.body] != 1] == []
    assert [body for body, times in found.items() if times > 1] == []
    assert [note.body for note in written if note.is_deleted and note.body not in binned] == []


def every_summary_is_right(app: App, sandbox: Sandbox) -> None:
    """What stands on each order in the shop is what our notes say, as rendered anew; and some orders carry one."""
    with app.store.read() as tx:
        everybody = tx.execute(sqlalchemy.select(customers.c.id)).scalars().all()
        wanted = app.summaries.wanted(tx, "main", everybody)
    with sandbox.shop.lock:
        shown = {
            str(key): order.meta_value("companion_note")
            for key, order in sandbox.shop.orders.items()
            if order.status not in NEVER_WRITTEN
        }
    right = {key: wanted["order", key].text if ("order", key) in wanted else None for key in shown}
    assert {key: text for key, text in shown.items() if text != right[key]} == {}
    assert {key: want for key, want in wanted.items() if want.text != want.observed} == {}
    assert any(shown.values())


def a_second_round_changes_nothing(app: App, sandbox: Sandbox) -> None:
    with app.store.read() as tx:
        before = stored_facts(tx)
    sandbox.shop.log.clear()
    app.poll("main")
    app.drain()
    assert sandbox.shop.log.writes() == 0
    assert unsettled(app, sandbox) == ""
    with app.store.read() as tx:
        assert stored_facts(tx) == before
