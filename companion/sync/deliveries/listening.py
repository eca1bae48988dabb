"""Whether our webhooks tell what happens: changes that a read found and that no delivery announced.

WooCommerce's queue is run by WP-Cron. Where that sleeps a webhook is active, never fails, and says nothing; only the
polls show it. An order that changed ten minutes ago and was not told of since counts as missed, of the topic that
should have told it; a delivery of the topic forgives all that it missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from companion.domain.subscription import ACTIVE, ORDER_TOPICS, told_by
from storage.engine import Tx
from storage.sync import alerts, cursors, subscriptions
from storage.sync.subscriptions import Subscription

LATE = timedelta(minutes=10)
"""A queue that is awake runs about once a minute."""
SEVERAL = 3

_STREAM = "webhooks"
"""Its cursor's watermark: until when changes were judged, by the shop's clock; started_at: when that was, by ours."""
_MOST = 200  # orders judged at one look; after a bulk edit these tell enough


def listen(tx: Tx, shop: str, *, now: datetime, away_after: timedelta) -> None:
    """Judges what changed since the last time, and raises or ends the alert of silent webhooks. Where nobody listened
    for `away_after`, what happened meanwhile proves nothing.
    """
    orders, mine = cursors.get(tx, shop, "orders"), cursors.get(tx, shop, _STREAM)
    if orders is None or orders.watermark is None or orders.started_at is None:
        return
    # Far too small where the watermark was set back: judging later is well.
    ahead = orders.watermark - orders.started_at
    until = now + ahead - LATE
    heard_until = mine.started_at if mine else None
    was_away = heard_until is None or now - heard_until > away_after
    after = until if mine is None or mine.watermark is None or was_away else min(mine.watermark, until)
    ours = subscriptions.of_shop(tx, shop)
    missed = _missed(tx, shop, ours, after=after, until=until, ahead=ahead)
    counts: dict[str, int] = {}
    for topic, one in ours.items():
        is_heard = one.delivered_at is not None and (heard_until is None or one.delivered_at >= heard_until)
        counts[topic] = 0 if is_heard else one.missed + len(missed.get(topic, ()))
        if counts[topic] != one.missed:
            subscriptions.change(tx, shop, topic, missed=counts[topic])
    cursors.put(tx, shop, _STREAM, watermark=until, started_at=now)
    _tell(tx, shop, ours, counts, missed, now=now)


def _missed(
    tx: Tx, shop: str, ours: Mapping[str, Subscription], *, after: datetime, until: datetime, ahead: timedelta
) -> dict[str, list[datetime]]:
    """When the changes happened, by our clock, that each topic should have told by now and did not."""
    missed: dict[str, list[datetime]] = {}
    for order in subscriptions.changed_orders(tx, shop, ORDER_TOPICS, after=after, until=until, limit=_MOST):
        at = order.modified_at - ahead
        one = ours.get(told_by(order.status, order.created_at, order.modified_at))
        # Neither clock is exact: what happened shortly after a repair is not held against the webhook, and a delivery
        # shortly before the change is taken for the one about it.
        if one is None or one.status != ACTIVE or (one.repaired_at is not None and at < one.repaired_at + LATE):
            continue
        if order.told_at is None or order.told_at < at - LATE:
            missed.setdefault(one.topic, []).append(at)
    return missed


def _tell(
    tx: Tx,
    shop: str,
    ours: Mapping[str, Subscription],
    counts: Mapping[str, int],
    missed: Mapping[str, list[datetime]],
    *,
    now: datetime,
) -> None:
    silent = sorted(topic for topic, count in counts.items() if count >= SEVERAL and ours[topic].status == ACTIVE)
    if not silent:
        alerts.over(tx, shop, "webhooks_silent", "", now)
    elif missed:
        heard_at = max((one.delivered_at for one in ours.values() if one.delivered_at), default=None)
        is_all = heard_at is None or heard_at < min(at for found in missed.values() for at in found)
        facts = {
            "topics": silent,
            "missed": sum(counts[topic] for topic in silent),
            "cause": "wp_cron" if is_all else "unknown",
            "last_delivery_at": heard_at.isoformat() if heard_at else None,
        }
        alerts.raise_(tx, shop, "webhooks_silent", "", facts, now)
