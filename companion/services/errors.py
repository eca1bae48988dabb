"""What can go wrong in a use case, as values that a page, a command or the bridge turns into words.

`code` is a stable name for a translation ("note.empty"), `params` fills its gaps. Never a sentence for people: the
reader may be Persian.
"""

from __future__ import annotations


class ServiceError(Exception):
    """Base of all; the message of the exception itself is for logs only."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class NotFound(ServiceError):
    """There is no such thing, or none that this viewer may know of (the two are not told apart)."""


class Forbidden(ServiceError):
    """The viewer sees the thing, but may not do this with it."""


class Invalid(ServiceError):
    """What was typed cannot be taken; `field` names the form's field. Nothing was written."""

    def __init__(self, code: str, *, field: str, **params: str | int) -> None:
        super().__init__(code, **params)
        self.field = field


class Conflict(ServiceError):
    """Somebody changed the thing since it was read. Nothing was written, nothing is lost: the form keeps what was
    typed, beside `body` and `version`, which stand in the store now.
    """

    def __init__(self, code: str, *, body: str, version: int) -> None:
        super().__init__(code, version=version)
        self.body = body
        self.version = version


class TooMany(ServiceError):
    """Too much at once; worth trying again after `retry_after` seconds."""

    def __init__(self, code: str, *, retry_after: int) -> None:
        super().__init__(code, retry_after=retry_after)
        self.retry_after = retry_after


class SignInFailed(ServiceError):
    """The user name and password do not open anything. It is not told which of them was wrong."""

    def __init__(self) -> None:
        super().__init__("sign_in.failed")
