"""Every way a helpdesk can be wrong has a code and plain words; nothing is changed in the shop by asking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from responses import RequestsMock

from connectors.awesome_support.parse import SUMMARY_KEY
from connectors.awesome_support.probe import Probe
from connectors.awesome_support.source import AwesomeSupport
from connectors.wordpress.credentials import ApplicationPassword
from tests.connectors.recorded import Exchange, as_php, exchange
from tests.connectors.shops import PLAIN_SITE, SITE, as_answer, retry

ROOT = exchange("wordpress/k01_root_fields")
SETTINGS = exchange("awesome-support/d20_settings")
SUPERVISOR = exchange("wordpress/e06_me_supmgr")
UNKNOWN_USER = exchange("awesome-support/d66_core_unknown_user")
ADMINISTRATOR: dict[str, Any] = exchange("wordpress/e01_users_edit_admin").json[0]
TICKET: dict[str, Any] = exchange("awesome-support/d08_ticket_one").json
KEPT = TICKET | {"meta": {SUMMARY_KEY: ""}}
REFUSED = {"code": "rest_forbidden", "message": "no"}


@pytest.fixture
def shop() -> Iterator[RequestsMock]:
    with RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def me(*capabilities: str) -> Exchange:
    return SUPERVISOR._replace(json=SUPERVISOR.json | {"capabilities": dict.fromkeys(capabilities, True)})


SUPERVISOR = me("edit_ticket", "administer_awesome_support")


def play(
    shop: RequestsMock,
    *,
    site: str = SITE,
    root: Exchange = ROOT,
    user: Exchange = SUPERVISOR,
    settings: dict[str, Any] | None = None,
    tickets: list[dict[str, Any]] | None = None,
    administrators: object = None,
) -> None:
    shop.get(f"{site}/wp-json/", **as_answer(root))
    shop.get(f"{site}/wp-json/wp/v2/users/me", **as_answer(user))
    shop.get(f"{site}/wp-json/wpas-api/v1/settings", body=as_php(SETTINGS.json | (settings or {})).encode())
    shop.get(f"{site}/wp-json/wpas-api/v1/tickets", body=as_php([KEPT] if tickets is None else tickets).encode())
    shown = [ADMINISTRATOR] if administrators is None else administrators
    shop.get(f"{site}/wp-json/wp/v2/users", json=shown, status=200 if isinstance(shown, list) else 403)


def probe(url: str = SITE) -> Probe:
    held = ApplicationPassword("supmgr", "abcd EFGH", allow_plain_http_password=True)
    return AwesomeSupport(url=url, credentials=held, retry=retry(attempts=1)).probe()


def codes(found: Probe) -> list[tuple[str, str]]:
    assert all(finding.message and finding.hint for finding in found.findings)
    return [(finding.level, finding.code) for finding in found.findings]


def test_a_helpdesk_that_is_well(shop: RequestsMock) -> None:
    play(shop)
    found = probe()
    assert (found.is_on, found.is_well, found.lists_agents, found.takes_summary) == (True, True, True, True)
    assert codes(found) == []
    assert found.user
    assert found.user.roles == ("wpas_manager",)


def test_asking_changes_nothing(shop: RequestsMock) -> None:
    play(shop)
    probe()
    assert {call.request.method for call in shop.calls} == {"GET"}


@pytest.mark.parametrize(
    ("root", "code"),
    [
        (ROOT._replace(json=ROOT.json | {"namespaces": ["wp/v2", "wc/v3"]}), "rest_api_off"),
        (ROOT._replace(json={"name": "x"}), "not_a_shop"),
        (ROOT._replace(status=401, json={"code": "closed", "message": "no"}), "rest_closed"),
    ],
)
def test_without_the_helpdesks_rest_api_nobody_is_asked_further(shop: RequestsMock, root: Exchange, code: str) -> None:
    play(shop, root=root)
    found = probe()
    assert (found.is_on, found.is_well, codes(found)) == (False, False, [("problem", code)])
    assert len(shop.calls) == 1


@pytest.mark.parametrize(("user", "code"), [(UNKNOWN_USER, "wrong_username"), (me("read"), "not_an_agent")])
def test_awesome_support_never_hears_of_whom_it_should_not(shop: RequestsMock, user: Exchange, code: str) -> None:
    play(shop, user=user)
    found = probe()
    assert (found.is_on, found.can_read, codes(found)) == (True, False, [("problem", code)])
    assert not any("wpas-api" in str(call.request.url) for call in shop.calls)


@pytest.mark.parametrize(
    ("user", "settings", "sees_all"),
    [
        (SUPERVISOR, {"admin_see_all": True}, True),
        (SUPERVISOR, {"admin_see_all": False}, False),
        (me("edit_ticket"), {"agent_see_all": False}, False),
        (me("edit_ticket"), {"agent_see_all": True}, True),
        (exchange("wordpress/e07_me_admin"), {}, True),
    ],
)
def test_who_sees_only_some_tickets_is_told(
    shop: RequestsMock, user: Exchange, settings: dict[str, Any], sees_all: bool
) -> None:
    play(shop, user=user, settings=settings)
    found = probe()
    assert (found.can_read, found.sees_all, found.is_well) == (True, sees_all, sees_all)
    assert codes(found) == ([] if sees_all else [("problem", "sees_own_tickets_only")])


@pytest.mark.parametrize(
    ("tickets", "takes", "told"),
    [
        ([], None, []),
        ([{"id": 5}], None, []),
        ([TICKET], False, [("warning", "summary_not_kept")]),
        ([TICKET | {"meta": {"crm_id": "x"}}], False, [("warning", "summary_not_kept")]),
    ],
)
def test_a_shop_that_keeps_no_summaries_is_told(
    shop: RequestsMock, tickets: list[dict[str, Any]], takes: bool | None, told: list[tuple[str, str]]
) -> None:
    play(shop, tickets=tickets)
    found = probe()
    assert (found.takes_summary, found.is_well, codes(found)) == (takes, True, told)


@pytest.mark.parametrize("administrators", [[], REFUSED])
def test_hidden_agents_are_told(shop: RequestsMock, administrators: object) -> None:
    play(shop, administrators=administrators)
    found = probe()
    assert (found.lists_agents, found.is_well, codes(found)) == (False, True, [("warning", "agents_hidden")])


@pytest.mark.parametrize(("user", "sees_all"), [(SUPERVISOR, True), (me("edit_ticket"), False)])
def test_settings_that_may_not_be_read_are_taken_as_they_come(
    shop: RequestsMock, user: Exchange, sees_all: bool
) -> None:
    play(shop, user=user)
    for body, status in ((as_php(REFUSED), 403), ("{half", 200), ("<h1>x</h1>", 500)):
        shop.replace("GET", f"{SITE}/wp-json/wpas-api/v1/settings", body=body, status=status)
        assert (probe().can_read, probe().sees_all) == (True, sees_all)


def test_tickets_that_may_not_be_read_are_told_in_the_shops_words(shop: RequestsMock) -> None:
    play(shop)
    shop.replace("GET", f"{SITE}/wp-json/wpas-api/v1/tickets", json=REFUSED, status=403)
    found = probe()
    assert (found.is_on, found.can_read, codes(found)) == (True, False, [("problem", "missing_capability")])
    assert "rest_forbidden" in found.findings[0].message


def test_plain_http_to_another_machine_is_told(shop: RequestsMock) -> None:
    play(shop, site=PLAIN_SITE)
    assert codes(probe(PLAIN_SITE)) == [("warning", "plain_http")]
