"""Alerts: something about a shop that a person should know, from when it was first seen until it is over.

One row a (shop, kind, subject). Who raises one says again whenever it is still so; who sees that it is so no more says
that too. Nothing here decides what is worth an alert, or in which words it is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import case, delete, select, update

from storage.engine import Tx
from storage.schema import alerts
from storage.upsert import insert

AlertKind = Literal[
    "webhook_disabled",
    "webhooks_silent",
    "too_many_gone",
    "restored_backup",
    "storm",
    "quarrel",
    "unreachable",
]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `subject` is what of the shop it is about ("" for all of it), `facts` what its words are made with;
    `times` counts how often it was raised since `first_at`; `over_at` is None while it stands.
    """

    shop: str
    kind: AlertKind
    subject: str
    facts: Mapping[str, Any]
    first_at: datetime
    last_at: datetime
    times: int
    over_at: datetime | None


_COLUMNS = [alerts.c[name] for name in Alert.__dataclass_fields__]


def raise_(tx: Tx, shop: str, kind: AlertKind, subject: str, facts: Mapping[str, Any], now: datetime) -> bool:
    """Say that it is so. A standing alert is counted once more and gets these facts; one that was over begins anew.

    Returns whether it began just now, so that whoever tells it elsewhere tells it once.
    """
    statement = insert(tx, alerts).values(
        shop=shop, kind=kind, subject=subject, facts=dict(facts), first_at=now, last_at=now, times=1, over_at=None
    )
    stands = alerts.c.over_at.is_(None)
    times: int = tx.execute(
        statement.on_conflict_do_update(
            index_elements=[alerts.c.shop, alerts.c.kind, alerts.c.subject],
            set_={
                "facts": statement.excluded.facts,
                "first_at": case((stands, alerts.c.first_at), else_=statement.excluded.first_at),
                "last_at": statement.excluded.last_at,
                "times": case((stands, alerts.c.times + 1), else_=1),
                "over_at": None,
            },
        ).returning(alerts.c.times)
    ).scalar_one()
    return times == 1


def over(tx: Tx, shop: str, kind: AlertKind, subject: str, now: datetime) -> bool:
    """Say that it is so no more; returns whether the alert stood until now."""
    found = update(alerts).where(
        alerts.c.shop == shop, alerts.c.kind == kind, alerts.c.subject == subject, alerts.c.over_at.is_(None)
    )
    return bool(tx.execute(found.values(over_at=now)).rowcount)


def over_all(tx: Tx, shop: str, kind: AlertKind, subjects: Collection[str], now: datetime) -> int:
    """The same for many subjects at once; returns how many stood."""
    found = update(alerts).where(
        alerts.c.shop == shop, alerts.c.kind == kind, alerts.c.subject.in_(subjects), alerts.c.over_at.is_(None)
    )
    return tx.execute(found.values(over_at=now)).rowcount if subjects else 0


def standing(tx: Tx, shop: str | None = None) -> list[Alert]:
    """The alerts that are not over, of one shop or of all; by shop, the latest to begin first."""
    found = select(*_COLUMNS).where(alerts.c.over_at.is_(None))
    if shop is not None:
        found = found.where(alerts.c.shop == shop)
    return [Alert(*row) for row in tx.execute(found.order_by(alerts.c.shop, alerts.c.first_at.desc(), alerts.c.id))]


def forget(tx: Tx, *, over_before: datetime) -> int:
    """Remove the alerts that were over before then; returns how many."""
    return tx.execute(delete(alerts).where(alerts.c.over_at < over_before)).rowcount
