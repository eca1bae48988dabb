"""What the helpdesk's source asks of a shop, and what it makes of the answers."""

from __future__ import annotations

import base64
import json
import logging
import socket
from collections.abc import Iterator
from datetime import timedelta, timezone

import pytest
import requests
from responses import RequestsMock

from connectors.awesome_support.parse import parse_agent, parse_reply, parse_ticket, record_id
from connectors.base import Window
from connectors.errors import ConnectorError, Missing, Permanent, Refused, Transient
from connectors.wordpress.credentials import ApplicationPassword
from tests.connectors.helpdesks import (
    CRASH,
    ME,
    NOON,
    PASSWORD,
    SHOP_MANAGER,
    SUPERVISOR,
    TICKET,
    TICKETS,
    UNKNOWN_USER,
    USERS,
    helpdesk,
    last,
    play,
    requests_of,
    sent,
)
from tests.connectors.loopback import answered, loopback
from tests.connectors.recorded import Exchange, as_php, exchange
from tests.connectors.shops import PLAIN_SITE, SITE, Naps, Reply, as_answer, asked, in_turn, retry


@pytest.fixture
def shop() -> Iterator[RequestsMock]:
    """A shop that knows our user."""
    with RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.get(ME, **as_answer(SUPERVISOR))
        yield mocked


# Who we are


def test_the_user_is_introduced_to_wordpress_before_awesome_support_hears_of_her(shop: RequestsMock) -> None:
    play(shop, "awesome-support/d08_ticket_one")
    source = helpdesk()
    source.ticket("352")
    source.ticket("352")
    addresses = [str(call.request.url).partition("?")[0] for call in shop.calls]
    assert addresses == [ME, f"{TICKETS}/352", f"{TICKETS}/352"]
    for call in shop.calls:
        word = call.request.headers["Authorization"].removeprefix("Basic ")
        assert base64.b64decode(word).decode() == f"{PASSWORD.username}:{PASSWORD.password}"


@pytest.mark.parametrize(
    ("me", "code"),
    [
        (UNKNOWN_USER, "wrong_username"),
        (exchange("awesome-support/d62_auth_wc_key_on_core"), "wrong_username"),
        (UNKNOWN_USER._replace(json=UNKNOWN_USER.json | {"code": "incorrect_password"}), "wrong_password"),
        (UNKNOWN_USER._replace(json={"code": "rest_not_logged_in", "message": "no"}), "not_recognised"),
        (UNKNOWN_USER._replace(json={"code": "closed_by_plugin", "message": "no"}), "rest_closed"),
        (UNKNOWN_USER._replace(status=404, json={"code": "rest_no_route", "message": "no"}), "users_closed"),
        (SHOP_MANAGER, "not_an_agent"),
    ],
)
def test_whom_wordpress_does_not_know_as_an_agent_never_reaches_awesome_support(me: Exchange, code: str) -> None:
    with RequestsMock() as shop:
        shop.get(ME, **as_answer(me))
        source = helpdesk()
        for question in (
            lambda: source.tickets(None, page=1),
            lambda: source.ticket_count(None),
            lambda: source.write_summaries({"352": "x"}),
            lambda: source.post_reply("352", "<p>x</p>"),
        ):
            with pytest.raises(Refused) as error:
                question()
            assert error.value.code == code
            assert error.value.hint
        assert requests_of(shop) == []


def test_a_user_whose_abilities_the_shop_hides_is_taken_at_her_word(shop: RequestsMock) -> None:
    shop.replace("GET", ME, **as_answer(exchange("wordpress/e07_me_admin")))
    play(shop, "awesome-support/d08_ticket_one")
    assert record_id(helpdesk().ticket("352")) == "352"


def test_after_a_failure_the_user_is_introduced_again_as_she_may_be_gone() -> None:
    with RequestsMock() as shop:
        known, gone = SUPERVISOR, UNKNOWN_USER
        shop.add_callback("GET", ME, in_turn((known.status, {}, known.body), (gone.status, {}, gone.body)))
        shop.add_callback("GET", TICKETS, in_turn(CRASH))
        with pytest.raises(Refused) as error:
            helpdesk().tickets(None, page=1)
        assert error.value.code == "wrong_username"
        assert len(requests_of(shop)) == 1


def test_what_the_shop_does_not_have_does_not_make_us_introduce_ourselves_again(shop: RequestsMock) -> None:
    shop.get(f"{TICKETS}/999999", **as_answer(exchange("awesome-support/d11_ticket_missing")))
    source = helpdesk()
    for _ in range(2):
        with pytest.raises(Missing):
            source.ticket("999999")
    assert len(shop.calls) == 3


