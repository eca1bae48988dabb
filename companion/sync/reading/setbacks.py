"""Notices early that a shop was restored from a backup, which no date tells: all of them lie in the past again.

The first sign is an order whose date went backwards, past all caches. Several a day are believed; of fewer, the newest
order is asked for: where the shop does not know it any more, its ids have fallen back. Then everything is compared now
instead of with the next turn, and a person is told.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from companion.domain.comparison import are_many
from storage import orders
from storage.engine import Store, Tx
from storage.sync import alerts, corrections, due

log = logging.getLogger(__name__)

SEVERAL = 5

_KIND = "setback"
_SUBJECT = "order"
_TOLD_FOR = timedelta(days=1)


def notice(tx: Tx, shop: str, order_id: str, *, now: datetime) -> None:
    """The date of this order went backwards, and was believed."""
    corrections.count(tx, shop, _KIND, order_id, now=now)
    found = corrections.things(tx, shop, _KIND, now=now)
    if found >= SEVERAL:
        _tell(tx, shop, found, now=now, newest_is_gone=False)


def unproven(store: Store, shop: str, order_id: str) -> str | None:
    """The order to ask for, now that the date of `order_id` went backwards; None where it is known what that means."""
    with store.read() as tx:
        if any(alert.kind == "restored_backup" for alert in alerts.standing(tx, shop)):
            return None
        return orders.newest(tx, shop, but=order_id)


def prove(store: Store, shop: str, newest: str, *, now: datetime) -> None:
    """The newest order was asked for."""
    with store.write(durable=False) as tx:
        state = orders.states(tx, shop, [newest]).get(newest)
        if state is not None and state.gone_at is not None:
            _tell(tx, shop, corrections.things(tx, shop, _KIND, now=now), now=now, newest_is_gone=True)


def compared(tx: Tx, shop: str, noun: str, *, went_back: int, of_all: int, now: datetime) -> None:
    """Every record of this noun was compared, and the dates of `went_back` had gone backwards. What was told stands for
    a day at least, though comparing mends it within minutes: a person should know.
    """
    standing = [one for one in alerts.standing(tx, shop) if one.kind == "restored_backup" and one.subject == noun]
    if are_many(went_back, of_all):
        alerts.raise_(tx, shop, "restored_backup", noun, {"records": went_back, "newest_is_gone": False}, now)
    elif not went_back and any(now - one.last_at >= _TOLD_FOR for one in standing):
        alerts.over(tx, shop, "restored_backup", noun, now)


def _tell(tx: Tx, shop: str, records: int, *, now: datetime, newest_is_gone: bool) -> None:
    facts = {"records": records, "newest_is_gone": newest_is_gone}
    if alerts.raise_(tx, shop, "restored_backup", _SUBJECT, facts, now):
        log.warning("was the shop restored from a backup? everything is compared", extra={"shop": shop, **facts})
        due.rounds(tx, shop, ("reconcile",))
