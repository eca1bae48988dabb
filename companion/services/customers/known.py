"""What agents told of a customer besides notes: how she wants to be reached, her dates, and what they corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from companion.domain.by_hand import WAYS, from_columns, value_of
from companion.domain.important_days import Day
from storage.engine import Tx
from storage.people import facts_by_hand, important_dates
from storage.people.customers import AccountRow


@dataclass(frozen=True)
class Preferred:
    """How she wants to be reached: a channel ("" where none is named) and words of one's own."""

    channel: str
    text: str


@dataclass(frozen=True)
class ImportantDate:
    """A day that matters to her, every year or once."""

    id: int
    label: str
    day: Day
    is_yearly: bool


@dataclass(frozen=True)
class Correction:
    """One fact of an account that goes before the shop's; `told` is what the shop tells ("" if nothing)."""

    account_id: int
    shop: str
    field: str
    value: str
    told: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class Known:
    """What agents told of a customer besides notes."""

    preferred: Preferred | None
    dates: tuple[ImportantDate, ...]
    corrections: tuple[Correction, ...]
    references: tuple[str, ...]


def known(tx: Tx, hers: Sequence[AccountRow]) -> Known:
    """What is set by hand of these accounts, which are one customer's."""
    ids = [row.id for row in hers]
    rows = facts_by_hand.of(tx, ids)
    corrected = {row.account_id for row in rows if row.field not in WAYS}
    told = {its: from_columns(columns) for its, columns in facts_by_hand.told(tx, corrected).items()}
    shops = {row.id: row.shop for row in hers}
    newest = next((row.account_id for row in rows if row.field in WAYS and row.value), None)
    ways = {row.field: row.value for row in rows if row.account_id == newest}
    channel, text = (ways.get(field, "") for field in WAYS)
    return Known(
        preferred=Preferred(channel, text) if channel or text else None,
        dates=tuple(
            ImportantDate(row.id, row.label, Day(row.calendar, row.year, row.month, row.day), row.is_yearly)
            for row in important_dates.of(tx, ids)
        ),
        corrections=tuple(
            Correction(
                account_id=row.account_id,
                shop=shops[row.account_id],
                field=row.field,
                value=row.value,
                told=value_of(told[row.account_id], row.field),
                set_by=row.set_by,
                set_at=row.set_at,
            )
            for row in rows
            if row.account_id in told and row.field not in WAYS
        ),
        references=tuple(dict.fromkeys(row.reference for row in hers if row.reference)),
    )
