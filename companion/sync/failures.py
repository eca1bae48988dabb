"""Keeps why the last look at a shop came to nothing, until one goes well: pages and gauges show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from connectors.errors import ConnectorError
from storage import cursors
from storage.engine import Store


@contextmanager
def kept(store: Store, shop_key: str, *, clock: Callable[[], datetime]) -> Iterator[None]:
    """A ConnectorError that leaves the block is kept beside the shop's orders. A poll that goes well forgets it."""
    try:
        yield
    except ConnectorError as error:
        with store.write(durable=False) as tx:
            cursors.put(tx, shop_key, "orders", failed_at=clock(), failure=str(error))
        raise
