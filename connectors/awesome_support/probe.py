"""What is wrong with a helpdesk, in plain words: the questions that `doctor` asks before anything else.

Changes nothing in the shop. Awesome Support is asked only after WordPress has recognised our user.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from connectors.awesome_support.client import AGENT, Client
from connectors.awesome_support.parse import abilities, parse_agent, parse_ticket
from connectors.awesome_support.verdicts import HELPDESK, no_agent, rest_api_off
from connectors.base import Agent, Page, Window
from connectors.errors import ConnectorError, Refused
from connectors.json_text import NOT_JSON
from connectors.wordpress.findings import Finding, of_addresses, problem
from connectors.wordpress.reading import Unreadable

_SUPERVISOR = {"administer_awesome_support", "view_all_tickets"}
"""Capabilities of those to whom Awesome Support's setting `admin_see_all` applies; to others `agent_see_all` does."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found. `takes_summary` is None where no ticket was seen that could tell; `user` is ours, None where the
    shop did not recognise her.
    """

    is_on: bool = False
    can_read: bool = False
    sees_all: bool = False
    lists_agents: bool = False
    takes_summary: bool | None = None
    user: Agent | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether companion can work with this helpdesk."""
        return self.can_read and self.sees_all


class Asked(Protocol):
    """What a probe asks of the source."""

    def me(self) -> bytes:
        """Our user."""

    def tickets(self, window: Window | None, *, page: int, per_page: int = ...) -> Page:
        """A page of tickets."""

    def agents(self, roles: Sequence[str] = ...) -> Sequence[bytes]:
        """The users with these roles."""


def probed(client: Client, source: Asked, settings: Callable[[], bytes]) -> Probe:
    """Asks the shop one thing after another and says what each answer means. Raises nothing."""
    is_on = False
    user: Agent | None = None
    try:
        _make_sure_it_is_on(client)
        is_on = True
        raw = source.me()
        user, may = _agent(raw), abilities(raw)
        if may is not None and AGENT not in may:
            raise no_agent()
        tickets = source.tickets(None, page=1, per_page=1).items
    except ConnectorError as error:
        return Probe(is_on=is_on, user=user, findings=(problem(error),))
    takes_summary = _takes_summary(tickets)
    sees_all = _sees_all(may, settings)
    lists_agents = _lists_agents(source)
    noticed = (
        (not sees_all, _SEES_ITS_OWN),
        (not lists_agents, _AGENTS_HIDDEN),
        (takes_summary is False, _SUMMARY_NOT_KEPT),
        (not client.is_private, _PLAIN_HTTP),
    )
    return Probe(
        is_on=True,
        can_read=True,
        sees_all=sees_all,
        lists_agents=lists_agents,
        takes_summary=takes_summary,
        user=user,
        findings=(*(finding for is_so, finding in noticed if is_so), *of_addresses(client)),
    )


def _make_sure_it_is_on(client: Client) -> None:
    namespaces = client.root("name,namespaces").get("namespaces")
    if not isinstance(namespaces, list):
        message = f"{client.site} is not a WordPress site that speaks REST"
        raise Refused(message, code="not_a_shop", hint="Check the shop's address.")
    if HELPDESK not in namespaces:
        raise rest_api_off()


def _agent(raw: bytes) -> Agent | None:
    try:
        return parse_agent(raw)
    except Unreadable:
        return None


def _sees_all(may: frozenset[str] | None, settings: Callable[[], bytes]) -> bool:
    """Whether Awesome Support shows our user everybody's tickets: it hides others' without a word."""
    is_supervisor = may is None or bool(may & _SUPERVISOR)
    try:
        told: dict[str, Any] = msgspec.json.decode(settings())
    except (ConnectorError, *NOT_JSON):  # who may not read the settings has them as they come
        told = {}
    return bool(told.get("admin_see_all", True) if is_supervisor else told.get("agent_see_all", False))


def _takes_summary(tickets: Sequence[bytes]) -> bool | None:
    for raw in tickets:
        try:
            return parse_ticket(raw).takes_summary
        except Unreadable:
            continue
    return None


def _lists_agents(source: Asked) -> bool:
    """Whether the shop shows us its administrators, of whom every shop has one."""
    try:
        return bool(source.agents(("administrator",)))
    except ConnectorError:
        return False


_SEES_ITS_OWN = Finding(
    "sees_own_tickets_only",
    "problem",
    "Awesome Support hides other agents' tickets from the user of these credentials",
    "Use an application password of an administrator, a support manager or a support supervisor, and let Awesome "
    "Support show them every ticket (the option admin_see_all).",
)
_AGENTS_HIDDEN = Finding(
    "agents_hidden",
    "warning",
    "the shop does not show these credentials who its agents are",
    "WordPress shows them to administrators only.",
)
_SUMMARY_NOT_KEPT = Finding(
    "summary_not_kept",
    "warning",
    "the shop keeps no summaries on tickets",
    "Install and activate companion's WordPress plugin; without it, notes are not shown on tickets.",
)
_PLAIN_HTTP = Finding(
    "plain_http",
    "warning",
    "the helpdesk is read over plain HTTP: anybody on the way can read its tickets and our password",
    "Use an https:// address.",
)
