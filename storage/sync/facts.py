"""What the sync page and the figures ask across tables: time taken of shops, the speed of a backfill, what was given up
and whose it is. Reads only, and cheap however long the inbox grows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, literal_column, select, tuple_

from storage.engine import Tx
from storage.schema import accounts, cursors, inbox, orders, parked, shop_time, slices, tickets
from storage.sync.inbox import CHANGE

# Written out, not bound: only so do both planners see that the partial index serves.
_DEAD: ColumnElement[str] = literal_column("'dead'")

Ref = tuple[str, str, str]
"""Shop, kind, id: a thing of a shop."""


class Taken(NamedTuple):
    """What a stream took of a shop: its seconds and requests, since the start of the first hour that has any."""

    shop: str
    stream: str
    seconds: float
    requests: int
    since: datetime


class Parked(NamedTuple):
    """A record that could not be read, without its bytes."""

    kind: str
    ref_id: str
    reason: str
    parked_at: datetime


class Place(NamedTuple):
    """Whose a thing is, and the number that people know it by."""

    customer_id: int
    number: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Which dead deliveries are meant; None means any. Received in [since, until), given up at `given_up_by` at the
    latest.
    """

    ids: Collection[int] | None
    shops: Collection[str] | None
    since: datetime | None
    until: datetime | None
    given_up_by: datetime


class Dead(NamedTuple):
    """A delivery that was given up, and the thing that it is about."""

    id: int
    topic: str
    kind: str
    ref_id: str
    received_at: datetime
    given_up_at: datetime
    attempts: int
    reason: str


class DeadId(NamedTuple):
    """The least that names a dead delivery."""

    id: int
    shop: str
    topic: str


def delivered_at(tx: Tx, shop: str) -> datetime | None:
    """When the last delivery of a shop arrived, by whatever webhook."""
    is_delivery = ~inbox.c.topic.startswith(CHANGE)
    found = select(func.max(inbox.c.received_at)).where(inbox.c.shop == shop, is_delivery)
    latest: datetime | None = tx.execute(found).scalar_one()
    return latest


def time_taken(tx: Tx, *, since: datetime) -> list[Taken]:
    """What the sweeps took of each shop in the hours that began after `since`, by shop and stream."""
    found = (
        select(
            shop_time.c.shop,
            shop_time.c.stream,
            func.sum(shop_time.c.seconds),
            func.sum(shop_time.c.requests),
            func.min(shop_time.c.hour),
        )
        .where(shop_time.c.hour > since)
        .group_by(shop_time.c.shop, shop_time.c.stream)
        .order_by(shop_time.c.shop, shop_time.c.stream)
    )
    return [
        Taken(shop, stream, seconds, int(requests), at) for shop, stream, seconds, requests, at in tx.execute(found)
    ]


def backfill_speed(tx: Tx) -> dict[tuple[str, str], float]:
    """Records a second of each (shop, stream) that is read by slices, over those finished since this run began."""
    found = (
        select(
            cursors.c.shop,
            cursors.c.stream,
            cursors.c.started_at,
            func.sum(slices.c.records),
            func.max(slices.c.finished_at),
        )
        .join(slices, and_(slices.c.shop == cursors.c.shop, slices.c.stream == cursors.c.stream))
        .where(slices.c.finished_at > cursors.c.started_at)
        .group_by(cursors.c.shop, cursors.c.stream, cursors.c.started_at)
    )
    return {
        (shop, stream): int(records) / max((finished_at - started_at).total_seconds(), 1.0)
        for shop, stream, started_at, records, finished_at in tx.execute(found)
        if records
    }


def unreadable(tx: Tx, shop: str, *, limit: int) -> list[Parked]:
    """The records of a shop that were parked last."""
    found = select(parked.c.kind, parked.c.ref_id, parked.c.reason, parked.c.parked_at).where(parked.c.shop == shop)
    latest_first = found.order_by(parked.c.parked_at.desc(), parked.c.kind, parked.c.ref_id)
    return [Parked(*row) for row in tx.execute(latest_first.limit(limit))]


def dead(tx: Tx, shop: str, *, limit: int) -> list[Dead]:
    """The deliveries of a shop that were given up last."""
    found = select(
        inbox.c.id,
        inbox.c.topic,
        inbox.c.kind,
        inbox.c.resource_id,
        inbox.c.received_at,
        inbox.c.finished_at,
        inbox.c.attempts,
        inbox.c.reason,
    ).where(inbox.c.state == _DEAD, inbox.c.shop == shop)
    return [Dead(*row) for row in tx.execute(found.order_by(inbox.c.finished_at.desc(), inbox.c.id).limit(limit))]


def dead_ids(tx: Tx, choice: Choice, *, limit: int) -> list[DeadId]:
    """The deliveries of a choice, those that were given up first leading."""
    found = select(inbox.c.id, inbox.c.shop, inbox.c.topic).where(_is_chosen(choice))
    return [DeadId(*row) for row in tx.execute(found.order_by(inbox.c.finished_at, inbox.c.id).limit(limit))]


def dead_topics(tx: Tx, choice: Choice) -> dict[tuple[str, str], int]:
    """How many deliveries a choice finds, by shop and topic."""
    by = (inbox.c.shop, inbox.c.topic)
    found = select(*by, func.count()).where(_is_chosen(choice)).group_by(*by).order_by(*by)
    return {(row[0], row[1]): row[2] for row in tx.execute(found)}


def places(tx: Tx, refs: Collection[Ref]) -> dict[Ref, Place]:
    """Where those of the things (orders, tickets, customers) are that are known here."""
    found: dict[Ref, Place] = {}
    if ids := _ids(refs, "order"):
        rows = (
            select(orders.c.shop, orders.c.order_id, accounts.c.customer_id, orders.c.number)
            .join(accounts, accounts.c.id == orders.c.account_id)
            .where(tuple_(orders.c.shop, orders.c.order_id).in_(ids))
        )
        found |= {(row[0], "order", row[1]): Place(row[2], row[3]) for row in tx.execute(rows)}
    if ids := _ids(refs, "ticket"):
        rows = (
            select(tickets.c.shop, tickets.c.ticket_id, accounts.c.customer_id)
            .join(accounts, accounts.c.id == tickets.c.account_id)
            .where(tuple_(tickets.c.shop, tickets.c.ticket_id).in_(ids))
        )
        found |= {(row[0], "ticket", row[1]): Place(row[2], row[1]) for row in tx.execute(rows)}
    if ids := _ids(refs, "customer"):
        rows = select(accounts.c.shop, accounts.c.key, accounts.c.customer_id).where(
            accounts.c.kind == "user", tuple_(accounts.c.shop, accounts.c.key).in_(ids)
        )
        found |= {(row[0], "customer", row[1]): Place(row[2], row[1]) for row in tx.execute(rows)}
    return found


def _is_chosen(choice: Choice) -> ColumnElement[bool]:
    conditions = [inbox.c.state == _DEAD, inbox.c.finished_at <= choice.given_up_by]
    if choice.ids is not None:
        conditions.append(inbox.c.id.in_(choice.ids))
    if choice.shops is not None:
        conditions.append(inbox.c.shop.in_(choice.shops))
    if choice.since is not None:
        conditions.append(inbox.c.received_at >= choice.since)
    if choice.until is not None:
        conditions.append(inbox.c.received_at < choice.until)
    return and_(*conditions)


def _ids(refs: Collection[Ref], kind: str) -> list[tuple[str, str]]:
    return sorted({(shop, ref_id) for shop, of_kind, ref_id in refs if of_kind == kind})
