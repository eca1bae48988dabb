"""Tells by an alert that a shop does not answer, for as long as it does not, whichever process found out.

A shop that is away for a moment is nobody's concern: the alert waits until the circuit before it has tried in vain a
few times.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from connectors.circuit import CircuitState
from storage.engine import Store
from storage.errors import StorageError
from storage.sync import alerts

log = logging.getLogger(__name__)

PAUSES = 4
"""In a row, which is about half a minute."""


def watch(store: Store, shop_key: str, *, clock: Callable[[], datetime]) -> Callable[[CircuitState], None]:
    """What a shop's circuit tells, kept as the alert `unreachable`."""

    def heard(state: CircuitState) -> None:
        if state.is_open and state.pauses < PAUSES:
            return
        try:
            with store.write(durable=False) as tx:
                if state.is_open:
                    facts = {"failures": state.failures, "reason": state.reason}
                    if alerts.raise_(tx, shop_key, "unreachable", "", facts, clock()):
                        log.warning("the shop does not answer", extra={"shop": shop_key, **facts})
                elif alerts.over(tx, shop_key, "unreachable", "", clock()):
                    log.info("the shop answers again", extra={"shop": shop_key})
        except StorageError as error:
            log.warning("it could not be kept how a shop answers", extra={"shop": shop_key, "reason": str(error)})

    return heard
