"""Days that matter to people: each belongs to an account and follows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, insert, select, update

from storage.engine import Tx
from storage.schema import important_dates


@dataclass(frozen=True)
class DateRow:
    """A day of a calendar; `year` is None where only the day of the year is known."""

    id: int
    account_id: int
    label: str
    calendar: Literal["jalali", "gregorian"]
    year: int | None
    month: int
    day: int
    is_yearly: bool


_COLUMNS = tuple(important_dates.c[name] for name in DateRow.__dataclass_fields__)


def of(tx: Tx, account_ids: Collection[int]) -> list[DateRow]:
    """The dates of these accounts, in the order of their making."""
    if not account_ids:
        return []
    return [DateRow(*row) for row in tx.execute(_OF, {"accounts": list(account_ids)})]


_OF = (
    select(*_COLUMNS)
    .where(
        important_dates.c.account_id.in_(bindparam("accounts", expanding=True)), important_dates.c.removed_at.is_(None)
    )
    .order_by(important_dates.c.id)
)


def get(tx: Tx, date_id: int) -> DateRow | None:
    """One date, be it removed or not."""
    row = tx.execute(select(*_COLUMNS).where(important_dates.c.id == date_id)).first()
    return DateRow(*row) if row else None


def add(  # noqa: PLR0913 -- one argument for each thing that is known of a date
    tx: Tx,
    account_id: int,
    *,
    label: str,
    calendar: str,
    year: int | None,
    month: int,
    day: int,
    is_yearly: bool,
    agent_id: int,
    now: datetime,
) -> int:
    """Keep a date; returns its id."""
    statement = insert(important_dates).values(
        account_id=account_id,
        label=label,
        calendar=calendar,
        year=year,
        month=month,
        day=day,
        is_yearly=is_yearly,
        made_by=agent_id,
        made_at=now,
    )
    return int(tx.execute(statement.returning(important_dates.c.id)).scalar_one())


def remove(tx: Tx, date_id: int, *, now: datetime) -> bool:
    """Take a date away; False when it was taken away before."""
    statement = update(important_dates).where(important_dates.c.id == date_id, important_dates.c.removed_at.is_(None))
    return tx.execute(statement.values(removed_at=now)).rowcount == 1
