"""Tickets of a shop's helpdesk. Their replies are in `storage.tickets.replies`.

Writes come only from the sync engine's funnel; every function takes a transaction first and works on many rows at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, case, func, or_, select, update

from storage import ids
from storage.engine import Tx
from storage.schema import accounts, tickets
from storage.upsert import Insert, insert_for

TRASH = "trash"
"""The status of a ticket that the shop answers for by its id, and names in no list."""

_KEY = ("shop", "ticket_id")
_IS_BACK = {"gone_at": None, "missing_since": None}
_KEPT_ON_UPDATE = frozenset({*_KEY, "id", "gone_at", "summary_written", "channel", "replies_due_at"})
_OBSERVED = ("read_seq", "raw_hash", "modified_at", "url", "summary", "takes_summary")


class TicketState(NamedTuple):
    """What deciding about an incoming ticket needs of the stored one; `id` is ours."""

    id: int
    account_id: int | None
    status: str
    state: str
    replies: int
    read_seq: int
    raw_hash: bytes | None
    content_hash: bytes
    modified_at: datetime | None
    summary: str | None
    takes_summary: bool
    gone_at: datetime | None


class TicketStamp(NamedTuple):
    """What a round over the whole list needs of a stored ticket, to tell who was not in it."""

    status: str
    read_seq: int
    is_gone: bool
    missing_since: datetime | None


class TicketCarrier(NamedTuple):
    """What choosing and rendering summaries needs of a ticket that still exists and takes the summary."""

    ticket_id: str
    customer_id: int
    status: str
    state: str
    created_at: datetime | None
    summary: str | None


_STATES = select(
    tickets.c.ticket_id,
    tickets.c.id,
    tickets.c.account_id,
    tickets.c.status,
    tickets.c.state,
    tickets.c.replies,
    tickets.c.read_seq,
    tickets.c.raw_hash,
    tickets.c.content_hash,
    tickets.c.modified_at,
    tickets.c.summary,
    tickets.c.takes_summary,
    tickets.c.gone_at,
).where(tickets.c.shop == bindparam("shop"), tickets.c.ticket_id.in_(bindparam("ids", expanding=True)))


def states(tx: Tx, shop: str, ticket_ids: Collection[str]) -> dict[str, TicketState]:
    """The stored states of those tickets that are stored, by ticket id."""
    rows = tx.execute(_STATES, {"shop": shop, "ids": list(ticket_ids)})
    return {row[0]: TicketState._make(row[1:]) for row in rows}


def upsert(tx: Tx, rows: Sequence[Mapping[str, Any]], known: Mapping[str, int]) -> dict[str, int]:
    """Writes whole tickets by key, un-tombstoning them; returns our ids by ticket id. `known`: those that have one.

    A row whose `channel` is "" leaves the stored one, since a list does not tell it; one whose `replies_due_at` is None
    leaves what is due.
    """
    if not rows:
        return {}
    new = [row["ticket_id"] for row in rows if row["ticket_id"] not in known]
    made = {**known, **dict(zip(new, ids.take(tx, tickets, len(new)), strict=True))}
    tx.execute(_upsert(tx.dialect.name, tuple(rows[0])), [{**row, "id": made[row["ticket_id"]]} for row in rows])
    return {row["ticket_id"]: made[row["ticket_id"]] for row in rows}


@cache
def _upsert(dialect: str, columns: tuple[str, ...]) -> Insert:
    statement = insert_for(dialect, tickets)
    new = statement.excluded
    changed = {name: new[name] for name in columns if name not in _KEPT_ON_UPDATE}
    told = {
        "channel": case((new.channel == "", tickets.c.channel), else_=new.channel),
        "replies_due_at": func.coalesce(new.replies_due_at, tickets.c.replies_due_at),
    }
    return statement.on_conflict_do_update(index_elements=list(_KEY), set_={**changed, **told, **_IS_BACK})


class TicketText(NamedTuple):
    """What a ticket is found by."""

    ticket_id: str
    title: str
    body: str


def count_all(tx: Tx) -> tuple[int, int]:
    """How many tickets there are, those that are gone too, and the last of our ids."""
    found, last = tx.execute(select(func.count(), func.coalesce(func.max(tickets.c.id), 0))).one()
    return found, last


def texts_between(tx: Tx, first: int, last: int) -> dict[int, TicketText]:
    """What the tickets with these ids of ours say. Until the transaction ends nobody changes them."""
    statement = (
        select(tickets.c.id, tickets.c.ticket_id, tickets.c.title, tickets.c.body)
        .where(tickets.c.id.between(first, last))
        .order_by(tickets.c.id)
        .with_for_update(read=True)  # SQLite has no such words and needs none: it has one writer
    )
    return {row[0]: TicketText(*row[1:]) for row in tx.execute(statement)}


def touch(tx: Tx, shop: str, ticket_ids: Collection[str], read_seq: int) -> None:
    """Notes that a later read saw these tickets as they are here."""
    if ticket_ids:
        mine = (tickets.c.shop == shop, tickets.c.ticket_id.in_(ticket_ids), tickets.c.read_seq < read_seq)
        tx.execute(update(tickets).where(*mine).values(read_seq=read_seq, missing_since=None))


def observe(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Notes what a read saw beside unchanged content. Each row: shop, ticket_id, read_seq, raw_hash, modified_at, url,
    summary and takes_summary, and the channel ("": as it was).
    """
    if rows:
        channel = bindparam("b_channel", type_=tickets.c.channel.type)
        tx.execute(
            update(tickets)
            .where(tickets.c.shop == bindparam("b_shop"), tickets.c.ticket_id == bindparam("b_ticket_id"))
            .values({name: bindparam(f"b_{name}") for name in _OBSERVED})
            .values(channel=case((channel == "", tickets.c.channel), else_=channel), missing_since=None),
            [{f"b_{name}": value for name, value in row.items()} for row in rows],
        )


