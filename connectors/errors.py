"""The errors of every connector, named by what the caller should do.

Nothing here knows a vendor: a connector raises one of these with a sentence that a shop owner understands.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of them all; `code` is a stable name for messages in the user's language, `hint` says how to mend it."""

    def __init__(self, message: str, *, code: str = "", status: int | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.hint = hint


class Transient(ConnectorError):
    """Try again later: the network, a 429 or 5xx, a page that is no JSON.

    `retry_after` is in seconds, where the shop named it.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int | None = None,
        hint: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status, hint=hint)
        self.retry_after = retry_after


class Unavailable(Transient):
    """Nothing was sent: the shop failed so often lately that it is left alone (`connectors.circuit`). `retry_after` is
    when one more request may try.
    """

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message, code="unavailable", retry_after=retry_after)


class Permanent(ConnectorError):
    """This request can never succeed as it is: a missing order, a wrong parameter. Park it, go on with the rest."""


class Missing(Permanent):
    """The shop says that the thing does not exist (404, or its own code for it)."""


class Refused(ConnectorError):
    """The shop refuses us: wrong key or address, missing permission, bad certificate. Nothing helps but a person."""
