"""Damps storms: so many deliveries about one thing that something in the shop must be saving it in a circle.

Such a thing is held back for a minute and then worked once, with all that came meanwhile; the last delivery is always
among them, so nothing is lost. The first ones of a storm, and every other thing, are worked at once. An alert tells
whoever looks after the shop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from companion.sync.deliveries.hints import Thing
from storage.engine import Store, Tx
from storage.sync import alerts, inbox

log = logging.getLogger(__name__)

MANY = 20
WITHIN = timedelta(minutes=10)
HELD_FOR = timedelta(minutes=1)


class Storms:
    """Watches every shop's deliveries for one drain."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._last: dict[str, dict[str, datetime]] = {}

    def calm(self, shop_key: str, things: Sequence[Thing], token: str) -> list[Thing]:
        """The things to work on now; those under a storm are held back, unless they were already."""
        now = self._clock()
        topics = {
            entry.topic for thing in things for entry in thing.entries if not entry.topic.startswith(inbox.CHANGE)
        }
        with self._store.read() as tx:
            arrived = inbox.arrived(tx, shop_key, topics, {thing.id for thing in things}, since=now - WITHIN)
        many = {thing.key: count for thing in things if (count := arrived.get(thing.key, 0)) > MANY}
        held = [thing for thing in things if thing.key in many and not thing.was_held_back]
        if held:
            with self._store.write(durable=False) as tx:
                for thing in held:
                    inbox.hold_back(tx, thing.entry_ids, token, until=now + HELD_FOR)
                    facts = {"deliveries": many[thing.key], "minutes": int(WITHIN.total_seconds() // 60)}
                    if alerts.raise_(tx, shop_key, "storm", _name(thing), facts, now):
                        log.warning("a storm of deliveries is damped", extra={"shop": shop_key, "thing": _name(thing)})
            self._known(shop_key).update({_name(thing): now for thing in held})
        return [thing for thing in things if thing not in held]

    def end(self, shop_key: str) -> None:
        """Says of storms that have calmed down that they are over."""
        now = self._clock()
        known = self._known(shop_key)
        if all(now - last_at <= WITHIN for last_at in known.values()):
            return
        with self._store.write(durable=False) as tx:
            known.clear()
            known.update(_standing(tx, shop_key))  # another process may have seen more of it
            for name, last_at in list(known.items()):
                if now - last_at > WITHIN:
                    alerts.over(tx, shop_key, "storm", name, now)
                    del known[name]

    def _known(self, shop_key: str) -> dict[str, datetime]:
        """The storms of a shop and when each was last seen; those of an earlier process are found in the store."""
        if shop_key not in self._last:
            with self._store.read() as tx:
                self._last[shop_key] = _standing(tx, shop_key)
        return self._last[shop_key]


def _standing(tx: Tx, shop_key: str) -> dict[str, datetime]:
    return {alert.subject: alert.last_at for alert in alerts.standing(tx, shop_key) if alert.kind == "storm"}


def _name(thing: Thing) -> str:
    """As alerts name what they are about."""
    return f"{thing.kind} {thing.id}"
