"""An installation beside a shop that keeps the machine's time, and what doctor says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from companion.app import build, utc_now
from companion.config import Config
from companion.doctor import Finding, Level, examine
from companion.domain.permissions import Role
from companion.sandbox import Sandbox, ShopClock
from companion.sandbox.credentials import Key, Login
from storage.engine import Store
from tests.fixtures.store import Clock

ENVIRON = {"MASTER_KEY": "0123456789abcdef0123456789abcdef"}
PUBLIC_URL = "http://127.0.0.1:1"


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A shop that keeps the machine's time, as signed requests over plain HTTP need it."""
    return make_sandbox(clock=ShopClock())


@pytest.fixture
def clock() -> Clock:
    return Clock(utc_now())


@pytest.fixture
def installation(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> Path:
    """A configured installation with a store, an administrator, and a shop whose webhooks are registered."""
    path = write(tmp_path, sandbox)
    app = build(Config.load(path, ENVIRON), clock=clock)
    app.users.add(name="Sara", username="sara", password="a long and quiet passphrase", role=Role.ADMINISTRATOR)
    app.prepare(app.shops["main"])
    app.close()
    return path


@pytest.fixture
def opened(installation: Path) -> Iterator[Store]:
    """The installation's store."""
    with closing(Store(f"sqlite:///{installation.parent / 'companion.sqlite3'}")) as store:
        yield store


def write(
    folder: Path,
    sandbox: Sandbox,
    *,
    key: Key | None = None,
    url: str | None = None,
    public_url: str = PUBLIC_URL,
    login: Login | None = None,
    more: str = "",
) -> Path:
    """The configuration of an installation with one shop. `login` opens its helpdesk."""
    key = key or sandbox.credentials.rw
    for name, secret in (("key", key.key), ("secret", key.secret), ("password", login.password if login else "none")):
        (folder / name).write_text(secret)
        (folder / name).chmod(0o600)
    helpdesk = f'helpdesk = "awesome-support"\nhelpdesk_username = "{login.username}"\n' if login else ""
    helpdesk += 'helpdesk_password = "file:password"' if login else ""
    path = folder / "config.toml"
    path.write_text(f"""
        master_key = "env:MASTER_KEY"
        {more}
        [web]
        public_url = "{public_url}"
        [shops.main]
        url = "{url or sandbox.url}"
        consumer_key = "file:key"
        consumer_secret = "file:secret"
        {helpdesk}
    """)
    return path


def findings(path: Path, clock: Clock) -> list[Finding]:
    return list(examine(path, ENVIRON, clock=clock))


def problems(path: Path, clock: Clock) -> list[Finding]:
    return said(path, clock, "problem")


def said(path: Path, clock: Clock, level: Level, words: str = "") -> list[Finding]:
    """The findings of this level whose message holds the words."""
    return [finding for finding in findings(path, clock) if finding.level == level and words in finding.message]
