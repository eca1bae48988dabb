"""What doctor says: findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connectors.errors import ConnectorError

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing to say about one subject; `cure` is what a person can do about it."""

    subject: str
    level: Level
    message: str
    cure: str = ""


def problem(subject: str, error: ConnectorError) -> Finding:
    """What a shop answered, or that it did not, as a finding."""
    return Finding(subject, "problem", str(error), error.hint)
