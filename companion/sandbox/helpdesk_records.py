"""What Awesome Support keeps: tickets, their replies, and the history of what was done to them. Plain records.

Tickets, replies and history entries are WordPress posts: their ids come from the sequence that orders also use.
"""

from __future__ import annotations

from dataclasses import dataclass, field

STATUS_NAMES = {"queued": "New", "processing": "In Progress", "hold": "On Hold"}
STATES = ("open", "closed")


@dataclass(slots=True)
class Reply:
    """An answer on a ticket, by an agent or by its customer; `content` is HTML as it was kept."""

    id: int
    ticket_id: int
    author: int
    content: str
    created: int
    modified: int
    is_read: bool = False
    number: int = 1


@dataclass(slots=True)
class HistoryEntry:
    """One thing done to a ticket, in the plugin's own HTML."""

    id: int
    ticket_id: int
    created: int
    text: str


@dataclass(slots=True)
class Ticket:
    """A ticket. `state` (open, closed) stands beside `status` (queued, processing, hold, or trash)."""

    id: int
    title: str
    content: str
    author: int
    assignee: int
    status: str
    state: str
    created: int
    modified: int
    slug: str
    channel: str = ""
    time_notes: str = ""
    status_before_trash: str = ""
    meta: dict[str, str] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    history: list[HistoryEntry] = field(default_factory=list)

    @property
    def is_trashed(self) -> bool:
        """Whether it lies in the trash, where no list finds it."""
        return self.status == "trash"
