"""Fixtures live in tests/fixtures, one module an idea."""

from __future__ import annotations

pytest_plugins = ("tests.fixtures.store", "tests.fixtures.sandbox", "tests.fixtures.app")
