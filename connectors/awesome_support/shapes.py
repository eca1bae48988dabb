"""The JSON that Awesome Support's REST API (wpas-api/v1) and WordPress's list of users (wp/v2) send, as types.

Fields without a default must be there: a record without them was cut by `_fields`, read in a context that hides them,
or is none of its kind, and must not overwrite a whole one. What PHP and plugins bend is straightened in
`wordpress/mend.py`.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

from connectors.base import SUMMARY_KEY


class Rendered(Struct):
    """A text as the shop renders it for a page."""

    rendered: str


class TicketMeta(Struct):
    """The meta that the shop shows: only keys that something in it registered. A key without a value is ""."""

    summary: Any | UnsetType = field(default=UNSET, name=SUMMARY_KEY)


class TicketShape(Struct):
    """`GET /tickets/{id}`, one item of `GET /tickets`, and the answer to `PUT /tickets/{id}`."""

    id: int
    title: Rendered
    content: Rendered
    status: str
    state: str
    author: int
    assignee: int
    replies: int = field(name="total-reply-count")
    date_gmt: str | None = None
    modified_gmt: str | None = None
    secondary_assignee: int = field(default=0, name="secondary-assignee")
    tertiary_assignee: int = field(default=0, name="tertiary-assignee")
    customer_replies: int = field(default=0, name="customer-reply-count")
    agent_replies: int = field(default=0, name="agent-reply-count")
    tags: list[int] = field(default_factory=list, name="ticket-tag")
    channel: str | list[Any] = field(default="", name="ticket_channel")
    link: str = ""
    meta: TicketMeta | list[Any] | None = None


class ReplyShape(Struct):
    """One item of `GET /tickets/{id}/replies`, and the answer to `POST` there."""

    id: int
    content: Rendered
    author: int
    parent: int
    status: str = ""
    date_gmt: str | None = None
    modified_gmt: str | None = None


class UserShape(Struct):
    """A user of `GET /wp/v2/users?context=edit` or `/users/me?context=edit`."""

    id: int
    username: str
    email: str
    roles: list[str]
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    registered_date: str | None = None


class AbilitiesShape(Struct):
    """What a user may do, of the same answers; PHP writes nothing at all as a list."""

    capabilities: dict[str, Any] | list[Any] | None = None
    is_super_admin: bool = False
