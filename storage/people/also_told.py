"""What shops tell of accounts besides the facts that these hold: phones on their orders, and custom fields by key."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from storage.engine import Tx
from storage.schema import accounts, facts_told, orders

Telling = tuple[tuple[str, str], dict[str, str]]
"""The phones of billing and shipping, and the custom fields that were asked for, as one order or user has them."""


class Told(NamedTuple):
    """What an account's own record and its orders tell, the newest order first; `corrected` is the phone that stands
    in the shop where an agent set something by hand, "" elsewhere.
    """

    tellings: list[Telling]
    corrected: str


def of_accounts(tx: Tx, account_ids: Collection[int], keys: Collection[str]) -> dict[int, Told]:
    """What is told of these accounts, with the custom fields of these keys; accounts of which nothing is are absent."""
    found: dict[int, Told] = {}
    if not account_ids:
        return found
    asked, given = tuple(sorted(keys)), {"ids": list(account_ids)}
    if asked:
        for account_id, *values in tx.execute(_of_users(asked), given):
            found[account_id] = Told([(("", ""), _filled(asked, values))], "")
    for account_id, billing, shipping, corrected, *values in tx.execute(_of_orders_of(asked), given):
        known = found.setdefault(account_id, Told([], ""))
        known.tellings.append(((billing or "", shipping or ""), _filled(asked, values)))
        if corrected and not known.corrected:
            found[account_id] = known._replace(corrected=corrected)
    return found


def of_orders(tx: Tx, shop: str, order_ids: Collection[str], keys: Collection[str]) -> dict[str, Telling]:
    """What each of those orders of a shop tells that are stored."""
    if not order_ids:
        return {}
    asked = tuple(sorted(keys))
    rows = tx.execute(_of_orders(asked), {"shop": shop, "ids": list(order_ids)})
    return {row[0]: ((row[1] or "", row[2] or ""), _filled(asked, row[3:])) for row in rows}


def _filled(keys: tuple[str, ...], values: Collection[str | None]) -> dict[str, str]:
    return {key: value for key, value in zip(keys, values, strict=True) if value}


# Made once for each set of keys: these are asked for pages of a backfill.


@lru_cache(maxsize=64)
def _of_users(keys: tuple[str, ...]) -> Select[Any]:
    meta = [accounts.c.meta[key].as_string() for key in keys]
    hers = accounts.c.id.in_(bindparam("ids", expanding=True))
    return select(accounts.c.id, *meta).where(hers, accounts.c.kind == "user")


@lru_cache(maxsize=64)
def _of_orders_of(keys: tuple[str, ...]) -> Select[Any]:
    """What is told of each account, once however many orders tell it; the newest first."""
    told = [
        orders.c.account_id,
        *_phones(),
        facts_told.c.facts["phone"].as_string(),
        *(orders.c.meta[key].as_string() for key in keys),
    ]
    # Grouped by names: to PostgreSQL an expression that bears a parameter is another one wherever it stands.
    each = (
        select(*(column.label(f"told_{place}") for place, column in enumerate(told)), orders.c.created_at)
        .select_from(orders.outerjoin(facts_told, facts_told.c.account_id == orders.c.account_id))
        .where(orders.c.account_id.in_(bindparam("ids", expanding=True)))
        .subquery()
    )
    columns = list(each.c)[:-1]
    newest = func.max(each.c.created_at).desc().nulls_last()
    return select(*columns).group_by(*columns).order_by(newest, *columns)


@lru_cache(maxsize=64)
def _of_orders(keys: tuple[str, ...]) -> Select[Any]:
    meta = [orders.c.meta[key].as_string() for key in keys]
    named = orders.c.order_id.in_(bindparam("ids", expanding=True))
    return select(orders.c.order_id, *_phones(), *meta).where(orders.c.shop == bindparam("shop"), named)


def _phones() -> tuple[ColumnElement[str], ColumnElement[str]]:
    return orders.c.billing["phone"].as_string(), orders.c.shipping["phone"].as_string()
