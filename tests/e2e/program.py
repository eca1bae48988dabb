"""The program as its users meet it: called from a shell in a folder of its own, and looked at in a browser."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from companion.sandbox import Sandbox
from tests.fixtures.app import PASSWORD

ADMIN = "root"
PATIENCE_S = 30.0
"""For what should take a second, on a machine that is busy with other tests."""

_TAG = re.compile(r"<[^>]*>")
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Program:
    """`companion` in `folder`. Secrets lie in files beside the configuration, temporary files beside the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder.with_name(f"{folder.name}-temporary")
        self.temporary.mkdir()
        self.database = folder / "companion.sqlite3"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def configure(self, *tables: str) -> None:
        """Write the configuration: a master key, quick looks, and these tables."""
        head = 'master_key = "env:MASTER_KEY"\n[log]\nformat = "text"\n[sync]\npoll_seconds = 10\ndrain_seconds = 0.2\n'
        (self.folder / "config.toml").write_text("\n".join((head, *tables)), encoding="utf-8")

    def shop(self, key: str, url: str, consumer_key: str, consumer_secret: str, *more: str) -> str:
        """The table of a shop."""
        for name, secret in (("key", consumer_key), ("secret", consumer_secret)):
            file = self.folder / f"{key}-{name}"
            file.touch(mode=0o600)
            file.write_text(secret)
        lines = (f"[shops.{key}]", f'url = "{url}"')
        secrets = (f'consumer_key = "file:{key}-key"', f'consumer_secret = "file:{key}-secret"')
        return "\n".join((*lines, *secrets, *more))

    def shop_of(self, key: str, sandbox: Sandbox, *more: str) -> str:
        """The table of a sandbox, with a key that may do everything."""
        return self.shop(key, sandbox.url, sandbox.credentials.key, sandbox.credentials.secret, *more)

    def call(self, *words: str, typed: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self._command(words),
            cwd=self.folder,
            env=self._environ(environ),
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def add_admin(self) -> None:
        """Somebody who may sign in and see everything."""
        added = self.call("users", "add", ADMIN, "--role", "administrator", "--password-stdin", typed=PASSWORD)
        assert added.returncode == 0, added.stderr

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A command that goes on running, until the test ends it or leaves; what it says goes into said.txt."""
        with (self.folder / "said.txt").open("w") as said:
            process = subprocess.Popen(
                self._command(words), cwd=self.folder, env=self._environ({}), stdout=said, stderr=said, text=True
            )
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    @property
    def said(self) -> str:
        """What the started command has said so far."""
        return (self.folder / "said.txt").read_text(encoding="utf-8")

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "companion", *words]

    def _environ(self, more: dict[str, str]) -> dict[str, str]:
        here = {
            "MASTER_KEY": "0123456789abcdef0123456789abcdef",
            "COMPANION_PORT": str(self.port),
            "TMPDIR": str(self.temporary),
        }
        return {**os.environ, **here, **more}


def is_one_sentence(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether the command ended in one plain message, however many warnings went before it."""
    messages = [line for line in done.stderr.splitlines() if not line.startswith("Warning: ")]
    return "Traceback" not in done.stderr and len(messages) == 1 and messages[0].startswith("Error: ")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def wait_until(holds: Callable[[], object], *, what: str) -> None:
    """Look again and again until it holds."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if holds():
                return
        except requests.ConnectionError:
            pass
        assert time.monotonic() < deadline, f"it never came about: {what}"
        time.sleep(0.05)


class Browser:
    """Somebody's browser without scripts: keeps cookies, and sends the token that stands in each form."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._session = requests.Session()

    def get(self, path: str, **query: str) -> requests.Response:
        return self._session.get(self.address + path, params=query, timeout=PATIENCE_S)

    def see(self, path: str, **query: str) -> str:
        """The page's text, without its tags."""
        return _TAG.sub("", self.get(path, **query).text)

    def post(self, page: str, path: str, **fields: Any) -> requests.Response:
        """Send the form that stands on `page`."""
        found = _CSRF.search(self.get(page).text)
        assert found is not None, f"{page} has no form"
        return self.send(path, csrf_token=found[1], **fields)

    def send(self, path: str, **fields: Any) -> requests.Response:
        """Send fields as they are."""
        return self._session.post(self.address + path, data=fields, timeout=PATIENCE_S)

    def sign_in(self, username: str) -> None:
        answer = self.post("/sign-in", "/sign-in", username=username, password=PASSWORD)
        assert answer.ok, answer.text

    def close(self) -> None:
        self._session.close()
