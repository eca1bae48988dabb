"""Companion's own webhooks in a shop: makes those that are missing, mends those that fell silent, rotates their secret.

A shop disables a webhook at its seventh failure in a row, without a word, and never sends again what failed. Reviving
keeps the count: one more failure disables it again, until one delivery succeeds. So whatever ends a silence first sets
the polls back to the last delivery that is known; then it is durable that they catch up.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from companion.domain.subscription import (
    ACTIVE,
    CUSTOMER_TOPICS,
    DISABLED,
    ORDER_TOPICS,
    PAUSED,
    Known,
    Plan,
    Step,
    delivery_url,
    ours,
    plan,
    topics,
)
from companion.sync.deliveries.listening import listen
from companion.sync.lease import held
from companion.sync.shop import Shop
from storage import shops
from storage.engine import Store, Tx
from storage.sync import alerts, cursors, due, subscriptions
from storage.sync.subscriptions import Subscription

__all__ = ["TOPICS", "Mended", "Rotated", "Subscriptions", "delivery_url"]

log = logging.getLogger(__name__)

TOPICS = ORDER_TOPICS + CUSTOMER_TOPICS
"""What every shop is asked to tell; where companion's plugin runs, its own events besides."""

_AWAY_AFTER_LOOKS = 3
_DELETED = "deleted"  # what we say of one that the shop lists no more


class Busy(Exception):
    """Another process is at this shop's webhooks just now."""


class MayNotWrite(Exception):
    """The shop is paused, or nothing may be written to any shop."""


class Mended(NamedTuple):
    """The topics of the webhooks that were made, that were revived, whose address was put right, that were given the
    secret in force, and that a person paused in the shop.
    """

    made: tuple[str, ...] = ()
    revived: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    paused: tuple[str, ...] = ()


class Rotated(NamedTuple):
    """The number of the secret now in force, and what was done with the webhooks."""

    generation: int
    mended: Mended


