"""An Awesome Support helpdesk as companion uses it: what it reads, and the little that it writes.

Raw records come out as the shop sent them (`parse.py` reads them, one bad one spoils no page); what goes in is our one
meta key and, when an agent asks for it, a reply. When to ask, and what to do with the answers, is the engine's.

Only an application password opens a helpdesk: a WooCommerce key would cost the shop half a minute and fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from connectors.awesome_support.client import ME, USERS, Client
from connectors.awesome_support.parse import parse_ticket
from connectors.awesome_support.probe import Probe, probed
from connectors.awesome_support.verdicts import HELPDESK, ends_the_list
from connectors.base import SUMMARY_KEY, Count, Page, Window, WriteResult
from connectors.circuit import Circuit
from connectors.errors import ConnectorError, Permanent, Refused, Transient
from connectors.http import USER_AGENT, Http, Timeouts
from connectors.wordpress.client import Retry
from connectors.wordpress.credentials import ApplicationPassword
from connectors.wordpress.lists import PAGE_LIMIT, every, page_of, record, records, safe_id, told_total
from connectors.wordpress.reading import Unreadable
from connectors.wordpress.windows import bounds

__all__ = ["AGENT_ROLES", "PAGE_LIMIT", "SUMMARY_KEY", "AwesomeSupport"]

TICKETS = f"{HELPDESK}/tickets"

AGENT_ROLES = ("administrator", "shop_manager", "wpas_manager", "wpas_support_manager", "wpas_agent")
"""The roles of those who work in a shop: WordPress's, WooCommerce's, Awesome Support's."""

_EVERY_TICKET = {"state": "any", "assignee": "0"}
"""Left alone, Awesome Support lists open tickets only, and to an agent her own only."""

_THREADS = 8


class AwesomeSupport:
    """One shop's helpdesk. Safe for several threads; every method may raise `Transient`, `Permanent` or `Refused`.

    Reads are tried again as `retry` says, writes never: a write that raises `Transient` may or may not have taken
    effect. The shop's totals count tickets that it hides from us, so they are never compared with what was read.
    """

    def __init__(
        self,
        *,
        url: str,
        credentials: ApplicationPassword,
        timeout: Timeouts | None = None,
        verify: bool | str = True,
        user_agent: str = USER_AGENT,
        retry: Retry | None = None,
        circuit: Circuit | None = None,
    ) -> None:
        self._http = Http(timeouts=timeout, verify=verify, user_agent=user_agent, pool_size=_THREADS, circuit=circuit)
        self._client = Client(url=url, credentials=credentials, http=self._http, retry=retry or Retry())
        self._secrets = credentials.secrets

    def __repr__(self) -> str:
        return f"AwesomeSupport({self._client.site!r})"

    def close(self) -> None:
        """Closes the kept connections."""
        self._http.close()

    # Reading

    def tickets(
        self,
        window: Window | None,
        *,
        page: int,
        per_page: int = PAGE_LIMIT,
        order_by: Literal["id", "modified"] = "id",
        state: Literal["any", "open"] = "any",
    ) -> Page:
        """Tickets of every agent but trashed ones, of every state or open; None asks for everything. A reply does not
        change a ticket's date. Each ticket costs the shop some 60 ms, so ask for small pages, or `ticket_count` first.
        """
        params = _params(window) | {"state": state} | _ascending(order_by)
        return self._page(TICKETS, params, page=page, per_page=per_page)

    def ticket_count(self, window: Window | None) -> Count:
        """How many tickets the shop counts in the window, without the work of listing them."""
        params = _params(window) | {"per_page": "1"}
        try:
            answer = self._client.head(TICKETS, params)
        except Permanent:  # a host may forbid HEAD alone; and only a GET's refusal has words
            answer = self._client.read(TICKETS, params)
        return Count(
            total=told_total(answer),
            shop_now=answer.server_time,
            seconds=answer.seconds,
            fresh=not answer.is_cached,
        )

    def ticket(self, ticket_id: str) -> bytes:
        """One ticket, past any cache. Raises `Missing`."""
        return record(self._client.read(f"{TICKETS}/{safe_id(ticket_id)}", past_caches=True), self._secrets)

    def replies(self, ticket_id: str) -> tuple[bytes, ...]:
        """The replies to one ticket, by id; a ticket that is gone has none."""
        return tuple(self._all(f"{TICKETS}/{safe_id(ticket_id)}/replies", _ascending("id")))

    def agents(self, roles: Sequence[str] = AGENT_ROLES) -> tuple[bytes, ...]:
        """The users with any of these roles, by id. WordPress shows them to an administrator only: `Refused`, or
        customers alone for a shop manager, with any other user's password.
        """
        params = {"context": "edit", "roles": ",".join(roles)} | _ascending("id")
        return tuple(self._all(USERS, params))

    def me(self) -> bytes:
        """The user whose application password this is, with roles and capabilities."""
        return record(self._client.read(ME, {"context": "edit"}, past_caches=True), self._secrets)

    def probe(self) -> Probe:
        """What doctor says of the helpdesk: is its REST API on, do we see every ticket, and what is wrong."""
        return probed(self._client, self, self._settings)

    # Writing

    def write_summaries(self, values: Mapping[str, str | None]) -> tuple[WriteResult, ...]:
        """Sets our meta key on tickets, by ticket id, one request each; None removes it. Nothing else is sent.

        Awesome Support answers 200 to a key that nothing in the shop registered, and keeps nothing: the answer is
        looked at, and such a write is an error (`summary_not_kept`), as is one that the shop changed
        (`summary_altered`). What would stop every ticket alike stops at the first; it is raised where nothing was
        tried before and trying later, or a person, can help.
        """
        results: list[WriteResult] = []
        stopped: ConnectorError | None = None
        for ticket_id, value in values.items():
            if stopped is not None:
                results.append(WriteResult(ticket_id, error=_untried(stopped)))
                continue
            try:
                results.append(WriteResult(ticket_id, raw=self._summary_written(ticket_id, value)))
            except ConnectorError as error:
                if _concerns_all(error):
                    if not results and not isinstance(error, Permanent):
                        raise
                    stopped = error
                results.append(WriteResult(ticket_id, error=error))
        return tuple(results)

    def post_reply(self, ticket_id: str, html: str) -> bytes:
        """Writes a reply, which the customer is sent, in the name of the application password's user; the shop filters
        its HTML. The reply as the shop answered it. Raises `Missing`.
        """
        if not html.strip():
            message = "an empty reply would be sent to the customer"
            raise ValueError(message)
        answer = self._client.write("POST", f"{TICKETS}/{safe_id(ticket_id)}/replies", {"content": html})
        return record(answer, self._secrets)

    # The wire

    def _page(self, endpoint: str, params: dict[str, str], *, page: int, per_page: int) -> Page:
        answer = self._client.read(endpoint, params | {"page": str(page), "per_page": str(per_page)})
        if ends_the_list(answer):
            return Page(items=(), total=0, pages=0, shop_now=answer.server_time, seconds=answer.seconds)
        return page_of(answer, records(answer, self._secrets), page=page, per_page=per_page)

    def _all(self, endpoint: str, params: dict[str, str]) -> Iterator[bytes]:
        return every(lambda page: self._page(endpoint, params, page=page, per_page=PAGE_LIMIT))

    def _settings(self) -> bytes:
        return record(self._client.read(f"{HELPDESK}/settings"), self._secrets)

    def _summary_written(self, ticket_id: str, value: str | None) -> bytes:
        """The ticket as the shop answered a write; raises where it did not take effect."""
        answer = self._client.write("PUT", f"{TICKETS}/{safe_id(ticket_id)}", {"meta": {SUMMARY_KEY: value}})
        raw = record(answer, self._secrets)
        _make_sure_it_was_kept(raw, value)
        return raw


