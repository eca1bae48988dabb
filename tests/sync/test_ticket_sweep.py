"""A helpdesk that tells little is followed all the same, and what it is asked stays cheap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from companion.app import App
from companion.sandbox import Fault, Sandbox
from companion.sync.reading.reconcile import TooManyGone
from companion.sync.reading.ticket_sweep import ALL, CHANGED, OPEN
from connectors.awesome_support.source import AwesomeSupport
from connectors.errors import ConnectorError
from connectors.wordpress.credentials import ApplicationPassword
from storage import shop_agents
from storage.engine import Store
from storage.sync import cursors
from tests.fixtures.app import MakeApp
from tests.fixtures.sandbox import SHOP_NOW
from tests.fixtures.store import Clock
from tests.sync.helpdesks import standing_replies, stored_ticket


@pytest.fixture
def app(make_app: MakeApp, sandbox: Sandbox) -> App:
    return make_app({"main": sandbox}, helpdesk=True)


@pytest.fixture
def author(sandbox: Sandbox) -> int:
    return sandbox.shop.create_customer("zahra@example.test", first_name="زهرا", last_name="نوری").id


OpenTickets = Callable[..., list[int]]


@pytest.fixture
def open_tickets(app: App, sandbox: Sandbox, author: int) -> OpenTickets:
    """Opens tickets in the shop and reads them; a minute later nothing of it is in the overlap any more."""

    def make(number: int, **parts: Any) -> list[int]:
        made = [sandbox.shop.helpdesk.open_ticket(author, f"تیکت {n}", assignee=3, **parts).id for n in range(number)]
        app.backfill("main")
        sandbox.shop.clock.advance(3600)
        app.ticket_sweep.changed(app.shops["main"])
        sandbox.shop.log.clear()
        return made

    return make


def states(app: App, ticket_ids: list[int]) -> list[str]:
    rows = [stored_ticket(app, ticket_id) for ticket_id in ticket_ids]
    return ["gone" if row.gone_at else row.status if row.status == "trash" else row.state for row in rows if row]


def whole_round(app: App, step: str) -> int:
    """Steps until the round is over; how many it took."""
    run = getattr(app.ticket_sweep, step)
    steps = 1
    while not run(app.shops["main"]).is_over:
        steps += 1
    return steps


def asked(sandbox: Sandbox) -> list[str]:
    """What was asked of the helpdesk: method and the end of the path."""
    return [
        f"{request.method} {request.path.rpartition('wpas-api/v1/')[2]}"
        for request in sandbox.shop.log.requests()
        if "wpas-api" in request.path
    ]


def test_a_first_read_brings_tickets_replies_people_and_agents(app: App, sandbox: Sandbox, author: int) -> None:
    desk = sandbox.shop.helpdesk
    tickets = [desk.open_ticket(author, f"تیکت {n}", assignee=3).id for n in range(45)]
    desk.reply(tickets[7], 3, "سلام")
    desk.close(tickets[8])
    told: list[tuple[str, int, int]] = []
    app.backfill("main", lambda progress: told.append((progress.stream, progress.done, progress.total)))
    assert states(app, tickets) == ["open"] * 8 + ["closed"] + ["open"] * 36
    assert standing_replies(app, tickets[7]) == ["<p>سلام</p>\n"]
    assert [t for t in told if t[0] in {"tickets", "replies"}] == [
        ("tickets", 20, 45),
        ("tickets", 40, 45),
        ("tickets", 45, 45),
        ("tickets", 45, 45),  # the months before, which are empty
        ("replies", 1, 1),
    ]
    with app.store.read() as tx:
        assert shop_agents.names(tx, "main", ["3"]) == {"3": sandbox.shop.users[3].display_name}
    sandbox.shop.log.clear()
    app.backfill("main")
    assert asked(sandbox) == []


def test_an_interrupted_first_read_goes_on_where_it_stood(
    app: App, sandbox: Sandbox, author: int, clock: Clock
) -> None:
    for n in reversed(range(30)):
        sandbox.shop.helpdesk.open_ticket(author, f"t {n}", assignee=3, created_at=SHOP_NOW - timedelta(days=3 * n))
    sandbox.shop.faults.add(Fault("status", path="tickets", status=503, skip=4, times=None))
    with pytest.raises(ConnectorError):
        app.backfill("main")
    sandbox.shop.faults.clear()
    sandbox.shop.log.clear()
    app.backfill("main")
    assert len(asked(sandbox)) < 6
    assert states(app, sorted(sandbox.shop.helpdesk.tickets)) == ["open"] * 30


def test_a_look_at_an_idle_helpdesk_is_one_count(app: App, sandbox: Sandbox, open_tickets: OpenTickets) -> None:
    open_tickets(30)
    app.ticket_sweep.changed(app.shops["main"])
    assert asked(sandbox) == ["HEAD tickets"]


def test_a_status_set_in_the_shop_is_here_after_one_look(app: App, sandbox: Sandbox, open_tickets: OpenTickets) -> None:
    _, ticket_id, _ = open_tickets(3)
    sandbox.shop.helpdesk.set_status(ticket_id, "hold")
    app.ticket_sweep.changed(app.shops["main"])
    row = stored_ticket(app, ticket_id)
    assert row is not None
    assert row.status == "hold"
    assert asked(sandbox) == ["HEAD tickets", "GET tickets"]


def test_many_changed_at_once_are_read_in_steps(app: App, sandbox: Sandbox, open_tickets: OpenTickets) -> None:
    tickets = open_tickets(50)
    for ticket_id in tickets:
        sandbox.shop.helpdesk.set_status(ticket_id, "hold")
    steps = list(app.ticket_sweep.changed_round(app.shops["main"]))
    assert [(step.listed, step.outcome.written, step.is_over) for step in steps] == [
        (20, 20, False),
        (20, 20, False),
        (10, 10, False),
        (0, 0, True),
    ]


def test_a_window_that_grows_shorter_is_read_again(app: App, sandbox: Sandbox, open_tickets: OpenTickets) -> None:
    tickets = open_tickets(30)
    for ticket_id in tickets:
        sandbox.shop.helpdesk.set_status(ticket_id, "hold")
    steps = app.ticket_sweep.changed_round(app.shops["main"])
    next(steps)
    sandbox.shop.helpdesk.trash(tickets[0])  # the list moves up by one, and the 21st is on no page we read
    list(steps)
    row = stored_ticket(app, tickets[20])
    assert row is not None
    assert row.status == "hold"


def test_a_new_author_gets_a_name_with_her_ticket(app: App, sandbox: Sandbox, open_tickets: OpenTickets) -> None:
    open_tickets(1)
    user = sandbox.shop.create_customer("new@example.test", first_name="تازه", last_name="وارد")
    ticket_id = sandbox.shop.helpdesk.open_ticket(user.id, "سلام").id
    app.ticket_sweep.changed(app.shops["main"])
    assert stored_ticket(app, ticket_id)
    with app.store.read() as tx:
        assert shop_agents.names(tx, "main", [str(user.id)]) == {str(user.id): "تازه وارد"}


def test_what_moves_no_date_is_found_by_the_round_over_open_tickets(
    app: App, sandbox: Sandbox, open_tickets: OpenTickets
) -> None:
    desk = sandbox.shop.helpdesk
    closed, assigned, answered, reopened = open_tickets(4)
    desk.close(reopened)
    whole_round(app, "open_step")
    other = sandbox.shop.create_customer("a@example.test", role="wpas_agent").id
    desk.close(closed)
    desk.assign(assigned, other, saved=False)
    desk.reply(answered, 3, "در راه است")
    desk.reopen(reopened)
    app.ticket_sweep.changed(app.shops["main"])
    assert states(app, [closed, reopened]) == ["open", "closed"], "a date told after all"
    whole_round(app, "open_step")
    app.ticket_sweep.replies(app.shops["main"], limit=10)
    assert states(app, [closed, reopened]) == ["closed", "open"]
    assert standing_replies(app, answered) == ["<p>در راه است</p>\n"]
    row = stored_ticket(app, assigned)
    assert row is not None
    assert row.assignee_id == str(other)


def test_a_round_goes_on_where_it_stood_whoever_made_the_last_step(
    app: App, make_app: MakeApp, sandbox: Sandbox, open_tickets: OpenTickets
) -> None:
    tickets = open_tickets(50)
    sandbox.shop.helpdesk.close(tickets[49])
    first, second = app, make_app({"main": sandbox}, helpdesk=True)
    done = [which.ticket_sweep.open_step(which.shops["main"]).is_over for which in (first, second, first)]
    assert done == [False, False, True]
    assert asked(sandbox) == ["GET tickets"] * 3 + [f"GET tickets/{tickets[49]}"]
    assert states(app, tickets[48:]) == ["open", "closed"]


def test_what_slips_past_a_round_is_asked_for_by_its_id(app: App, sandbox: Sandbox, open_tickets: OpenTickets) -> None:
    tickets = open_tickets(30)
    step = app.ticket_sweep.open_step
    step(app.shops["main"])
    sandbox.shop.helpdesk.close(tickets[0])  # the list moves up by one, and the 21st is on no page we read
    sandbox.shop.helpdesk.assign(tickets[20], 1, saved=False)
    assert step(app.shops["main"]).is_over
    row = stored_ticket(app, tickets[20])
    assert row is not None
    assert row.assignee_id == "1"


def test_many_closed_at_once_are_asked_for_in_steps(app: App, sandbox: Sandbox, open_tickets: OpenTickets) -> None:
    tickets = open_tickets(25)
    for ticket_id in tickets:
        sandbox.shop.helpdesk.close(ticket_id)
    assert whole_round(app, "open_step") == 3
    assert states(app, tickets) == ["closed"] * 25


def test_a_trashed_ticket_is_found_though_no_list_has_it_and_comes_back(
    app: App, sandbox: Sandbox, open_tickets: OpenTickets
) -> None:
    kept, trashed = open_tickets(2)
    sandbox.shop.helpdesk.trash(trashed)
    whole_round(app, "open_step")
    assert states(app, [kept, trashed]) == ["open", "trash"]
    sandbox.shop.helpdesk.restore(trashed)
    app.ticket_sweep.changed(app.shops["main"])
    assert states(app, [kept, trashed]) == ["open", "open"]


def test_a_deletion_is_believed_when_two_rounds_missed_it_and_the_shop_does_not_know_it(
    app: App, sandbox: Sandbox, open_tickets: OpenTickets
) -> None:
    desk = sandbox.shop.helpdesk
    tickets = open_tickets(4)
    desk.close(tickets[3])
    whole_round(app, "open_step")
    desk.delete(tickets[0])
    desk.delete(tickets[3])
    whole_round(app, "open_step")
    assert states(app, tickets) == ["open", "open", "open", "closed"], "one suspicion is not enough"
    found = app.reconcile("main")["ticket"]
    assert (found.listed, found.missed, found.asked) == (2, 1, 1)
    assert states(app, tickets) == ["gone", "open", "open", "closed"]
    app.reconcile("main")
    assert states(app, tickets) == ["gone", "open", "open", "gone"]


def test_what_was_out_of_sight_for_one_round_stays(app: App, sandbox: Sandbox, open_tickets: OpenTickets) -> None:
    desk = sandbox.shop.helpdesk
    tickets = open_tickets(3)
    hidden = desk.tickets.pop(tickets[1])
    app.reconcile("main")
    desk.tickets[tickets[1]] = hidden
    app.reconcile("main")
    del desk.tickets[tickets[1]]
    app.reconcile("main")
    assert states(app, tickets) == ["open"] * 3


def test_a_deleted_ticket_that_is_there_again_comes_back(app: App, sandbox: Sandbox, open_tickets: OpenTickets) -> None:
    desk = sandbox.shop.helpdesk
    tickets = open_tickets(2)
    desk.reply(tickets[0], 3, "سلام")
    taken = desk.tickets.pop(tickets[0])
    app.reconcile("main")
    app.reconcile("main")
    assert states(app, tickets) == ["gone", "open"]
    desk.tickets[tickets[0]] = taken
    app.reconcile("main")
    app.ticket_sweep.replies(app.shops["main"], limit=9)
    assert states(app, tickets) == ["open", "open"]
    assert len(standing_replies(app, tickets[0])) == 1


def test_an_emptied_trash_is_noticed_and_a_full_one_is_no_alarm(
    app: App, sandbox: Sandbox, open_tickets: OpenTickets
) -> None:
    desk = sandbox.shop.helpdesk
    tickets = open_tickets(30)
    for ticket_id in tickets[1:]:
        desk.trash(ticket_id)
    whole_round(app, "open_step")
    app.reconcile("main")
    assert states(app, tickets) == ["open"] + ["trash"] * 29
    for ticket_id in tickets[1:]:
        desk.delete(ticket_id)
    app.reconcile("main")
    assert states(app, tickets) == ["open"] + ["gone"] * 29


@pytest.mark.parametrize("left", [0, 30])
def test_too_many_gone_or_an_empty_list_is_not_believed(
    app: App, sandbox: Sandbox, open_tickets: OpenTickets, left: int
) -> None:
    tickets = open_tickets(60)
    for ticket_id in tickets[left:]:
        del sandbox.shop.helpdesk.tickets[ticket_id]
    for _ in range(3):
        with pytest.raises(TooManyGone, match=str(60 - left)):
            app.reconcile("main")
    assert states(app, tickets) == ["open"] * 60
    app.reconcile("main", force=True)
    assert states(app, tickets) == ["open"] * left + ["gone"] * (60 - left)


def test_a_closed_tickets_reply_is_found_by_the_round_over_all(
    app: App, sandbox: Sandbox, open_tickets: OpenTickets
) -> None:
    (ticket_id,) = open_tickets(1, state="closed")
    sandbox.shop.helpdesk.reply(ticket_id, 3, "سپاس")
    whole_round(app, "open_step")
    whole_round(app, "all_step")
    app.ticket_sweep.replies(app.shops["main"], limit=9)
    assert standing_replies(app, ticket_id) == ["<p>سپاس</p>\n"]


def test_a_corrected_reply_of_an_open_ticket_is_read_after_the_round_over_all(
    app: App, sandbox: Sandbox, open_tickets: OpenTickets
) -> None:
    (ticket_id,) = open_tickets(1)
    reply = sandbox.shop.helpdesk.reply(ticket_id, 3, "دیروز")
    whole_round(app, "all_step")
    app.ticket_sweep.replies(app.shops["main"], limit=9)
    sandbox.shop.helpdesk.edit_reply(ticket_id, reply.id, "امروز")
    whole_round(app, "all_step")
    app.ticket_sweep.replies(app.shops["main"], limit=9)
    assert standing_replies(app, ticket_id) == ["<p>امروز</p>\n"]


def test_replies_that_are_being_read_are_not_read_by_another(
    app: App, sandbox: Sandbox, open_tickets: OpenTickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ticket_id,) = open_tickets(1)
    sandbox.shop.helpdesk.reply(ticket_id, 3, "سلام")
    whole_round(app, "open_step")
    shop, read = app.shops["main"], app.rereader.ticket_replies
    others: list[int] = []

    def meanwhile(*args: object, **named: object) -> None:
        others.append(app.ticket_sweep.replies(shop, limit=9))
        read(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(app.rereader, "ticket_replies", meanwhile)
    assert (app.ticket_sweep.replies(shop, limit=9), others) == (1, [0])
    assert app.ticket_sweep.replies(shop, limit=9) == 0


def test_replies_of_a_killed_worker_are_read_after_its_claim(
    app: App, sandbox: Sandbox, open_tickets: OpenTickets, clock: Clock
) -> None:
    (ticket_id,) = open_tickets(1)
    sandbox.shop.helpdesk.reply(ticket_id, 3, "سلام")
    whole_round(app, "open_step")
    sandbox.shop.faults.add(Fault("status", path="replies", status=503, times=None))
    with pytest.raises(ConnectorError):
        app.ticket_sweep.replies(app.shops["main"], limit=9)
    sandbox.shop.faults.clear()
    assert app.ticket_sweep.replies(app.shops["main"], limit=9) == 0
    clock.advance(31)
    assert app.ticket_sweep.replies(app.shops["main"], limit=9) == 1
    assert standing_replies(app, ticket_id)


def test_a_failing_helpdesk_leaves_the_shop_alone_and_says_why(
    app: App, sandbox: Sandbox, open_tickets: OpenTickets
) -> None:
    open_tickets(1)
    sandbox.shop.helpdesk.rest_enabled = False
    for look in (app.ticket_sweep.changed, app.ticket_sweep.open_step, app.ticket_sweep.all_step):
        with pytest.raises(ConnectorError):
            look(app.shops["main"])
    app.poll("main")
    with app.store.read() as tx:
        failures = {cursor.stream: bool(cursor.failure) for cursor in cursors.every(tx)}
    assert {CHANGED, OPEN, ALL} <= {stream for stream, failed in failures.items() if failed}
    assert not failures["orders"]


def test_who_may_not_be_listed_is_named_by_account(make_app: MakeApp, sandbox: Sandbox, store: Store) -> None:
    app = make_app({"main": sandbox})
    sandbox.shop.users[3].first_name = "نگار"
    supervisor = sandbox.shop.create_customer("s@example.test", role="wpas_support_manager").id
    login = sandbox.application_password(supervisor)
    desk = AwesomeSupport(url=sandbox.url, credentials=ApplicationPassword(login.username, login.password))
    app.shops["main"] = replace(app.shops["main"], helpdesk=desk)
    app.backfill("main")
    with store.read() as tx:
        assert shop_agents.names(tx, "main", ["3"]) == {"3": "نگار"}
        agents = cursors.get(tx, "main", "shop_agents")
    assert agents is not None
    assert agents.failure
