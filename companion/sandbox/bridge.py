"""The shop's side of companion's own plugin: events through the webhook queue, and a memory of what no date tells.

The memory is one bounded option: whoever asks for what happened before it begins is told to sweep. Calls are signed
with the bridge's secret; the check is written here anew and shares nothing with whoever signs.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol

from companion.sandbox.clock import ShopClock
from companion.sandbox.delivery import DeliveryQueue
from companion.sandbox.wire import Request, RestError

NAMESPACE = "companion/v1"
"""Under which name its REST route stands."""
DEFAULT_SECRET = "sandboxbridgesecret"  # noqa: S105 - invented, opens nothing but a sandbox
SUMMARY_KEY = "companion_note"
WINDOW_SECONDS = 300
NONCE_SECONDS = 600
MEMORY = 1000
MOST_CHANGES = 500
_SIGNED = ("x-companion-shop", "x-companion-time", "x-companion-nonce", "x-companion-user", "x-companion-roles")


@dataclass(frozen=True, slots=True)
class Change:
    """Something that no date of any record tells: `event` as "ticket_reply", and the ids that its hook carries."""

    number: int
    event: str
    ids: dict[str, int]


class Ground(Protocol):
    """What the bridge must know of the shop that it runs in."""

    clock: ShopClock
    deliveries: DeliveryQueue


class Bridge:
    """The plugin in one shop; does nothing until `is_active`. `memory` is how many changes it keeps."""

    def __init__(self, shop: Ground) -> None:
        self._shop = shop
        self._lock = threading.Lock()
        self._changes: deque[Change] = deque()
        self._nonces: dict[str, float] = {}
        self.number = 0
        self.is_active = False
        self.secret = DEFAULT_SECRET
        self.shop_key = "main"
        self.memory = MEMORY

    def happened(self, kind: str, event: str, record_id: int, *, dateless: bool = False, **ids: int) -> None:
        """Fire `wc_companion_{kind}_{event}` with the record's id and `ids`; remember what is `dateless`.

        `kind` is "order", "ticket" or "customer": whose record must be looked at again.
        """
        if not self.is_active:
            return
        named = {"id": record_id, **ids}
        if dateless:
            with self._lock:
                self.number += 1
                self._changes.append(Change(self.number, f"{kind}_{event}", named))
                while len(self._changes) > self.memory:
                    self._changes.popleft()
        self._shop.deliveries.do_action(f"wc_companion_{kind}_{event}", named)

    def since(self, number: int) -> dict[str, Any]:
        """What happened after `number`, oldest first, at most so many; or that a sweep is due.

        A sweep is due where the memory begins later, and where `number` is one that this shop has not reached: it was
        restored from a backup.
        """
        with self._lock:
            oldest = self._changes[0].number if self._changes else self.number + 1
            if not oldest - 1 <= number <= self.number:
                return {"number": self.number, "sweep": True, "more": False, "changes": []}
            found = [change for change in self._changes if change.number > number]
            chosen, is_more = found[:MOST_CHANGES], len(found) > MOST_CHANGES
            return {
                "number": chosen[-1].number if is_more else self.number,
                "sweep": False,
                "more": is_more,
                "changes": [{"number": change.number, "event": change.event, **change.ids} for change in chosen],
            }

    def forget(self, number: int = 0) -> None:
        """Go back to `number` with nothing remembered, as a shop restored from a backup does."""
        with self._lock:
            self.number = number
            self._changes.clear()

    def check(self, request: Request) -> None:
        """Make sure that companion itself asks; RestError otherwise. What else was wrong is only told to whom has the
        secret.

        The time may be the machine's or the shop's own, as a test may stop either.
        """
        shop, at, nonce, user, roles = (request.headers.get(name, "") for name in _SIGNED)
        body = hashlib.sha256(request.body).hexdigest()
        text = f"{shop}\n{at}\n{nonce}\n{user}\n{roles}\n{request.method}\n{request.target}\n{body}"
        expected = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        given = request.headers.get("x-companion-signature", "")
        if shop != self.shop_key or not nonce or not hmac.compare_digest(expected.encode(), given.encode()):
            raise RestError(401, "companion_wrong_signature", "The signature does not match.")
        now = time.time()
        if not at.isdecimal() or min(abs(int(at) - now), abs(int(at) - self._shop.clock.epoch())) > WINDOW_SECONDS:
            raise RestError(401, "companion_wrong_time", "The time is not of now.")
        with self._lock:
            self._nonces = {seen: since for seen, since in self._nonces.items() if now - since <= NONCE_SECONDS}
            if nonce in self._nonces:
                raise RestError(401, "companion_used_nonce", "The nonce was used before.")
            self._nonces[nonce] = now
