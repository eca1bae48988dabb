"""Everything known about a customer, for herself: the law gives her a copy. As JSON, and as a page to read or print.

What the viewer may not see is not in it: other shops, others' internal notes, money. Who asked is written down.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from companion.domain.money import SCALE
from companion.domain.permissions import Permission, Viewer
from companion.services import profile
from companion.services.errors import NotFound
from companion.services.scopes import require, scope_of
from storage import activity
from storage.engine import Store
from storage.people import customers
from storage.privacy import dossier

Row = dict[str, Any]

_MONEY = ("total", "amount")


@dataclass(frozen=True)
class Dossier:
    """All there is, row by row, oldest first. `is_whole` is false where something lies outside what the viewer sees.

    Rows are as they are stored, text as it came; money is an integer of 1/10,000 and absent for whom may not see it.
    """

    customer_id: int
    name: str
    made_at: datetime
    made_by: str
    is_whole: bool
    accounts: Sequence[Row]
    by_hand: Sequence[Row]
    told_by_shops: Sequence[Row]
    dates: Sequence[Row]
    identifiers: Sequence[Row]
    links: Sequence[Row]
    segment: Sequence[Row]
    segment_choices: Sequence[Row]
    orders: Sequence[Row]
    tickets: Sequence[Row]
    notes: Sequence[Row]
    activity: Sequence[Row]


class Dossiers:
    """Gathers them."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def of(self, viewer: Viewer, customer_id: int) -> Dossier:
        """Hers, and the fact that it was asked for is recorded. Raises Forbidden, NotFound."""
        require(viewer, Permission.EXPORT)
        scope, now = scope_of(viewer), self._clock()
        with self._store.read() as tx:
            resolved = customers.resolve(tx, customer_id)
            known = customers.accounts_of(tx, [resolved], scope).get(resolved) if resolved is not None else None
            if resolved is None or not known:
                raise NotFound("customer.not_found")
            ids = [row.id for row in known]
            segment, choices = dossier.segment_rows(tx, resolved, ids)
            notes = dossier.note_rows(tx, resolved, scope)
            found = Dossier(
                customer_id=resolved,
                name=profile.name_of(known),
                made_at=now,
                made_by=viewer.name,
                is_whole=viewer.shops is None
                and all(map(viewer.can, (Permission.SEE_ORDERS, Permission.SEE_TICKETS, Permission.SEE_MONEY)))
                and all(map(viewer.can, (Permission.SEE_NOTES, Permission.SEE_INTERNAL_NOTES))),
                accounts=dossier.account_rows(tx, resolved, scope),
                by_hand=dossier.by_hand(tx, ids),
                told_by_shops=dossier.told_by_shops(tx, ids),
                dates=dossier.dates(tx, ids),
                identifiers=dossier.identifier_rows(tx, ids),
                links=dossier.link_rows(tx, ids),
                segment=segment,
                segment_choices=choices,
                orders=dossier.order_rows(tx, ids, scope),
                tickets=dossier.ticket_rows(tx, ids, scope),
                notes=notes,
                activity=dossier.activity_rows(tx, resolved, scope, [row["id"] for row in notes]),
            )
        if not viewer.can(Permission.SEE_MONEY):
            for order in found.orders:
                _without_money(order)
        with self._store.write() as tx:
            agent_id = viewer.agent_id or None
            activity.record(tx, "customer.exported", at=now, agent_id=agent_id, customer_id=resolved)
        return found


def as_json(found: Dossier) -> str:
    """The same for a program: instants as ISO 8601 in UTC, money as decimal text beside its currency."""
    return json.dumps(_plain({**vars(found)}), ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any, key: str = "") -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(each, name) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if key in _MONEY and isinstance(value, int):
        return f"{(Decimal(value) / SCALE).normalize():f}"
    return value


def _without_money(order: Row) -> None:
    for row in (order, *order["lines"], *order["refunds"]):
        for name in _MONEY:
            row.pop(name, None)
