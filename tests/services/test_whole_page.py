"""A customer's page as a whole: that it is one state of the store, read in few statements."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, event

from companion.domain.permissions import Role
from companion.services.customers.customers import Customers
from companion.services.customers.entries import BEGINNING, Stretch
from companion.services.errors import Invalid, NotFound
from companion.services.notes import NoteDraft, Notes
from companion.services.people.whole_page import WholePages
from storage.engine import Store
from tests.fixtures.store import Clock
from tests.services.conftest import SeenBy
from tests.storage.people import Person, add_order, add_order_note, add_refund, add_reply, add_ticket, ago

MOST_STATEMENTS = 28
"""Of the page of a customer of whom there is one of everything."""


@pytest.fixture
def pages(store: Store, customers: Customers) -> WholePages:
    return WholePages(store, customers)


def asked_during(work: Callable[[], object]) -> list[str]:
    asked: list[str] = []

    def note(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return asked


def test_a_customer_page_asks_in_one_transaction(
    pages: WholePages, store: Store, viewer: SeenBy, notes: Notes, maryam: Person
) -> None:
    who = viewer(Role.ADMINISTRATOR)
    with store.write() as tx:
        add_order(tx, maryam.account_id, "1", created_at=ago(days=1), notes_read_at=ago(days=0))
        add_order_note(tx, "1", "نوشته", created_at=ago(days=1))
        add_refund(tx, "1", 1, created_at=ago(days=1))
        add_ticket(tx, "1", account_id=maryam.account_id, assignee_id="5", created_at=ago(days=1))
        add_reply(tx, "1", "1", author="5", created_at=ago(days=1))
    notes.write(who, NoteDraft(maryam.customer_id, "پیگیر است"))
    begun: list[Connection] = []

    def begin(transaction: Connection) -> None:
        begun.append(transaction)

    event.listen(Engine, "begin", begin)
    try:
        asked = asked_during(lambda: pages.open(who, maryam.customer_id, BEGINNING))
    finally:
        event.remove(Engine, "begin", begin)
    assert len(begun) == 1
    statements = [statement for statement in asked if not statement.startswith("BEGIN")]
    assert len(statements) <= MOST_STATEMENTS, "\n".join(statements)
    assert len(set(statements)) == len(statements), "nothing is asked twice"


def test_the_whole_page_agrees_with_its_parts(
    pages: WholePages, customers: Customers, viewer: SeenBy, notes: Notes, maryam: Person, clock: Clock
) -> None:
    who = viewer()
    for number in range(3):
        notes.write(who, NoteDraft(maryam.customer_id, f"یادداشت {number}"))
        clock.advance(60)
    whole = pages.open(who, maryam.customer_id, Stretch(limit=2))
    assert whole.head == customers.page(who, maryam.customer_id)
    assert whole.timeline == customers.timeline(who, maryam.customer_id, Stretch(limit=2))
    assert whole.kinds == notes.kinds()
    rest = pages.open(who, maryam.customer_id, Stretch(after=whole.timeline.next, limit=2))
    assert [entry.note.body for entry in rest.timeline.entries if entry.note] == ["یادداشت 0"]


def test_who_may_not_see_her_opens_nothing(pages: WholePages, viewer: SeenBy, maryam: Person) -> None:
    with pytest.raises(NotFound):
        pages.open(viewer(Role.AGENT, "elsewhere"), maryam.customer_id, BEGINNING)
    with pytest.raises(Invalid):
        pages.open(viewer(), maryam.customer_id, Stretch(after="no place of ours"))
