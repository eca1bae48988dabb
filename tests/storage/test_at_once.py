"""An answer read as one row is the answer read row by row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, func, null, select, union_all

from storage.at_once import rows_at_once
from storage.engine import Store
from storage.people import accounts
from storage.schema import accounts as table

SEEN = datetime(2025, 11, 21, 8, 30, 0, 123456, tzinfo=UTC)
NAMES = ("مریم", 'a "quoted" \\ name', "", "\u200cnim\nfasele")

_NEWEST = select(table.c.id, table.c.first_name, table.c.billing, table.c.facts_at, table.c.shop != "main").order_by(
    table.c.id.desc()
)
_FEW = _NEWEST.where(table.c.id > bindparam("after")).limit(bindparam("most"))
_TWO_LISTS = union_all(
    select(table.c.shop, func.count(), func.max(table.c.facts_at)).group_by(table.c.shop),
    select(table.c.first_name, null(), table.c.facts_at),
)


def read(store: Store, question: Select[Any] | CompoundSelect[Any], **given: object) -> None:
    """Both ways give the same, and something."""
    with store.read() as tx:
        expected = [list(row) for row in tx.execute(question, given)]
        assert [list(row) for row in rows_at_once(tx, question, given)] == expected
        assert expected


def test_rows_come_in_their_order_with_values_of_their_types(store: Store) -> None:
    with store.write() as tx:
        accounts.create(
            tx,
            [
                {
                    **dict.fromkeys(("username", "last_name", "company", "email", "phone", "role", "reference"), ""),
                    "shop": "main",
                    "kind": "guest",
                    "key": f"{number}",
                    "first_name": name,
                    "billing": {"city": name, "postcode": "1998913131"},
                    "shipping": {},
                    "meta": {},
                    "facts_at": SEEN if number else None,
                }
                for number, name in enumerate(NAMES)
            ],
            now=SEEN,
        )
    read(store, _NEWEST)
    read(store, _FEW, after=1, most=2)
    with store.read() as tx:
        assert list(rows_at_once(tx, _FEW, {"after": 10**9, "most": 2})) == []
        both = sorted(repr(list(row)) for row in rows_at_once(tx, _TWO_LISTS, {}))
        assert both == sorted(repr(list(row)) for row in tx.execute(_TWO_LISTS))
