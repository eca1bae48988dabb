"""What the helpdesk's API shows to whom, what moves a ticket's date, and where it falls into its own traps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from companion.sandbox import Login, Sandbox, seed_bulk
from companion.sandbox.pace import recorded_page_seconds

API = "/wp-json/wpas-api/v1"


def ask(sandbox: Sandbox, path: str, login: Login | None, method: str = "GET", **options: Any) -> requests.Response:
    auth = None if login is None else (login.username, login.password)
    return requests.request(method, sandbox.url + path, auth=auth, timeout=10, **options)


@pytest.fixture
def admin(sandbox: Sandbox) -> Callable[..., requests.Response]:
    def call(path: str, method: str = "GET", **options: Any) -> requests.Response:
        return ask(sandbox, f"{API}/{path}", sandbox.credentials.admin, method, **options)

    return call


@pytest.fixture
def customer(sandbox: Sandbox) -> int:
    return sandbox.shop.create_customer("c@example.com", first_name="مریم", last_name="احمدی").id


@pytest.fixture
def ticket_id(sandbox: Sandbox, customer: int) -> int:
    ticket_id = sandbox.shop.helpdesk.open_ticket(customer, "سفارش & پول", "سلام\nکجاست؟", assignee=3).id
    sandbox.shop.clock.advance(3600)
    return ticket_id


def modified(answer: requests.Response) -> str:
    return str(answer.json()["modified_gmt"])


def test_reply_moves_no_date_and_only_its_count_tells(sandbox: Sandbox, admin: Any, ticket_id: int) -> None:
    before = admin(f"tickets/{ticket_id}").json()

    sandbox.shop.helpdesk.reply(ticket_id, 3, "در راه است")

    after = admin(f"tickets/{ticket_id}").json()
    assert after["modified_gmt"] == before["modified_gmt"]
    assert (after["agent-reply-count"], after["total-reply-count"]) == (1, 1)


def test_close_and_reopen_by_button_move_no_date_but_by_api_they_do(
    sandbox: Sandbox, admin: Any, ticket_id: int
) -> None:
    before = modified(admin(f"tickets/{ticket_id}"))
    sandbox.shop.helpdesk.close(ticket_id)
    closed = admin(f"tickets/{ticket_id}")
    assert (closed.json()["state"], modified(closed)) == ("closed", before)

    assert modified(admin(f"tickets/{ticket_id}", "PUT", json={"state": "open"})) > before


def test_status_and_assignee_move_the_date_and_are_remembered(sandbox: Sandbox, admin: Any, ticket_id: int) -> None:
    other = sandbox.shop.create_customer("a@example.com", role="wpas_agent", first_name="نیما").id

    answer = admin(f"tickets/{ticket_id}", "PUT", json={"status": "hold", "assignee": other})

    assert modified(answer) == "2026-11-21T19:00:00"
    said = [entry["content"]["rendered"] for entry in admin(f"tickets/{ticket_id}/history").json()]
    assert "On Hold" in said[0]
    assert "نیما" in said[1]


def test_lists_are_of_open_tickets_and_of_an_agents_own_unless_asked_otherwise(
    sandbox: Sandbox, admin: Any, customer: int
) -> None:
    desk, agent = sandbox.shop.helpdesk, sandbox.credentials.agent
    for assignee, state in ((3, "open"), (3, "closed"), (1, "open"), (1, "closed")):
        desk.open_ticket(customer, "x", assignee=assignee, state=state)

    def seen(query: str) -> tuple[int, int]:
        answer = ask(sandbox, f"{API}/tickets{query}", agent)
        return len(answer.json()), int(answer.headers["X-WP-Total"])

    assert seen("") == (1, 1)
    assert seen("?state=any") == (2, 2)
    assert seen("?state=any&assignee=0") == (2, 4)
    assert seen("?state=any&assignee=0&context=edit") == (4, 4)
    assert len(admin("tickets").json()) == 2
    assert len(admin("tickets?state=any&assignee=0").json()) == 4


def test_shop_manager_and_nobody_see_nothing_and_are_not_told_so(sandbox: Sandbox, ticket_id: int) -> None:
    for login, total in ((sandbox.credentials.manager, "0"), (None, "1")):
        answer = ask(sandbox, f"{API}/tickets?state=any&assignee=0", login)
        assert (answer.status_code, answer.json(), answer.headers["X-WP-Total"]) == (200, [], total)
        assert ask(sandbox, f"{API}/tickets/{ticket_id}", login).json()["code"] == "rest_forbidden"


def test_customer_sees_their_own_tickets_only(sandbox: Sandbox, customer: int, ticket_id: int) -> None:
    sandbox.shop.helpdesk.open_ticket(1, "another's", assignee=3)

    answer = ask(sandbox, f"{API}/tickets?state=any", sandbox.application_password(customer))

    assert [ticket["id"] for ticket in answer.json()] == [ticket_id]


def test_head_counts_without_listing(sandbox: Sandbox, admin: Any, ticket_id: int) -> None:
    answer = admin("tickets?state=any&assignee=0", "HEAD")

    assert (answer.headers["X-WP-Total"], answer.content) == ("1", b"")


def test_page_past_the_end_is_an_error(admin: Any, ticket_id: int) -> None:
    answer = admin("tickets?page=2")

    assert (answer.status_code, answer.json()["code"]) == (400, "rest_post_invalid_page_number")


def test_trashed_ticket_is_in_no_list_and_still_there(sandbox: Sandbox, admin: Any, ticket_id: int) -> None:
    assert admin(f"tickets/{ticket_id}", "DELETE").json()["status"] == "trash"

    assert admin("tickets?state=any").json() == []
    assert admin("tickets?state=any&status=trash").status_code == 400
    assert admin(f"tickets/{ticket_id}").json()["status"] == "trash"
    assert admin(f"tickets/{ticket_id}", "DELETE").status_code == 410
    sandbox.shop.helpdesk.restore(ticket_id)
    assert admin(f"tickets/{ticket_id}").json()["status"] == "queued"
    assert admin(f"tickets/{ticket_id}?force=true", "DELETE").json()["deleted"] is True
    assert admin(f"tickets/{ticket_id}").status_code == 404


def test_window_of_change_is_the_shops_own_time_whatever_flag_is_sent(admin: Any, ticket_id: int) -> None:
    def found(**params: str) -> int:
        return len(admin("tickets", params={"state": "any", **params}).json())

    assert found(modified_after="2026-11-21T21:29:59") == 1
    assert found(modified_after="2026-11-21T21:30:00") == 0
    assert found(modified_after="2026-11-21T17:59:59Z") == 1
    assert found(modified_after="2026-11-21T18:00:00", dates_are_gmt="true") == 1
    assert found(modified_after="2026-11-21T18:00:00Z") == 0


def test_unknown_user_and_woocommerce_key_hang_and_break(sandbox: Sandbox, ticket_id: int) -> None:
    key = sandbox.credentials.rw
    for login in (Login("nobody", "x", 0), Login(key.key, key.secret, 0)):
        answer = ask(sandbox, f"{API}/tickets/{ticket_id}", login)
        assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html; charset=UTF-8")
        assert ask(sandbox, "/wp-json/wp/v2/users/me", login).json()["code"] == "invalid_username"
    wrong = Login("admin", "not it", 1)
    assert ask(sandbox, f"{API}/tickets", wrong).json()["code"] == "incorrect_password"


@pytest.mark.parametrize("options", [{"awesome_support": False}, {"rest_enabled": False}])
def test_without_the_plugin_or_its_switch_there_is_no_api(
    make_sandbox: Callable[..., Sandbox], options: dict[str, bool]
) -> None:
    sandbox = make_sandbox(**options)

    assert ask(sandbox, f"{API}/tickets", sandbox.credentials.admin).json()["code"] == "rest_no_route"
    assert "wpas-api/v1" not in requests.get(f"{sandbox.url}/wp-json/", timeout=10).json()["namespaces"]


def test_html_of_others_is_filtered_and_titles_are_html(sandbox: Sandbox, admin: Any, ticket_id: int) -> None:
    sandbox.shop.helpdesk.reply(ticket_id, 3, 'بله <b onclick="x()">حتما</b> <script>alert(1)</script>\nخط دوم')

    (reply,) = admin(f"tickets/{ticket_id}/replies").json()
    assert reply["content"]["rendered"] == "<p>بله <b>حتما</b> alert(1)<br />\nخط دوم</p>\n"
    assert admin(f"tickets/{ticket_id}").json()["title"]["rendered"] == "سفارش &#038; پول"


def test_replies_come_newest_first_in_pages(sandbox: Sandbox, admin: Any, ticket_id: int) -> None:
    for number in range(12):
        sandbox.shop.clock.advance(1)
        sandbox.shop.helpdesk.reply(ticket_id, 3, str(number))

    first, second = (admin(f"tickets/{ticket_id}/replies?page={page}") for page in (1, 2))
    texts = [reply["content"]["rendered"] for reply in (*first.json(), *second.json())]
    assert texts == [f"<p>{number}</p>\n" for number in reversed(range(12))]
    assert first.headers["X-WP-TotalPages"] == "2"


def test_meta_is_ignored_unless_a_bridge_registered_it(admin: Any, ticket_id: int) -> None:
    answer = admin(f"tickets/{ticket_id}", "PUT", json={"meta": {"companion_note": "x"}})

    assert answer.status_code == 200
    assert "meta" not in answer.json()


def test_meta_of_a_bridge_is_written_deleted_and_hidden_from_the_customer(make_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = make_sandbox(bridge=True)
    customer = sandbox.shop.create_customer("c@example.com").id
    ticket_id = sandbox.shop.helpdesk.open_ticket(customer, "x").id
    path, admin = f"{API}/tickets/{ticket_id}", sandbox.credentials.admin
    sandbox.shop.clock.advance(5)

    written = ask(sandbox, path, admin, "PUT", json={"meta": {"companion_note": "یادداشت", "other": "y"}}).json()

    assert written["meta"] == {"companion_note": "یادداشت"}
    assert written["modified_gmt"] == "2026-11-21T18:00:05"
    assert ask(sandbox, path, sandbox.application_password(customer)).json()["meta"] == {"companion_note": None}
    cleared = ask(sandbox, path, admin, "PUT", json={"meta": {"companion_note": None}}).json()
    assert cleared["meta"] == {"companion_note": ""}
    assert sandbox.shop.helpdesk.tickets[ticket_id].meta == {}


def test_new_ticket_goes_to_the_agent_with_the_fewest(sandbox: Sandbox, customer: int) -> None:
    other = sandbox.shop.create_customer("a@example.com", role="wpas_agent").id
    desk = sandbox.shop.helpdesk

    assert [desk.open_ticket(customer, str(number)).assignee for number in range(3)] == [3, other, 3]
    assert sandbox.shop.users[customer].roles == ("customer", "wpas_user")


def test_each_ticket_of_a_list_takes_its_time_and_counting_takes_little(
    make_sandbox: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = make_sandbox(page_seconds=recorded_page_seconds)
    for number in range(40):
        sandbox.shop.helpdesk.open_ticket(1, str(number), assignee=3)
    waited: list[float] = []
    monkeypatch.setattr("companion.sandbox.site.time.sleep", waited.append)

    for method in ("GET", "HEAD"):
        ask(sandbox, f"{API}/tickets?_fields=id&per_page=100", sandbox.credentials.admin, method)

    assert [round(seconds, 1) for seconds in waited] == [2.4, 0.2]


def test_users_are_shown_whole_to_an_administrator_and_in_part_to_a_shop_manager(
    sandbox: Sandbox, customer: int
) -> None:
    whole = ask(sandbox, "/wp-json/wp/v2/users?context=edit", sandbox.credentials.admin)
    part = ask(sandbox, "/wp-json/wp/v2/users?context=edit", sandbox.credentials.manager)

    assert {user["id"]: user["roles"] for user in whole.json()}[3] == ["wpas_agent"]
    assert sorted(user["id"] for user in part.json()) == [2, customer]
    assert whole.headers["X-WP-Total"] == part.headers["X-WP-Total"] == "4"
    assert ask(sandbox, "/wp-json/wp/v2/users?context=edit", sandbox.credentials.agent).status_code == 403
    assert [user["id"] for user in ask(sandbox, "/wp-json/wp/v2/users", None).json()] == [1]


def test_bulk_adds_as_many_tickets_as_asked(sandbox: Sandbox) -> None:
    seed_bulk(sandbox.shop, orders=10, customers=5, tickets=40, seed=1)
    tickets = sandbox.shop.helpdesk.tickets.values()

    assert len(tickets) == 40
    assert sum(ticket.state == "open" for ticket in tickets) == 7
    assert not sandbox.shop.orders.keys() & sandbox.shop.helpdesk.tickets.keys()
