"""Brings forward the turns of everything of a shop that is looked at in turns, a few rows in each transaction.

Asked for where it is not known what happened in a shop meanwhile. What reads them, and in which order, is as always.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from storage.engine import Tx
from storage.schema import cursors, orders, tickets


def next_orders(tx: Tx, shop: str, *, now: datetime, limit: int) -> int:
    """It is the turn of up to `limit` more orders; returns of how many, 0 where it was everyone's already."""
    later = (
        select(orders.c.order_id)
        .where(orders.c.shop == shop, orders.c.care_due_at > now, orders.c.gone_at.is_(None))
        .limit(limit)
    )
    mine = (orders.c.shop == shop, orders.c.order_id.in_(later.scalar_subquery()))
    return tx.execute(update(orders).where(*mine).values(care_due_at=now)).rowcount


def next_tickets(tx: Tx, shop: str, *, now: datetime, limit: int) -> int:
    """The replies to up to `limit` more tickets that have any are due; returns of how many, 0 where all are."""
    done = (
        select(tickets.c.id)
        .where(tickets.c.shop == shop, tickets.c.replies_due_at.is_(None), tickets.c.gone_at.is_(None))
        .where(tickets.c.replies > 0)
        .limit(limit)
    )
    return tx.execute(
        update(tickets).where(tickets.c.id.in_(done.scalar_subquery())).values(replies_due_at=now)
    ).rowcount


def rounds(tx: Tx, shop: str, streams: Collection[str]) -> None:
    """These sweeps are made anew, however lately the last one was."""
    mine = (cursors.c.shop == shop, cursors.c.stream.in_(streams))
    tx.execute(update(cursors).where(*mine).values(interval_s=None))
