"""Derives every secret companion owns from the one master key, so that none of them is stored anywhere.

HKDF with SHA-256 (RFC 5869) over (purpose, shop, generation). Rotation is the next generation; the one before stays
good for 48 hours, so that a shop's deliveries already on their way still verify. Nothing here reads or writes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import ascii_letters, digits
from typing import Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from companion.config import Secret
from storage.errors import StorageError

log = logging.getLogger(__name__)

Purpose = Literal["webhook", "bridge", "session", "erasure"]

PREVIOUS_IS_GOOD_FOR = timedelta(hours=48)

_REMEMBERED_S = 2.0

_ALPHABET = ascii_letters + digits
_LENGTH = 43
"""43 characters of 62 carry 256 bits."""
_FAIR_BYTES = 256 - 256 % len(_ALPHABET)
"""Bytes from here on are skipped: taking them modulo 62 would favour the first letters."""


@dataclass(frozen=True)
class Rotation:
    """Which generation of a shop's secrets is the current one, and since when (None: since ever)."""

    generation: int = 1
    rotated_at: datetime | None = None


def derive(master_key: Secret, purpose: Purpose, shop: str = "", generation: int = 1) -> str:
    """The secret of one purpose, shop and generation: 43 letters and digits, always the same ones."""
    context = "\0".join(["companion", "1", purpose, shop, str(generation)]).encode()
    # Twice the length: the chance that fewer than 43 of 86 bytes are fair (248/256 each) is below 10^-40.
    material = HKDF(algorithm=SHA256(), length=2 * _LENGTH, salt=None, info=context).derive(
        master_key.reveal().encode()
    )
    letters = [_ALPHABET[byte % len(_ALPHABET)] for byte in material if byte < _FAIR_BYTES]
    return "".join(letters[:_LENGTH])


class Remembered:
    """Asks for a shop's rotation at most every two seconds: each delivery needs it, and another process may rotate.

    `ask` may raise StorageError; then what was known stays good.
    """

    def __init__(self, ask: Callable[[str], Rotation], *, now: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Rotation]] = {}

    def __call__(self, shop: str) -> Rotation:
        """The shop's rotation, as it was two seconds ago at the earliest."""
        with self._lock:
            known = self._known.get(shop)
        if known is not None and self._now() - known[0] < _REMEMBERED_S:
            return known[1]
        try:
            found = self._ask(shop)
        except StorageError as error:
            if known is None:
                raise
            log.warning("secrets are taken as last known", extra={"shop": shop, "reason": str(error)})
            found = known[1]
        with self._lock:
            self._known[shop] = self._now(), found
        return found


class Secrets:
    """The secrets of one installation; `rotation` tells which generation a shop has reached."""

    def __init__(self, master_key: Secret, rotation: Callable[[str], Rotation] = lambda _shop: Rotation()) -> None:
        self._master_key = master_key
        self._rotation = rotation
        self._derived: dict[tuple[Purpose, str, int], str] = {}  # each delivery needs them

    def session_key(self) -> str:
        """What signs the cookies of people who are signed in."""
        return derive(self._master_key, "session")

    def erasure_key(self) -> bytes:
        """What makes the hashes by which erased people are known again; with another master key they are not."""
        return derive(self._master_key, "erasure").encode()

    def webhook_secret(self, shop: str, generation: int | None = None) -> str:
        """The secret of the shop's webhooks, of this generation or of the one in force."""
        return self._of(shop, "webhook", generation or self._rotation(shop).generation)

    def webhook_secrets(self, shop: str, now: datetime) -> tuple[str, ...]:
        """All secrets a delivery of the shop may be signed with, the current one first."""
        return self._active("webhook", shop, now)

    def bridge_secrets(self, shop: str, now: datetime) -> tuple[str, ...]:
        """All secrets a request of the shop's WordPress plugin may be signed with, the current one first."""
        return self._active("bridge", shop, now)

    def _active(self, purpose: Purpose, shop: str, now: datetime) -> tuple[str, ...]:
        rotation = self._rotation(shop)
        generations = [rotation.generation]
        if rotation.rotated_at is not None and now - rotation.rotated_at < PREVIOUS_IS_GOOD_FOR:
            generations.append(rotation.generation - 1)
        # Another process may have rotated a moment ago, and the shop delivers at once. Nobody else can know the next.
        generations.append(rotation.generation + 1)
        return tuple(self._of(shop, purpose, generation) for generation in generations)

    def _of(self, shop: str, purpose: Purpose, generation: int) -> str:
        known = self._derived.get((purpose, shop, generation))
        if known is None:
            known = self._derived[purpose, shop, generation] = derive(self._master_key, purpose, shop, generation)
        return known
