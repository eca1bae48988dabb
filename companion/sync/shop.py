"""One shop as the engine works with it: its key, the source that reaches it, and how fast it likes to be read."""

from __future__ import annotations

from dataclasses import dataclass

from companion.sync.pages import Pace
from companion.sync.source import Source


@dataclass(frozen=True, slots=True)
class Shop:
    """`key` is the shop's name in the configuration and in every row."""

    key: str
    source: Source
    pace: Pace