@pytest.mark.parametrize("url", ["http://127.0.0.1:8766", "http://[::1]", "http://localhost:80", "http://x.localhost"])
def test_on_this_machine_the_password_may_travel_in_the_clear(url: str) -> None:
    helpdesk(url).close()


@pytest.mark.parametrize("url", [PLAIN_SITE, "http://127.0.0.1.example", "http://10.0.0.1", "http://notlocalhost"])
def test_elsewhere_it_may_not_unless_the_owner_says_so(url: str) -> None:
    with pytest.raises(Refused) as error:
        helpdesk(url)
    assert error.value.code == "password_over_http"
    helpdesk(url, ApplicationPassword("x", "y", allow_plain_http_password=True)).close()


@pytest.mark.parametrize("status", [200, 401, 403, 404, 418, 500, 503])
def test_no_error_representation_or_log_line_holds_the_password(
    shop: RequestsMock, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG, logger="connectors")
    said = f"no, {PASSWORD.password} and {PASSWORD.password.replace(' ', '')}"
    for body in (said.encode(), as_php({"code": "x", "message": said}).encode()):
        shop.replace("GET", ME, body=body, status=status)
        source = helpdesk()
        with pytest.raises(ConnectorError) as error:
            source.tickets(None, page=1)
        told = f"{error.value!r} {error.value.hint} {source!r} {source._client!r} {PASSWORD!r} {caplog.text}"
        assert all(secret not in told for secret in PASSWORD.secrets)


# Reading


def test_every_ticket_is_asked_for_by_id(shop: RequestsMock) -> None:
    seen = play(shop, "awesome-support/k32_tickets_page2")
    page = helpdesk().tickets(None, page=2, per_page=10)
    assert [json.loads(item) for item in page.items] == seen.json
    assert (page.total, page.pages, page.fresh) == (40, 4, True)
    assert last(shop) == {
        "state": "any",
        "assignee": "0",
        "orderby": "id",
        "order": "asc",
        "page": "2",
        "per_page": "10",
    }


def test_tickets_can_be_asked_for_by_change(shop: RequestsMock) -> None:
    play(shop, "awesome-support/k31_tickets_modified_asc")
    helpdesk().tickets(None, page=1, order_by="modified")
    assert (last(shop)["orderby"], last(shop)["order"]) == ("modified", "asc")


@pytest.mark.parametrize(
    ("window", "params"),
    [
        (Window(by="created", since=NOON, until=NOON), {"after": "…12:00:00Z", "before": "…12:00:00Z"}),
        (Window(by="modified", since=NOON), {"modified_after": "…12:00:00Z"}),
        (
            Window(by="modified", since=NOON.replace(microsecond=5), until=NOON.replace(microsecond=5)),
            {"modified_after": "…12:00:00Z", "modified_before": "…12:00:01Z"},
        ),
        (
            Window(by="modified", since=NOON.astimezone(timezone(timedelta(hours=3.5)))),
            {"modified_after": "…12:00:00Z"},
        ),
        (Window(by="modified"), {}),
    ],
)
def test_a_window_says_that_it_is_in_utc(shop: RequestsMock, window: Window, params: dict[str, str]) -> None:
    shop.get(TICKETS, body=b"[]")
    helpdesk().tickets(window, page=1)
    told = {name: value.replace("2026-11-01T", "…") for name, value in last(shop).items()}
    always = {"state": "any", "assignee": "0", "orderby": "id", "order": "asc", "page": "1", "per_page": "100"}
    assert told == always | params
    assert "." not in str(shop.calls[-1].request.url).removeprefix(SITE)


def test_the_trash_is_not_asked_for_as_it_cannot_be_listed(shop: RequestsMock) -> None:
    for question in (helpdesk().ticket_count, lambda window: helpdesk().tickets(window, page=1)):
        with pytest.raises(Permanent) as error:
            question(Window(by="modified", trash=True))
        assert error.value.code == "no_trash_list"
    assert not shop.calls


def test_a_page_past_the_end_is_empty(shop: RequestsMock) -> None:
    play(shop, "awesome-support/d07_tickets_q_page_99")
    page = helpdesk().tickets(None, page=99)
    assert (page.items, page.total, page.pages) == ((), 0, 0)


def test_another_wrong_parameter_is_an_error(shop: RequestsMock) -> None:
    play(shop, "awesome-support/d07_tickets_q_per_page_101")
    with pytest.raises(Permanent, match="rest_invalid_param"):
        helpdesk().tickets(None, page=1, per_page=101)


