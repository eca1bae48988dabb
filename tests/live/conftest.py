"""Where the story is played: a sandbox for each way of storing orders, each shop that COMPANION_LIVE_CONFIG names."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from companion.config import Config
from companion.sandbox import Sandbox, ShopClock
from tests.live.stage import CONFIG, Stage, Theatre

_STORAGES = ("hpos", "hpos-sync", "legacy")
_A_QUEUE_RUN_S = 240.0
"""A shop runs its webhook queue about once a minute, where it has visitors."""


def _theatres() -> list[str]:
    real = Config.load(Path(CONFIG), os.environ).shops if CONFIG else ()
    return [f"sandbox {storage}" for storage in _STORAGES] + [f"shop {shop.key}" for shop in real]


@pytest.fixture(scope="module", params=_theatres())
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Companion beside a shop, and nothing read yet; at the end nothing that the story made is left in the shop."""
    kind, _, name = request.param.partition(" ")
    folder = tmp_path_factory.mktemp("live")
    with ExitStack() as at_the_end:
        if kind == "sandbox":
            theatre = _sandbox(name, folder, at_the_end)
        else:
            theatre = Theatre(
                path=Path(CONFIG),
                environ=os.environ,
                key=name,
                clock=lambda: datetime.now(UTC),
                pass_seconds=time.sleep,
                patience_s=_A_QUEUE_RUN_S,
                must_deliver=False,
            )
        stage = Stage(theatre, folder)
        at_the_end.callback(stage.close)
        yield stage


def _sandbox(storage: Any, folder: Path, at_the_end: ExitStack) -> Theatre:
    clock = ShopClock()  # it runs, as signed requests need it
    sandbox = at_the_end.enter_context(Sandbox(clock=clock, storage=storage, queue_seconds=0.05))
    if storage == "hpos":
        sandbox.shop.helpdesk.registered_meta = ("companion_note",)  # as companion's plugin does it
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    config = folder / "config.toml"
    config.write_text(
        f"""\
master_key = "env:MASTER_KEY"
[web]
port = {port}
public_url = "http://127.0.0.1:{port}"
[shops.sandbox]
url = "{sandbox.url}"
consumer_key = "env:SHOP_KEY"
consumer_secret = "env:SHOP_SECRET"
helpdesk = "awesome-support"
helpdesk_username = "{sandbox.credentials.admin.username}"
helpdesk_password = "env:HELPDESK_PASSWORD"
""",
        encoding="utf-8",
    )
    environ = {
        "MASTER_KEY": "0123456789abcdef0123456789abcdef",
        "SHOP_KEY": sandbox.credentials.key,
        "SHOP_SECRET": sandbox.credentials.secret,
        "HELPDESK_PASSWORD": sandbox.credentials.admin.password,
    }
    return Theatre(config, environ, "sandbox", clock, clock.advance)
