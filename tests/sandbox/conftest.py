"""How the tests of the sandbox speak with it, and what it delivers to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from companion.sandbox import Sandbox
from tests.contract.conftest import Receiver, receiver

__all__ = ["receiver"]


class Client:
    """Speaks the API with a shop manager's key."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._url = f"{sandbox.url}/wp-json/wc/v3/"
        self._session = requests.Session()
        self._session.auth = (sandbox.credentials.key, sandbox.credentials.secret)
        self._session.trust_env = False

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._session.request(method, self._url + path, timeout=10, **options)

    def close(self) -> None:
        self._session.close()


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Client]:
    client = Client(sandbox)
    yield client
    client.close()


@pytest.fixture
def hear(api: Client, receiver: Receiver) -> Any:
    """Registers a webhook of a topic with the receiver, and forgets the ping."""

    def register(topic: str, path: str = "/ok") -> int:
        body = {"topic": topic, "delivery_url": receiver.url + path, "secret": "abc"}
        webhook_id: int = api("POST", "webhooks", json=body).json()["id"]
        receiver.received.clear()
        return webhook_id

    return register
