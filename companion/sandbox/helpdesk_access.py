"""Who may see and do what with tickets, and which tickets a list request means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from companion.sandbox.helpdesk import CLIENT, MANAGERS, Helpdesk
from companion.sandbox.helpdesk_records import STATES, STATUS_NAMES, Ticket
from companion.sandbox.rest import Call
from companion.sandbox.wire import RestError

Context = Literal["view", "embed", "edit"]
SORTINGS = ("author", "date", "id", "include", "modified", "parent", "relevance", "slug", "include_slugs", "title")
CHANNELS = {
    18: "Chat", 20: "Contact Form (Website)", 17: "Email", 32: "Facebook Message", 31: "Facebook Post",
    27: "Feedback Form", 30: "Forum topic", 21: "Gravity Forms add-on", 33: "Other", 26: "Phone call (incoming)",
    16: "Standard Ticket Form", 29: "Trigger or automation", 22: "Twitter", 23: "Twitter DM (direct message)",
    24: "Twitter Favorite", 25: "Voicemail", 28: "Web service (API)", 19: "WordPress.org",
}  # fmt: skip
"""The plugin's own channels, by the ids of their terms."""


def channel_slug(name: str) -> str:
    """A channel's name as tickets bear it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody at the helpdesk. `user_id` 0 is nobody."""

    user_id: int
    is_agent: bool
    is_client: bool
    is_admin: bool
    may_delete: bool
    sees_all: bool

    @classmethod
    def of(cls, call: Call) -> Viewer:
        """Whoever makes this call."""
        desk, user = call.shop.helpdesk, call.shop.users.get(call.caller.user_id)
        roles = frozenset(user.roles if user else ())
        is_agent, is_manager = bool(user and desk.is_agent(user.id)), not MANAGERS.isdisjoint(roles)
        return cls(
            user_id=call.caller.user_id,
            is_agent=is_agent,
            is_client=CLIENT in roles,
            is_admin="administrator" in roles,
            may_delete=is_manager,
            sees_all=(is_manager and desk.admin_see_all) or (is_agent and desk.agent_see_all),
        )

    def may_read(self, ticket: Ticket) -> bool:
        """Whether a ticket may be read: an agent's own, a customer's own, any by those who see all."""
        theirs = {ticket.assignee, ticket.author} if self.is_agent else {ticket.author}
        return self.sees_all or (self.user_id > 0 and self.user_id in theirs)

    def may_list(self, ticket: Ticket, context: Context) -> bool:
        """Whether a list shows a ticket. As recorded, an agent's list for editing shows everybody's."""
        return self.is_agent if context == "edit" else self.may_read(ticket)

    def refusal(self, code: str, message: str) -> RestError:
        """A refusal: 401 to nobody, 403 to somebody."""
        return RestError(403 if self.user_id else 401, code, message)

    def methods(self, ticket: Ticket) -> list[str]:
        """What the answer says may be done with a ticket."""
        reading = ["GET"] if self.may_read(ticket) else []
        writing = ["POST", "PUT", "PATCH"] if self.is_agent else []
        return reading + writing + ["DELETE"] * self.may_delete


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """A list of tickets that somebody asks for; both ends of a window of dates are exclusive. 0 is anybody."""

    state: str
    statuses: tuple[str, ...]
    assignee: int
    authors: tuple[int, ...]
    include: tuple[int, ...]
    exclude: tuple[int, ...]
    channels: tuple[str, ...]
    search: str
    created: tuple[int | None, int | None]
    modified: tuple[int | None, int | None]
    orderby: str
    descending: bool

    @classmethod
    def of(cls, call: Call, viewer: Viewer) -> TicketQuery:
        """Read from a request: open tickets of the caller's own, unless it asks for others. RestError if wrong."""
        params, zone = call.params, call.shop.zone
        is_confined = viewer.is_agent and not viewer.sees_all
        authors = tuple(params.ids("author"))
        if viewer.user_id and not viewer.is_agent:  # a customer's list, which is empty for whoever is none
            authors = (viewer.user_id,)
        return cls(
            state=params.choice("state", "open", ("any", *STATES)),
            statuses=tuple(params.words("status", ("any",), ("any", "publish", *STATUS_NAMES))),
            assignee=params.integer("assignee", viewer.user_id if is_confined else 0),
            authors=authors,
            include=tuple(params.ids("include")),
            exclude=tuple(params.ids("exclude")),
            channels=tuple(
                channel_slug(CHANNELS[term]) if term in CHANNELS else "?" for term in params.ids("ticket_channel")
            ),
            search=params.text("search").strip().casefold(),
            created=(
                params.instant("after", zone, knows_gmt=False),
                params.instant("before", zone, knows_gmt=False),
            ),
            modified=(
                params.instant("modified_after", zone, knows_gmt=False),
                params.instant("modified_before", zone, knows_gmt=False),
            ),
            orderby=params.choice("orderby", "date", SORTINGS),
            descending=params.choice("order", "desc", ("asc", "desc")) == "desc",
        )

    def tickets(self, desk: Helpdesk) -> list[Ticket]:
        """Every ticket that is meant, sorted, whether the caller may see it or not."""
        chosen = [ticket for ticket in desk.tickets.values() if self._matches(ticket)]
        chosen.sort(key=self._sorting(), reverse=self.descending and self.orderby != "include")
        return chosen

    def _matches(self, ticket: Ticket) -> bool:
        return (
            not ticket.is_trashed
            and self.state in {"any", ticket.state}
            and ("any" in self.statuses or ticket.status in self.statuses)
            and self.assignee in {0, ticket.assignee}
            and (not self.authors or ticket.author in self.authors)
            and (not self.include or ticket.id in self.include)
            and ticket.id not in self.exclude
            and (not self.channels or ticket.channel in self.channels)
            and (not self.search or self.search in f"{ticket.title}\n{ticket.content}".casefold())
            and _inside(ticket.created, self.created)
            and _inside(ticket.modified, self.modified)
        )

    def _sorting(self) -> Callable[[Ticket], Any]:
        match self.orderby:
            case "id" | "parent":
                return lambda ticket: ticket.id
            case "include":
                return lambda ticket: self.include.index(ticket.id) if self.include else -ticket.id
            case "modified":
                return lambda ticket: (ticket.modified, ticket.id)
            case "title" | "slug" | "author":
                return lambda ticket: (getattr(ticket, self.orderby), ticket.id)
            case _:
                return lambda ticket: (ticket.created, ticket.id)


def _inside(at: int, window: tuple[int | None, int | None]) -> bool:
    after, before = window
    return (after is None or at > after) and (before is None or at < before)
