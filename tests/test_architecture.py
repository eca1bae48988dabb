"""What the house claims of its own shape."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("companion", "connectors", "webhooks", "storage")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MIGRATIONS = ROOT / "storage" / "migrations" / "versions"
"""A step is as long as what it makes: a copy of the schema as it was then."""
WRITTEN = [module for module in MODULES if not module.is_relative_to(MIGRATIONS)]
LONGEST = 500
LONG = 350
ONE_IDEA: dict[str, str] = {}
"""Modules above 350 lines, each with the one idea that it is."""


def name(module: Path) -> str:
    return module.relative_to(ROOT).as_posix()


def lines(module: Path) -> int:
    return len(module.read_text(encoding="utf-8").splitlines())


def test_imports_point_down_only() -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_module_is_longer_than_500_lines() -> None:
    assert {name(module): lines(module) for module in WRITTEN if lines(module) > LONGEST} == {}


def test_modules_above_350_lines_are_one_idea_and_say_which() -> None:
    assert {name(module) for module in WRITTEN if lines(module) > LONG} == set(ONE_IDEA)


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_every_module_says_what_it_is(module: Path) -> None:
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    assert docstring
    assert len(docstring) >= len("Companion.")


def test_only_storage_speaks_sql() -> None:
    speaking = [
        name(module)
        for module in MODULES
        if not module.is_relative_to(ROOT / "storage")
        and imports(module) & {"sqlalchemy", "alembic", "sqlite3", "psycopg"}
    ]
    assert speaking == []


@pytest.mark.parametrize("module", [module for module in MODULES if "domain" in module.parts], ids=name)
def test_domain_does_nothing_but_decide(module: Path) -> None:
    doing = {"requests", "socket", "http", "urllib3", "flask", "sqlite3", "subprocess", "threading", "os", "logging"}
    assert not imports(module) & doing


def imports(module: Path) -> set[str]:
    """The topmost names of what a module imports."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
