"""Tickets and replies as people read them: names in place of WordPress's numbers, HTML that can do nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from companion.domain.richtext import shop_html
from companion.domain.waiting import waiting_since
from storage import shop_agents
from storage.engine import Tx
from storage.scope import Scope
from storage.tickets import conversations
from storage.tickets.conversations import TitleRow
from storage.tickets.tickets import TRASH
from storage.timeline.things import ReplyRow, TicketRow

TicketUrl = Callable[[str, str], str | None]
"""(shop, ticket id) to the ticket's address in the shop's own screens, if that is known."""

OPEN = "open"
"""The state of a ticket that somebody still works on; the other is closed."""

_LONGEST = 200
"""Replies of a ticket read together; earlier ones stand on the timeline."""


@dataclass(frozen=True)
class TicketEntry:
    """A ticket on the timeline. `html` may be printed as it is; `assignee` is a name, "" for nobody or nobody known;
    `replies` is how many the shop counts. `url` leads to it in the shop's own screens, None when that is not known.
    """

    shop: str
    ticket_id: str
    title: str
    html: str
    status: str
    is_open: bool
    channel: str
    assignee: str
    replies: int
    summary: str | None
    is_trashed: bool
    is_gone: bool
    url: str | None


@dataclass(frozen=True)
class ReplyEntry:
    """A reply to a ticket; `author` is a name, "" where none is known; `is_hers`: the customer wrote it."""

    shop: str
    reply_id: str
    ticket_id: str
    title: str
    author: str
    is_hers: bool
    html: str
    at: datetime | None
    is_gone: bool


@dataclass(frozen=True)
class Conversation:
    """A ticket with its replies in the order of their writing; `has_earlier` when there are more before them."""

    ticket: TicketEntry
    opened_at: datetime | None
    replies: tuple[ReplyEntry, ...]
    has_earlier: bool


@dataclass(frozen=True)
class TicketTitle:
    """A ticket in a list."""

    shop: str
    ticket_id: str
    title: str
    status: str
    is_open: bool


@dataclass(frozen=True)
class OpenTicket:
    """A ticket somebody still has to work on. `waits_since`: nobody has answered the customer since then.
    `is_answered`: the last word is the shop's. Neither is told while its replies are still to be read.
    """

    shop: str
    ticket_id: str
    title: str
    status: str
    opened_at: datetime | None
    waits_since: datetime | None
    is_answered: bool


class Names:
    """What to call the people of tickets and replies who are not the customer."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def learn(self, tx: Tx, replies: Iterable[ReplyRow], tickets: Iterable[TicketRow] = ()) -> None:
        """Reads the names of these rows' people: two statements for each shop."""
        wanted: dict[str, set[str]] = {}
        for reply in replies:
            wanted.setdefault(reply.shop, set()).add("" if reply.is_hers else reply.author_id)
        for ticket in tickets:
            wanted.setdefault(ticket.shop, set()).add(ticket.assignee_id)
        for shop, user_ids in wanted.items():
            names = shop_agents.names(tx, shop, user_ids)
            self._known |= {(shop, user_id): name for user_id, name in names.items()}

    def of(self, shop: str, user_id: str) -> str:
        """The name of a WordPress user, "" where none was learned."""
        return self._known.get((shop, user_id), "")


class Tickets:
    """Makes entries for one page: `customer_name` is what to call her whose tickets they are."""

    def __init__(self, ticket_url: TicketUrl, customer_name: str) -> None:
        self._ticket_url = ticket_url
        self._customer_name = customer_name
        self._names = Names()

    def learn_names(self, tx: Tx, tickets: Iterable[TicketRow], replies: Iterable[ReplyRow]) -> None:
        """Reads what to call the people of these rows."""
        self._names.learn(tx, replies, tickets)

    def entry(self, row: TicketRow) -> TicketEntry:
        """A ticket whose names are learned."""
        return TicketEntry(
            shop=row.shop,
            ticket_id=row.ticket_id,
            title=row.title,
            html=shop_html(row.body, address=row.url),
            status=row.status,
            is_open=row.state == OPEN,
            channel=row.channel,
            assignee=self._names.of(row.shop, row.assignee_id),
            replies=row.replies,
            summary=row.summary,
            is_trashed=row.status == TRASH,
            is_gone=row.is_gone,
            url=None if row.is_gone else self._ticket_url(row.shop, row.ticket_id),
        )

    def reply(self, row: ReplyRow) -> ReplyEntry:
        """A reply whose author's name is learned."""
        return ReplyEntry(
            shop=row.shop,
            reply_id=row.reply_id,
            ticket_id=row.ticket_id,
            title=row.title,
            author=self._customer_name if row.is_hers else self._names.of(row.shop, row.author_id),
            is_hers=row.is_hers,
            html=shop_html(row.body, address=row.url),
            at=row.created_at,
            is_gone=row.is_gone,
        )

    def conversation(self, tx: Tx, row: TicketRow) -> Conversation:
        """A ticket with what was said on it."""
        said = conversations.replies_of(tx, row.shop, row.ticket_id, limit=_LONGEST + 1)
        self.learn_names(tx, [row], said)
        return Conversation(
            ticket=self.entry(row),
            opened_at=row.created_at,
            replies=tuple(self.reply(reply) for reply in said[-_LONGEST:]),
            has_earlier=len(said) > _LONGEST,
        )


def titles(tx: Tx, customer_id: int, scope: Scope, *, limit: int) -> tuple[TicketTitle, ...]:
    """A customer's newest tickets, the newest first."""
    rows = conversations.titles(tx, customer_id, scope, limit=limit)
    return tuple(TicketTitle(row.shop, row.ticket_id, row.title, row.status, row.state == OPEN) for row in rows)


def open_tickets(tx: Tx, customer_id: int, scope: Scope) -> tuple[OpenTicket, ...]:
    """A customer's open tickets, the one that waits longest first, answered ones at the end."""
    found = [_open_ticket(row, said) for row, said in conversations.open_tickets(tx, customer_id, scope)]
    return tuple(sorted(found, key=_longest_waiting_first))


def _open_ticket(row: TitleRow, said: list[conversations.MessageRow]) -> OpenTicket:
    has_all = len(said) >= row.replies
    since = waiting_since(row.created_at, said) if has_all else None
    return OpenTicket(
        shop=row.shop,
        ticket_id=row.ticket_id,
        title=row.title,
        status=row.status,
        opened_at=row.created_at,
        waits_since=since,
        is_answered=has_all and since is None,
    )


def _longest_waiting_first(ticket: OpenTicket) -> tuple[int, float]:
    order = 0 if ticket.waits_since else 2 if ticket.is_answered else 1
    at = ticket.waits_since or ticket.opened_at
    return order, at.timestamp() if at else 0.0
