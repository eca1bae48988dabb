"""How tests make a connector to a helpdesk that `responses` plays."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from requests import PreparedRequest
from responses import RequestsMock

from connectors.awesome_support.source import AwesomeSupport
from connectors.wordpress.credentials import ApplicationPassword
from tests.connectors.recorded import Exchange, exchange
from tests.connectors.shops import SITE, Reply, as_answer, asked, retry

API = f"{SITE}/wp-json/wpas-api/v1"
TICKETS = f"{API}/tickets"
USERS = f"{SITE}/wp-json/wp/v2/users"
ME = f"{USERS}/me"


def able(me: Exchange, *capabilities: str) -> Exchange:
    """A recorded user with what she may do: the copies of recordings hold only the first few of a hundred names."""
    return me._replace(json=me.json | {"capabilities": dict.fromkeys(capabilities, True)})


PASSWORD = ApplicationPassword("مدیر", "abcd EFGH ijkl MNOP")
NOON = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)

SUPERVISOR = able(exchange("wordpress/e06_me_supmgr"), "read", "edit_ticket", "administer_awesome_support")
SHOP_MANAGER = exchange("wordpress/e06_me_shopmgr")
UNKNOWN_USER = exchange("awesome-support/d66_core_unknown_user")
TICKET: dict[str, Any] = exchange("awesome-support/d08_ticket_one").json
CRASH: Reply = (500, {}, b"<html><title>WordPress &rsaquo; Error</title><p>There has been a critical error</p></html>")


def helpdesk(url: str = SITE, credentials: ApplicationPassword = PASSWORD, **options: Any) -> AwesomeSupport:
    return AwesomeSupport(url=url, credentials=credentials, **({"retry": retry()} | options))


def play(shop: RequestsMock, name: str) -> Exchange:
    """Answers a recorded request's address (whatever its parameters) as the shop did."""
    seen = exchange(name)
    shop.add(seen.method, seen.url.partition("?")[0], **as_answer(seen))
    return seen


def requests_of(shop: RequestsMock) -> list[PreparedRequest]:
    """What was asked of the helpdesk itself."""
    return [call.request for call in shop.calls if call.request.url and "/users/me" not in call.request.url]


def last(shop: RequestsMock) -> dict[str, str]:
    return {name: value for name, value in asked(shop.calls[-1].request).items() if name != "_"}


def sent(shop: RequestsMock) -> list[tuple[str, str, Any]]:
    """Every write: method, what it was sent to, and its body."""
    return [
        (str(r.method), str(r.url).removeprefix(TICKETS), json.loads(r.body or b"null"))
        for r in requests_of(shop)
        if r.method not in {"GET", "HEAD"}
    ]
