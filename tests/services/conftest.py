"""The use cases over a real store, and viewers of every role."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.domain.permissions import ROLE_PERMISSIONS, Role, Viewer
from companion.services.customers.customers import Customers
from companion.services.notes import Notes
from companion.services.search.search import Search
from storage.engine import Store, Tx
from tests.fixtures.store import Clock
from tests.storage.people import Person, add_agent, add_person

SeenBy = Callable[..., Viewer]


def _order_url(shop: str, order_id: str) -> str | None:
    return f"https://{shop}.example/{order_id}" if shop == "main" else None


@pytest.fixture
def dirty() -> list[int]:
    """The customers whose summaries were asked to be looked at."""
    return []


@pytest.fixture
def notes(store: Store, clock: Clock, dirty: list[int]) -> Notes:
    def mark_dirty(tx: Tx, customer_id: int) -> None:
        assert tx.in_transaction()
        dirty.append(customer_id)

    return Notes(store, clock, mark_dirty)


@pytest.fixture
def customers(store: Store, clock: Clock) -> Customers:
    return Customers(
        store, clock, _order_url, ticket_url=lambda shop, ticket_id: f"https://{shop}.example/tickets/{ticket_id}"
    )


@pytest.fixture
def search(store: Store, clock: Clock) -> Search:
    return Search(store, clock)


@pytest.fixture
def viewer(store: Store) -> SeenBy:
    """Makes viewers: each a new agent of the role, who sees these shops (all by default)."""

    def make(role: Role = Role.AGENT, *shops: str, name: str = "سارا") -> Viewer:
        with store.write() as tx:
            agent_id = add_agent(tx, name, role=role.value)
        return Viewer(agent_id, name, role, ROLE_PERMISSIONS[role], frozenset(shops) if shops else None)

    return make


@pytest.fixture
def maryam(store: Store) -> Person:
    with store.write() as tx:
        return add_person(
            tx,
            "1",
            first_name="مریم",
            last_name="احمدی",
            email="Maryam@example.com",
            phone="09120001001",
            billing={"address_1": "خیابان ولیعصر", "city": "تهران", "company": "پارس تجارت"},
        )
