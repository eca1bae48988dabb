"""The engine's tests speak with their shops over plain HTTP, as the product does on one machine: by OAuth."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.sandbox import Sandbox

pytest.register_assert_rewrite("tests.sync.convergence")  # else a broken promise would not say which


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """An empty shop; its clock stands still, its webhook queue runs by hand."""
    return make_sandbox()
