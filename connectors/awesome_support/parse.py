"""Raw JSON of Awesome Support, and of WordPress's users, to the records of `connectors.base`. No I/O.

Texts are taken as the shop renders them, for that is what every answer has: lists, single reads and echoes of writes.
Whether a record is newer than ours is the engine's.
"""

from __future__ import annotations

import html

import msgspec

from connectors.awesome_support.shapes import AbilitiesShape, ReplyShape, TicketMeta, TicketShape, UserShape
from connectors.base import SUMMARY_KEY, Agent, Ticket, TicketReply
from connectors.json_text import NOT_JSON
from connectors.wordpress.reading import Unreadable, instant, own_summary, record_id, reference, shaped

__all__ = ["SUMMARY_KEY", "Unreadable", "abilities", "parse_agent", "parse_reply", "parse_ticket", "record_id"]

_VENDOR = "Awesome Support"
_UTC = "+00:00"

_ticket_decoder = msgspec.json.Decoder(TicketShape)
_reply_decoder = msgspec.json.Decoder(ReplyShape)
_user_decoder = msgspec.json.Decoder(UserShape)
_abilities_decoder = msgspec.json.Decoder(AbilitiesShape)


def parse_ticket(raw: bytes) -> Ticket:
    """A ticket, without its replies. Raises `Unreadable`."""
    shape = shaped(raw, _ticket_decoder, TicketShape, _VENDOR)
    takes_summary, summary = _summary(shape)
    return Ticket(
        id=str(shape.id),
        title=html.unescape(shape.title.rendered),
        body=shape.content.rendered,
        status=shape.status,
        state=shape.state,
        author_id=reference(shape.author),
        assignee_id=reference(shape.assignee),
        secondary_assignee_id=reference(shape.secondary_assignee),
        tertiary_assignee_id=reference(shape.tertiary_assignee),
        channel=shape.channel if isinstance(shape.channel, str) else "",  # a list names terms by number only
        tag_ids=tuple([str(tag) for tag in shape.tags]),
        customer_replies=shape.customer_replies,
        agent_replies=shape.agent_replies,
        replies=shape.replies,
        created_at=instant(shape.date_gmt),
        modified_at=instant(shape.modified_gmt),
        url=shape.link,
        summary=summary,
        takes_summary=takes_summary,
    )


def parse_reply(raw: bytes) -> TicketReply:
    """A reply to a ticket. Raises `Unreadable`."""
    shape = shaped(raw, _reply_decoder, ReplyShape, _VENDOR)
    if shape.parent <= 0:
        raise Unreadable(f"reply {shape.id} does not say which ticket it belongs to", code="wrong_shape")
    return TicketReply(
        id=str(shape.id),
        ticket_id=str(shape.parent),
        author_id=reference(shape.author),
        body=shape.content.rendered,
        status=shape.status,
        created_at=instant(shape.date_gmt),
        modified_at=instant(shape.modified_gmt),
    )


def parse_agent(raw: bytes) -> Agent:
    """A user of the shop, as an administrator (or she herself) is shown her. Raises `Unreadable`."""
    shape = shaped(raw, _user_decoder, UserShape, "WordPress")
    return Agent(
        id=str(shape.id),
        username=shape.username,
        name=shape.name,
        first_name=shape.first_name,
        last_name=shape.last_name,
        email=shape.email,
        roles=tuple(shape.roles),
        created_at=instant((shape.registered_date or "").removesuffix(_UTC)),  # unlike other dates, it says its zone
    )


def abilities(raw: bytes) -> frozenset[str] | None:
    """What a user of the shop may do, by WordPress's names; None where the shop does not tell, and for a super
    administrator, of whom WordPress asks nothing (in a network of sites she may lack every name and do everything).
    """
    try:
        told = _abilities_decoder.decode(raw)
    except NOT_JSON:
        return None
    if told.is_super_admin or told.capabilities is None:
        return None
    granted = told.capabilities if isinstance(told.capabilities, dict) else {}
    return frozenset(name for name, may in granted.items() if may)


def _summary(shape: TicketShape) -> tuple[bool, str | None]:
    """Whether the shop shows our key, and its value: WordPress shows a registered key that has none as ""."""
    if not isinstance(shape.meta, TicketMeta) or shape.meta.summary is msgspec.UNSET:
        return False, None
    own = shape.meta.summary
    return True, None if own is None or own == "" else own_summary(own)
