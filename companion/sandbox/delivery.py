"""Webhooks: which hooks wake them, the queue they wait in, and their signed deliveries over real HTTP.

As observed: queued once while the same thing waits, the payload built when it is sent, no retry ever, disabled at the
seventh failure in a row. Unlike an unmodified WordPress it delivers to loopback addresses and to any port.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import http.client
import json
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

from companion.sandbox.clock import ShopClock
from companion.sandbox.faults import Faults
from companion.sandbox.records import Webhook
from companion.sandbox.views import VERSION, hooks_of
from companion.sandbox.wire import php_json

WORDPRESS = "6.9.1"
TIMEOUT_SECONDS = 60.0
PING_SECONDS = 5.0
FAILURES_BORNE = 6
"""Failures in a row that a webhook survives; the next one disables it."""
_PING_REDIRECTS = 5
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivery that was sent; `status` 0: nobody answered."""

    webhook_id: int
    topic: str
    arg: Any
    body: bytes
    headers: tuple[tuple[str, str], ...]
    status: int


@dataclass(frozen=True, slots=True)
class _Waiting:
    webhook_id: int
    hook: str
    arg: Any

    @property
    def sameness(self) -> str:
        return json.dumps([self.webhook_id, self.arg], sort_keys=True)


class Sender(Protocol):
    """What the queue must know of the shop that it delivers for."""

    lock: threading.RLock
    clock: ShopClock
    faults: Faults
    name: str
    url: str

    def payload(self, resource: str, arg: Any) -> Any:
        """What is sent of an order or a customer."""


