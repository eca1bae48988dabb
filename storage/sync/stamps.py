"""Ids and dates of everything stored of a shop, to be compared with what the shop lists; and what was missed there.

Two nouns share it: orders, and the accounts of registered users.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select, bindparam, literal, select, update

from storage.engine import Tx
from storage.schema import accounts, orders

Noun = Literal["order", "customer"]


class StampRow(NamedTuple):
    """What is stored of one thing; `status` is "" for users; `missing_since` is when a sweep first did not see it;
    `read_seq` is the number of its last read.
    """

    modified_at: datetime | None
    status: str
    is_gone: bool
    missing_since: datetime | None
    read_seq: int


def every(tx: Tx, shop: str, noun: Noun) -> dict[str, StampRow]:
    """Everything stored of the shop, by id there. A registered user who is known from orders only is left out: her own
    record was never read, so there is nothing to compare.
    """
    rows = tx.execution_options(yield_per=5_000).execute(_stored(shop, noun))
    return {row[0]: _stamp(row) for row in rows}


def of(tx: Tx, shop: str, noun: Noun, ids: Collection[str]) -> dict[str, StampRow]:
    """The same, of those among `ids`."""
    key = orders.c.order_id if noun == "order" else accounts.c.key
    return {row[0]: _stamp(row) for row in tx.execute(_stored(shop, noun).where(key.in_(ids)))}


def set_missing(tx: Tx, shop: str, noun: Noun, ids: Iterable[str], since: datetime | None) -> None:
    """Notes since when these are missing from the shop's list, or that they are there again (None)."""
    rows = [{"in_shop": shop, "by_id": thing} for thing in ids]
    if not rows:
        return
    if noun == "order":
        mine = (orders.c.shop == bindparam("in_shop"), orders.c.order_id == bindparam("by_id"))
        tx.execute(update(orders).where(*mine).values(missing_since=since), rows)
    else:
        hers = (
            accounts.c.shop == bindparam("in_shop"),
            accounts.c.kind == "user",
            accounts.c.key == bindparam("by_id"),
        )
        tx.execute(update(accounts).where(*hers).values(missing_since=since), rows)


def _stored(shop: str, noun: Noun) -> Select[Any]:
    if noun == "order":
        return select(
            orders.c.order_id,
            orders.c.modified_at,
            orders.c.status,
            orders.c.gone_at,
            orders.c.missing_since,
            orders.c.read_seq,
        ).where(orders.c.shop == shop)
    return select(
        accounts.c.key,
        accounts.c.modified_at,
        literal(""),
        accounts.c.gone_at,
        accounts.c.missing_since,
        accounts.c.read_seq,
    ).where(accounts.c.shop == shop, accounts.c.kind == "user", accounts.c.content_hash.is_not(None))


def _stamp(row: Sequence[Any]) -> StampRow:
    return StampRow(row[1], row[2], row[3] is not None, row[4], row[5])
