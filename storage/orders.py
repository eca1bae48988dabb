"""Orders with their lines, refunds and order notes.

Writes come only from the sync engine's funnel; every function takes a transaction first and works on many rows at once,
since a page of a hundred orders is one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, or_, select, update

from storage.engine import Tx
from storage.given import is_among
from storage.many import execute_many
from storage.schema import accounts, order_lines, order_notes, orders, refunds
from storage.upsert import Insert, insert, insert_for

_KEY = ("shop", "order_id")
LINE_COLUMNS = (
    "shop",
    "order_id",
    "position",
    "line_id",
    "kind",
    "name",
    "quantity",
    "total",
    "sku",
    "product_id",
    "variation_id",
)
"""The columns of `order_lines`, in the order in which `upsert` takes them."""
_IS_BACK = {"gone_at": None, "missing_since": None}
_KEPT_ON_UPDATE = frozenset({*_KEY, "gone_at", "summary_written"})
_KEPT_UNLESS_GIVEN = frozenset({"notes_due_at", "care_due_at"})
_REFUND_COLUMNS = ("order_id", "amount", "reason", "refunded_by", "created_at", "read_seq", "gone_at")
_ORDER_NOTE_COLUMNS = ("order_id", "author", "body", "to_customer", "created_at", "read_seq", "gone_at")


class OrderState(NamedTuple):
    """What deciding about an incoming order needs of the stored one."""

    account_id: int
    status: str
    read_seq: int
    raw_hash: bytes | None
    content_hash: bytes
    modified_at: datetime | None
    summary: str | None
    gone_at: datetime | None


class CarrierRow(NamedTuple):
    """What choosing and rendering summaries needs of an order that still exists."""

    order_id: str
    customer_id: int
    status: str
    created_at: datetime | None
    summary: str | None
    summary_written: str | None


# Made once: these are asked for every page of a backfill, and building a statement costs more than running it.
_STATES = select(
    orders.c.order_id,
    orders.c.account_id,
    orders.c.status,
    orders.c.read_seq,
    orders.c.raw_hash,
    orders.c.content_hash,
    orders.c.modified_at,
    orders.c.summary,
    orders.c.gone_at,
).where(orders.c.shop == bindparam("shop"), is_among(orders.c.order_id, "ids"))
_DELETE_LINES = delete(order_lines).where(
    order_lines.c.shop == bindparam("in_shop"), is_among(order_lines.c.order_id, "ids")
)
_TOUCH = (
    update(orders)
    .where(
        orders.c.shop == bindparam("in_shop"),
        is_among(orders.c.order_id, "ids"),
        orders.c.read_seq < bindparam("later"),
    )
    .values(read_seq=bindparam("later"))
)
_STANDING_REFUNDS = select(refunds.c.order_id, refunds.c.refund_id).where(
    refunds.c.shop == bindparam("shop"),
    is_among(refunds.c.order_id, "ids"),
    refunds.c.gone_at.is_(None),
)


def states(tx: Tx, shop: str, order_ids: Collection[str]) -> dict[str, OrderState]:
    """The stored states of those orders that are stored, by order id."""
    rows = tx.execute(_STATES, {"shop": shop, "ids": list(order_ids)})
    return {row[0]: OrderState(*row[1:]) for row in rows}


def newest(tx: Tx, shop: str, *, but: str) -> str | None:
    """The id of the order placed last that still exists, `but` for this one."""
    standing = (orders.c.shop == shop, orders.c.gone_at.is_(None), orders.c.created_at.is_not(None))
    found = select(orders.c.order_id).where(*standing, orders.c.order_id != but)
    return tx.execute(found.order_by(orders.c.created_at.desc()).limit(1)).scalar()


def upsert(tx: Tx, rows: Sequence[Mapping[str, Any]], lines: Sequence[tuple[str | int, ...]]) -> None:
    """Writes whole orders by key, un-tombstoning them, and replaces their lines (in the order of LINE_COLUMNS). Where a
    row gives None for when its order notes are due, or their turn, what stands stays.
    """
    if not rows:
        return
    execute_many(tx, _upsert(tx.dialect.name, tuple(rows[0])), rows)
    tx.execute(_DELETE_LINES, {"in_shop": rows[0]["shop"], "ids": [row["order_id"] for row in rows]})
    if lines:
        # By the driver itself: there are several lines to an order, and none of their columns needs a type's help.
        tx.exec_driver_sql(_insert_lines(tx.dialect.name), list(lines))


@cache
def _insert_lines(dialect: str) -> str:
    place = "%s" if dialect == "postgresql" else "?"
    return f"INSERT INTO order_lines ({', '.join(LINE_COLUMNS)}) VALUES ({', '.join([place] * len(LINE_COLUMNS))})"  # noqa: S608 - our own names


@cache
def _upsert(dialect: str, columns: tuple[str, ...]) -> Insert:
    statement = insert_for(dialect, orders)
    changed: dict[str, Any] = {name: statement.excluded[name] for name in columns if name not in _KEPT_ON_UPDATE}
    for name in _KEPT_UNLESS_GIVEN.intersection(columns):
        changed[name] = func.coalesce(statement.excluded[name], orders.c[name])
    return statement.on_conflict_do_update(index_elements=list(_KEY), set_={**changed, **_IS_BACK})


def touch(tx: Tx, shop: str, order_ids: Collection[str], read_seq: int) -> None:
    """Notes that a later read found these orders unchanged."""
    if order_ids:
        tx.execute(_TOUCH, {"in_shop": shop, "ids": list(order_ids), "later": read_seq})


def observe(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Notes what a read saw beside unchanged content: its number, bytes, date, and our key as it stands there now.

    Each row: shop, order_id, read_seq, raw_hash, modified_at, summary, notes_due_at (None: as it was).
    """
    if rows:
        due_at = bindparam("b_notes_due_at", type_=orders.c.notes_due_at.type)
        tx.execute(
            update(orders)
            .where(orders.c.shop == bindparam("b_shop"), orders.c.order_id == bindparam("b_order_id"))
            .values({name: bindparam(f"b_{name}") for name in ("read_seq", "raw_hash", "modified_at", "summary")})
            .values(notes_due_at=func.coalesce(due_at, orders.c.notes_due_at)),
            [{f"b_{name}": value for name, value in row.items()} for row in rows],
        )


