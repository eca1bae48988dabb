"""Note to helpdesk: the line stands on her tickets where the shop shows it; nothing is written that nobody shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.app import App
from companion.sandbox import Fault, Sandbox
from companion.services.notes import NoteDraft
from companion.sync.pushing.outbox import SUMMARY_QUARREL
from companion.sync.pushing.push import SUMMARY_NOT_KEPT
from storage import notes
from storage.notes import NewNote
from storage.sync import alerts, outbox
from storage.tickets import tickets
from tests.fixtures.app import Desk, MakeApp
from tests.fixtures.store import Clock
from tests.sync.helpdesks import stored_ticket

KEY = "companion_note"


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return make_sandbox(bridge=True)


@pytest.fixture
def app(make_app: MakeApp, sandbox: Sandbox) -> App:
    return make_app({"main": sandbox}, helpdesk=True)


@pytest.fixture
def author(sandbox: Sandbox) -> int:
    return sandbox.shop.create_customer("zahra@example.test", first_name="زهرا").id


def open_tickets(app: App, sandbox: Sandbox, author: int, number: int = 1, state: str = "open") -> list[int]:
    """Her tickets, a day apart, oldest first, known to both sides."""
    made = []
    for n in range(number):
        sandbox.shop.clock.advance(86_400)
        made.append(sandbox.shop.helpdesk.open_ticket(author, f"تیکت {n}", assignee=3, state=state).id)
    app.backfill("main")
    app.ticket_sweep.changed(app.shops["main"])
    sandbox.shop.log.clear()
    return made


def customer_of(app: App, ticket_id: int) -> tuple[int, int]:
    """Account and customer of a ticket."""
    row = stored_ticket(app, ticket_id)
    assert row is not None
    with app.store.read() as tx:
        return row.account_id, tickets.customers_of(tx, "main", [str(ticket_id)])[str(ticket_id)]


def write(app: App, desk: Desk, ticket_id: int, body: str = "منتظر تماس است") -> int:
    draft = NoteDraft(customer_id=customer_of(app, ticket_id)[1], body=body, kind="call")
    return app.notes.write(desk.viewer, draft).id


def carried(sandbox: Sandbox, ticket_id: int) -> str | None:
    return sandbox.shop.helpdesk.tickets[ticket_id].meta.get(KEY)


def settle(app: App, sandbox: Sandbox, rounds: int = 3) -> None:
    for _ in range(rounds):
        app.drain()
        sandbox.shop.clock.advance(61)
        app.ticket_sweep.changed(app.shops["main"])
    app.drain()


def parked(app: App) -> list[tuple[str, str, str]]:
    with app.store.read() as tx:
        return [(ref.kind, ref.ref_id, ref.reason) for ref in outbox.parked(tx, "main", limit=99)]


def waiting(app: App) -> int:
    with app.store.read() as tx:
        return sum(count.waiting for count in outbox.counts(tx))


def test_the_line_stands_on_the_ticket_and_no_further_write_follows(app: App, sandbox: Sandbox, author: int) -> None:
    (ticket_id,) = open_tickets(app, sandbox, author)
    sandbox.shop.helpdesk.tickets[ticket_id].meta["other"] = "ours not to touch"
    write(app, Desk(app), ticket_id)
    settle(app, sandbox)
    assert carried(sandbox, ticket_id) == "۱۴۰۵/۰۸/۳۰ ۲۱:۳۰ · مینا · تماس: منتظر تماس است (۱ یادداشت)"
    assert sandbox.shop.helpdesk.tickets[ticket_id].meta["other"] == "ours not to touch"
    assert sandbox.shop.log.writes() == 1
    settle(app, sandbox)
    assert (sandbox.shop.log.writes(), waiting(app), parked(app)) == (1, 0, [])


def test_open_tickets_the_newest_and_the_one_pointed_at_carry_it(app: App, sandbox: Sandbox, author: int) -> None:
    still_open = open_tickets(app, sandbox, author)
    tickets = open_tickets(app, sandbox, author, 12, state="closed")
    desk = Desk(app)
    app.ticket_sweep.changed(app.shops["main"])
    account_id, customer_id = customer_of(app, tickets[0])
    with app.store.write() as tx:
        note = NewNote(
            customer_id=customer_id,
            account_id=account_id,
            author_id=desk.agent.id,
            kind="call",
            body="درباره همین",
            is_internal=False,
            shop="main",
            ref_kind="ticket",
            ref_id=str(tickets[0]),
        )
        notes.write(tx, note, now=app.clock())
        app.summaries.mark_customer(tx, customer_id)
    settle(app, sandbox)
    assert {t for t in still_open + tickets if carried(sandbox, t)} == {*still_open, tickets[0], *tickets[-5:]}


def test_a_line_goes_with_its_note_and_a_trashed_ticket_is_left_alone(app: App, sandbox: Sandbox, author: int) -> None:
    kept, trashed = open_tickets(app, sandbox, author, 2)
    desk = Desk(app)
    note = write(app, desk, kept)
    settle(app, sandbox)
    sandbox.shop.helpdesk.trash(trashed)
    app.rereader.ticket(app.shops["main"], str(trashed))
    app.notes.delete(desk.viewer, note)
    settle(app, sandbox)
    assert carried(sandbox, kept) is None
    assert carried(sandbox, trashed)
    assert sandbox.shop.helpdesk.tickets[trashed].status == "trash"


def test_where_nothing_shows_our_key_nothing_is_written(
    make_app: MakeApp, make_sandbox: Callable[..., Sandbox]
) -> None:
    sandbox = make_sandbox(bridge=False)
    app = make_app({"main": sandbox}, helpdesk=True)
    user = sandbox.shop.create_customer("zahra@example.test").id
    (ticket_id,) = open_tickets(app, sandbox, user)
    write(app, Desk(app), ticket_id)
    settle(app, sandbox)
    assert (sandbox.shop.log.writes(), waiting(app), parked(app)) == (0, 0, [])
    sandbox.shop.helpdesk.registered_meta = (KEY,)  # our plugin is installed
    while not app.ticket_sweep.open_step(app.shops["main"]).is_over:
        pass
    settle(app, sandbox)
    assert carried(sandbox, ticket_id)


def test_a_plugin_that_left_since_the_last_look_parks_all_and_asks_no_more(
    app: App, sandbox: Sandbox, author: int
) -> None:
    tickets = open_tickets(app, sandbox, author, 3)
    desk = Desk(app)
    sandbox.shop.helpdesk.registered_meta = ()
    write(app, desk, tickets[0])
    app.drain()
    assert sandbox.shop.log.writes() == 1
    assert sorted(parked(app)) == [("ticket", str(ticket_id), SUMMARY_NOT_KEPT) for ticket_id in tickets]
    write(app, desk, tickets[0], "دوباره")
    settle(app, sandbox)
    assert sandbox.shop.log.writes() == 1
    sandbox.shop.helpdesk.registered_meta = (KEY,)
    for ticket_id in tickets:
        app.rereader.ticket(app.shops["main"], str(ticket_id))
    settle(app, sandbox)
    assert all("دوباره" in str(carried(sandbox, ticket_id)) for ticket_id in tickets)
    assert parked(app) == []


def test_one_that_is_gone_does_not_hold_up_the_others(app: App, sandbox: Sandbox, author: int) -> None:
    tickets = open_tickets(app, sandbox, author, 3)
    sandbox.shop.helpdesk.delete(tickets[1])
    write(app, Desk(app), tickets[0])
    settle(app, sandbox)
    assert carried(sandbox, tickets[0])
    assert carried(sandbox, tickets[2])
    row = stored_ticket(app, tickets[1])
    assert row is not None
    assert row.gone_at is not None


def test_a_cut_connection_ends_in_the_right_line(app: App, sandbox: Sandbox, author: int, clock: Clock) -> None:
    tickets = open_tickets(app, sandbox, author, 3)
    write(app, Desk(app), tickets[0])
    sandbox.shop.faults.add(Fault("cut_after", method="PUT", path="tickets"))
    app.drain()
    clock.advance(3600)
    settle(app, sandbox)
    assert all(carried(sandbox, ticket_id) for ticket_id in tickets)
    assert waiting(app) == 0


def test_a_line_that_is_written_over_is_put_back_and_a_quarrel_is_told(
    app: App, sandbox: Sandbox, author: int, clock: Clock
) -> None:
    (ticket_id,) = open_tickets(app, sandbox, author)
    write(app, Desk(app), ticket_id)
    settle(app, sandbox)
    right = carried(sandbox, ticket_id)
    for turn in range(5):
        sandbox.shop.clock.advance(60)
        sandbox.shop.helpdesk.edit(ticket_id, meta={KEY: f"another's ({turn})"})
        settle(app, sandbox)
        assert (carried(sandbox, ticket_id) == right) == (turn < 3)
    assert parked(app) == [("ticket", str(ticket_id), SUMMARY_QUARREL)]
    with app.store.read() as tx:
        assert [(alert.kind, alert.subject) for alert in alerts.standing(tx)] == [("quarrel", f"ticket {ticket_id}")]
    clock.advance(2 * 86_400)
    sandbox.shop.helpdesk.edit(ticket_id, meta={KEY: "for the last time"})
    settle(app, sandbox)
    assert carried(sandbox, ticket_id) == right
    with app.store.read() as tx:
        assert alerts.standing(tx) == []


def test_many_tickets_are_written_a_few_at_a_time(app: App, sandbox: Sandbox, author: int) -> None:
    tickets = open_tickets(app, sandbox, author, 45)
    write(app, Desk(app), tickets[0])
    assert app.drain()["pushed"] == 45
    assert all(carried(sandbox, ticket_id) for ticket_id in tickets)


def test_without_its_helpdesk_a_shops_tickets_wait_and_its_orders_do_not(
    app: App, make_app: MakeApp, sandbox: Sandbox, author: int
) -> None:
    order = sandbox.shop.create_order(customer_id=author, quiet=True).id
    (ticket_id,) = open_tickets(app, sandbox, author)
    write(app, Desk(app), ticket_id)
    without = make_app({"main": sandbox})
    without.drain()
    assert sandbox.shop.order(order).meta_value(KEY)
    assert [(kind, key) for kind, key, _ in parked(app)] == [("ticket", str(ticket_id))]
