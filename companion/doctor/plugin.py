"""Companion's plugin inside a shop's WordPress: whether it runs there, and takes us for its companion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from companion.config import Config
from companion.config import Shop as ShopConfig
from companion.connect import Clock, bridge
from companion.doctor.database import Remembered
from companion.doctor.finding import Finding, problem
from companion.secrets import Secrets
from connectors.errors import ConnectorError, Missing

_SINCE = 0  # whatever is remembered since then: that it answers is all we ask


def examine(subject: str, shop: ShopConfig, config: Config, remembered: Remembered, clock: Clock) -> Iterator[Finding]:
    """Nothing where it is never asked."""
    reached = bridge(shop, secrets=Secrets(config.master_key, lambda _shop: remembered.rotation), clock=clock)
    if reached is None:
        return
    try:
        with closing(reached):
            reached.changes(_SINCE)
    except Missing:
        message = "companion's plugin does not run in it: what no date tells is found by looking, within hours"
        yield Finding(subject, "ok", message)
    except ConnectorError as error:
        yield problem(subject, error)
    else:
        yield Finding(subject, "ok", "companion's plugin runs in it, and takes our signature")
