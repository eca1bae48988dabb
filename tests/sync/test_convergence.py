"""Whatever the shop, its clock, its webhooks or the network do: in the end the store is what the shop is, each order
carries what its customer's notes say, the queues are empty, and a second round writes nothing.

A random history is played on a sandbox shop and companion at once; then faults end, both sides say what they have to
say, and the two are compared. COMPANION_SOAK_HISTORIES=1000 plays so many histories.

Left out, because nothing watches them yet: refunds deleted and order notes added without any other change of the order.
"""

from __future__ import annotations

import json
import os
import socket
import tempfile
import threading
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import sqlalchemy
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from werkzeug.serving import make_server

from companion.app import build
from companion.config import Config, Database, Push, Secret, Shop, Web
from companion.sandbox import Fault, Sandbox, ShopClock
from companion.sync.reconcile import TooManyGone
from connectors.errors import ConnectorError
from storage import inbox, outbox
from storage.schema import accounts, order_lines, orders, refunds
from tests.fixtures.app import Desk
from tests.fixtures.sandbox import SHOP_NOW
from tests.fixtures.store import Clock

KEY = "companion_note"
HISTORIES = int(os.environ.get("COMPANION_SOAK_HISTORIES", "12"))
STATUSES = ["pending", "processing", "on-hold", "completed", "cancelled", "failed", "refunded"]
PEOPLE = [
    {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com", "phone": "09120001001"},
    {"first_name": "رضا", "last_name": "كريمي", "email": "", "phone": "۰۹۱۲۰۰۰۱۰۰۲"},
    {"first_name": "Sara", "last_name": "Johnson", "email": "sara@example.com", "phone": ""},
]
BACKWARDS = 1_000_003  # seconds; never a sum of steps forwards, so that no date is ever written twice by accident
TAMPERINGS = 3  # of one order; more in a day is a quarrel, which is parked on purpose


class Convergence(RuleBasedStateMachine):
    """One shop, one companion, and everything that goes wrong between them."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        self.sandbox = self.open.enter_context(Sandbox(clock=ShopClock(frozen_at=SHOP_NOW)))
        self.shop = self.sandbox.shop
        self.clock = Clock(SHOP_NOW)
        listening = self.open.enter_context(socket.create_server(("127.0.0.1", 0)))
        config = Config(
            master_key=Secret("0123456789abcdef0123456789abcdef"),
            database=Database(url=Secret(f"sqlite:///{folder / 'store.sqlite3'}")),
            web=Web(public_url=f"http://127.0.0.1:{listening.getsockname()[1]}"),
            push=Push(mode="on", max_per_hour=100_000),
            shops=(
                Shop(
                    key="main",
                    url=self.sandbox.url,
                    consumer_key=Secret(self.sandbox.credentials.key),
                    consumer_secret=Secret(self.sandbox.credentials.secret),
                ),
            ),
        )
        self.app = self.open.enter_context(closing(build(config, clock=self.clock)))
        self.other = self.open.enter_context(closing(build(config, clock=self.clock)))
        server = make_server("127.0.0.1", 0, self.app.flask(), threaded=True, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.open.callback(server.server_close)
        self.open.callback(thread.join)
        self.open.callback(server.shutdown)
        self.desk = Desk(self.app)
        self.notes: list[int] = []
        self.tampered: dict[int, int] = {}

    @initialize(number=st.integers(0, 6))
    def begin(self, number: int) -> None:
        for index in range(number):
            self.shop.create_order(billing=PEOPLE[index % len(PEOPLE)], quiet=True)
        self.app.backfill("main")
        self.app.prepare(self.app.shops["main"])

    # --- the shop's people ----------------------------------------------------------------------------------------

    def any_order(self, pick: int, *, trashed: bool = False) -> int | None:
        ids = [key for key, order in self.shop.orders.items() if (order.status == "trash") is trashed]
        return sorted(ids)[pick % len(ids)] if ids else None

    @rule(person=st.sampled_from(PEOPLE), status=st.sampled_from([*STATUSES, "checkout-draft"]))
    def order_is_placed(self, person: dict[str, str], status: str) -> None:
        self.shop.create_order(billing=person, status=status)

    @rule(pick=st.integers(0, 99), status=st.sampled_from(STATUSES), times=st.integers(1, 3))
    def order_is_edited(self, pick: int, status: str, times: int) -> None:
        order_id = self.any_order(pick)
        for number in range(times if order_id else 0):
            assert order_id is not None
            self.shop.update_order(order_id, status=status, billing={"city": f"شهر {number}"})

    @rule(pick=st.integers(0, 99), person=st.sampled_from(PEOPLE))
    def order_is_found_to_be_anothers(self, pick: int, person: dict[str, str]) -> None:
        if order_id := self.any_order(pick):
            self.shop.update_order(order_id, billing=person)

    @rule(pick=st.integers(0, 99))
    def order_is_trashed(self, pick: int) -> None:
        if order_id := self.any_order(pick):
            self.shop.trash_order(order_id)

    @rule(pick=st.integers(0, 99))
    def order_is_restored(self, pick: int) -> None:
        if order_id := self.any_order(pick, trashed=True):
            self.shop.restore_order(order_id)

    @rule(pick=st.integers(0, 99), trashed=st.booleans())
    def order_is_deleted_for_good(self, pick: int, trashed: bool) -> None:
        if order_id := self.any_order(pick, trashed=trashed):
            self.shop.force_delete_order(order_id)

    @rule(pick=st.integers(0, 99))
    def order_is_refunded(self, pick: int) -> None:
        order_id = self.any_order(pick)
        if order_id and not self.shop.order(order_id).refunds:
            self.shop.create_refund(order_id, 1_000)

    @rule(number=st.integers(0, 5))
    def user_registers_and_buys(self, number: int) -> None:
        email = f"user{number}@example.com"
        user = self.shop.user_by_email(email) or self.shop.create_customer(email=email, first_name=f"کاربر {number}")
        self.shop.create_order(customer_id=user.id, billing={**PEOPLE[0], "email": email})

    @rule(pick=st.integers(0, 99), text=st.sampled_from(["تغییر دستی", None]))
    def our_line_is_tampered_with(self, pick: int, text: str | None) -> None:
        order_id = self.any_order(pick)
        if order_id and self.tampered.get(order_id, 0) < TAMPERINGS:
            self.tampered[order_id] = self.tampered.get(order_id, 0) + 1
            self.shop.update_order(order_id, meta={KEY: text})

    # --- the agents -----------------------------------------------------------------------------------------------

    @rule(pick=st.integers(0, 99), kind=st.sampled_from(["call", "general", "complaint"]), internal=st.booleans())
    def note_is_written(self, pick: int, kind: str, internal: bool) -> None:
        with self.app.store.read() as tx:
            known = tx.execute(sqlalchemy.select(orders.c.order_id).order_by(orders.c.order_id)).scalars().all()
        if known:
            order_id = int(known[pick % len(known)])
            self.notes.append(self.desk.write(order_id, f"یادداشت {len(self.notes)}", kind=kind, internal=internal))
            self.clock.advance(1)

    @precondition(lambda self: self.notes)
    @rule(pick=st.integers(0, 99))
    def note_is_deleted(self, pick: int) -> None:
        self.app.notes.delete(self.desk.viewer, self.notes.pop(pick % len(self.notes)))

    # --- time, network, processes ---------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, 61, 7_000]))
    def time_passes(self, seconds: int) -> None:
        self.shop.clock.advance(seconds)
        self.clock.advance(seconds)

    @rule()
    def the_shops_clock_is_set_back(self) -> None:
        self.shop.clock.advance(-BACKWARDS)

    @rule(kind=st.sampled_from(["drop", "double", "delay", "reorder"]))
    def deliveries_suffer(self, kind: str) -> None:
        self.shop.faults.add(Fault(kind))  # type: ignore[arg-type]  # one of the names above

    @rule(kind=st.sampled_from(["status", "html", "cut_before", "cut_after", "half", "malformed"]))
    def answers_suffer(self, kind: str) -> None:
        self.shop.faults.add(Fault(kind, path="orders", status=429 if kind == "status" else 500, seconds=30.0))  # type: ignore[arg-type]

    @rule()
    def a_webhook_is_disabled(self) -> None:
        for webhook in self.shop.deliveries.webhooks.values():
            webhook.status = "disabled"

    @rule()
    def the_shop_delivers(self) -> None:
        self.shop.run_queue()

    @rule(second=st.booleans())
    def queues_are_drained(self, second: bool) -> None:
        (self.other if second else self.app).drain()

    @rule(second=st.booleans())
    def the_shop_is_polled(self, second: bool) -> None:
        with suppress(ConnectorError):
            (self.other if second else self.app).poll("main")

    @rule()
    def the_shop_is_reconciled(self) -> None:
        with suppress(ConnectorError, TooManyGone):
            self.app.reconcile("main")

    # --- the promise ----------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self.shop.faults.clear()
            for _ in range(3):
                self.round()
            self.compare()
            self.shop.log.clear()
            self.round()
            assert self.shop.log.writes() == 0, "a settled shop was written to"
            by_id = [request.path for request in self.shop.log.requests() if request.path[-1].isdigit()]
            assert by_id == [], "a settled shop was asked for single things"
            self.compare()
        finally:
            self.open.close()

    def round(self) -> None:
        """Everything that would happen within a day, once."""
        self.clock.advance(7_200)
        self.shop.clock.advance(61)
        self.app.prepare(self.app.shops["main"])
        self.shop.run_queue()
        self.app.drain()
        self.app.poll("main")
        self.app.reconcile("main", force=True)
        self.clock.advance(7_200)
        self.app.drain()
        self.shop.run_queue()
        self.app.drain()

    def compare(self) -> None:
        with self.app.store.read() as tx:
            wanted = self._wanted(tx)
            parked = {ref.ref_id for ref in outbox.parked(tx, "main", limit=1000)}
            assert all(count.waiting == 0 for count in outbox.counts(tx))
            assert all(count.waiting == 0 and count.dead == 0 for count in inbox.counts(tx))
            assert self._stored(tx) == self._there()
        carried = {str(key): self._carries(key) for key in self.shop.orders}
        assert {key: text for key, text in carried.items() if key not in parked and text != wanted.get(key)} == {}

    def _wanted(self, tx: Any) -> dict[str, str | None]:
        """What each order that may be written should carry; trashed ones keep what they had."""
        everyone = set(tx.execute(sqlalchemy.select(accounts.c.customer_id)).scalars())
        found = {key: want.text for (_, key), want in self.app.summaries.wanted(tx, "main", everyone).items()}
        untouchable = {
            str(key): self._carries(key)
            for key, order in self.shop.orders.items()
            if order.status in {"trash", "checkout-draft"}
        }
        return found | untouchable

    def _carries(self, order_id: int) -> str | None:
        value = self.shop.order(order_id).meta_value(KEY)
        return None if value is None else str(value)

    def _stored(self, tx: Any) -> dict[str, Any]:
        lines: dict[str, list[tuple[str, int]]] = {}
        for row in tx.execute(sqlalchemy.select(order_lines).order_by(order_lines.c.position)):
            lines.setdefault(row.order_id, []).append((row.name, row.total))
        given: dict[str, list[int]] = {}
        for row in tx.execute(sqlalchemy.select(refunds).where(refunds.c.gone_at.is_(None))):
            given.setdefault(row.order_id, []).append(row.amount)
        return {
            row.order_id: (
                row.status,
                row.total,
                {name: value for name, value in row.billing.items() if value},
                int(row.modified_at.timestamp()),
                lines.get(row.order_id, []),
                given.get(row.order_id, []),
            )
            for row in tx.execute(sqlalchemy.select(orders).where(orders.c.gone_at.is_(None)))
            if row.status != "checkout-draft"
        }

    def _there(self) -> dict[str, Any]:
        found = {}
        for order_id, order in self.shop.orders.items():
            if order.status == "checkout-draft":
                continue
            shown = json.loads(self.shop.serialised(order))
            found[str(order_id)] = (
                order.status,
                int(shown["total"]) * 10_000,
                {name: value for name, value in shown["billing"].items() if value},
                order.modified,
                [(line["name"], int(line["total"]) * 10_000) for line in shown["line_items"]],
                [abs(int(refund["total"])) * 10_000 for refund in shown["refunds"]],
            )
        return found


TestConvergence = Convergence.TestCase
TestConvergence.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
