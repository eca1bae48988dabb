"""Sets aside the records of a page that cannot be understood, and releases those that can be again.

Only the funnel calls it, inside its own transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from companion.sync.records.items import Item
from storage.engine import Tx
from storage.sync import parked


def park(tx: Tx, shop: str, kind: str, items: Sequence[Item[Any]], *, now: datetime) -> None:
    """Keeps what cannot be understood with its reason; what was understood this time is parked no more."""
    for item in items:
        if item.unreadable:
            parked.put(
                tx,
                shop=shop,
                kind=kind,
                ref_id=item.id,
                raw_hash=item.raw_hash,
                raw=item.raw,
                reason=item.unreadable,
                now=now,
            )
    readable = [item.id for item in items if item.record is not None]
    if readable:
        parked.release(tx, shop, kind, readable)
