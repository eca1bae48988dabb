"""What is taken out of each table when a person is erased. Each function may be called again: then it finds nothing.

Ids, numbers, dates and money stay; so do the shop's own bytes' hashes, by which a record is known to be unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, tuple_, update

from storage.engine import Tx
from storage.schema import (
    accounts,
    erased_accounts,
    facts_by_hand,
    facts_told,
    faults,
    identifiers,
    important_dates,
    inbox,
    links,
    note_versions,
    notes,
    order_notes,
    orders,
    parked,
    refunds,
    segment_choices,
    ticket_replies,
    tickets,
)
from storage.search import index

Thing = tuple[str, str]
"""Shop and id of an order, a ticket or a registered user."""

_PAGES = 64  # of an index, written in one transaction

AT_ONCE = 200
"""Rows of one transaction, so that others need not wait long for their turn."""


# --- what there is ------------------------------------------------------------------------------------------------


def note_ids(tx: Tx, account_ids: Collection[int], customer_ids: Collection[int]) -> list[int]:
    """Her notes: those written at her accounts, and at herself where no account was known."""
    at_nothing = and_(notes.c.account_id.is_(None), notes.c.customer_id.in_(customer_ids))
    found = select(notes.c.id).where(or_(notes.c.account_id.in_(account_ids), at_nothing))
    return list(tx.execute(found.order_by(notes.c.id)).scalars())


def order_ids(tx: Tx, account_ids: Collection[int]) -> list[Thing]:
    """Her orders."""
    found = select(orders.c.shop, orders.c.order_id).where(orders.c.account_id.in_(account_ids))
    return [(row[0], row[1]) for row in tx.execute(found.order_by(orders.c.shop, orders.c.order_id))]


def ticket_ids(tx: Tx, account_ids: Collection[int]) -> list[Thing]:
    """Her tickets."""
    found = select(tickets.c.shop, tickets.c.ticket_id).where(tickets.c.account_id.in_(account_ids))
    return [(row[0], row[1]) for row in tx.execute(found.order_by(tickets.c.shop, tickets.c.ticket_id))]


def told_of(tx: Tx, account_ids: Collection[int]) -> list[dict[str, Any]]:
    """All that names her: the facts of her accounts, those that a hand replaced, and the addresses of her orders."""
    names = ("email", "phone", "first_name", "last_name", "billing", "shipping")
    hers = select(*(accounts.c[name] for name in names)).where(accounts.c.id.in_(account_ids))
    shops_own = select(facts_told.c.facts).where(facts_told.c.account_id.in_(account_ids))
    placed = select(orders.c.billing, orders.c.shipping).where(orders.c.account_id.in_(account_ids))
    return [
        *(dict(row) for row in tx.execute(hers).mappings()),
        *(dict(facts) for facts in tx.execute(shops_own).scalars()),
        *(dict(row) for row in tx.execute(placed).mappings()),
    ]


def borne_by_others(tx: Tx, account_ids: Collection[int], points: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the contact points, (kind, key), that somebody else bears too who is not erased."""
    if not points:
        return set()
    found = select(identifiers.c.kind, identifiers.c.key).where(
        tuple_(identifiers.c.kind, identifiers.c.key).in_(sorted(points)),
        identifiers.c.account_id.not_in(account_ids),
        identifiers.c.account_id.not_in(select(erased_accounts.c.account_id)),
    )
    return {(row.kind, row.key) for row in tx.execute(found)}


# --- taking it out ------------------------------------------------------------------------------------------------


def hide(tx: Tx, account_ids: Sequence[int]) -> None:
    """Nobody finds her any more."""
    index.remove(tx, "account", account_ids)
    tx.execute(delete(faults).where(faults.c.account_id.in_(account_ids)))


def empty_notes(tx: Tx, ids: Sequence[int], *, now: datetime) -> None:
    """Nothing is left of what they said, in any version; their rows stay, since the activity log points at them."""
    index.remove(tx, "note", ids)
    tx.execute(delete(note_versions).where(note_versions.c.note_id.in_(ids)))
    tx.execute(
        update(notes)
        .where(notes.c.id.in_(ids))
        .values(
            body="",
            channel="",
            direction="",
            outcome="",
            is_pinned=False,
            form_key=None,
            deleted_at=func.coalesce(notes.c.deleted_at, now),
        )
    )


def empty_orders(tx: Tx, shop: str, ids: Sequence[str]) -> None:
    """Bare business facts stay. That an order carries a summary in the shop stays known until it does not."""
    hers = (orders.c.shop == shop, orders.c.order_id.in_(ids))
    tx.execute(
        update(orders)
        .where(*hers)
        .values(billing={}, shipping={}, meta={}, customer_note="", transaction_id="", summary_written=None)
    )
    tx.execute(update(orders).where(*hers, orders.c.summary.is_not(None)).values(summary=""))
    index.remove_things(tx, "order", shop, ids)
    on_them = (order_notes.c.shop == shop, order_notes.c.order_id.in_(ids))
    noted = list(tx.execute(select(order_notes.c.order_note_id).where(*on_them)).scalars())
    index.remove_things(tx, "order_note", shop, noted)
    tx.execute(update(order_notes).where(*on_them).values(body=""))
    tx.execute(update(refunds).where(refunds.c.shop == shop, refunds.c.order_id.in_(ids)).values(reason=""))


