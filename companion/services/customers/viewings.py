"""Who has a customer's page open right now, so that two agents do not call the same person.

A page says every twenty seconds that it is in sight. That is worth no wait and no error: where the store is busy the
next one says it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companion.domain.permissions import Viewer
from companion.services.errors import NotFound
from companion.services.scopes import scope_of
from storage.engine import Store
from storage.errors import TryAgain
from storage.people import customers, viewings

log = logging.getLogger(__name__)

RENEWED_S = 20
"""How often, in seconds, an open page says that it is in sight."""

_PRESENT = timedelta(seconds=2.5 * RENEWED_S)
"""Who said so within this time is there: one renewal may be lost."""


@dataclass(frozen=True)
class Colleague:
    """Somebody else who has the page open."""

    agent_id: int
    name: str


class Viewings:
    """The use cases of an open page."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def renew(self, viewer: Viewer, customer_id: int) -> tuple[Colleague, ...]:
        """She has this customer's page in sight; returns who else has. Raises NotFound."""
        now = self._clock()
        with self._store.read() as tx:
            resolved = customers.resolve(tx, customer_id)
            if resolved is None or customers.newest_account(tx, resolved, scope_of(viewer)) is None:
                raise NotFound("customer.not_found")
            others = viewings.others(tx, resolved, viewer.agent_id, since=now - _PRESENT)
        try:
            with self._store.write(durable=False) as tx:
                viewings.renew(tx, resolved, viewer.agent_id, now=now)
        except TryAgain as error:
            log.info("an open page could not be noted", extra={"reason": str(error)})
        return tuple(Colleague(row.agent_id, row.name) for row in others)
