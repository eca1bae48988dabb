"""Fixtures live in tests/fixtures, one module an idea.

What a test claims of the store is tried on both databases in tests/storage, and wherever processes are killed. Every
other test that takes `store` is tried on one of the two, chosen by its name: half of them on each. With
COMPANION_BOTH_DATABASES=1 all are tried on both.

The longest come first, so that no core stands idle at the end. Tests of whole processes, random histories and browsers
say nothing of branches: what they reach, they reach by chance, and being watched would take them twice as long.
"""

from __future__ import annotations

import os
import zlib

import pytest

pytest_plugins = tuple(f"tests.fixtures.{name}" for name in ("thrift", "soak", "store", "sandbox", "app"))

_DATABASES = ("sqlite", "postgresql")
_ALWAYS_BOTH = ("tests/storage/", "tests/e2e/test_kill.py")
_LONGEST = ("tests/e2e/test_kill.py", "tests/sync/test_convergence.py", "tests/e2e/", "tests/browser/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: those that try whole processes mostly wait for them."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    for item in items:
        if _turn(item) < len(_LONGEST):
            item.add_marker("no_cover")
    if os.environ.get("COMPANION_BOTH_DATABASES") == "1":
        return
    left_out = [item for item in items if _is_the_others(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _turn(item: pytest.Item) -> int:
    return next((turn for turn, path in enumerate(_LONGEST) if item.nodeid.startswith(path)), len(_LONGEST))


def _is_the_others(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    database: object = callspec.params.get("store") if callspec else None
    if database not in _DATABASES or item.nodeid.startswith(_ALWAYS_BOTH):
        return False
    name = item.nodeid.replace("postgresql", "").replace("sqlite", "")
    return bool(_DATABASES[zlib.crc32(name.encode()) % 2] != database)