def forget_bytes(tx: Tx, shop: str, order_ids: Collection[str]) -> None:
    """These orders are not known to the byte any more: whoever reads them next looks inside."""
    if order_ids:
        tx.execute(update(orders).where(orders.c.shop == shop, orders.c.order_id.in_(order_ids)).values(raw_hash=None))


def set_gone(tx: Tx, shop: str, order_ids: Collection[str], *, read_seq: int, now: datetime) -> None:
    """Tombstones orders that the shop no longer has; what was known of them stays."""
    if order_ids:
        tx.execute(
            update(orders)
            .where(orders.c.shop == shop, orders.c.order_id.in_(order_ids))
            .values(gone_at=now, read_seq=read_seq, raw_hash=None, summary=None, notes_due_at=None, care_due_at=None)
        )


def summaries_written(tx: Tx, shop: str, order_ids: Collection[str]) -> dict[str, str]:
    """The summaries last written by us ("" where ours was to remove it), of those orders that we ever wrote to."""
    statement = select(orders.c.order_id, orders.c.summary_written).where(
        orders.c.shop == shop, orders.c.order_id.in_(order_ids), orders.c.summary_written.is_not(None)
    )
    return {row.order_id: row.summary_written for row in tx.execute(statement)}


def set_written(tx: Tx, shop: str, written: Mapping[str, str]) -> None:
    """Notes which summary was last written by us, by order id; "" where it was removed."""
    if written:
        tx.execute(
            update(orders)
            .where(orders.c.shop == bindparam("b_shop"), orders.c.order_id == bindparam("b_order_id"))
            .values(summary_written=bindparam("b_text")),
            [{"b_shop": shop, "b_order_id": key, "b_text": value} for key, value in written.items()],
        )


def with_our_line(tx: Tx, shop: str, *, after: str, but: Collection[str], limit: int) -> list[str]:
    """The ids of the orders that bear our key, or that we ever wrote it to, in none of the statuses `but`: the next
    ones behind the id `after`, in the order of their text.
    """
    statement = (
        select(orders.c.order_id)
        .where(orders.c.shop == shop, orders.c.order_id > after, orders.c.gone_at.is_(None))
        .where(or_(orders.c.summary_written.is_not(None), orders.c.summary.is_not(None)))
        .where(orders.c.status.not_in(but))
        .order_by(orders.c.order_id)
        .limit(limit)
    )
    return list(tx.execute(statement).scalars())


