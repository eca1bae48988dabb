"""One shop as the engine works with it: its key, what reaches it, and how fast it likes to be read."""

from __future__ import annotations

from dataclasses import dataclass

from companion.sync.pages import Pace
from companion.sync.source import Bridge, Helpdesk, Source


@dataclass(frozen=True, slots=True)
class Shop:
    """`key` is the shop's name in the configuration and in every row. `helpdesk` is None where it has none that we may
    read, `bridge` where our own plugin does not run in it.
    """

    key: str
    source: Source
    pace: Pace
    helpdesk: Helpdesk | None = None
    bridge: Bridge | None = None
