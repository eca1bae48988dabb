"""The program in a folder of its own, beside shops that keep the machine's time, as signed requests need it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from companion.sandbox import Sandbox, ShopClock
from tests.e2e.program import Program

OpenShop = Callable[..., Sandbox]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def open_shop(make_sandbox: Callable[..., Sandbox]) -> OpenShop:
    """Opens a shop whose clock runs."""
    return lambda **options: make_sandbox(clock=ShopClock(), **options)