def set_gone(tx: Tx, shop: str, ticket_ids: Collection[str], *, read_seq: int, now: datetime) -> None:
    """Tombstones tickets that the shop no longer has; what was known of them stays."""
    if ticket_ids:
        tx.execute(
            update(tickets)
            .where(tickets.c.shop == shop, tickets.c.ticket_id.in_(ticket_ids))
            .values(gone_at=now, read_seq=read_seq, raw_hash=None, summary=None, replies_due_at=None)
        )


def set_missing(tx: Tx, shop: str, ticket_ids: Iterable[str], since: datetime | None) -> None:
    """Notes since when these are missing from the shop's list, or that they are there again (None)."""
    rows = [{"in_shop": shop, "by_id": ticket_id} for ticket_id in ticket_ids]
    if rows:
        mine = (tickets.c.shop == bindparam("in_shop"), tickets.c.ticket_id == bindparam("by_id"))
        tx.execute(update(tickets).where(*mine).values(missing_since=since), rows)


# --- what a round did not see -------------------------------------------------------------------------------------


def stamps(tx: Tx, shop: str) -> dict[str, TicketStamp]:
    """Everything stored of the shop, by ticket id."""
    statement = select(
        tickets.c.ticket_id, tickets.c.status, tickets.c.read_seq, tickets.c.gone_at, tickets.c.missing_since
    ).where(tickets.c.shop == shop)
    rows = tx.execution_options(yield_per=5_000).execute(statement)
    return {row[0]: TicketStamp(row[1], row[2], row[3] is not None, row[4]) for row in rows}


def open_unseen(tx: Tx, shop: str, *, before_seq: int, limit: int) -> list[str]:
    """Tickets that stand open here and that no read since `before_seq` saw, and of which nobody has missed any yet."""
    statement = (
        select(tickets.c.ticket_id)
        .where(
            tickets.c.shop == shop,
            tickets.c.state == "open",
            tickets.c.status != TRASH,
            tickets.c.gone_at.is_(None),
            tickets.c.missing_since.is_(None),
            tickets.c.read_seq < before_seq,
        )
        .order_by(tickets.c.created_at.desc(), tickets.c.ticket_id)
        .limit(limit)
    )
    return list(tx.execute(statement).scalars())


# --- carriers of the summary --------------------------------------------------------------------------------------


def customers_of(tx: Tx, shop: str, ticket_ids: Collection[str]) -> dict[str, int]:
    """The customer of each of those tickets that are stored and have one."""
    rows = tx.execute(
        select(tickets.c.ticket_id, accounts.c.customer_id)
        .join(accounts, accounts.c.id == tickets.c.account_id)
        .where(tickets.c.shop == shop, tickets.c.ticket_id.in_(ticket_ids))
    )
    return {row.ticket_id: row.customer_id for row in rows}


def possible_carriers(
    tx: Tx, shop: str, customer_ids: Collection[int], *, newest: int, pointed_at: Collection[str] = ()
) -> list[TicketCarrier]:
    """Of each customer, in one shop, and among tickets on which the shop shows our key: the open ones, the `newest`
    newest ones that are not in the trash, those that carry a summary now, and the ones pointed at (ticket ids).
    """
    base = (
        select(
            tickets.c.ticket_id,
            accounts.c.customer_id,
            tickets.c.status,
            tickets.c.state,
            tickets.c.created_at,
            tickets.c.summary,
        )
        .join(accounts, accounts.c.id == tickets.c.account_id)
        .where(tickets.c.shop == shop, tickets.c.gone_at.is_(None), tickets.c.takes_summary.is_(True))
    )
    notable = or_(tickets.c.state == "open", tickets.c.summary.is_not(None), tickets.c.ticket_id.in_(pointed_at))
    rows = tx.execute(base.where(accounts.c.customer_id.in_(customer_ids), notable))
    found = {row.ticket_id: TicketCarrier(*row) for row in rows}
    for customer_id in customer_ids:
        latest = (
            base.where(accounts.c.customer_id == customer_id, tickets.c.status != TRASH)
            .order_by(tickets.c.created_at.desc().nulls_last(), tickets.c.ticket_id.desc())
            .limit(newest)
        )
        found.update({row.ticket_id: TicketCarrier(*row) for row in tx.execute(latest)})
    return list(found.values())


