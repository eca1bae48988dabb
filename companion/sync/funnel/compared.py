"""What was read beside what is stored: is it known, newer, another? Decides nothing and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from companion.domain.decide import Stored
from companion.sync.records import rows
from companion.sync.records.items import Item, RecordT
from connectors.base import Customer, Order
from storage import orders
from storage.engine import Tx
from storage.orders import OrderState
from storage.people import accounts


class Standing(Protocol):
    """What stands here of a record."""

    @property
    def raw_hash(self) -> bytes | None:
        """Of the bytes that it was last read in."""

    @property
    def gone_at(self) -> datetime | None:
        """Since when the shop does not have it."""


def opened(
    items: Sequence[Item[RecordT]],
    states: Mapping[str, Standing],
    parse: Callable[[bytes], RecordT],
    content_hash: Callable[[RecordT], bytes],
) -> list[Item[RecordT]]:
    """Those of the items whose bytes are not what is stored, with their records."""
    new = [item for item in items if not is_known(item, states.get(item.id))]
    for item in new:
        item.open(parse, content_hash)
    return new


def is_known(item: Item[Any], state: Standing | None) -> bool:
    """Whether its bytes are those that stand here; one that is gone here is not."""
    return state is not None and state.raw_hash == item.raw_hash and state.gone_at is None


def stored(state: OrderState | accounts.AccountState | None) -> Stored | None:
    """What deciding needs of it."""
    return Stored(state.read_seq, state.content_hash, state.modified_at, state.gone_at is not None) if state else None


def is_later(record: Order | Customer, state: OrderState | accounts.AccountState) -> bool:
    """Whether the shop changed it since."""
    return record.modified_at is not None and state.modified_at is not None and record.modified_at > state.modified_at


def is_earlier(item: Item[Order], states: dict[str, OrderState]) -> bool:
    """Whether its date went backwards."""
    now = item.record.modified_at if item.record else None
    before = states[item.id].modified_at if item.id in states else None
    return now is not None and before is not None and now < before


def differs(item: Item[Order], states: dict[str, OrderState]) -> bool:
    """Whether another summary stands on it than was last seen."""
    return item.record is not None and item.record.summary != states[item.id].summary


def observation(shop: str, item: Item[Order], state: OrderState, number: int, now: datetime) -> rows.Row:
    """What may be another thing on an order that means the same as before."""
    order = item.record
    assert order is not None  # noqa: S101 - observed items have been opened
    return {
        "shop": shop,
        "order_id": item.id,
        "read_seq": number,
        "raw_hash": item.raw_hash,
        "modified_at": order.modified_at,
        "summary": order.summary,
        "notes_due_at": now if is_later(order, state) else None,
    }


def user_observation(account_id: int, item: Item[Customer], number: int) -> rows.Row:
    """Only her date moved (WooCommerce keeps more of a user than we do); ours must follow, or every sweep would ask."""
    assert item.record is not None  # noqa: S101 - observed items have been opened
    return {
        "id": account_id,
        "read_seq": number,
        "raw_hash": item.raw_hash,
        "modified_at": item.record.modified_at,
    }


def refunds_due(tx: Tx, shop: str, opened: Sequence[Item[Order]]) -> list[str]:
    """Orders whose own list of refund ids differs from the refunds that stand here."""
    if not opened:
        return []
    standing = orders.refund_ids(tx, shop, [item.id for item in opened])
    return [item.id for item in opened if item.record and set(item.record.refund_ids) != standing.get(item.id, set())]
