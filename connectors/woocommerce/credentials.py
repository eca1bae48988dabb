"""How companion proves to a shop who it is: a WooCommerce key, or a WordPress application password.

Values only; how they are put on a request is `client.py`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from connectors.errors import Refused
from connectors.wordpress.credentials import ApplicationPassword

__all__ = ["OTHERWISE", "ApplicationPassword", "ConsumerKey", "Credentials", "Manner"]

Manner = Literal["basic", "query", "oauth", "oauth-swapped"]
"""How credentials travel: HTTP Basic, keys in the query (TLS only), or OAuth 1.0a (the secret never travels), signed
for the address as we call it or, swapped, with the other of http and https: for a WordPress behind a proxy that was
never told whether its visitors come by TLS.
"""

OTHERWISE: dict[tuple[Manner, str], Manner] = {
    ("basic", "not_recognised"): "query",
    ("basic", "wrong_key"): "oauth-swapped",
    ("oauth", "wrong_signature"): "oauth-swapped",
}
"""What is tried after a refusal of the first manner, by the refusal's code, where the owner left the manner open."""


@dataclass(frozen=True, slots=True)
class ConsumerKey:
    """A key of WooCommerce > Settings > Advanced > REST API, which belongs to a user of the shop.

    `auto` means Basic over TLS, then the query where the host strips the Authorization header; OAuth over plain HTTP
    (see `OTHERWISE`).
    """

    key: str
    secret: str = field(repr=False)
    manner: Literal["auto", "basic", "query", "oauth"] = "auto"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (self.secret, self.key)

    @property
    def is_open(self) -> bool:
        """Whether another manner may be tried after a refusal."""
        return self.manner == "auto"

    def first_manner(self, *, over_tls: bool) -> Manner:
        """How to begin. Raises `Refused` where the secret would travel in the clear."""
        if self.manner == "auto":
            return "basic" if over_tls else "oauth"
        if self.manner != "oauth" and not over_tls:
            raise Refused(
                f'keys cannot travel by "{self.manner}" over plain HTTP: anybody on the way could read them',
                code="keys_over_http",
                hint='Use an https:// address, or auth = "oauth" (or "auto").',
            )
        return self.manner


Credentials = ConsumerKey | ApplicationPassword
