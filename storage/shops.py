"""The shops: what each last told of itself, whether writing to it is paused, and the number of its secrets. Neither
secrets nor credentials are here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select, text, update

from storage.engine import Tx
from storage.schema import shops
from storage.upsert import insert

_APPLYING = 0x61707079  # names our advisory locks on PostgreSQL


@dataclass(frozen=True, slots=True)
class ShopRow:
    """One shop. `facts` is what it last told of itself, empty until then."""

    shop: str
    facts: Mapping[str, Any]
    facts_at: datetime | None
    is_paused: bool


class Generation(NamedTuple):
    """Which of a shop's secrets are in force: their number, and since when (None: since ever)."""

    number: int
    since: datetime | None


def ensure(tx: Tx, keys: Iterable[str]) -> None:
    """Make sure that each of these shops has its row; what is there stays as it is."""
    rows = [{"shop": key} for key in sorted(set(keys))]
    if rows:
        tx.execute(insert(tx, shops).on_conflict_do_nothing(), rows)


def get(tx: Tx, shop: str) -> ShopRow | None:
    """The shop's row, or None if it was never ensured."""
    row = tx.execute(select(shops).where(shops.c.shop == shop)).one_or_none()
    return None if row is None else _row(row)


def every(tx: Tx) -> list[ShopRow]:
    """All shops, by key; also those that have left the configuration."""
    return [_row(row) for row in tx.execute(select(shops).order_by(shops.c.shop))]


def paused(tx: Tx) -> set[str]:
    """The shops that nothing is written to."""
    return set(tx.execute(_PAUSED).scalars())


_PAUSED = select(shops.c.shop).where(shops.c.is_paused)


def set_facts(tx: Tx, shop: str, facts: Mapping[str, Any], *, now: datetime) -> None:
    """Keep what the shop told of itself just now."""
    ensure(tx, [shop])
    tx.execute(update(shops).where(shops.c.shop == shop).values(facts=dict(facts), facts_at=now))


def pause(tx: Tx, shop: str) -> None:
    """Stop all writes to the shop until it is resumed; reading goes on."""
    ensure(tx, [shop])
    tx.execute(update(shops).where(shops.c.shop == shop).values(is_paused=True))


def resume(tx: Tx, shop: str) -> None:
    """Allow writes to the shop again."""
    tx.execute(update(shops).where(shops.c.shop == shop).values(is_paused=False))


def generation(tx: Tx, shop: str) -> Generation:
    """Which of the shop's secrets are in force; the first ones of a shop that was never ensured."""
    found = tx.execute(select(shops.c.secret_generation, shops.c.rotated_at).where(shops.c.shop == shop)).one_or_none()
    return Generation(1, None) if found is None else Generation(*found)


def rotate(tx: Tx, shop: str, *, now: datetime) -> int:
    """Put the next secrets in force; returns their number."""
    ensure(tx, [shop])
    raised = (
        update(shops)
        .where(shops.c.shop == shop)
        .values(secret_generation=shops.c.secret_generation + 1, rotated_at=now)
    )
    return int(tx.execute(raised.returning(shops.c.secret_generation)).scalar_one())


def apply_alone(tx: Tx, shop: str) -> None:
    """Let no other transaction apply records of this shop until this one ends. On SQLite every writer is alone anyway;
    on PostgreSQL two workers that meet a new person at once would else both make her, and block each other's orders.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:room, hashtext(:shop))"), {"room": _APPLYING, "shop": shop})


def is_paused(tx: Tx, shop: str) -> bool:
    """True while nothing may be written to the shop."""
    return bool(tx.execute(select(shops.c.is_paused).where(shops.c.shop == shop)).scalar())


def _row(row: Row[Any]) -> ShopRow:
    return ShopRow(shop=row.shop, facts=row.facts, facts_at=row.facts_at, is_paused=row.is_paused)
