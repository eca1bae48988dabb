"""Companion as processes of its own beside one shop: to be started, asked to stop, and killed."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from companion.app import App, build
from companion.config import Config
from companion.domain.permissions import Role
from companion.sandbox import Sandbox
from storage.engine import Store
from tests.fixtures.app import PASSWORD

POLL_SECONDS = 10  # the least that the configuration takes

_CONFIG = """\
master_key = "file:master-key"

[web]
port = {port}
public_url = "http://127.0.0.1:{port}"

[database]
url = "file:database-url"

[push]
mode = "on"
max_per_hour = 100000

[sync]
poll_seconds = {poll_seconds}
drain_seconds = 0.2

[log]
format = "text"

[limits]
sign_in = "1000/minute"
pages = "100000/minute"
search = "100000/minute"
write = "100000/minute"

[shops.main]
url = "{shop}"
consumer_key = "file:shop-key"
consumer_secret = "file:shop-secret"
"""


@dataclass
class Process:
    """One process of companion: `command` is its words on the command line. What it logs goes to a file."""

    command: Sequence[str]
    log: Path
    running: subprocess.Popen[bytes] | None = None
    _started_at: int = 0  # bytes of the log

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._started_at = log.tell()
            self.running = subprocess.Popen(self.command, stdout=log, stderr=log)

    def wait_until_up(self) -> None:
        """Returns once it is at work."""

        def seen() -> str:
            assert self.running is not None
            assert self.running.poll() is None, self.log.read_text(encoding="utf-8")
            said = self.log.read_bytes()[self._started_at :]
            return "" if b"the worker runs" in said or b"serving" in said else f"{self.command[-1]} is not up"

        wait_for(seen, 90)

    def kill(self) -> None:
        """As a power cut would: nothing is finished. Harmless where it does not run."""
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None

    def ask_to_stop(self) -> float:
        """SIGTERM; how many seconds it took to leave, which it must do well."""
        self.wait_until_up()
        assert self.running is not None
        asked_at = time.monotonic()
        self.running.send_signal(signal.SIGTERM)
        left = self.running.wait(60)
        seconds = time.monotonic() - asked_at
        self.running = None
        assert left == 0, f"{self.command[-1]} left with {left}"
        return seconds


class Installation:
    """A configuration of companion beside one shop, and its processes; as a context, none outlives it."""

    def __init__(self, folder: Path, store: Store, sandbox: Sandbox, *, module: str = "tests.e2e.impatient") -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.store = store
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.processes: list[Process] = []
        self._module = module
        database = store.url.set(drivername=store.dialect).render_as_string(hide_password=False)
        for name, text in {
            "config.toml": _CONFIG.format(port=self.port, shop=sandbox.url, poll_seconds=POLL_SECONDS),
            "master-key": "0123456789abcdef0123456789abcdef",
            "database-url": database,
            "shop-key": sandbox.credentials.key,
            "shop-secret": sandbox.credentials.secret,
        }.items():
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(text, encoding="utf-8")

    @property
    def config_path(self) -> Path:
        return self.folder / "config.toml"

    @contextmanager
    def app(self) -> Iterator[App]:
        """The product over the same store, in this process; its worker does not run."""
        app = build(Config.load(self.config_path, {}))
        try:
            yield app
        finally:
            app.close()

    def add_agents(self, names: Sequence[str]) -> None:
        with self.app() as app:
            for name in names:
                app.users.add(name=name, username=name, password=PASSWORD, role=Role.AGENT)

    def process(self, *words: str) -> Process:
        """A process of `companion WORDS`, started."""
        log = self.folder / f"{len(self.processes)}-{words[0]}.log"
        command = [sys.executable, "-m", self._module, "--config", str(self.config_path), *words]
        self.processes.append(Process(command, log))
        self.processes[-1].start()
        return self.processes[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def wait_for(claim: Callable[[], str], seconds: float) -> None:
    """Waits until `claim` has nothing to say any more; what it says otherwise is what does not hold yet."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while seen := claim():
        assert time.monotonic() < end, seen
        pause.wait(0.1)
