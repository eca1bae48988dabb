"""Two threads that read for the first time at the same moment read the same.

The columns of an alias are made when they are first asked for. Two who ask at once each make their own, and a statement
of the one names columns that the alias does not have any more: "Can't determine which FROM clause to join from". So
every alias that a module keeps is asked for its columns while the module is imported, by one thread alone.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from threading import Barrier, Thread
from types import ModuleType
from typing import Any

from sqlalchemy import FromClause, Join, SelectBase
from sqlalchemy.dialects import postgresql, sqlite

import storage
from storage.at_once import _packed
from storage.given import is_among
from storage.scope import EVERYTHING
from storage.search.owners import ANYTHING

READERS = 6


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(storage.__path__, "storage."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def kept(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """What a module keeps, by its name, that of its mappings and tuples too."""
    for name, value in vars(module).items():
        yield f"{module.__name__}.{name}", value
        if isinstance(value, (dict, tuple)):
            parts = value.values() if isinstance(value, dict) else value
            yield from ((f"{module.__name__}.{name}[…]", part) for part in parts)


def test_every_alias_that_is_kept_knows_its_columns_before_anybody_reads() -> None:
    # A join makes no columns of its own: it shows those of what it joins. Nobody selects from a condition.
    unready = [
        name
        for module in modules()
        for name, value in kept(module)
        if isinstance(value, FromClause) and not isinstance(value, (Join, is_among)) and "_columns" not in vars(value)
    ]
    assert unready == []


def given(function: Any) -> dict[str, Any] | None:
    """Arguments for a function that makes a statement; None for one that asks for something else."""
    known = {
        "scope": EVERYTHING,
        "only": ANYTHING,
        "kind": "account",
        "dialect": "sqlite",
        "is_begun": False,
        "are_named": True,
        "keys": ("national_id",),
    }
    wanted = [name for name, its in inspect.signature(function).parameters.items() if its.default is its.empty]
    return {name: known[name] for name in wanted} if known.keys() >= set(wanted) else None


def made(function: Any) -> list[str]:
    """The statements that it makes, for both databases, and as one row."""
    found = function(**given(function) or {})
    statements = [each for each in (found if isinstance(found, tuple) else (found,)) if isinstance(each, SelectBase)]
    packed = [_packed(each, sqlite.dialect())[0] for each in statements]
    return [
        str(each.compile(dialect=dialect.dialect()))
        for each in (*statements, *packed)
        for dialect in (sqlite, postgresql)
    ]


def makers() -> list[Any]:
    """Every function of the store whose statements are kept."""
    found = {name: value for module in modules() for name, value in kept(module) if hasattr(value, "cache_clear")}
    return [value for name, value in found.items() if name.startswith(value.__module__) and given(value) is not None]


def read_at_once() -> None:
    """Makes every statement in several threads at once; raises where one of them fails, or makes another."""
    sys.setswitchinterval(1e-6)
    functions = makers()
    begin, told = Barrier(READERS), list[Any]()

    def read() -> None:
        begin.wait()
        try:
            told.append([made(function) for function in functions])
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is told
            told.append(error)

    threads = [Thread(target=read) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(each == told[0] for each in told), told
    assert len(told[0]) == len(functions)


def test_first_readers_at_once_read_the_same() -> None:
    assert len(makers()) > 20
    # Only a process that has read nothing yet has first readers.
    script = "from tests.storage.test_first_readers import read_at_once; read_at_once()"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
