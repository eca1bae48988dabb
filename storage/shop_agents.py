"""The people who work in a shop, as WordPress tells an administrator: names for those who answer tickets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Integer, Text, bindparam, literal_column, select, union_all, update

from storage.engine import Tx
from storage.schema import accounts, shop_agents
from storage.upsert import insert

_WRITTEN = ("username", "name", "email", "roles", "read_seq", "gone_at")


def replace(tx: Tx, shop: str, rows: Sequence[Mapping[str, Any]], *, read_seq: int, now: datetime) -> None:
    """Writes everybody whom a read of the whole list found; who was not in it works there no more, and keeps a name."""
    if rows:
        statement = insert(tx, shop_agents)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["shop", "user_id"],
                set_={name: statement.excluded[name] for name in _WRITTEN},
                where=shop_agents.c.read_seq <= read_seq,
            ),
            list(rows),
        )
    others = (shop_agents.c.shop == shop, shop_agents.c.read_seq < read_seq, shop_agents.c.gone_at.is_(None))
    tx.execute(update(shop_agents).where(*others).values(gone_at=now, read_seq=read_seq))


def names(tx: Tx, shop: str, user_ids: Collection[str]) -> dict[str, str]:
    """What to call these WordPress users, by user id: as the list of those who work there has it, else by their
    account. Those of whom no name is known are absent.
    """
    wanted = sorted({user_id for user_id in user_ids if user_id})
    if not wanted:
        return {}
    found: dict[str, str] = {}
    for _, user_id, name, username in sorted(map(tuple, tx.execute(_names(), {"shop": shop, "users": wanted}))):
        if called := name.strip() or username:
            found[user_id] = called  # the list comes after the accounts
    return found


@lru_cache(maxsize=1)
def _names() -> CompoundSelect[Any]:
    """Which of the two it is, the user, her name and her user name."""
    shop, users = bindparam("shop", type_=Text), bindparam("users", type_=Text, expanding=True)
    by_account = select(
        literal_column("0", Integer).label("place"),
        accounts.c.key,
        accounts.c.first_name + " " + accounts.c.last_name,
        accounts.c.username,
    ).where(accounts.c.shop == shop, accounts.c.kind == "user", accounts.c.key.in_(users))
    by_list = select(
        literal_column("1", Integer).label("place"), shop_agents.c.user_id, shop_agents.c.name, shop_agents.c.username
    ).where(shop_agents.c.shop == shop, shop_agents.c.user_id.in_(users))
    return union_all(by_account, by_list)
