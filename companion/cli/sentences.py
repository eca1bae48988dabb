"""English sentences for the errors of the use cases, by their code. The pages have theirs in the translations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from companion.services.errors import ServiceError

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "agent.email": "This is no e-mail address.",
        "agent.name": "A name has 1 to {limit} characters.",
        "agent.no_sign_in": "She has no sign-in here, so she has no password either.",
        "agent.not_found": "There is no such person.",
        "agent.username": "A user name has 1 to {limit} characters.",
        "agent.username_taken": "Somebody else has this user name.",
        "customer.not_found": "There is no such customer.",
        "forbidden": "This needs the permission {permission}.",
        "password.long": "A password has at most {limit} characters.",
        "password.obvious": "This password is too easy to guess.",
        "password.short": "A password has at least {limit} characters.",
        "preferences.calendar": "The calendar is jalali, gregorian, or none.",
        "preferences.language": "The language is fa, en, or none.",
        "shop.not_found": "There is no such shop.",
        "sign_in.busy": "Too many sign-ins at once; try again in {retry_after} seconds.",
        "sign_in.failed": "The user name and the password do not belong together.",
    }
)
"""What the commands can meet; `{…}` are the error's own params."""


def sentence(error: ServiceError) -> str:
    """What went wrong, for the person at the terminal."""
    template = SENTENCES.get(error.code)
    return template.format(**error.params) if template else f"This is not possible ({error.code})."
