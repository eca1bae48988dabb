"""Somebody opens a customer: what may have changed in the shop without a trace is read there at once.

Order notes move no date, so a customer's newest orders are asked for them whenever she is looked at, but not for every
glance. Nothing is read here; the engine finds what was marked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from storage.engine import Store, Tx
from storage.errors import TryAgain
from storage.sync import care
from storage.sync.care import OrderKey

log = logging.getLogger(__name__)

_FRESH = timedelta(minutes=5)


def stale_orders(tx: Tx, account_ids: Iterable[int], *, now: datetime) -> list[OrderKey]:
    """Of the newest orders of these accounts, those whose notes were not read lately."""
    return care.unread(tx, list(account_ids), before=now - _FRESH)


def mark(store: Store, keys: Sequence[OrderKey], *, now: datetime) -> None:
    """Has these orders read. Nobody's page waits for long, or fails, where the store is busy: her next reader marks
    them.
    """
    if not keys:
        return
    try:
        with store.write(durable=False) as tx:
            care.opened(tx, keys, now=now)
    except TryAgain as error:
        log.info("opened orders could not be marked", extra={"orders": len(keys), "reason": str(error)})
