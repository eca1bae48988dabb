"""What tests ask of the tickets that are stored."""

from __future__ import annotations

from typing import Any

import sqlalchemy

from companion.app import App
from storage.schema import ticket_replies, tickets


def stored_ticket(app: App, ticket_id: int) -> sqlalchemy.Row[Any] | None:
    """The row of a ticket."""
    with app.store.read() as tx:
        return tx.execute(
            sqlalchemy.select(tickets).where(tickets.c.shop == "main", tickets.c.ticket_id == str(ticket_id))
        ).one_or_none()


def standing_replies(app: App, ticket_id: int) -> list[str]:
    """What the replies to a ticket say here, oldest first, those that are gone left out."""
    mine = (ticket_replies.c.ticket_id == str(ticket_id), ticket_replies.c.gone_at.is_(None))
    with app.store.read() as tx:
        return list(tx.execute(sqlalchemy.select(ticket_replies.c.body).where(*mine).order_by("id")).scalars())
