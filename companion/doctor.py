"""Examines an installation from its configuration to its shops, and says what is wrong and how to mend it.

Changes nothing: no table is made, no order written. Each part is examined by itself, so that one fault does not hide
the others.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from limits.storage import storage_from_string

from companion.config import Config, ConfigError, Installation
from companion.config import Shop as ShopConfig
from companion.connect import woocommerce
from companion.domain.permissions import Role
from companion.services.users import Users
from companion.sync.subscriptions import TOPICS, delivery_url
from connectors.base import ShopFacts
from connectors.errors import ConnectorError
from connectors.woocommerce.source import WooCommerce
from storage import migrate
from storage.engine import Store
from storage.errors import StorageError, TooNew

Level = Literal["ok", "warning", "problem"]

_CLOCKS_MAY_DIFFER = timedelta(seconds=60)
_LITTLE_ROOM = 500_000_000
"""Bytes: with less, a busy day may fill the disk."""
_OPEN_TO_OTHERS = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True)
class Finding:
    """One thing to say about one subject; `cure` is what a person can do about it."""

    subject: str
    level: Level
    message: str
    cure: str = ""


def examine(
    path: Path, environ: Mapping[str, str], *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Finding]:
    """Everything there is to say, as it is found out."""
    try:
        config = Config.load(path, environ)
    except ConfigError as error:
        cure = f"Correct {error.path}; config.example.toml shows every option."
        for problem in error.problems:
            yield Finding("configuration", "problem", problem, cure)
        return
    yield Finding("configuration", "ok", f"{path} is as it should be")
    for warning in config.warnings:
        yield Finding("configuration", "warning", warning)
    yield from _store(config, clock)
    yield from _rate_limits(config)
    if not config.shops:
        yield Finding("shops", "warning", "no shop is configured", f"Add a [shops.KEY] table to {path}.")
    for shop in config.shops:
        yield from _shop(shop, config, clock)


def _store(config: Config, clock: Callable[[], datetime]) -> Iterator[Finding]:
    url = config.database.url.reveal()
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///"))
        if not file.parent.is_dir():
            message = f"{file.parent} is no folder, so no store can be made in it"
            yield Finding("store", "problem", message, "Correct database.url, or make the folder.")
            return
        if not file.exists():
            yield Finding("store", "warning", f"{file} does not exist yet", "`companion run` makes it.")
            return
        if file.stat().st_mode & _OPEN_TO_OTHERS:
            yield Finding("store", "warning", f"other users of this machine can open {file}", f"`chmod 600 {file}`")
        if (room := shutil.disk_usage(file.parent).free) < _LITTLE_ROOM:
            message = f"only {room // 1_000_000} MB are free where {file} lies"
            yield Finding("store", "warning", message, "Make room: a full disk stops all writing.")
    try:
        store = Store(url)
    except StorageError as error:
        yield Finding("store", "problem", str(error))
        return
    try:
        yield from _open_store(store, clock)
    except StorageError as error:
        yield Finding("store", "problem", str(error))
    finally:
        store.close()


def _open_store(store: Store, clock: Callable[[], datetime]) -> Iterator[Finding]:
    found = migrate.version(store)
    if found is None:
        yield Finding("store", "warning", "the database is empty", "`companion run` makes the tables.")
        return
    try:
        migrate.require_current(store)
    except TooNew:
        raise
    except StorageError as error:
        yield Finding("store", "warning", str(error))
        return
    with store.write():
        pass  # a transaction that begins and ends shows that writing is possible
    yield Finding("store", "ok", f"{store.dialect} opens, can be written, and has this program's tables")
    agents = Users(store, clock).list()
    if not any(agent.is_active and agent.role == Role.ADMINISTRATOR and agent.username for agent in agents):
        cure = "`companion users add NAME --role administrator` adds one."
        yield Finding("people", "problem", "no administrator can sign in", cure)


def _rate_limits(config: Config) -> Iterator[Finding]:
    if config.redis_url is None:
        return
    cure = "Check redis_url, and that Redis runs; the driver comes with `pip install companion[postgresql]`."
    try:
        answers = storage_from_string(config.redis_url.reveal()).check()
    except Exception as error:  # noqa: BLE001 — the library raises its own, the driver's, and a missing driver's
        yield Finding("redis", "problem", f"rate limits cannot be shared: {type(error).__name__}", cure)
        return
    if answers:
        yield Finding("redis", "ok", "answers")
    else:
        yield Finding("redis", "problem", "does not answer, so rate limits cannot be shared", cure)


def _shop(shop: ShopConfig, config: Config, clock: Callable[[], datetime]) -> Iterator[Finding]:
    subject = f"shop {shop.key}"
    try:
        source = woocommerce(shop)
    except ConnectorError as error:  # credentials that may not travel so
        yield Finding(subject, "problem", str(error), error.hint)
        return
    try:
        probe = source.probe()
        for found in probe.findings:
            yield Finding(subject, found.level, found.message, found.hint)
        if probe.is_well:
            yield Finding(subject, "ok", f"can be read and written ({probe.manner})")
        if probe.facts:
            yield from _facts(subject, probe.facts, config.installation, clock())
        if probe.can_read:
            yield from _clock(subject, source, clock)
            yield from _webhooks(subject, shop.key, source, config)
    except ConnectorError as error:
        yield Finding(subject, "problem", str(error), error.hint)
    finally:
        source.close()


_STORAGES = {
    "hpos": "high-performance order storage",
    "hpos-sync": "high-performance order storage, kept in step with posts",
    "legacy": "WordPress posts",
    "legacy-sync": "WordPress posts, kept in step with the order tables",
}


def _facts(subject: str, facts: ShopFacts, installation: Installation, now: datetime) -> Iterator[Finding]:
    version = f"WooCommerce {facts.woocommerce_version}" if facts.woocommerce_version else "WooCommerce"
    storage = _STORAGES.get(facts.order_storage, "an unknown order storage")
    yield Finding(subject, "ok", f'"{facts.name}" runs {version} on {storage}')
    ours = ZoneInfo(installation.timezone)
    offset = now.astimezone(ours).utcoffset() or timedelta()
    if timedelta(hours=facts.gmt_offset) != offset:
        theirs = facts.timezone or f"UTC{facts.gmt_offset:+g}"
        message = f'the shop keeps the time zone {theirs}, companion {installation.timezone}: "today" differs'
        yield Finding(
            subject, "warning", message, "Set installation.timezone, or the shop's own under Settings > General."
        )


def _clock(subject: str, source: WooCommerce, clock: Callable[[], datetime]) -> Iterator[Finding]:
    shop_now = source.orders(None, page=1, per_page=1).shop_now
    if shop_now is not None and abs(shop_now - clock()) > _CLOCKS_MAY_DIFFER:
        apart = round(abs(shop_now - clock()).total_seconds())
        message = f"the clocks of the shop and of this machine are {apart} seconds apart"
        yield Finding(subject, "warning", message, "Set both clocks by NTP.")


def _webhooks(subject: str, key: str, source: WooCommerce, config: Config) -> Iterator[Finding]:
    if not config.web.public_url:
        message = f"changes arrive by polling alone, every {config.sync.poll_seconds} seconds"
        yield Finding(subject, "warning", message, "Set web.public_url to an address that the shop can reach.")
        return
    by_url = {webhook.delivery_url: webhook for webhook in source.webhooks()}
    ours = {topic: by_url.get(delivery_url(config.web.public_url, key, topic)) for topic in TOPICS}
    if missing := [topic for topic, webhook in ours.items() if webhook is None]:
        message = f"webhooks are missing: {', '.join(missing)}"
        yield Finding(subject, "warning", message, 'The worker makes them, unless push.mode is "off".')
    if silent := [topic for topic, webhook in ours.items() if webhook is not None and webhook.status != "active"]:
        message = f"webhooks are switched off: {', '.join(silent)}"
        cure = "After seven failures in a row a shop switches one off. Find out why it could not reach "
        cure += f"{config.web.public_url}, then activate it under WooCommerce > Settings > Advanced > Webhooks."
        yield Finding(subject, "problem", message, cure)
    if not missing and not silent:
        yield Finding(subject, "ok", "delivers its changes by webhook")