def test_one_malformed_ticket_does_not_spoil_its_page(shop: RequestsMock) -> None:
    shop.get(TICKETS, body=b"<br />\n<b>Notice</b>: x\n" + as_php([TICKET, {"id": 5}, "odd"]).encode())
    items = helpdesk().tickets(None, page=1).items
    assert [record_id(item) for item in items[:2]] == ["352", "5"]
    assert parse_ticket(items[0]).replies == TICKET["total-reply-count"]


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("d09_ticket_one_agent_other", Refused, "missing_capability"),
        ("d10_ticket_one_shopmgr", Refused, "missing_capability"),
        ("d10b_ticket_one_noauth", Refused, "not_recognised"),
        ("d11_ticket_missing", Missing, "missing"),
    ],
)
def test_every_recorded_refusal_of_a_ticket_has_its_name(
    shop: RequestsMock, name: str, kind: type[ConnectorError], code: str
) -> None:
    seen = play(shop, f"awesome-support/{name}")
    with pytest.raises(kind) as error:
        helpdesk().ticket(seen.url.rpartition("/")[2])
    assert (error.value.code, error.value.status) == (code, seen.status)


def test_a_helpdesk_that_was_switched_off_is_told_from_a_missing_ticket(shop: RequestsMock) -> None:
    shop.get(f"{TICKETS}/352", json={"code": "rest_no_route", "message": "No route"}, status=404)
    with pytest.raises(Refused) as error:
        helpdesk().ticket("352")
    assert error.value.code == "rest_api_off"


def test_one_ticket_is_asked_for_past_every_cache(shop: RequestsMock) -> None:
    play(shop, "awesome-support/d08_ticket_one")
    source = helpdesk()
    for _ in range(2):
        source.ticket("352")
    first, second = (asked(request)["_"] for request in requests_of(shop))
    assert first != second


def test_a_read_is_tried_again_and_a_write_is_not(shop: RequestsMock) -> None:
    naps = Naps()
    good: Reply = (200, {}, as_php(TICKET).encode())
    shop.add_callback("GET", f"{TICKETS}/352", in_turn(CRASH, CRASH, good))
    shop.add_callback("POST", f"{TICKETS}/352/replies", in_turn(CRASH))
    source = helpdesk(retry=retry(naps))
    assert record_id(source.ticket("352")) == "352"
    assert naps == [0.5, 1.0]
    with pytest.raises(Transient):
        source.post_reply("352", "x")
    assert len(sent(shop)) == 1


@pytest.mark.parametrize("bad", ["", "1/../2", "۵", "-1", "1?x=2"])
def test_an_id_that_is_none_never_reaches_an_address(shop: RequestsMock, bad: str) -> None:
    source = helpdesk()
    for question in (source.ticket, source.replies, lambda ticket_id: source.post_reply(ticket_id, "x")):
        with pytest.raises(Permanent) as error:
            question(bad)
        assert error.value.code == "bad_id"
    assert not shop.calls


# Counting


def test_tickets_are_counted_by_head(shop: RequestsMock) -> None:
    shop.head(TICKETS, headers=exchange("awesome-support/k30_tickets_head").headers)
    count = helpdesk().ticket_count(Window(by="modified", since=NOON))
    assert (count.total, count.fresh) == (13, True)
    assert shop.calls[-1].request.method == "HEAD"
    assert last(shop) == {
        "state": "any",
        "assignee": "0",
        "modified_after": "2026-11-01T12:00:00Z",
        "per_page": "1",
    }


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_where_head_is_refused_one_small_get_counts_or_says_why(shop: RequestsMock, status: int) -> None:
    shop.head(TICKETS, status=status)
    shop.get(TICKETS, body=b"[]", headers={"X-WP-Total": "7"})
    source = helpdesk()
    assert source.ticket_count(None).total == 7
    assert last(shop)["per_page"] == "1"
    shop.replace("GET", TICKETS, json={"code": "rest_forbidden", "message": "no"}, status=403)
    with pytest.raises(Refused, match="rest_forbidden"):
        source.ticket_count(None)


def test_a_host_that_drops_the_total_leaves_the_count_open(shop: RequestsMock) -> None:
    shop.head(TICKETS)
    assert helpdesk().ticket_count(None).total is None


def test_a_busy_shop_is_asked_for_its_count_again(shop: RequestsMock) -> None:
    shop.add_callback("HEAD", TICKETS, in_turn((503, {}, b""), (200, {"X-WP-Total": "3"}, b"")))
    assert helpdesk().ticket_count(None).total == 3


