"""Keeps why the last look at a shop came to nothing, until one goes well: pages and gauges show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from connectors.errors import ConnectorError
from storage.engine import Store, Tx
from storage.sync import alerts, cursors


class TooManyGone(Exception):
    """So much is missing from the shop's list that it is not believed; `--force` says that it is right."""

    def __init__(self, shop_key: str, noun: str, *, absent: int, stored: int) -> None:
        super().__init__(
            f"{absent:,} of the {stored:,} records of kind {noun} are missing from what {shop_key} lists. "
            "Nothing was marked as deleted. If they were deleted, run: companion reconcile --force"
        )
        self.shop_key = shop_key
        self.noun = noun
        self.absent = absent
        self.stored = stored

    def alert(self, tx: Tx, now: datetime) -> None:
        """Tells a person, until a list of this noun is believed again."""
        facts = {"absent": self.absent, "stored": self.stored}
        alerts.raise_(tx, self.shop_key, "too_many_gone", self.noun, facts, now)


class NotThere(Exception):
    """What a chore looks for does not exist in this shop, which is no failure; `again_in` is when to ask again."""

    def __init__(self, message: str, *, again_in: timedelta) -> None:
        super().__init__(message)
        self.again_in = again_in


@contextmanager
def kept(store: Store, shop_key: str, *, clock: Callable[[], datetime], stream: str = "orders") -> Iterator[None]:
    """A ConnectorError that leaves the block is kept beside the shop's stream. A look that goes well forgets it."""
    try:
        yield
    except ConnectorError as error:
        with store.write(durable=False) as tx:
            cursors.put(tx, shop_key, stream, failed_at=clock(), failure=str(error))
        raise
