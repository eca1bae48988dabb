"""The connector against the pretend helpdesk over sockets: the stories that need a shop with a memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from companion.sandbox import Sandbox
from companion.sandbox.credentials import Login
from connectors.awesome_support.parse import SUMMARY_KEY, parse_agent, parse_reply, parse_ticket, record_id
from connectors.awesome_support.source import AwesomeSupport
from connectors.base import Window
from connectors.errors import Missing, Refused
from connectors.wordpress.credentials import ApplicationPassword
from tests.connectors.shops import retry
from tests.fixtures.sandbox import SHOP_NOW

Connect = Callable[..., AwesomeSupport]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens connectors to sandboxes, by an administrator's password unless told otherwise, and closes them."""
    opened: list[AwesomeSupport] = []

    def open_one(sandbox: Sandbox, login: Login | ApplicationPassword | None = None, **options: Any) -> AwesomeSupport:
        held = login or sandbox.credentials.admin
        password = ApplicationPassword(held.username, held.password)
        opened.append(AwesomeSupport(url=sandbox.url, credentials=password, **({"retry": retry()} | options)))
        return opened[-1]

    yield open_one
    for source in opened:
        source.close()


@pytest.fixture
def shop(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A shop over plain HTTP on this machine, with a customer and three tickets of hers, one of them closed."""
    sandbox = make_sandbox()
    customer = sandbox.shop.create_customer("zahra@example.test")
    for title in ("کفش نرسید", "Refund", "رنگ اشتباه"):
        sandbox.shop.helpdesk.open_ticket(customer.id, title, "<p>سلام</p>")
    sandbox.shop.helpdesk.close(min(sandbox.shop.helpdesk.tickets))
    return sandbox


def ids(sandbox: Sandbox) -> list[str]:
    return [str(ticket_id) for ticket_id in sorted(sandbox.shop.helpdesk.tickets)]


def test_an_administrator_sees_every_ticket_of_every_state(shop: Sandbox, connect: Connect) -> None:
    page = connect(shop).tickets(None, page=1)
    assert [record_id(item) for item in page.items] == ids(shop)
    assert {parse_ticket(item).state for item in page.items} == {"open", "closed"}
    assert page.shop_now == SHOP_NOW


def test_pages_end_without_an_error(shop: Sandbox, connect: Connect) -> None:
    source = connect(shop)
    pages = [source.tickets(None, page=page, per_page=2).items for page in (1, 2, 3)]
    assert [len(items) for items in pages] == [2, 1, 0]


def test_a_count_tells_of_a_change_and_not_of_a_reply(shop: Sandbox, connect: Connect) -> None:
    source, helpdesk = connect(shop), shop.shop.helpdesk
    first, ticket_id = Window(by="modified", since=SHOP_NOW), int(ids(shop)[1])
    assert source.ticket_count(None).total == 3
    assert source.ticket_count(first).total == 0
    shop.shop.clock.advance(60)
    helpdesk.reply(ticket_id, 1, "<p>در راه است</p>")
    assert source.ticket_count(first).total == 0
    helpdesk.set_status(ticket_id, "hold")
    assert source.ticket_count(first).total == 1
    assert [record_id(item) for item in source.tickets(first, page=1).items] == [str(ticket_id)]


def test_a_posted_reply_is_counted_on_its_ticket_and_listed(shop: Sandbox, connect: Connect) -> None:
    source, ticket_id = connect(shop), ids(shop)[1]
    posted = parse_reply(source.post_reply(ticket_id, "<p>سفارش شما در راه است.</p>"))
    assert [parse_reply(raw) for raw in source.replies(ticket_id)] == [posted]
    assert parse_ticket(source.ticket(ticket_id)).replies == 1


def test_summaries_are_kept_where_the_bridge_registered_them(shop: Sandbox, connect: Connect) -> None:
    source, (one, two, _) = connect(shop), ids(shop)
    shop.shop.helpdesk.registered_meta = (SUMMARY_KEY,)
    results = source.write_summaries({one: "زهرا زنگ زد", "999999": "x", two: "b"})
    assert [type(result.error) for result in results] == [type(None), Missing, type(None)]
    assert parse_ticket(source.ticket(one)).summary == "زهرا زنگ زد"
    assert source.write_summaries({one: None})[0].error is None
    assert parse_ticket(source.ticket(one)).summary is None
    assert source.probe().takes_summary


def test_summaries_that_the_shop_ignores_are_told(shop: Sandbox, connect: Connect) -> None:
    source = connect(shop)
    assert [getattr(r.error, "code", "") for r in source.write_summaries({ids(shop)[0]: "x"})] == ["summary_not_kept"]
    assert [finding.code for finding in source.probe().findings] == ["summary_not_kept"]


def test_agents_are_known_to_an_administrator_alone(shop: Sandbox, connect: Connect) -> None:
    roles = {role for raw in connect(shop).agents() for role in parse_agent(raw).roles}
    assert {"administrator", "shop_manager", "wpas_agent"} <= roles
    assert "customer" not in roles
    with pytest.raises(Refused):
        connect(shop, shop.credentials.agent).agents()


@pytest.mark.parametrize(
    ("who", "code"),
    [("manager", "not_an_agent"), ("nobody", "wrong_username"), ("key", "wrong_username"), ("other", "wrong_password")],
)
def test_whom_the_helpdesk_would_show_nothing_is_refused_at_once(
    shop: Sandbox, connect: Connect, who: str, code: str
) -> None:
    of = shop.credentials
    held = {
        "manager": of.manager,
        "nobody": ApplicationPassword("nobody", "x"),
        "key": ApplicationPassword(of.key, of.secret),
        "other": ApplicationPassword(of.admin.username, "x"),
    }
    source = connect(shop, held[who])
    with pytest.raises(Refused) as error:
        source.tickets(None, page=1)
    assert error.value.code == code
    assert [finding.code for finding in source.probe().findings] == [code]


def test_an_agent_who_sees_her_own_tickets_only_is_told_so(shop: Sandbox, connect: Connect) -> None:
    found = connect(shop, shop.credentials.agent).probe()
    assert (found.can_read, found.is_well) == (True, False)
    assert "sees_own_tickets_only" in [finding.code for finding in found.findings]


def test_a_helpdesk_whose_rest_api_is_off_is_told_so(shop: Sandbox, connect: Connect) -> None:
    shop.shop.helpdesk.rest_enabled = False
    source = connect(shop)
    assert [finding.code for finding in source.probe().findings] == ["rest_api_off"]
    with pytest.raises(Refused) as error:
        source.ticket("1")
    assert error.value.code == "rest_api_off"


def test_plain_permalinks_do_not_matter(make_sandbox: Callable[..., Sandbox], connect: Connect) -> None:
    sandbox = make_sandbox(plain_permalinks=True)
    source = connect(sandbox)
    assert source.tickets(None, page=1).items == ()
    assert source.ticket_count(None).total == 0
