"""Awesome Support's tickets, and what each thing done to them changes.

Speaks Python to tests and records to the REST routes, and knows nothing of HTTP. As observed: a reply leaves the
ticket's date alone, and so do closing, reopening and assigning by the plugin's own functions (they write meta only);
whatever saves the post moves it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from companion.sandbox.helpdesk_records import STATUS_NAMES, HistoryEntry, Reply, Ticket
from companion.sandbox.helpdesk_text import filtered, slugged
from companion.sandbox.order_book import OrderBook
from companion.sandbox.records import User

NAMESPACE = "wpas-api/v1"
"""Under which name its REST API stands."""
MANAGERS = frozenset({"administrator", "wpas_manager", "wpas_support_manager"})
"""Roles that see every ticket while the option `admin_see_all` is on, and delete them."""
AGENTS = MANAGERS | {"wpas_agent"}
CLIENT = "wpas_user"


class Helpdesk:
    """The tickets of one shop.

    `is_active`: the plugin is there; `rest_enabled`: its option `enable_rest_api`; `registered_meta`: the keys that a
    bridge registered for agents to read and write by REST (their customers read null).
    """

    def __init__(self, shop: OrderBook, users: Mapping[int, User]) -> None:
        self._shop = shop
        self._users = users
        self._slugs: Counter[str] = Counter()
        self.tickets: dict[int, Ticket] = {}
        self.is_active = True
        self.rest_enabled = True
        self.admin_see_all = True
        self.agent_see_all = False
        self.registered_meta: tuple[str, ...] = ()
        self.passwords: dict[int, dict[str, dict[str, str]]] = {}

    @property
    def answers(self) -> bool:
        """Whether its REST API is there."""
        return self.is_active and self.rest_enabled

    def is_agent(self, user_id: int) -> bool:
        """Whether this user answers tickets."""
        return user_id in self._users and not AGENTS.isdisjoint(self._users[user_id].roles)

    def open_ticket(  # noqa: PLR0913 - a ticket has this many parts, and each may be left out
        self,
        author: int,
        title: str,
        content: str = "",
        *,
        ticket_id: int | None = None,
        assignee: int | None = None,
        status: str = "queued",
        state: str = "open",
        channel: str = "",
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        quiet: bool = False,
    ) -> Ticket:
        """Open a ticket in the name of its customer; without an `assignee` it goes to the agent with the fewest.

        `quiet` tells nobody and is for seeding.
        """
        with self._shop.lock:
            created = self._moment(created_at)
            ticket = Ticket(
                id=self._new_id(ticket_id),
                title=title,
                content=self._kept(author, content),
                author=author,
                assignee=self._least_busy() if assignee is None else assignee,
                status=status,
                state=state,
                created=created,
                modified=created if modified_at is None else self._moment(modified_at),
                slug=self._free_slug(slugged(title)),
                channel=channel,
            )
            self.tickets[ticket.id] = ticket
            self._make_client(author)
            self._happened("created", ticket, quiet=quiet)
            return ticket

    def reply(
        self,
        ticket_id: int,
        author: int,
        content: str,
        *,
        reply_id: int | None = None,
        is_read: bool = False,
        created_at: datetime | None = None,
        quiet: bool = False,
    ) -> Reply:
        """Answer a ticket. Neither the ticket's date nor its status moves; only its count of replies tells."""
        with self._shop.lock:
            ticket, created = self.tickets[ticket_id], self._moment(created_at)
            kept = self._kept(author, content)
            number = max((reply.number for reply in ticket.replies), default=0) + 1
            reply = Reply(self._new_id(reply_id), ticket_id, author, kept, created, created, is_read, number)
            ticket.replies.append(reply)
            self._happened("reply", ticket, quiet=quiet, dateless=True, reply_id=reply.id)
            return reply

    def edit_reply(self, ticket_id: int, reply_id: int, content: str) -> Reply:
        """Change what a reply says. The hook for replies runs again; not even the number of replies tells."""
        with self._shop.lock:
            ticket = self.tickets[ticket_id]
            reply = next(reply for reply in ticket.replies if reply.id == reply_id)
            reply.content, reply.modified = self._kept(reply.author, content), self._shop.clock.epoch()
            self._happened("reply", ticket, dateless=True, reply_id=reply_id)
            return reply

    def delete_reply(self, ticket_id: int, reply_id: int) -> None:
        """Delete a reply for good."""
        with self._shop.lock:
            ticket = self.tickets[ticket_id]
            ticket.replies = [reply for reply in ticket.replies if reply.id != reply_id]
            self._happened("reply_deleted", ticket, dateless=True, reply_id=reply_id)

    def set_status(self, ticket_id: int, status: str) -> Ticket:
        """Set queued, processing, hold, or one of the shop's own; saves the post."""
        with self._shop.lock:
            ticket = self.tickets[ticket_id]
            if status != ticket.status:
                ticket.status = status
                self._log(ticket, f"<p>Ticket state changed to {STATUS_NAMES.get(status, status)}</p>\n")
                self._happened("status", self._saved(ticket))
            return ticket

    def assign(self, ticket_id: int, assignee: int, *, saved: bool = True) -> Ticket:
        """Give a ticket to an agent: on its screen, which saves the post, or not `saved` by the plugin's function."""
        with self._shop.lock:
            ticket = self.tickets[ticket_id]
            if assignee != ticket.assignee:
                ticket.assignee = assignee
                name = self._users[assignee].display_name if assignee in self._users else "?"
                self._log(ticket, f'<ul class="wpas-log-list">\n<li>updated Support Staff to {name}</li>\n</ul>\n')
                self._happened("assignee", self._saved(ticket) if saved else ticket, dateless=not saved)
            return ticket

    def close(self, ticket_id: int, *, saved: bool = False) -> Ticket:
        """Close a ticket: by its button, which leaves the date alone, or `saved` with its post."""
        return self._set_state(ticket_id, "closed", "<p>The ticket was closed.</p>\n", saved=saved)

    def reopen(self, ticket_id: int, *, saved: bool = False) -> Ticket:
        """Open a closed ticket again: by its button, which leaves the date alone, or `saved` with its post."""
        return self._set_state(ticket_id, "open", "<p>The ticket was re-opened.</p>\n", saved=saved)

    def edit(
        self,
        ticket_id: int,
        *,
        fields: Mapping[str, Any] | None = None,
        meta: Mapping[str, str | None] | None = None,
        saved: bool = True,
    ) -> Ticket:
        """Save a ticket's post, even with nothing to change in it: its date moves. Not `saved`, meta alone changes, as
        by the box of custom fields on the ticket's screen, and no date tells.

        `fields` are plain attributes of Ticket; a `meta` value of None deletes the row.
        """
        with self._shop.lock:
            ticket = self.tickets[ticket_id]
            for name, value in (fields or {}).items():
                setattr(ticket, name, value)
            ticket.meta |= {key: value for key, value in (meta or {}).items() if value is not None}
            for key in [key for key, value in (meta or {}).items() if value is None]:
                ticket.meta.pop(key, None)
            return self._saved(ticket) if saved else ticket

    def trash(self, ticket_id: int) -> Ticket:
        """Move a ticket to the trash: readable by its id, and in no list."""
        with self._shop.lock:
            ticket = self.tickets[ticket_id]
            ticket.status_before_trash, ticket.status = ticket.status, "trash"
            ticket.slug += "__trashed"
            self._happened("trashed", self._saved(ticket))
            return ticket

    def restore(self, ticket_id: int) -> Ticket:
        """Take a ticket out of the trash."""
        with self._shop.lock:
            ticket = self.tickets[ticket_id]
            ticket.status, ticket.status_before_trash = ticket.status_before_trash or "queued", ""
            ticket.slug = ticket.slug.removesuffix("__trashed")
            self._happened("restored", self._saved(ticket))
            return ticket

    def delete(self, ticket_id: int) -> None:
        """Delete a ticket with its replies for good: only its absence tells, and the bridge."""
        with self._shop.lock:
            self._happened("deleted", self.tickets.pop(ticket_id), dateless=True)

    def counted(self, ticket: Ticket) -> tuple[int, int]:
        """How many replies are the customers', and how many the agents'."""
        of_agents = sum(1 for reply in ticket.replies if self.is_agent(reply.author))
        return len(ticket.replies) - of_agents, of_agents

    def writers(self) -> Iterator[int]:
        """The agents who ever replied: WordPress names them to anybody."""
        authors = {reply.author for ticket in self.tickets.values() for reply in ticket.replies}
        return filter(self.is_agent, authors)

    def _set_state(self, ticket_id: int, state: str, said: str, *, saved: bool) -> Ticket:
        with self._shop.lock:
            ticket = self.tickets[ticket_id]
            if state != ticket.state:
                ticket.state = state
                self._log(ticket, said)
                event = "closed" if state == "closed" else "reopened"
                self._happened(event, self._saved(ticket) if saved else ticket, dateless=not saved)
            return ticket

    def _happened(self, event: str, ticket: Ticket, *, quiet: bool = False, dateless: bool = False, **ids: int) -> None:
        if not quiet:
            self._shop.bridge.happened("ticket", event, ticket.id, dateless=dateless, **ids)

    def _saved(self, ticket: Ticket) -> Ticket:
        ticket.modified = self._shop.clock.epoch()
        return ticket

    def _log(self, ticket: Ticket, text: str) -> None:
        ticket.history.append(HistoryEntry(self._new_id(None), ticket.id, self._shop.clock.epoch(), text))

    def _moment(self, at: datetime | None) -> int:
        return self._shop.clock.epoch() if at is None else int(at.timestamp())

    def _new_id(self, wanted: int | None) -> int:
        return self._shop.new_post_id() if wanted is None else self._shop.take_post_id(wanted)

    def _kept(self, author: int, html: str) -> str:
        """What is kept of somebody's HTML; an administrator's is trusted."""
        is_trusted = author in self._users and self._users[author].role == "administrator"
        return html if is_trusted else filtered(html)

    def _free_slug(self, wanted: str) -> str:
        self._slugs[wanted] += 1
        return wanted if self._slugs[wanted] == 1 else f"{wanted}-{self._slugs[wanted]}"

    def _least_busy(self) -> int:
        agents = sorted(user.id for user in self._users.values() if "administrator" not in user.roles)
        agents = [user_id for user_id in agents if self.is_agent(user_id)]
        load = Counter(ticket.assignee for ticket in self.tickets.values() if ticket.state == "open")
        return min(agents, key=lambda user_id: (load[user_id], user_id), default=0)

    def _make_client(self, user_id: int) -> None:
        user = self._users.get(user_id)
        if user is not None and CLIENT not in user.roles and not self.is_agent(user_id):
            user.more_roles = (*user.more_roles, CLIENT)
