"""The application password of a WordPress user: what WordPress itself takes as proof of who we are.

A value only; how it is put on a request is each connector's `client.py`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from connectors.errors import Refused


@dataclass(frozen=True, slots=True)
class ApplicationPassword:
    """An application password of a WordPress user (Users > Profile). It travels by Basic, so over TLS, unless the owner
    allows otherwise for a shop on the same machine.
    """

    username: str
    password: str = field(repr=False)
    allow_plain_http_password: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (self.password, self.password.replace(" ", ""))

    @property
    def is_open(self) -> bool:
        """There is no other manner."""
        return False

    def first_manner(self, *, over_tls: bool) -> Literal["basic"]:
        """The one way. Raises `Refused` where the password would travel in the clear."""
        if not over_tls and not self.allow_plain_http_password:
            raise Refused(
                "an application password cannot travel over plain HTTP: anybody on the way could read it",
                code="password_over_http",
                hint="Use an https:// address. Orders (not tickets) can also be read with a WooCommerce key.",
            )
        return "basic"
