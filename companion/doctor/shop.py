"""One shop: its address and certificate, what our credentials may do there, what it runs on, its clock; then what it
has beside WooCommerce, and how its changes reach us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from companion.config import Config, Installation
from companion.config import Shop as ShopConfig
from companion.connect import woocommerce
from companion.doctor import alerts, deliveries, helpdesk, plugin
from companion.doctor.database import Remembered
from companion.doctor.finding import Finding, problem
from connectors.awesome_support.verdicts import HELPDESK
from connectors.base import ShopFacts
from connectors.errors import ConnectorError
from connectors.woocommerce.source import WooCommerce

_CLOCKS_MAY_DIFFER = timedelta(seconds=60)


def examine(
    shop: ShopConfig, config: Config, remembered: Remembered, clock: Callable[[], datetime]
) -> Iterator[Finding]:
    """Everything about one shop. What it does not answer ends its own part, not the others."""
    subject = f"shop {shop.key}"
    try:
        with closing(woocommerce(shop)) as source:
            yield from _woocommerce(subject, shop, source, config, remembered, clock)
    except ConnectorError as error:
        yield problem(subject, error)
    yield from helpdesk.examine(subject, shop, config)
    yield from alerts.examine(subject, shop.url, remembered.alerts)


def _woocommerce(
    subject: str,
    shop: ShopConfig,
    source: WooCommerce,
    config: Config,
    remembered: Remembered,
    clock: Callable[[], datetime],
) -> Iterator[Finding]:
    probe = source.probe()
    for found in probe.findings:
        yield Finding(subject, found.level, found.message, found.hint)
    if probe.is_well:
        yield Finding(subject, "ok", f"can be read and written ({probe.manner})")
    if probe.facts:
        yield from _facts(subject, probe.facts, config.installation, clock())
    if shop.helpdesk == "none" and HELPDESK in probe.namespaces:
        message = "it has a helpdesk, Awesome Support, whose tickets are not read"
        cure = 'Set helpdesk = "awesome-support", helpdesk_username and helpdesk_password to read them.'
        yield Finding(subject, "ok", message, cure)
    if probe.can_read:
        yield from _people_and_clock(subject, source, clock)
        yield from plugin.examine(subject, shop, config, remembered, clock)
        runs_jobs = probe.facts.runs_jobs if probe.facts else None
        yield from deliveries.examine(subject, shop, source, config, remembered, runs_jobs=runs_jobs, now=clock())


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


def _people_and_clock(subject: str, source: WooCommerce, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """One question for both: who may read orders need not be let to read users."""
    try:
        shop_now = source.customers(page=1, per_page=1).shop_now
    except ConnectorError as error:
        yield Finding(subject, "problem", f"its users cannot be read: {error}", error.hint)
        return
    if shop_now is not None and abs(shop_now - clock()) > _CLOCKS_MAY_DIFFER:
        apart = round(abs(shop_now - clock()).total_seconds())
        message = f"the clocks of the shop and of this machine are {apart} seconds apart"
        yield Finding(subject, "warning", message, "Set both clocks by NTP.")
