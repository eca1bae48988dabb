"""A shop and companion, all that may go wrong between them, and the promise that holds in spite of it.

The state machine that the histories of `test_convergence` are played on; what people do in the shop is there.
"""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from companion.app import App, build
from companion.config import Config, Database, Push, Secret, Shop, Web
from companion.sandbox import Fault, Sandbox, ShopClock
from companion.services.notes import NoteDraft
from companion.sync.reading.reconcile import TooManyGone
from connectors.errors import ConnectorError
from storage.engine import Store, Tx
from storage.schema import accounts, order_lines, order_notes, orders, refunds, ticket_replies, tickets
from storage.sync import inbox, outbox
from tests.fixtures.app import Desk, serving
from tests.fixtures.sandbox import SHOP_NOW
from tests.fixtures.store import Clock, migrated_sqlite

KEY = "companion_note"
PEOPLE = [
    {"first_name": "مریم", "last_name": "احمدی", "email": "maryam@example.com", "phone": "09120001001"},
    {"first_name": "رضا", "last_name": "كريمي", "email": "", "phone": "۰۹۱۲۰۰۰۱۰۰۲"},
    {"first_name": "Sara", "last_name": "Johnson", "email": "sara@example.com", "phone": ""},
]
BACKWARDS = 1_000_003  # seconds; never a sum of steps forwards, so that no date is ever written twice by accident
AGENT, OTHER_AGENT = 3, 1
WORK = ("drain", "poll", "reconcile", "changed", "open_step", "all_step", "replies")
FIRST_DAYS = 8


class Killed(BaseException):
    """The process is gone; nothing in it may catch this."""


@contextmanager
def killed_after(store: Store, transactions: int) -> Iterator[None]:
    """Whatever runs in the block ends before the next transaction that would write, after so many of them."""
    write, left = store.write, transactions

    @contextmanager
    def counted(*, durable: bool = True) -> Iterator[Tx]:
        nonlocal left
        if left == 0:
            raise Killed
        left -= 1
        with write(durable=durable) as tx:
            yield tx

    store.write = counted  # type: ignore[method-assign]
    try:
        with suppress(Killed):
            yield
    finally:
        store.write = write  # type: ignore[method-assign]