# --- carriers of the summary --------------------------------------------------------------------------------------


def _carrier_columns() -> tuple[Any, ...]:
    return (
        orders.c.order_id,
        accounts.c.customer_id,
        orders.c.status,
        orders.c.created_at,
        orders.c.summary,
        orders.c.summary_written,
    )


def customers_of(tx: Tx, shop: str, order_ids: Collection[str]) -> dict[str, int]:
    """The customer of each of those orders that are stored."""
    rows = tx.execute(
        select(orders.c.order_id, accounts.c.customer_id)
        .join(accounts, accounts.c.id == orders.c.account_id)
        .where(orders.c.shop == shop, orders.c.order_id.in_(order_ids))
    )
    return {row.order_id: row.customer_id for row in rows}


def possible_carriers(
    tx: Tx,
    shop: str,
    customer_ids: Collection[int],
    *,
    open_statuses: Collection[str],
    never_written: Collection[str],
    newest: int,
    pointed_at: Collection[str] = (),
) -> list[CarrierRow]:
    """Of each customer, in one shop: the open orders, the `newest` newest ones that may be written, those that carry a
    summary now, and the ones pointed at (order ids). Few rows, however many orders she has.
    """
    base = (
        select(*_carrier_columns())
        .join(accounts, accounts.c.id == orders.c.account_id)
        .where(orders.c.shop == shop, orders.c.gone_at.is_(None))
    )
    notable = or_(orders.c.status.in_(open_statuses), orders.c.summary.is_not(None), orders.c.order_id.in_(pointed_at))
    rows = tx.execute(base.where(accounts.c.customer_id.in_(customer_ids), notable))
    found = {row.order_id: CarrierRow(*row) for row in rows}
    for customer_id in customer_ids:
        latest = (
            base.where(accounts.c.customer_id == customer_id, orders.c.status.not_in(never_written))
            .order_by(orders.c.created_at.desc().nulls_last(), orders.c.order_id.desc())
            .limit(newest)
        )
        found.update({row.order_id: CarrierRow(*row) for row in tx.execute(latest)})
    return list(found.values())


# --- order notes --------------------------------------------------------------------------------------------------


def replace_order_notes(
    tx: Tx,
    shop: str,
    order_id: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    standing: Collection[str],
    read_seq: int,
    now: datetime,
) -> None:
    """Writes the order notes of one order as read; those not `standing` there any more are tombstoned."""
    if rows:
        statement = insert(tx, order_notes)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["shop", "order_note_id"],
                set_={name: statement.excluded[name] for name in _ORDER_NOTE_COLUMNS},
                where=order_notes.c.read_seq <= read_seq,
            ),
            list(rows),
        )
    tx.execute(
        update(order_notes)
        .where(
            order_notes.c.shop == shop,
            order_notes.c.order_id == order_id,
            order_notes.c.read_seq < read_seq,
            order_notes.c.order_note_id.not_in(standing),
            order_notes.c.gone_at.is_(None),
        )
        .values(gone_at=now, read_seq=read_seq)
    )


# --- refunds ------------------------------------------------------------------------------------------------------


def refund_ids(tx: Tx, shop: str, order_ids: Collection[str]) -> dict[str, set[str]]:
    """The ids of the refunds that stand, by order id."""
    rows = tx.execute(_STANDING_REFUNDS, {"shop": shop, "ids": list(order_ids)})
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.order_id, set()).add(row.refund_id)
    return found


def upsert_refunds(tx: Tx, rows: Sequence[Mapping[str, Any]], *, read_seq: int) -> None:
    """Writes refunds by key, unless a later read of one is stored."""
    if rows:
        statement = insert(tx, refunds)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["shop", "refund_id"],
                set_={name: statement.excluded[name] for name in _REFUND_COLUMNS},
                where=refunds.c.read_seq <= read_seq,
            ),
            list(rows),
        )


def tombstone_other_refunds(
    tx: Tx, shop: str, order_id: str, standing: Collection[str], *, read_seq: int, now: datetime
) -> None:
    """Tombstones the refunds of an order that a later read of its list no longer found."""
    tx.execute(
        update(refunds)
        .where(
            refunds.c.shop == shop,
            refunds.c.order_id == order_id,
            refunds.c.refund_id.not_in(standing),
            refunds.c.read_seq < read_seq,
            refunds.c.gone_at.is_(None),
        )
        .values(gone_at=now, read_seq=read_seq)
    )
