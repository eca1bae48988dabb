"""Fixtures live in tests/fixtures, one module an idea.

What a test claims of the store is tried on both databases in tests/storage, and wherever processes are killed. Every
other test that takes `store` is tried on one of the two, chosen by its name: half of them on each. With
COMPANION_BOTH_DATABASES=1 all are tried on both.
"""

from __future__ import annotations

import os
import zlib

import pytest

pytest_plugins = ("tests.fixtures.thrift", "tests.fixtures.store", "tests.fixtures.sandbox", "tests.fixtures.app")

_DATABASES = ("sqlite", "postgresql")
_ALWAYS_BOTH = ("tests/storage/", "tests/e2e/test_kill.py", "tests/sync/test_convergence.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("COMPANION_BOTH_DATABASES") == "1":
        return
    left_out = [item for item in items if _is_the_others(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _is_the_others(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    database: object = callspec.params.get("store") if callspec else None
    if database not in _DATABASES or item.nodeid.startswith(_ALWAYS_BOTH):
        return False
    name = item.nodeid.replace("postgresql", "").replace("sqlite", "")
    return bool(_DATABASES[zlib.crc32(name.encode()) % 2] != database)