def empty_tickets(tx: Tx, shop: str, ids: Sequence[str]) -> None:
    """That there was a ticket stays, and when somebody answered it."""
    hers = (tickets.c.shop == shop, tickets.c.ticket_id.in_(ids))
    index.remove(tx, "ticket", list(tx.execute(select(tickets.c.id).where(*hers)).scalars()))
    tx.execute(update(tickets).where(*hers).values(title="", body="", url="", summary_written=None))
    tx.execute(update(tickets).where(*hers, tickets.c.summary.is_not(None)).values(summary=""))
    _empty_replies(tx, and_(ticket_replies.c.shop == shop, ticket_replies.c.ticket_id.in_(ids)))


def empty_replies_by(tx: Tx, shop: str, user_ids: Sequence[str]) -> None:
    """What she said on others' tickets."""
    _empty_replies(tx, and_(ticket_replies.c.shop == shop, ticket_replies.c.author_id.in_(user_ids)))


def _empty_replies(tx: Tx, which: Any) -> None:
    index.remove(tx, "reply", list(tx.execute(select(ticket_replies.c.id).where(which)).scalars()))
    tx.execute(update(ticket_replies).where(which).values(body=""))


def drop_deliveries(tx: Tx, shop: str, kind: str, ids: Sequence[str]) -> None:
    """What the shop delivered about these things, and what of them could not be read. A delivery that still waits is
    answered by reading the thing, and then by the do-not-import list.
    """
    about = (inbox.c.shop == shop, inbox.c.kind == kind, inbox.c.resource_id.in_(ids), inbox.c.body.is_not(None))
    tx.execute(update(inbox).where(*about).values(body=None))
    tx.execute(delete(parked).where(parked.c.shop == shop, parked.c.kind == kind, parked.c.ref_id.in_(ids)))


def drop_nameless_deliveries(tx: Tx, shop: str) -> None:
    """Bodies that did not say what they were about, and were finished: they may have been about anybody."""
    about_nothing = (inbox.c.shop == shop, inbox.c.resource_id == "", inbox.c.finished_at.is_not(None))
    tx.execute(update(inbox).where(*about_nothing, inbox.c.body.is_not(None)).values(body=None))


def parked_of(tx: Tx, shop: str) -> Iterator[tuple[str, str, bytes]]:
    """Kind, id and bytes of everything of a shop that could not be read."""
    found = select(parked.c.kind, parked.c.ref_id, parked.c.raw).where(parked.c.shop == shop)
    yield from ((row.kind, row.ref_id, bytes(row.raw)) for row in tx.execute(found))


def drop_parked(tx: Tx, shop: str, refs: Collection[tuple[str, str]]) -> None:
    """Forget these, by kind and id. The next read of one sets it aside again, if it still cannot be read."""
    if refs:
        key = tuple_(parked.c.kind, parked.c.ref_id)
        tx.execute(delete(parked).where(parked.c.shop == shop, key.in_(sorted(refs))))


def empty_accounts(tx: Tx, ids: Sequence[int], *, keys: dict[int, str]) -> None:
    """What is known of the person, from shops and by hand. `keys`: new ones for guests, whose own name their contact
    points; a registered user keeps her number.
    """
    tx.execute(
        update(accounts)
        .where(accounts.c.id.in_(ids))
        .values(
            username="",
            first_name="",
            last_name="",
            company="",
            email="",
            phone="",
            reference="",
            billing={},
            shipping={},
            meta={},
        )
    )
    for account_id, key in keys.items():
        tx.execute(update(accounts).where(accounts.c.id == account_id).values(key=key))
    for table in (facts_by_hand, facts_told, important_dates, identifiers, faults):
        tx.execute(delete(table).where(table.c.account_id.in_(ids)))
    tx.execute(update(segment_choices).where(segment_choices.c.account_id.in_(ids)).values(reason=""))
    tx.execute(update(links).where(or_(links.c.account_a.in_(ids), links.c.account_b.in_(ids))).values(evidence={}))


def settle_index(tx: Tx, *, is_first: bool) -> bool:
    """Go on with writing the search index anew without the words that were taken out, of which SQLite's keeps the
    letters until then; returns whether anything is left to do. PostgreSQL does it by itself.
    """
    if tx.dialect.name != "sqlite":
        return False
    is_left = False
    for name in index.FTS_TABLES:
        # https://www.sqlite.org/fts5.html#the_merge_command: a negative first call begins to merge everything into one.
        before = tx.exec_driver_sql("SELECT total_changes()").scalar_one()
        pages = -_PAGES if is_first else _PAGES
        tx.exec_driver_sql(f"INSERT INTO {name} ({name}, rank) VALUES ('merge', {pages})")  # noqa: S608 - our own names
        is_left |= tx.exec_driver_sql("SELECT total_changes()").scalar_one() - before > 1
    return is_left


def in_parts(things: Collection[Thing]) -> Iterator[tuple[str, list[str]]]:
    """The things by shop, as many at once as one transaction takes."""
    by_shop: dict[str, list[str]] = {}
    for shop, ref_id in things:
        by_shop.setdefault(shop, []).append(ref_id)
    for shop, ids in sorted(by_shop.items()):
        rest = iter(ids)
        while part := list(islice(rest, AT_ONCE)):
            yield shop, part
