"""What the sync page and the figures ask across tables: webhooks with their last delivery, time taken of shops, the
speed of a backfill, and whose the things are that failed. Reads only, each by an index, however long the inbox grows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, select, tuple_

from storage.engine import Tx
from storage.schema import accounts, cursors, inbox, orders, parked, shop_time, slices, subscriptions, tickets

Ref = tuple[str, str, str]
"""Shop, kind, id: a thing of a shop."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook of ours as last seen in its shop, `delivered_at` the last thing that came by it, and `delivered` how
    many came since the instant that was asked for.
    """

    shop: str
    topic: str
    status: str
    is_fragile: bool
    missed: int
    checked_at: datetime
    repaired_at: datetime | None
    delivered_at: datetime | None
    delivered: int


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


def webhooks(tx: Tx, *, since: datetime) -> list[Webhook]:
    """Every webhook of ours, by shop and topic."""
    of_topic = and_(inbox.c.shop == subscriptions.c.shop, inbox.c.topic == subscriptions.c.topic)
    latest = select(func.max(inbox.c.received_at)).where(of_topic).scalar_subquery()
    lately = select(func.count()).where(of_topic, inbox.c.received_at >= since).scalar_subquery()
    found = select(
        subscriptions.c.shop,
        subscriptions.c.topic,
        subscriptions.c.status,
        subscriptions.c.is_fragile,
        subscriptions.c.missed,
        subscriptions.c.checked_at,
        subscriptions.c.repaired_at,
        latest,
        lately,
    )
    return [Webhook(*row) for row in tx.execute(found.order_by(subscriptions.c.shop, subscriptions.c.topic))]


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


def _ids(refs: Collection[Ref], kind: str) -> list[tuple[str, str]]:
    return sorted({(shop, ref_id) for shop, of_kind, ref_id in refs if of_kind == kind})
