"""A helpdesk's records to rows: as `rows` for what WooCommerce keeps."""

from __future__ import annotations

from datetime import datetime

from companion.sync.records.rows import Row
from connectors.base import Agent, Ticket, TicketReply


def ticket_row(
    shop: str,
    ticket: Ticket,
    *,
    account_id: int | None,
    read_seq: int,
    raw_hash: bytes,
    content_hash: bytes,
    replies_due_at: datetime | None,
) -> Row:
    """The columns of `tickets`, but for our own id."""
    return {
        "shop": shop,
        "ticket_id": ticket.id,
        "account_id": account_id,
        "title": ticket.title,
        "body": ticket.body,
        "status": ticket.status,
        "state": ticket.state,
        "channel": ticket.channel,
        "assignee_id": ticket.assignee_id,
        "secondary_assignee_id": ticket.secondary_assignee_id,
        "tertiary_assignee_id": ticket.tertiary_assignee_id,
        "tag_ids": list(ticket.tag_ids),
        "replies": ticket.replies,
        "url": ticket.url,
        "created_at": ticket.created_at,
        "modified_at": ticket.modified_at,
        "summary": ticket.summary,
        "takes_summary": ticket.takes_summary,
        "read_seq": read_seq,
        "raw_hash": raw_hash,
        "content_hash": content_hash,
        "replies_due_at": replies_due_at,
    }


def observation(shop: str, ticket: Ticket, *, read_seq: int, raw_hash: bytes) -> Row:
    """What may be another thing on a ticket that means the same as before."""
    return {
        "shop": shop,
        "ticket_id": ticket.id,
        "read_seq": read_seq,
        "raw_hash": raw_hash,
        "modified_at": ticket.modified_at,
        "url": ticket.url,
        "channel": ticket.channel,
        "summary": ticket.summary,
        "takes_summary": ticket.takes_summary,
    }


def reply_row(shop: str, reply: TicketReply, *, read_seq: int) -> Row:
    """The columns of `ticket_replies`, but for our own id."""
    return {
        "shop": shop,
        "reply_id": reply.id,
        "ticket_id": reply.ticket_id,
        "author_id": reply.author_id,
        "body": reply.body,
        "status": reply.status,
        "created_at": reply.created_at,
        "modified_at": reply.modified_at,
        "read_seq": read_seq,
        "gone_at": None,
    }


def agent_row(shop: str, agent: Agent, *, read_seq: int) -> Row:
    """The columns of `shop_agents`."""
    return {
        "shop": shop,
        "user_id": agent.id,
        "username": agent.username,
        "name": agent.name or f"{agent.first_name} {agent.last_name}".strip(),
        "email": agent.email,
        "roles": list(agent.roles),
        "read_seq": read_seq,
        "gone_at": None,
    }