def _params(window: Window | None) -> dict[str, str]:
    """A window as parameters. WordPress compares the dates of posts in the site's own zone, so each says that it is UTC
    (and in the hour that a zone with summer time repeats each autumn, either of the two may be meant).
    """
    if window is None:
        return dict(_EVERY_TICKET)
    if window.trash:
        raise Permanent("Awesome Support does not list trashed tickets", code="no_trash_list")
    return _EVERY_TICKET | {name: f"{instant}Z" for name, instant in bounds(window).items()}


def _ascending(by: str) -> dict[str, str]:
    return {"orderby": by, "order": "asc"}


def _make_sure_it_was_kept(raw: bytes, value: str | None) -> None:
    """Raises what the shop's echo of a write says against its having taken effect."""
    try:
        ticket = parse_ticket(raw)
    except Unreadable as reason:
        raise Transient(f"the shop did not say what became of the write: {reason}", code="untold") from None
    if not ticket.takes_summary:
        raise Permanent(
            f"the shop ignored the write: nothing in it registered {SUMMARY_KEY} for tickets",
            code="summary_not_kept",
            hint="Install and activate companion's WordPress plugin, or do not push to tickets.",
        )
    if ticket.summary != (value or None):
        raise Permanent("the shop kept another text than the one sent", code="summary_altered")


def _concerns_all(error: ConnectorError) -> bool:
    """Whether the next ticket would fare no better. A failure of the shop's own code may be this one ticket's."""
    if isinstance(error, Transient):
        return error.code not in {"server_error", "untold"}
    return isinstance(error, Refused) or error.code == "summary_not_kept"


def _untried(error: ConnectorError) -> ConnectorError:
    """The result of a ticket that was not tried any more."""
    if not isinstance(error, Transient):
        return error
    return Transient(f"not tried: {error}", code="not_tried", status=error.status, retry_after=error.retry_after)
