"""Lists of everybody: how the database finds them. Who is on them is told in `tests/services/test_groups.py`."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event

from companion.domain.money import FALLEN_STATUSES
from companion.domain.searchable import STAFF_ROLES
from storage.engine import Store
from storage.scope import EVERYTHING, Scope
from storage.segments import members
from storage.segments.members import Wanted
from tests.storage.people import add_order, add_person, ago

ASKED = {
    "everybody": {},
    "by orders": {"orders": 3},
    "by money": {"total": 1, "currency": "IRT"},
    "by date": {"ordered_since": ago(days=90)},
    "by quiet": {"quiet_since": ago(days=60)},
    "by kind": {"segments": ["gold"]},
}
ONE_SHOP = Scope(agent_id=1, shops=frozenset({"main"}))


@pytest.mark.parametrize("scope", [EVERYTHING, ONE_SHOP], ids=["all shops", "one shop"])
@pytest.mark.parametrize("conditions", ASKED.values(), ids=ASKED)
def test_what_everybody_bought_is_added_up_without_a_look_at_the_orders(
    sqlite_store: Store, conditions: dict[str, Any], scope: Scope
) -> None:
    """An order is a kilobyte or two, and there are hundreds of thousands: the index holds all that is asked."""
    with sqlite_store.write() as tx:
        for number in range(40):
            person = add_person(tx, str(number), shop="main" if number % 4 else "custom")
            for each in range(3):
                add_order(tx, person.account_id, f"{number}-{each}", created_at=ago(days=number * 9 + each))
        tx.exec_driver_sql("ANALYZE")
    statements: list[tuple[str, Any]] = []
    with sqlite_store.read() as tx:
        event.listen(tx, "before_cursor_execute", lambda *call: statements.append((call[2], call[3])))
        members.page(tx, Wanted(fallen=FALLEN_STATUSES, staff=STAFF_ROLES, **conditions), scope, limit=50)
        plan = [str(row[3]) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[0][0]}", statements[0][1])]
    on_orders = [step for step in plan if re.match(r"(SEARCH|SCAN) orders\b", step)]
    assert on_orders
    assert [step for step in on_orders if "COVERING INDEX ix_orders_purchases" not in step] == []