class DeliveryQueue:
    """The webhooks of a shop and what waits to be delivered to them."""

    def __init__(self, shop: Sender) -> None:
        self._shop = shop
        self._running = threading.Lock()
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()
        self.webhooks: dict[int, Webhook] = {}
        self.sent: deque[Delivered] = deque(maxlen=_KEPT)
        self.pings: deque[tuple[int, int]] = deque(maxlen=_KEPT)
        self.timeout_seconds = TIMEOUT_SECONDS

    @property
    def waiting(self) -> int:
        """How many deliveries wait for the next run."""
        return len(self._waiting)

    def do_action(self, hook: str, arg: Any) -> None:
        """Queue a delivery for each active webhook that listens to `hook`, unless the very same one waits already."""
        with self._shop.lock:
            for webhook in self.webhooks.values():
                if webhook.status == "active" and hook in hooks_of(webhook.topic):
                    item = _Waiting(webhook.id, hook, arg)
                    self._waiting.setdefault(item.sameness, item)

    def run(self) -> list[Delivered]:
        """Deliver what waits now, one after another as a shop does; what is queued meanwhile waits for the next run."""
        with self._running:
            made: list[Delivered] = []
            for item in self._take():
                made.extend(self._deliver(item))
        return made

    def _take(self) -> list[_Waiting]:
        with self._shop.lock:
            taken: list[_Waiting] = []
            is_reversed = False
            left: OrderedDict[str, _Waiting] = OrderedDict()
            for item in self._waiting.values():
                webhook = self.webhooks.get(item.webhook_id)
                fault = self._shop.faults.of_delivery(webhook.topic) if webhook else None
                kind = fault.kind if fault else ""
                is_reversed = is_reversed or kind == "reorder"
                if kind == "delay":
                    left[item.sameness] = item
                elif kind != "drop":
                    taken += [item, item] if kind == "double" else [item]
            self._waiting = left
            return taken[::-1] if is_reversed else taken

    def _deliver(self, item: _Waiting) -> list[Delivered]:
        with self._shop.lock:
            webhook = self.webhooks.get(item.webhook_id)
            if webhook is None or webhook.status != "active":
                return []
            body = php_json(self._payload(webhook, item))
            headers = self._headers(webhook, body)
            url = webhook.delivery_url
        status = send("POST", url, headers, body, self.timeout_seconds)
        delivered = Delivered(webhook.id, webhook.topic, item.arg, body, tuple(headers), status)
        with self._shop.lock:
            self.sent.append(delivered)
            ping_again = self._settle(webhook, status)
        if ping_again:
            self.ping(webhook)
        return [delivered]

    def _settle(self, webhook: Webhook, status: int) -> bool:
        """Count a success or a failure; True where an earlier ping is still unanswered and is sent again."""
        if 200 <= status <= 302:  # noqa: PLR2004 - the range the shop takes for success
            webhook.failure_count = 0
            return False
        if webhook.failure_count >= FAILURES_BORNE:
            webhook.status = "disabled"
            webhook.modified = self._shop.clock.epoch()
            return False
        webhook.failure_count += 1
        return webhook.is_pending

    def _payload(self, webhook: Webhook, item: _Waiting) -> Any:
        resource, _, event = webhook.topic.partition(".")
        if resource == "action":
            return {"action": item.hook, "arg": item.arg}
        if event == "deleted":
            return {"id": item.arg}
        return self._shop.payload(resource, item.arg)

    def _headers(self, webhook: Webhook, body: bytes) -> list[tuple[str, str]]:
        resource, _, event = webhook.topic.partition(".")
        moment = f"{webhook.id} {self._shop.clock.epoch()} {self._shop.name}"
        return [
            ("Host", urlsplit(webhook.delivery_url).netloc),
            ("User-Agent", f"WooCommerce/{VERSION} Hookshot (WordPress/{WORDPRESS})"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "deflate, gzip, br, zstd"),
            ("Content-Type", "application/json"),
            ("X-WC-Webhook-Source", f"{self._shop.url}/"),
            ("X-WC-Webhook-Topic", webhook.topic),
            ("X-WC-Webhook-Resource", resource),
            ("X-WC-Webhook-Event", event),
            ("X-WC-Webhook-Signature", sign(webhook.secret, body)),
            ("X-WC-Webhook-ID", str(webhook.id)),
            ("X-WC-Webhook-Delivery-ID", hashlib.md5(moment.encode(), usedforsecurity=False).hexdigest()),
            ("Connection", "close"),
            ("Content-Length", str(len(body))),
        ]

    def ping(self, webhook: Webhook) -> int:
        """Tell the receiver that the webhook exists: an unsigned form with its id. The answer changes nothing else."""
        form = urlencode({"webhook_id": webhook.id}).encode()
        url = webhook.delivery_url
        for _ in range(_PING_REDIRECTS):
            headers = [
                ("Host", urlsplit(url).netloc),
                ("User-Agent", f"WooCommerce/{VERSION} Hookshot (WordPress/{WORDPRESS})"),
                ("Accept", "*/*"),
                ("Accept-Encoding", "deflate, gzip, br, zstd"),
                ("Content-Type", "application/x-www-form-urlencoded"),
                ("Connection", "close"),
                ("Content-Length", str(len(form))),
            ]
            answer = exchange("POST", url, headers, form, PING_SECONDS)
            if answer is None or not answer[1]:
                break
            url = urljoin(url, answer[1])
        status = answer[0] if answer else 0
        with self._shop.lock:
            self.pings.append((webhook.id, status))
            if status == 200:  # noqa: PLR2004 - nothing else counts as an answer
                webhook.is_pending = False
                webhook.modified = self._shop.clock.epoch()
        return status


def sign(secret: str, body: bytes) -> str:
    """The signature of a delivery: HMAC-SHA256 of the raw body, in base64. WordPress HTML-decodes the secret first."""
    digest = hmac.new(html.unescape(secret).encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def send(method: str, url: str, headers: list[tuple[str, str]], body: bytes, timeout: float) -> int:
    """Send one request on a connection of its own and give the status; redirects are not followed. 0: no answer."""
    answer = exchange(method, url, headers, body, timeout)
    return answer[0] if answer else 0


def exchange(
    method: str, url: str, headers: list[tuple[str, str]], body: bytes, timeout: float
) -> tuple[int, str] | None:
    """Status and redirect target ("" without one) of one request; None where nobody answered."""
    parts = urlsplit(url)
    connection_type = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connection_type(parts.hostname or "", parts.port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return None
    else:
        is_redirect = 300 <= response.status < 400  # noqa: PLR2004 - the class of redirects
        return response.status, (response.getheader("Location") or "") if is_redirect else ""
    finally:
        connection.close()
