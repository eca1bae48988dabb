"""Our webhooks in the shops as they were last seen there, and what they told: the evidence of whether they are alive.

Nothing here asks a shop, or judges.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypedDict, Unpack

from sqlalchemy import Select, and_, delete, func, select, update

from storage.engine import Tx
from storage.schema import inbox, orders, subscriptions
from storage.upsert import insert


@dataclass(frozen=True, slots=True)
class Subscription:
    """One webhook of ours.

    `status` is what the shop said (active, paused, disabled); `generation` the number of the secret that it was given;
    `is_fragile`: one more failure disables it again; `missed` counts changes that a read
    found and no delivery told, since the last delivery; `repaired_at` is when it was made or last mended;
    `delivered_at` when its last delivery arrived.
    """

    shop: str
    topic: str
    webhook_id: str
    status: str
    generation: int
    is_fragile: bool
    missed: int
    checked_at: datetime
    repaired_at: datetime | None
    delivered_at: datetime | None


class Change(TypedDict, total=False):
    """What may change of a subscription without a word from the shop."""

    generation: int
    is_fragile: bool
    missed: int
    repaired_at: datetime | None


class Seen(Change):
    """What was seen of a subscription in its shop."""

    webhook_id: str
    status: str
    checked_at: datetime


class ChangedOrder(NamedTuple):
    """An order that changed: its state, its dates by the shop's clock, and when it was last told of, by ours."""

    order_id: str
    status: str
    created_at: datetime | None
    modified_at: datetime
    told_at: datetime | None


def of_shop(tx: Tx, shop: str) -> dict[str, Subscription]:
    """The shop's, by topic."""
    rows = tx.execute(_found().where(subscriptions.c.shop == shop))
    return {row.topic: Subscription(*row) for row in rows}


def every(tx: Tx) -> list[Subscription]:
    """All of them, by shop and topic; also those of shops that have left the configuration."""
    return [Subscription(*row) for row in tx.execute(_found())]


def put(tx: Tx, shop: str, topic: str, **seen: Unpack[Seen]) -> None:
    """Keep what was seen of a subscription; what is not named stays as it was."""
    statement = insert(tx, subscriptions).values(shop=shop, topic=topic, **seen)
    key = [subscriptions.c.shop, subscriptions.c.topic]
    tx.execute(statement.on_conflict_do_update(index_elements=key, set_=dict(seen)))


def change(tx: Tx, shop: str, topic: str, **named: Unpack[Change]) -> None:
    """Change the named parts of a subscription that is known."""
    ours = and_(subscriptions.c.shop == shop, subscriptions.c.topic == topic)
    tx.execute(update(subscriptions).where(ours).values(**named))


def forget(tx: Tx, shop: str, *, but: Collection[str] = ()) -> int:
    """Forget the shop's, except those of the topics `but`; returns how many."""
    ours = and_(subscriptions.c.shop == shop, subscriptions.c.topic.not_in(but))
    return tx.execute(delete(subscriptions).where(ours)).rowcount


def changed_orders(
    tx: Tx, shop: str, topics: Collection[str], *, after: datetime, until: datetime, limit: int
) -> list[ChangedOrder]:
    """The orders last changed in (`after`, `until`] by the shop's clock, with the last delivery about each among those
    of the `topics`; the oldest changes first.
    """
    window = and_(orders.c.shop == shop, orders.c.modified_at > after, orders.c.modified_at <= until)
    found = (
        select(orders.c.order_id, orders.c.status, orders.c.created_at, orders.c.modified_at)
        .where(window, orders.c.gone_at.is_(None))
        .order_by(orders.c.modified_at, orders.c.order_id)
        .limit(limit)
    )
    rows = tx.execute(found).all()
    if not rows:
        return []
    about = select(inbox.c.resource_id, func.max(inbox.c.received_at)).where(
        inbox.c.shop == shop, inbox.c.topic.in_(topics), inbox.c.resource_id.in_([row.order_id for row in rows])
    )
    told = {row[0]: row[1] for row in tx.execute(about.group_by(inbox.c.resource_id))}
    return [ChangedOrder(*row, told.get(row.order_id)) for row in rows]


def _found() -> Select[Any]:
    # One look into the index for each, however many deliveries there were.
    latest = (
        select(func.max(inbox.c.received_at))
        .where(inbox.c.shop == subscriptions.c.shop, inbox.c.topic == subscriptions.c.topic)
        .scalar_subquery()
    )
    ours = subscriptions.c
    return select(
        ours.shop,
        ours.topic,
        ours.webhook_id,
        ours.status,
        ours.generation,
        ours.is_fragile,
        ours.missed,
        ours.checked_at,
        ours.repaired_at,
        latest,
    ).order_by(ours.shop, ours.topic)
