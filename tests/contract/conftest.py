"""A receiver of webhooks that keeps what it is sent, byte for byte."""

from __future__ import annotations

import http.server
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass
class Receiver:
    """Answers 200, or 500 under paths that end in s500; `received` is what came, in its order."""

    url: str
    received: list[Received] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    received: list[Received] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(Received(self.path, tuple(self.headers.items()), body))
            self.send_response(500 if self.path.endswith("s500") else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Receiver(f"http://127.0.0.1:{server.server_address[1]}", received)
        server.shutdown()
        thread.join()
