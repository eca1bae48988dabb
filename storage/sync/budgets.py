"""How much of each shop's time may be taken now: one bucket of seconds a shop, the same for every process."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update

from storage.engine import Tx
from storage.schema import budgets
from storage.upsert import insert


class Bucket(NamedTuple):
    """So many seconds were left in it `at` that instant; less than none where a step took more than there was."""

    level: float
    at: datetime


def get(tx: Tx, shop: str) -> Bucket | None:
    """The shop's bucket; None where nothing was ever taken out of it."""
    row = tx.execute(select(budgets.c.level, budgets.c.at).where(budgets.c.shop == shop)).one_or_none()
    return None if row is None else Bucket(*row)


def taken(tx: Tx, shop: str, *, full: Bucket) -> Bucket:
    """The shop's bucket, `full` if it is a new one. No other process takes out of it before the transaction ends."""
    tx.execute(insert(tx, budgets).values(shop=shop, level=full.level, at=full.at).on_conflict_do_nothing())
    mine = select(budgets.c.level, budgets.c.at).where(budgets.c.shop == shop)
    return Bucket(*tx.execute(mine.with_for_update()).one())


def put(tx: Tx, shop: str, bucket: Bucket) -> None:
    """Keep what is left in a bucket that was `taken`."""
    tx.execute(update(budgets).where(budgets.c.shop == shop).values(level=bucket.level, at=bucket.at))
