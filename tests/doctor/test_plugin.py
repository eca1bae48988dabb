"""What doctor says of companion's plugin in a shop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from companion.config import Secret
from companion.sandbox import Sandbox, ShopClock
from companion.secrets import derive
from storage import shops
from storage.engine import Store
from tests.doctor.conftest import ENVIRON, said, write
from tests.fixtures.store import Clock

MakeSandbox = Callable[..., Sandbox]


def secret(generation: int = 1) -> str:
    return derive(Secret(ENVIRON["MASTER_KEY"]), "bridge", "main", generation)


@pytest.fixture
def with_plugin(make_sandbox: MakeSandbox) -> Sandbox:
    return make_sandbox(clock=ShopClock(), bridge=True, bridge_secret=secret())


def test_plugin_that_takes_our_signature_is_well(tmp_path: Path, with_plugin: Sandbox, clock: Clock) -> None:
    assert said(write(tmp_path, with_plugin), clock, "ok", "plugin runs in it, and takes our signature")


def test_shop_without_the_plugin_is_well_too(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    assert said(write(tmp_path, sandbox), clock, "ok", "plugin does not run in it")


def test_plugin_with_another_secret_is_a_problem(tmp_path: Path, make_sandbox: MakeSandbox, clock: Clock) -> None:
    (found,) = said(write(tmp_path, make_sandbox(clock=ShopClock(), bridge=True)), clock, "problem")
    assert "does not take our signature" in found.message
    assert found.cure


def test_plugin_is_asked_with_the_secret_in_force(
    installation: Path, make_sandbox: MakeSandbox, clock: Clock, opened: Store
) -> None:
    for _ in range(3):
        with opened.write() as tx:
            shops.rotate(tx, "main", now=clock())
        clock.advance(3 * 86_400)
    rotated = make_sandbox(clock=ShopClock(frozen_at=clock()), bridge=True, bridge_secret=secret(4))
    path = write(installation.parent, rotated)
    assert said(path, clock, "ok", "takes our signature")


def test_plugin_that_is_never_to_be_asked_is_not(tmp_path: Path, with_plugin: Sandbox, clock: Clock) -> None:
    path = write(tmp_path, with_plugin)
    path.write_text(path.read_text().replace("[shops.main]", "[shops.main]\nbridge = false"))
    assert not said(path, clock, "ok", "companion's plugin")
    assert with_plugin.shop.log.count(path="/companion/v1/changes") == 0
