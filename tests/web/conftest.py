"""What the pages need before a test: translations compiled, and a house."""

from __future__ import annotations

import pytest

from storage.engine import Store
from tests.fixtures.store import Clock
from tests.web.house import House
from tools import assets


@pytest.fixture(scope="session", autouse=True)
def _compiled_translations() -> None:
    assets.compile_translations()


@pytest.fixture
def house(sqlite_store: Store, clock: Clock) -> House:
    """Pages do not know the database: one of them is enough here."""
    return House(sqlite_store, clock)