def test_a_count_from_a_cache_is_asked_for_past_it(shop: RequestsMock) -> None:
    stale: Reply = (200, {"X-WP-Total": "3", "Age": "60"}, b"")
    shop.add_callback("HEAD", TICKETS, in_turn(stale, (200, {"X-WP-Total": "4"}, b"")))
    count = helpdesk().ticket_count(None)
    assert (count.total, count.fresh) == (4, True)
    assert len(asked(shop.calls[-1].request)["_"]) == 16


# Replies and people


def test_the_replies_of_a_ticket(shop: RequestsMock) -> None:
    seen = play(shop, "awesome-support/k33_ticket_replies")
    replies = [parse_reply(raw) for raw in helpdesk().replies("464")]
    assert [reply.id for reply in replies] == [str(row["id"]) for row in seen.json]
    assert {reply.ticket_id for reply in replies} == {"464"}
    assert last(shop) == {"orderby": "id", "order": "asc", "page": "1", "per_page": "100"}


def test_replies_are_read_to_the_last_page_even_where_it_is_full(shop: RequestsMock) -> None:
    full: Reply = (200, {}, as_php([{"id": n} for n in range(1, 101)]).encode())
    past = exchange("awesome-support/d07_tickets_q_page_99")
    shop.add_callback("GET", f"{TICKETS}/464/replies", in_turn(full, (past.status, {}, past.body)))
    assert len(helpdesk().replies("464")) == 100


def test_agents_are_the_users_of_the_working_roles(shop: RequestsMock) -> None:
    seen = exchange("wordpress/e02_users_roles_filter")
    shop.get(USERS, **as_answer(seen))
    agents = [parse_agent(raw) for raw in helpdesk().agents()]
    assert [agent.email for agent in agents] == [row["email"] for row in seen.json]
    assert last(shop)["context"] == "edit"
    assert last(shop)["roles"].split(",")[-1] == "wpas_agent"
    helpdesk().agents(["wpas_agent"])
    assert last(shop)["roles"] == "wpas_agent"


def test_agents_are_not_shown_to_a_supervisor(shop: RequestsMock) -> None:
    shop.get(USERS, **as_answer(exchange("wordpress/e05_users_edit_supmgr")))
    with pytest.raises(Refused) as error:
        helpdesk().agents()
    assert error.value.code == "missing_capability"


def test_me_is_the_user_of_the_password(shop: RequestsMock) -> None:
    assert parse_agent(helpdesk().me()).roles == ("wpas_manager",)
    assert last(shop) == {"context": "edit"}


# The wire


def test_plain_permalinks_are_found_and_kept(shop: RequestsMock) -> None:
    def by_query(request: requests.PreparedRequest) -> Reply:
        route = asked(request)["rest_route"]
        known = {"/": b'{"namespaces":["wpas-api/v1"]}', "/wp/v2/users/me": SUPERVISOR.body}
        return 200, {}, known.get(route, b"[]")

    shop.replace("GET", ME, body=b"<h1>Not found</h1>", status=404)
    shop.add_callback("GET", f"{SITE}/", by_query)
    assert helpdesk().tickets(None, page=1).items == ()
    assert last(shop)["rest_route"] == "/wpas-api/v1/tickets"


def test_a_page_of_a_firewall_is_not_taken_for_plain_permalinks(shop: RequestsMock) -> None:
    shop.get(TICKETS, body=b"<h1>Blocked</h1>", status=404)
    with pytest.raises(Refused) as error:
        helpdesk().tickets(None, page=1)
    assert error.value.code == "no_rest_api"
    assert len(requests_of(shop)) == 1


def test_several_questions_share_one_connection_of_a_real_server() -> None:
    bodies = {b"/users/me": SUPERVISOR.body, b"/replies": b"[]", b"/tickets/352": as_php(TICKET).encode()}

    def talk(peer: socket.socket, head: bytes) -> bool:
        if head.startswith(b"HEAD"):
            peer.sendall(b"HTTP/1.1 200 OK\r\nX-WP-Total: 40\r\nContent-Length: 9000\r\n\r\n")
            return True
        target = head.split(b" ")[1].partition(b"?")[0]
        peer.sendall(answered(next((bodies[end] for end in bodies if target.endswith(end)), b"[]")))
        return True

    with loopback(talk) as server:
        source = helpdesk(f"http://127.0.0.1:{server.port}")
        assert source.ticket_count(None).total == 40
        assert source.tickets(None, page=1).items == ()
        assert record_id(source.ticket("352")) == "352"
        assert source.replies("352") == ()
        source.close()
    assert len(server.connections) == 1
    assert [head.split(b" ")[0] for head in server.heads] == [b"GET", b"HEAD", b"GET", b"GET", b"GET"]
