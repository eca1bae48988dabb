"""The store: its file and its disk, whether it keeps and finds what it is given, who can sign in, and what of it is
nobody's any more.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from companion.config import Config
from companion.doctor.finding import Finding
from companion.domain.permissions import Role
from companion.domain.text import fold
from companion.secrets import Rotation
from companion.services.search.reindex import Reindex
from companion.services.users import Users
from storage import migrate, shops, soundness
from storage.engine import Store
from storage.errors import StorageError, TooNew
from storage.sync import alerts, facts, subscriptions
from storage.sync.alerts import Alert
from storage.sync.subscriptions import Subscription

_LITTLE_ROOM = 500_000_000
"""Bytes: with less, a busy day may fill the disk."""
_OPEN_TO_OTHERS = stat.S_IRGRP | stat.S_IROTH
_WRITTEN, _TYPED = "پيگيري سفارش كريمي", "کریم"
"""As an Arabic keyboard writes it, and a part of it as a Persian one does."""


@dataclass(frozen=True)
class Remembered:
    """What the store knows of one shop: when its last delivery arrived, what a person should know of it, which of its
    secrets are in force, and our webhooks there by their topic.
    """

    delivered_at: datetime | None = None
    alerts: tuple[Alert, ...] = ()
    rotation: Rotation = field(default_factory=Rotation)
    webhooks: Mapping[str, Subscription] = field(default_factory=dict)


def remembered(config: Config, shop: str) -> Remembered:
    """Nothing, where the store cannot be read; `examine` says why."""
    file = _file(config)
    if file is not None and not file.exists():
        return Remembered()
    try:
        with closing(Store(config.database.url.reveal())) as store:
            migrate.require_current(store)
            with store.read() as tx:
                return Remembered(
                    delivered_at=facts.delivered_at(tx, shop),
                    alerts=tuple(alerts.standing(tx, shop)),
                    rotation=Rotation(*shops.generation(tx, shop)),
                    webhooks=subscriptions.of_shop(tx, shop),
                )
    except StorageError:
        return Remembered()


def examine(config: Config, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """From the file to the people in it."""
    if (file := _file(config)) is not None:
        if not file.parent.is_dir():
            message = f"{file.parent} is no folder, so no store can be made in it"
            yield Finding("store", "problem", message, "Correct database.url, or make the folder.")
            return
        yield from _disk(file)
        if not file.exists():
            yield Finding("store", "warning", f"{file} does not exist yet", "`companion run` makes it.")
            return
        if file.stat().st_mode & _OPEN_TO_OTHERS:
            yield Finding("store", "warning", f"other users of this machine can open {file}", f"`chmod 600 {file}`")
    try:
        with closing(Store(config.database.url.reveal())) as store:
            yield from _open_store(store, config, clock)
    except StorageError as error:
        yield Finding("store", "problem", str(error))


def _file(config: Config) -> Path | None:
    url = config.database.url.reveal()
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _disk(file: Path) -> Iterator[Finding]:
    room = shutil.disk_usage(file.parent).free
    if room < _LITTLE_ROOM:
        message = f"only {room // 1_000_000} MB are free where {file} lies"
        yield Finding("store", "warning", message, "Make room: a full disk stops all writing.")


def _open_store(store: Store, config: Config, clock: Callable[[], datetime]) -> Iterator[Finding]:
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
    yield from _soundness(store)
    yield from _index(store, config, clock)
    yield from _people(store, clock)
    with store.read() as tx:
        known = {row.shop: subscriptions.of_shop(tx, row.shop) for row in shops.every(tx)}
    configured = {shop.key for shop in config.shops}
    for key in sorted(known.keys() - configured):
        message = f"the shop {key} is in the store and not in the configuration: it is neither read nor written"
        cure = f"Put its [shops.{key}] table back, under the same key."
        if known[key]:
            message += f"; {len(known[key])} webhooks of ours still stand there"
            cure += f" If it shall leave: `companion webhooks remove {key}`, then take the table out again."
        yield Finding("shops", "warning", message, cure)


def _soundness(store: Store) -> Iterator[Finding]:
    """A transaction that begins, writes and takes it back shows that writing is possible."""
    with store.write() as tx:
        settings = soundness.durability(tx)
        finds = soundness.finds(tx, fold(_WRITTEN), fold(_TYPED))
    yield Finding("store", "ok", f"{store.dialect} opens, can be written, and has this program's tables")
    for setting in settings:
        if not setting.is_safe:
            message = f"{setting.name} is {setting.value}: a power cut may take notes that were saved"
            yield Finding("store", "problem", message, _CURES[store.dialect].format(name=setting.name))
    if not finds:
        message = "the search index does not find a part of a Persian name"
        cure = "`companion reindex` builds it anew; if that is no help, use another build of Python's SQLite library."
        yield Finding("store", "problem", message, cure)


def _index(store: Store, config: Config, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Whether people are found by what the configuration says now."""
    chosen = {shop.key: shop.meta_keys for shop in config.shops}
    if Reindex(store, clock, region=config.installation.country, chosen=chosen).is_due():
        message = "the search index was made for other settings (shops.*.meta_keys, country), or by an older version"
        cure = "`companion reindex` builds it anew; until then some are not found by what is new."
        yield Finding("store", "warning", message, cure)


_CURES = {
    "sqlite": "Use another build of Python's SQLite library, or PostgreSQL.",
    "postgresql": "Set {name} = on for this server, database and user (ALTER SYSTEM, ALTER DATABASE, ALTER ROLE).",
}


def _people(store: Store, clock: Callable[[], datetime]) -> Iterator[Finding]:
    agents = Users(store, clock).list()
    if not any(agent.is_active and agent.role == Role.ADMINISTRATOR and agent.username for agent in agents):
        cure = "`companion users add NAME --role administrator` adds one."
        yield Finding("people", "problem", "no administrator can sign in", cure)
