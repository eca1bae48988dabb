"""What a reader may see, as conditions of a query: what is out of scope never leaves the database.

Everything that shows orders, tickets or notes to people is asked through a scope, so that lists, counts, sums and
search agree.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, and_, false, literal, or_, true

from storage.schema import accounts, note_kinds, notes, orders, tickets


@dataclass(frozen=True)
class Scope:
    """A reader's rights. `shops` None is all of them; what belongs to no shop ("") is everybody's.

    An internal note is seen by its author in any case, by others with `sees_internal`.
    """

    agent_id: int
    shops: frozenset[str] | None
    sees_orders: bool = True
    sees_notes: bool = True
    sees_tickets: bool = True
    sees_internal: bool = False


EVERYTHING = Scope(agent_id=0, shops=None, sees_internal=True)
"""The program's own eyes."""


def sees_shop(scope: Scope, shop: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the thing's shop is in scope."""
    if scope.shops is None:
        return true()
    # Literals stand in the statement; of plain values SQLAlchemy would write it anew each time.
    return shop.in_([literal(key) for key in ("", *sorted(scope.shops))])


def sees_account(scope: Scope) -> ColumnElement[bool]:
    """Whether a row of `accounts` is in scope."""
    return sees_shop(scope, accounts.c.shop)


def sees_order(scope: Scope) -> ColumnElement[bool]:
    """Whether a row of `orders`, with what hangs on it, is in scope."""
    return sees_shop(scope, orders.c.shop) if scope.sees_orders else false()


def sees_ticket(scope: Scope) -> ColumnElement[bool]:
    """Whether a row of `tickets`, with its replies, is in scope."""
    return sees_shop(scope, tickets.c.shop) if scope.sees_tickets else false()


def notes_with_owner() -> FromClause:
    """Notes beside their kind and the account they were written at: what `sees_note` looks at."""
    return notes.join(note_kinds, note_kinds.c.kind == notes.c.kind).outerjoin(
        accounts, accounts.c.id == notes.c.account_id
    )


def sees_note(scope: Scope) -> ColumnElement[bool]:
    """Whether a row of `notes_with_owner()` is in scope, be it deleted or not."""
    if not scope.sees_notes:
        return false()
    conditions = [sees_shop(scope, notes.c.shop), or_(accounts.c.id.is_(None), sees_account(scope))]
    if not scope.sees_internal:
        conditions.append(or_(~is_internal(), notes.c.author_id == scope.agent_id))
    return and_(*conditions)


def is_internal() -> ColumnElement[bool]:
    """Whether a row of `notes_with_owner()` is internal, by itself or by its kind."""
    return or_(notes.c.is_internal, note_kinds.c.is_internal)
