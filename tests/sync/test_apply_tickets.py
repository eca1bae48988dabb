"""Tickets through the funnel: which read wins, whose they are, what is due and what is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy

from companion.app import App
from companion.domain.decide import Verdict
from companion.sandbox import Sandbox
from companion.sync.records.outcome import Outcome
from connectors.errors import Permanent
from storage import shop_agents
from storage.schema import accounts, search_rows
from storage.sync import parked
from storage.tickets import tickets
from tests.fixtures.app import MakeApp
from tests.sync.helpdesks import standing_replies, stored_ticket


@pytest.fixture
def app(make_app: MakeApp, sandbox: Sandbox) -> App:
    return make_app({"main": sandbox}, helpdesk=True)


@pytest.fixture
def author(sandbox: Sandbox) -> int:
    return sandbox.shop.create_customer("zahra@example.test", first_name="زهرا", last_name="نوری").id


@pytest.fixture
def ticket_id(sandbox: Sandbox, author: int) -> int:
    return sandbox.shop.helpdesk.open_ticket(author, "کفش نرسید", "<p>کد رهگیری ۲۱۰۴۷</p>", assignee=3).id


def raw_of(app: App, ticket_id: int) -> bytes:
    desk = app.shops["main"].helpdesk
    assert desk is not None
    return desk.ticket(str(ticket_id))


def bent(raw: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(raw) | changes).encode()


def apply(app: App, *raws: bytes, read_seq: int | None = None, is_confirmed: bool = False) -> Outcome:
    number = app.store.next_read_seq() if read_seq is None else read_seq
    items = app.applier.tickets.read_tickets("main", raws)
    with app.store.write() as tx:
        return app.applier.tickets.tickets(tx, "main", items, read_seq=number, is_confirmed=is_confirmed)


def due(app: App) -> list[str]:
    with app.store.read() as tx:
        return tickets.replies_due(tx, "main", now=app.clock(), limit=100)


def found(app: App, kind: str) -> list[str]:
    with app.store.read() as tx:
        rows = tx.execute(sqlalchemy.select(search_rows.c.folded).where(search_rows.c.kind == kind)).scalars()
        return list(rows)


def test_a_ticket_read_by_its_id_is_kept_with_its_author_and_found(app: App, author: int, ticket_id: int) -> None:
    app.rereader.ticket(app.shops["main"], str(ticket_id))
    row = stored_ticket(app, ticket_id)
    assert row is not None
    assert (row.title, row.status, row.state, row.assignee_id) == ("کفش نرسید", "queued", "open", "3")
    with app.store.read() as tx:
        known = tx.execute(sqlalchemy.select(accounts).where(accounts.c.id == row.account_id)).one()
    assert (known.kind, known.key, known.last_name) == ("user", str(author), "نوری")
    (text,) = found(app, "ticket")
    assert "21047" in text
    assert str(ticket_id) in text


def test_an_unknown_author_is_named_until_her_record_was_read(app: App, author: int, ticket_id: int) -> None:
    raw = raw_of(app, ticket_id)
    assert apply(app, raw).people_due == [str(author)]
    app.rereader.people(app.shops["main"], [str(author)])
    assert apply(app, bent(raw, status="hold")).people_due == []


def test_a_ticket_of_nobody_has_no_account(app: App, ticket_id: int) -> None:
    assert apply(app, bent(raw_of(app, ticket_id), author=0)).people_due == []
    row = stored_ticket(app, ticket_id)
    assert row is not None
    assert row.account_id is None


def test_the_later_read_wins_whatever_its_date(app: App, ticket_id: int) -> None:
    raw = raw_of(app, ticket_id)
    assert apply(app, bent(raw, status="hold"), read_seq=10).created == 1
    earlier = apply(app, bent(raw, modified_gmt="2030-01-01T00:00:00"), read_seq=9)
    assert (earlier.verdicts[Verdict.STALE], earlier.needs_read) == (1, [str(ticket_id)])
    assert apply(app, bent(raw, status="processing"), read_seq=11).verdicts[Verdict.UPDATE] == 1


def test_a_date_that_went_backwards_is_asked_for_once_more(app: App, ticket_id: int) -> None:
    raw = raw_of(app, ticket_id)
    apply(app, raw)
    older = bent(raw, status="hold", modified_gmt="2020-01-01T00:00:00")
    assert apply(app, older).needs_read == [str(ticket_id)]
    assert apply(app, older, is_confirmed=True).verdicts[Verdict.UPDATE] == 1


def test_a_list_does_not_take_away_the_channel_that_only_the_ticket_tells(app: App, ticket_id: int) -> None:
    raw = bent(raw_of(app, ticket_id), ticket_channel="email")
    apply(app, raw)
    assert apply(app, bent(raw, ticket_channel=[17])).verdicts[Verdict.UNCHANGED] == 1
    apply(app, bent(raw, ticket_channel=[17], status="hold"))
    row = stored_ticket(app, ticket_id)
    assert row is not None
    assert (row.channel, row.status) == ("email", "hold")


@pytest.mark.parametrize(
    ("change", "is_due"),
    [
        ({}, False),
        ({"modified_gmt": "2030-01-01T00:00:00"}, False),
        ({"status": "hold"}, True),
        ({"total-reply-count": 2, "agent-reply-count": 2}, True),
    ],
)
def test_replies_are_due_where_they_may_differ(
    app: App, sandbox: Sandbox, ticket_id: int, change: dict[str, Any], is_due: bool
) -> None:
    sandbox.shop.helpdesk.reply(ticket_id, 3, "در راه است")
    raw = raw_of(app, ticket_id)
    apply(app, raw)
    assert due(app) == [str(ticket_id)]
    app.rereader.ticket_replies(app.shops["main"], str(ticket_id))
    assert due(app) == []
    apply(app, bent(raw, **change))
    assert due(app) == [str(ticket_id)] * is_due


def test_a_ticket_without_replies_has_none_due(app: App, ticket_id: int) -> None:
    apply(app, raw_of(app, ticket_id))
    assert due(app) == []


def test_what_is_said_while_replies_are_read_stays_due(app: App, ticket_id: int) -> None:
    apply(app, bent(raw_of(app, ticket_id), **{"total-reply-count": 1}))
    begun_at = app.clock()
    app.clock.advance(1)  # type: ignore[attr-defined]  # the tests' clock
    apply(app, bent(raw_of(app, ticket_id), **{"total-reply-count": 2}))
    with app.store.write() as tx:
        tickets.replies_were_read(tx, "main", str(ticket_id), begun_at=begun_at)
    assert due(app) == [str(ticket_id)]


def test_replies_are_kept_found_and_tombstoned(app: App, sandbox: Sandbox, ticket_id: int) -> None:
    desk, shop = sandbox.shop.helpdesk, app.shops["main"]
    desk.reply(ticket_id, 3, "بسته در انبار است")
    second = desk.reply(ticket_id, 3, "فرستاده شد")
    app.rereader.ticket(shop, str(ticket_id))
    app.rereader.ticket_replies(shop, str(ticket_id))
    assert standing_replies(app, ticket_id) == ["<p>بسته در انبار است</p>\n", "<p>فرستاده شد</p>\n"]
    assert len(found(app, "reply")) == 2
    desk.edit_reply(ticket_id, second.id, "با پیک فرستاده شد")
    desk.delete_reply(ticket_id, min(reply.id for reply in desk.tickets[ticket_id].replies))
    app.rereader.ticket_replies(shop, str(ticket_id))
    assert standing_replies(app, ticket_id) == ["<p>با پیک فرستاده شد</p>\n"]
    assert any("پیک" in text for text in found(app, "reply"))


def test_an_empty_list_of_a_ticket_that_counts_replies_is_not_believed(
    app: App, sandbox: Sandbox, ticket_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = app.shops["main"]
    sandbox.shop.helpdesk.reply(ticket_id, 3, "سلام")
    app.rereader.ticket(shop, str(ticket_id))
    app.rereader.ticket_replies(shop, str(ticket_id))
    monkeypatch.setattr(shop.helpdesk, "replies", lambda _: ())
    app.rereader.ticket_replies(shop, str(ticket_id))
    assert len(standing_replies(app, ticket_id)) == 1


def test_a_deleted_ticket_goes_with_its_replies_and_comes_back_with_them(
    app: App, sandbox: Sandbox, ticket_id: int
) -> None:
    desk, shop = sandbox.shop.helpdesk, app.shops["main"]
    desk.reply(ticket_id, 3, "سلام")
    app.rereader.ticket(shop, str(ticket_id))
    app.rereader.ticket_replies(shop, str(ticket_id))
    kept = desk.tickets.pop(ticket_id)
    app.rereader.ticket_replies(shop, str(ticket_id))
    row = stored_ticket(app, ticket_id)
    assert row is not None
    assert row.gone_at is not None
    assert standing_replies(app, ticket_id) == []
    desk.tickets[ticket_id] = kept
    app.rereader.ticket(shop, str(ticket_id))
    assert due(app) == [str(ticket_id)]
    app.rereader.ticket_replies(shop, str(ticket_id))
    assert len(standing_replies(app, ticket_id)) == 1


def test_a_ticket_that_cannot_be_understood_is_parked_and_its_page_goes_on(
    app: App, sandbox: Sandbox, author: int, ticket_id: int
) -> None:
    other = sandbox.shop.helpdesk.open_ticket(author, "دومی").id
    broken = bent(raw_of(app, ticket_id), content=None)
    outcome = apply(app, broken, raw_of(app, other))
    assert (outcome.parked, outcome.created) == ([str(ticket_id)], 1)
    with app.store.read() as tx:
        assert [(row.kind, row.ref_id) for row in parked.newest(tx, limit=9)] == [("ticket", str(ticket_id))]
    apply(app, raw_of(app, ticket_id))
    with app.store.read() as tx:
        assert parked.counts(tx) == {}


def test_agents_are_named_and_those_who_left_keep_their_names(app: App) -> None:
    desk = app.shops["main"].helpdesk
    assert desk is not None
    everyone = desk.agents()
    for raws in (everyone, everyone[:1]):
        number = app.store.next_read_seq()
        with app.store.write() as tx:
            app.applier.tickets.agents(tx, "main", raws, read_seq=number)
    with app.store.read() as tx:
        assert set(shop_agents.names(tx, "main", ["1", "2", "3", "99", ""])) == {"1", "2", "3"}


def test_without_a_helpdesk_a_ticket_cannot_be_asked_for(make_app: MakeApp, sandbox: Sandbox) -> None:
    app = make_app({"main": sandbox})
    for read in (app.rereader.ticket, app.rereader.ticket_replies):
        ask: Callable[..., None] = read
        with pytest.raises(Permanent, match="no helpdesk"):
            ask(app.shops["main"], "1")