class Subscriptions:
    """Our webhooks in every shop.

    `secret_of(shop, generation)` derives a secret. Without a `public_url` there are none, and where we may not write
    those that are there are only watched.
    """

    def __init__(
        self,
        *,
        store: Store,
        secret_of: Callable[[str, int], str],
        public_url: str,
        may_write: bool,
        poll_seconds: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._secret_of = secret_of
        self._public_url = public_url
        self._may_write = may_write
        self._away_after = timedelta(seconds=poll_seconds * _AWAY_AFTER_LOOKS)
        self._clock = clock
        self._owner = secrets.token_hex(8)

    def known(self) -> list[Subscription]:
        """All of them as last seen, by shop and topic; also in shops that have left the configuration."""
        with self._store.read() as tx:
            return subscriptions.every(tx)

    def look(self, shop: Shop) -> Mended:
        """Sees to it that one active webhook delivers each topic to us, and touches no other. Raises ConnectorError."""
        if not self._public_url:
            self._forget(shop)
            return Mended()
        with held(self._store, _lease(shop), self._owner, clock=self._clock) as is_ours:
            # Whoever has it looks as we would.
            return self._look(shop) if is_ours else Mended()

    def rotate(self, shop: Shop) -> Rotated:
        """Puts the next secret in force and gives it to the webhooks; the one before stays good for 48 hours.

        The number is on disk before any webhook has the secret. Raises Busy or ConnectorError where it cannot be given
        now: the next look gives it. Raises MayNotWrite before anything is done.
        """
        with self._store.write() as tx:
            if not self._may_write or shops.is_paused(tx, shop.key):
                raise MayNotWrite
            generation = shops.rotate(tx, shop.key, now=self._clock())
        with held(self._store, _lease(shop), self._owner, clock=self._clock) as is_ours:
            if not is_ours:
                raise Busy(f"another process is at the webhooks of {shop.key}")
            return Rotated(generation, self._look(shop))

    def remove(self, shop: Shop) -> tuple[str, ...]:
        """Removes ours from the shop, which is paused first so that no look makes them anew. Returns their topics.

        Raises Busy or ConnectorError; called again, it removes what is left.
        """
        with self._store.write() as tx:
            shops.pause(tx, shop.key)
        with held(self._store, _lease(shop), self._owner, clock=self._clock) as is_ours:
            if not is_ours:
                raise Busy(f"another process is at the webhooks of {shop.key}")
            with self._store.read() as tx:
                known = {topic: _known(one) for topic, one in subscriptions.of_shop(tx, shop.key).items()}
            listed = shop.source.webhooks()
            removed = []
            for topic in sorted({*known, *topics(has_bridge=True, has_helpdesk=True)}):
                url = delivery_url(self._public_url, shop.key, topic) if self._public_url else ""
                for webhook in ours(topic, known.get(topic), listed, url=url, shop_key=shop.key):
                    shop.source.delete_webhook(webhook.id)
                    removed.append(topic)
            self._forget(shop)
        return tuple(removed)

    # --- one look -------------------------------------------------------------------------------------------------

    def _look(self, shop: Shop) -> Mended:
        with self._store.read() as tx:
            known = subscriptions.of_shop(tx, shop.key)
            generation = shops.generation(tx, shop.key).number
            may_write = self._may_write and not shops.is_paused(tx, shop.key)
            wanted = topics(has_bridge=_has_bridge(tx, shop), has_helpdesk=shop.helpdesk is not None)
        if not may_write and not known:
            return Mended()
        listed = shop.source.webhooks()
        plans = [
            plan(
                topic,
                _known(known[topic]) if topic in known else None,
                listed,
                public_url=self._public_url,
                shop_key=shop.key,
                generation=generation,
            )
            # A plugin that is silent for once keeps its webhooks.
            for topic in dict.fromkeys((*wanted, *known))
        ]
        self._keep(shop, plans, known, may_write=may_write)
        if may_write:
            self._catch_up(shop, plans, known)
            for each in plans:
                self._carry_out(shop, each, known.get(each.topic), generation)
        with self._store.write(durable=False) as tx:
            listen(tx, shop.key, now=self._clock(), away_after=self._away_after)
        return _told(shop, plans) if may_write else Mended()

    def _keep(self, shop: Shop, plans: Sequence[Plan], known: Mapping[str, Subscription], *, may_write: bool) -> None:
        """Keeps what the shop says of each that we know, and raises or ends its alert."""
        now = self._clock()
        with self._store.write(durable=False) as tx:
            for each in plans:
                one, webhook = known.get(each.topic), each.webhook
                status = webhook.status if webhook else _DELETED
                is_fragile = one is not None and _is_fragile(one)
                if one is not None:
                    webhook_id = webhook.id if webhook else one.webhook_id
                    subscriptions.put(
                        tx,
                        shop.key,
                        each.topic,
                        webhook_id=webhook_id,
                        status=status,
                        checked_at=now,
                        is_fragile=is_fragile,
                    )
                if status in {PAUSED, DISABLED}:
                    heard_at = one.delivered_at if one else None
                    facts = {
                        "status": status,
                        # It is revived with its failures: one more, and the shop disables it again.
                        "is_fragile": status == DISABLED and may_write,
                        "last_delivery_at": heard_at.isoformat() if heard_at else None,
                    }
                    alerts.raise_(tx, shop.key, "webhook_disabled", each.topic, facts, now)
                elif not is_fragile:
                    alerts.over(tx, shop.key, "webhook_disabled", each.topic, now)

    def _catch_up(self, shop: Shop, plans: Sequence[Plan], known: Mapping[str, Subscription]) -> None:
        """Sets the polls back to before deliveries were lost. What no date tells is compared whole."""
        lapsed = [each.topic for each in plans if each.has_lapsed]
        since = {topic: _known_good(known.get(topic)) for topic in lapsed if topic in TOPICS}
        if not since:
            return  # what our own plugin told is remembered there, by number
        log.warning("deliveries were lost; catching up", extra={"shop": shop.key, "topics": lapsed})
        with self._store.write() as tx:
            cursor = cursors.get(tx, shop.key, "orders")
            of_orders = [at for topic, at in since.items() if topic in ORDER_TOPICS]
            earliest = min((at for at in of_orders if at), default=None)
            if cursor is not None and cursor.watermark and cursor.started_at and earliest:
                by_the_shops_clock = earliest + (cursor.watermark - cursor.started_at)
                back = min(cursor.watermark, by_the_shops_clock)
                cursors.put(tx, shop.key, "orders", watermark=back)
                due.rounds(tx, shop.key, ("orders",))
            if not all(of_orders) or set(since) & set(CUSTOMER_TOPICS):
                due.rounds(tx, shop.key, ("reconcile",))

    def _carry_out(self, shop: Shop, each: Plan, one: Subscription | None, generation: int) -> None:
        """Does what the plan says in the shop, and keeps that it is done."""
        webhook, secret = each.webhook, self._secret_of(shop.key, generation)
        is_fragile = one is not None and _is_fragile(one)
        mended_at: datetime | None = self._clock()
        match each.step:
            case Step.LEAVE:
                mended_at = None
            case Step.MAKE:
                webhook = shop.source.create_webhook(
                    name=f"Companion {each.topic}", topic=each.topic, delivery_url=each.url, secret=secret
                )
                is_fragile = False
            case Step.MEND:
                assert webhook is not None  # noqa: S101 - there is something to mend
                status = None if webhook.status == PAUSED else ACTIVE
                is_fragile = is_fragile or webhook.status == DISABLED
                webhook = shop.source.update_webhook(webhook.id, status=status, secret=secret, delivery_url=each.url)
            case Step.GIVE_SECRET:
                assert webhook is not None  # noqa: S101 - there is something to give it to
                webhook = shop.source.update_webhook(webhook.id, secret=secret)
                mended_at = one.repaired_at if one else mended_at
        if each.step is not Step.LEAVE and webhook is not None:
            with self._store.write() as tx:
                subscriptions.put(
                    tx,
                    shop.key,
                    each.topic,
                    webhook_id=webhook.id,
                    status=webhook.status,
                    checked_at=self._clock(),
                    generation=generation,
                    is_fragile=is_fragile,
                    repaired_at=mended_at,
                )
        for other in each.others:
            shop.source.delete_webhook(other.id)

    def _forget(self, shop: Shop) -> None:
        """There are none any more, and nothing to complain of."""
        with self._store.read() as tx:
            if not subscriptions.of_shop(tx, shop.key):
                return
        now = self._clock()
        with self._store.write(durable=False) as tx:
            subscriptions.forget(tx, shop.key)
            for alert in alerts.standing(tx, shop.key):
                if alert.kind in {"webhook_disabled", "webhooks_silent"}:
                    alerts.over(tx, shop.key, alert.kind, alert.subject, now)


def _lease(shop: Shop) -> str:
    return f"webhooks:{shop.key}"


def _has_bridge(tx: Tx, shop: Shop) -> bool:
    """Whether our plugin has ever answered there."""
    cursor = cursors.get(tx, shop.key, "changes") if shop.bridge is not None else None
    return cursor is not None and cursor.succeeded_at is not None


def _known(one: Subscription) -> Known:
    return Known(one.webhook_id, one.status, one.generation)


def _is_fragile(one: Subscription) -> bool:
    """Revived, and nothing was delivered since: one more failure disables it again."""
    was_heard = one.delivered_at is not None and (one.repaired_at is None or one.delivered_at > one.repaired_at)
    return one.is_fragile and not was_heard


def _known_good(one: Subscription | None) -> datetime | None:
    """Until when nothing was lost: the last delivery, or when it was made or mended, since that caught up."""
    return max((at for at in (one.delivered_at, one.repaired_at) if at), default=None) if one else None


def _told(shop: Shop, plans: Sequence[Plan]) -> Mended:
    """What was done, for whoever asked and for the log."""
    mended = [each for each in plans if each.step is Step.MEND and each.webhook is not None]
    told = Mended(
        made=tuple(each.topic for each in plans if each.step is Step.MAKE),
        revived=tuple(each.topic for each in mended if each.webhook and each.webhook.status == DISABLED),
        moved=tuple(each.topic for each in mended if each.webhook and each.webhook.delivery_url != each.url),
        given=tuple(each.topic for each in plans if each.step is Step.GIVE_SECRET),
        paused=tuple(each.topic for each in plans if each.webhook and each.webhook.status == PAUSED),
    )
    done = {name: found for name, found in told._asdict().items() if found}
    if done:
        # Paused or given a secret is somebody's will; revived or moved means that deliveries were lost.
        log.log(
            logging.WARNING if told.revived or told.moved else logging.INFO,
            "webhooks were seen to",
            extra={"shop": shop.key, **done},
        )
    return told