def summaries_written(tx: Tx, shop: str, ticket_ids: Collection[str]) -> dict[str, str]:
    """The summaries last written by us ("" where ours was to remove it), of those tickets that we ever wrote to."""
    statement = select(tickets.c.ticket_id, tickets.c.summary_written).where(
        tickets.c.shop == shop, tickets.c.ticket_id.in_(ticket_ids), tickets.c.summary_written.is_not(None)
    )
    return {row.ticket_id: row.summary_written for row in tx.execute(statement)}


def set_written(tx: Tx, shop: str, written: Mapping[str, str]) -> None:
    """Notes which summary was last written by us, by ticket id; "" where it was removed."""
    if written:
        tx.execute(
            update(tickets)
            .where(tickets.c.shop == bindparam("b_shop"), tickets.c.ticket_id == bindparam("b_ticket_id"))
            .values(summary_written=bindparam("b_text")),
            [{"b_shop": shop, "b_ticket_id": key, "b_text": value} for key, value in written.items()],
        )


def set_takes_no_summary(tx: Tx, shop: str, ticket_ids: Collection[str]) -> None:
    """The shop does not keep our key on these any more; a read that sees it there says otherwise."""
    if ticket_ids:
        mine = (tickets.c.shop == shop, tickets.c.ticket_id.in_(ticket_ids))
        tx.execute(update(tickets).where(*mine).values(takes_summary=False, raw_hash=None, summary=None))


# --- replies that should be read ----------------------------------------------------------------------------------


def replies_due(tx: Tx, shop: str, *, now: datetime, limit: int) -> list[str]:
    """The tickets whose replies should be read now: open ones first, then the most urgent, then the newest."""
    statement = (
        select(tickets.c.ticket_id)
        .where(_is_due(shop, now), tickets.c.gone_at.is_(None))
        .order_by(case((tickets.c.state == "open", 0), else_=1), tickets.c.replies_due_at, tickets.c.created_at.desc())
        .limit(limit)
    )
    return list(tx.execute(statement).scalars())


def count_replies_due(tx: Tx, shop: str) -> int:
    """Of how many tickets the replies are still to be read."""
    due = (tickets.c.shop == shop, tickets.c.replies_due_at.is_not(None), tickets.c.gone_at.is_(None))
    return int(tx.execute(select(func.count()).select_from(tickets).where(*due)).scalar_one())


def claim_replies(tx: Tx, shop: str, ticket_ids: Collection[str], *, now: datetime, until: datetime) -> list[str]:
    """Takes those whose replies are due still: nobody else is told to read them before `until`."""
    is_due = and_(_is_due(shop, now), tickets.c.ticket_id.in_(ticket_ids))
    taken = update(tickets).where(is_due).values(replies_due_at=until).returning(tickets.c.ticket_id)
    return list(tx.execute(taken).scalars())


def have_replies_due(tx: Tx, shop: str, ticket_ids: Collection[str], *, now: datetime) -> None:
    """The replies of these should be read from now on."""
    if ticket_ids:
        mine = (tickets.c.shop == shop, tickets.c.ticket_id.in_(ticket_ids), tickets.c.gone_at.is_(None))
        tx.execute(update(tickets).where(*mine).values(replies_due_at=now))


def have_replies_of_open_due(tx: Tx, shop: str, *, now: datetime) -> None:
    """The replies of every open ticket that has any should be read from now on."""
    mine = (tickets.c.shop == shop, tickets.c.state == "open", tickets.c.status != TRASH, tickets.c.gone_at.is_(None))
    undone = (tickets.c.replies > 0, tickets.c.replies_due_at.is_(None))
    tx.execute(update(tickets).where(*mine, *undone).values(replies_due_at=now))


def replies_were_read(tx: Tx, shop: str, ticket_id: str, *, begun_at: datetime) -> None:
    """A read that began then brought the replies: they are not due, unless something said so since, or they are
    claimed.
    """
    mine = (tickets.c.shop == shop, tickets.c.ticket_id == ticket_id, tickets.c.replies_due_at <= begun_at)
    tx.execute(update(tickets).where(*mine).values(replies_due_at=None))


def end_claim(tx: Tx, shop: str, ticket_id: str, until: datetime) -> None:
    """The replies claimed `until` then are not due any more, unless something said so since the claim."""
    mine = (tickets.c.shop == shop, tickets.c.ticket_id == ticket_id, tickets.c.replies_due_at == until)
    tx.execute(update(tickets).where(*mine).values(replies_due_at=None))


def _is_due(shop: str, now: datetime) -> Any:
    return and_(tickets.c.shop == shop, tickets.c.replies_due_at <= now)