class Convergence(RuleBasedStateMachine):
    """One shop, one companion, and everything that goes wrong between them."""

    histories = 0
    """How many were played to their end, of each kind."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        (folder / "store.sqlite3").write_bytes(migrated_sqlite())
        self.sandbox = self.open.enter_context(Sandbox(clock=ShopClock(frozen_at=SHOP_NOW), bridge=True))
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
                    helpdesk="awesome-support",
                    helpdesk_username=self.sandbox.credentials.admin.username,
                    helpdesk_password=Secret(self.sandbox.credentials.admin.password),
                    bridge=False,  # what it tells must be found without it
                ),
            ),
        )
        self.app = self.open.enter_context(closing(build(config, clock=self.clock)))
        self.other = self.open.enter_context(closing(build(config, clock=self.clock)))
        self.open.enter_context(serving(self.app.flask(), listening))
        self.desk = Desk(self.app)
        self.notes: list[int] = []
        self.tampered: dict[int, int] = {}
        self.helpdesk = self.shop.helpdesk

    @initialize(number=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
    def begin(self, number: int, seed: int) -> None:
        self.dice = Random(seed)
        self.shop.storage = self.dice.choice(["hpos", "legacy"])  # in one of them no date tells of our line
        for index in range(number):
            self.shop.create_order(billing=PEOPLE[index % len(PEOPLE)], quiet=True)
            self.open_ticket(index, answers=2)
        self.app.backfill("main")
        self.app.prepare(self.app.shops["main"])
        # Half of the histories that Hypothesis makes are short, and few rules come often enough to need each other.
        for _ in range(FIRST_DAYS):
            self.somebody_works()
            self.companion_works()

    def somebody_works(self) -> None:
        """A few things that people in the shop do, by the dice."""
        raise NotImplementedError

    def companion_works(self) -> None:
        """One thing that companion does, by the dice; or it is late, and does nothing."""
        looks = ("changed", "open_step", "all_step", "replies")
        works: tuple[Callable[[], object], ...] = (
            self.everything_is_looked_at,
            self.the_shop_delivers,
            lambda: self.queues_are_drained(second=self.dice.random() < 0.5),
            lambda: self.the_shop_is_polled(second=self.dice.random() < 0.5),
            lambda: self.the_tickets_are_looked_at(second=self.dice.random() < 0.5, look=self.dice.choice(looks)),
            lambda: self.it_is_killed_between_two_transactions(self.dice.choice(WORK), self.dice.randrange(10)),
            lambda: self.note_is_written(self.dice.randrange(100), "call", internal=False),
            lambda: self.note_about_the_author_of_a_ticket_is_written(self.dice.randrange(100)),
            lambda: self.time_passes(7_000),
            lambda: None,
        )
        self.dice.choice(works)()

    # --- the shop's people ----------------------------------------------------------------------------------------

    def any_order(self, pick: int, *, trashed: bool = False) -> int | None:
        ids = [key for key, order in self.shop.orders.items() if (order.status == "trash") is trashed]
        return sorted(ids)[pick % len(ids)] if ids else None

    def any_ticket(self, pick: int, *, trashed: bool = False) -> int | None:
        ids = sorted(key for key, ticket in self.helpdesk.tickets.items() if ticket.is_trashed is trashed)
        return ids[pick % len(ids)] if ids else None

    def open_ticket(self, number: int, *, answers: int) -> None:
        ticket = self.helpdesk.open_ticket(self.user(number), f"پرسش {number}", "<p>کجاست؟</p>", assignee=AGENT)
        for answer in range(answers):
            self.helpdesk.reply(ticket.id, AGENT, f"پاسخ {answer}")

    def user(self, number: int) -> int:
        email = f"user{number}@example.com"
        user = self.shop.user_by_email(email) or self.shop.create_customer(email=email, first_name=f"کاربر {number}")
        return user.id

    @rule(number=st.integers(0, 5))
    def user_registers_and_buys(self, number: int) -> None:
        billing = {**PEOPLE[0], "email": f"user{number}@example.com"}
        self.shop.create_order(customer_id=self.user(number), billing=billing)

    # --- the agents -----------------------------------------------------------------------------------------------

    @rule(pick=st.integers(0, 99), kind=st.sampled_from(["call", "general", "complaint"]), internal=st.booleans())
    def note_is_written(self, pick: int, kind: str, internal: bool) -> None:
        with self.app.store.read() as tx:
            known = tx.execute(sqlalchemy.select(orders.c.order_id).order_by(orders.c.order_id)).scalars().all()
        if known:
            order_id = int(known[pick % len(known)])
            self.notes.append(self.desk.write(order_id, f"یادداشت {len(self.notes)}", kind=kind, internal=internal))
            self.clock.advance(1)

    @rule(pick=st.integers(0, 99))
    def note_about_the_author_of_a_ticket_is_written(self, pick: int) -> None:
        with self.app.store.read() as tx:
            authors = tx.execute(
                sqlalchemy.select(accounts.c.customer_id)
                .join(tickets, tickets.c.account_id == accounts.c.id)
                .order_by(tickets.c.ticket_id)
            )
            known = list(authors.scalars())
        if known:
            draft = NoteDraft(customer_id=known[pick % len(known)], body=f"یادداشت {len(self.notes)}", kind="call")
            self.notes.append(self.app.notes.write(self.desk.viewer, draft).id)
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
        status = 429 if kind == "status" else 500
        self.shop.faults.add(Fault(kind, path="orders|tickets", status=status, seconds=30.0))  # type: ignore[arg-type]

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

    @rule(second=st.booleans(), look=st.sampled_from(["changed", "open_step", "all_step", "replies"]))
    def the_tickets_are_looked_at(self, second: bool, look: str) -> None:
        with suppress(ConnectorError, TooManyGone):
            self.look_at_tickets(self.other if second else self.app, look)

    @rule()
    def everything_is_looked_at(self) -> None:
        with suppress(ConnectorError, TooManyGone):
            self.round()

    @rule(
        doing=st.sampled_from(WORK),
        transactions=st.integers(0, 9),
    )
    def it_is_killed_between_two_transactions(self, doing: str, transactions: int) -> None:
        with killed_after(self.app.store, transactions), suppress(ConnectorError, TooManyGone):
            match doing:
                case "drain":
                    self.app.drain()
                case "poll" | "reconcile":
                    getattr(self.app, doing)("main")
                case _:
                    self.look_at_tickets(self.app, doing)

    def look_at_tickets(self, app: App, look: str) -> Any:
        shop = app.shops["main"]
        return (
            app.ticket_sweep.replies(shop, limit=1000) if look == "replies" else getattr(app.ticket_sweep, look)(shop)
        )

    # --- the promise ----------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self.shop.faults.clear()
            self.round()
            self.days_pass(8)  # so that what has its turn once a week has it
            self.round()
            self.round()
            self.compare()
            self.shop.log.clear()
            self.round()
            assert self.shop.log.writes() == 0, "a settled shop was written to"
            by_id = {request.path for request in self.shop.log.requests() if request.path[-1].isdigit()}
            trash = {f"/wp-json/wpas-api/v1/tickets/{key}" for key, t in self.helpdesk.tickets.items() if t.is_trashed}
            assert by_id <= trash, "a settled shop was asked for single things that its lists tell of"
            self.compare()
            type(self).histories += 1
        finally:
            self.open.close()

    def days_pass(self, days: float) -> None:
        self.clock.advance(days * 86_400)
        self.shop.clock.advance(days * 86_400)

    def round(self) -> None:
        """Everything that would happen within a day, once."""
        shop = self.app.shops["main"]
        self.days_pass(0.1)
        self.app.prepare(shop)
        self.shop.run_queue()
        self.app.drain()
        self.app.poll("main")
        self.look_at_tickets(self.app, "changed")
        while not self.look_at_tickets(self.app, "open_step").is_over:
            pass
        self.app.reconcile("main", force=True)
        self.look_at_tickets(self.app, "replies")
        for turns in (self.app.aftercare.of_recent(shop), self.app.aftercare.of_others(shop)):
            for _ in turns:
                pass
        self.app.aftercare.urgent(shop, limit=1000)
        self.days_pass(0.1)
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
            assert self._stored_tickets(tx) == self._tickets_there(tx)
        carried = {str(key): self._carries(key) for key in self.shop.orders}
        carried |= {str(key): ticket.meta.get(KEY) for key, ticket in self.helpdesk.tickets.items()}
        assert {key: text for key, text in carried.items() if key not in parked and text != wanted.get(key)} == {}

    def _wanted(self, tx: Any) -> dict[str, str | None]:
        """What each order and ticket that may be written should carry; trashed ones keep what they had. Their ids are
        of one sequence.
        """
        everyone = set(tx.execute(sqlalchemy.select(accounts.c.customer_id)).scalars())
        found = {key: want.text for (_, key), want in self.app.summaries.wanted(tx, "main", everyone).items()}
        untouchable = {
            str(key): self._carries(key)
            for key, order in self.shop.orders.items()
            if order.status in {"trash", "checkout-draft"}
        }
        untouchable |= {str(key): t.meta.get(KEY) for key, t in self.helpdesk.tickets.items() if t.is_trashed}
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
        left: dict[str, set[str]] = {}
        for row in tx.execute(sqlalchemy.select(order_notes).where(order_notes.c.gone_at.is_(None))):
            left.setdefault(row.order_id, set()).add(row.order_note_id)
        return {
            row.order_id: (
                row.status,
                row.total,
                {name: value for name, value in row.billing.items() if value},
                int(row.modified_at.timestamp()),
                lines.get(row.order_id, []),
                given.get(row.order_id, []),
                left.get(row.order_id, set()),
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
                {str(note.id) for note in order.notes},
            )
        return found

    def _stored_tickets(self, tx: Tx) -> dict[str, Any]:
        said: dict[str, dict[str, str]] = {}
        for row in tx.execute(sqlalchemy.select(ticket_replies).where(ticket_replies.c.gone_at.is_(None))):
            said.setdefault(row.ticket_id, {})[row.reply_id] = row.body
        standing = (
            sqlalchemy.select(tickets, accounts.c.key)
            .join(accounts, accounts.c.id == tickets.c.account_id)
            .where(tickets.c.gone_at.is_(None))
        )
        return {
            row.ticket_id: (
                row.title,
                row.status,
                row.state,
                row.assignee_id,
                row.key,
                row.status == "trash" or int(row.modified_at.timestamp()),
                row.status == "trash" or said.get(row.ticket_id, {}),
            )
            for row in tx.execute(standing)
        }

    def _tickets_there(self, tx: Tx) -> dict[str, Any]:
        """The trash is in no list: a ticket that lay there before we ever saw it, we know nothing of."""
        known = set(tx.execute(sqlalchemy.select(tickets.c.ticket_id)).scalars())
        return {
            str(key): (
                ticket.title,
                ticket.status,
                ticket.state,
                str(ticket.assignee),
                str(ticket.author),
                ticket.is_trashed or ticket.modified,
                ticket.is_trashed or {str(reply.id): f"<p>{reply.content}</p>\n" for reply in ticket.replies},
            )
            for key, ticket in self.helpdesk.tickets.items()
            if not ticket.is_trashed or str(key) in known
        }
