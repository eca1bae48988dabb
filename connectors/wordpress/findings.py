"""What a probe found out about a site, and the findings that every connector to a WordPress may make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from connectors.errors import ConnectorError
from connectors.wordpress.client import RestClient


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should know. `code` is stable, for messages in the person's language."""

    code: str
    level: Literal["warning", "problem"]
    message: str
    hint: str = ""


def problem(error: ConnectorError) -> Finding:
    """An error that keeps companion from working, as a finding."""
    return Finding(error.code, "problem", str(error), error.hint)


def warning(error: ConnectorError) -> Finding:
    """An error that companion can live with, as a finding."""
    return Finding(error.code, "warning", str(error), error.hint)


def tried(question: Callable[[], object]) -> ConnectorError | None:
    """The error that a question met, None where it was answered."""
    try:
        question()
    except ConnectorError as error:
        return error
    return None


def of_addresses(client: RestClient) -> list[Finding]:
    """What was noticed of the site's addresses and of the caches before them."""
    findings = []
    if client.plain_permalinks:
        message = "the shop's permalinks are plain; we use ?rest_route= instead"
        findings.append(Finding("plain_permalinks", "warning", message, "Any other structure is more robust."))
    if client.past_caches:
        message = "a cache answers the shop's REST requests; we ask past it"
        findings.append(Finding("cached_answers", "warning", message, "Exempt /wp-json/ from caching."))
    return findings
