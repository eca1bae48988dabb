"""Replies to tickets, read and written ticket by ticket as whole lists; which are due, `tickets` tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from storage import ids
from storage.engine import Tx
from storage.schema import ticket_replies
from storage.upsert import insert

_WRITTEN = ("ticket_id", "author_id", "body", "status", "created_at", "modified_at", "read_seq", "gone_at")


class ReplyState(NamedTuple):
    """What is stored of a reply; `id` is ours."""

    id: int
    body: str
    read_seq: int
    is_gone: bool


def states(tx: Tx, shop: str, reply_ids: Collection[str]) -> dict[str, ReplyState]:
    """The stored states of those replies that are stored, by reply id."""
    columns = (ticket_replies.c.id, ticket_replies.c.body, ticket_replies.c.read_seq, ticket_replies.c.gone_at)
    mine = (ticket_replies.c.shop == shop, ticket_replies.c.reply_id.in_(reply_ids))
    rows = tx.execute(select(ticket_replies.c.reply_id, *columns).where(*mine))
    return {row[0]: ReplyState(row[1], row[2], row[3], row[4] is not None) for row in rows}


def count_all(tx: Tx) -> tuple[int, int]:
    """How many replies there are, those that are gone too, and the last of our ids."""
    found, last = tx.execute(select(func.count(), func.coalesce(func.max(ticket_replies.c.id), 0))).one()
    return found, last


def bodies_between(tx: Tx, first: int, last: int) -> dict[int, str]:
    """What the replies with these ids of ours say. Until the transaction ends nobody changes them."""
    statement = (
        select(ticket_replies.c.id, ticket_replies.c.body)
        .where(ticket_replies.c.id.between(first, last))
        .order_by(ticket_replies.c.id)
        .with_for_update(read=True)  # SQLite has no such words and needs none: it has one writer
    )
    return {row.id: row.body for row in tx.execute(statement)}


def standing(tx: Tx, shop: str, ticket_ids: Collection[str]) -> dict[str, int]:
    """How many replies of each ticket stand here, by ticket id; those without any are absent."""
    if not ticket_ids:
        return {}
    mine = (
        ticket_replies.c.shop == shop,
        ticket_replies.c.ticket_id.in_(ticket_ids),
        ticket_replies.c.gone_at.is_(None),
    )
    counted = select(ticket_replies.c.ticket_id, func.count()).where(*mine).group_by(ticket_replies.c.ticket_id)
    return {ticket_id: int(count) for ticket_id, count in tx.execute(counted)}


def upsert(tx: Tx, rows: Sequence[Mapping[str, Any]], known: Mapping[str, int], *, read_seq: int) -> dict[str, int]:
    """Writes replies by key, unless a later read of one is stored; returns our ids by reply id. `known`: those that
    have one.
    """
    if not rows:
        return {}
    new = [row["reply_id"] for row in rows if row["reply_id"] not in known]
    made = {**known, **dict(zip(new, ids.take(tx, ticket_replies, len(new)), strict=True))}
    statement = insert(tx, ticket_replies)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["shop", "reply_id"],
            set_={name: statement.excluded[name] for name in _WRITTEN},
            where=ticket_replies.c.read_seq <= read_seq,
        ),
        [{**row, "id": made[row["reply_id"]]} for row in rows],
    )
    return {row["reply_id"]: made[row["reply_id"]] for row in rows}


def tombstone_others(
    tx: Tx, shop: str, ticket_id: str, standing_ids: Collection[str], *, read_seq: int, now: datetime
) -> list[int]:
    """Tombstones the replies of a ticket that a later read of its list no longer found; returns our ids of them."""
    mine = (
        ticket_replies.c.shop == shop,
        ticket_replies.c.ticket_id == ticket_id,
        ticket_replies.c.reply_id.not_in(standing_ids),
        ticket_replies.c.read_seq < read_seq,
        ticket_replies.c.gone_at.is_(None),
    )
    gone = update(ticket_replies).where(*mine).values(gone_at=now, read_seq=read_seq).returning(ticket_replies.c.id)
    return list(tx.execute(gone).scalars())
