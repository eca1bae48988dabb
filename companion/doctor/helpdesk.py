"""A shop's helpdesk: is its REST API on, do we see every ticket, can a summary stand on one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from companion.config import Config
from companion.config import Shop as ShopConfig
from companion.connect import awesome_support
from companion.doctor.finding import Finding, problem
from connectors.errors import ConnectorError

_SUMMARIES = {"summary_not_kept"}
"""Findings that matter only to who has something written on tickets."""


def examine(subject: str, shop: ShopConfig, config: Config) -> Iterator[Finding]:
    """Nothing where the configuration names no helpdesk."""
    try:
        helpdesk = awesome_support(shop)
    except ConnectorError as error:  # a password that may not travel so
        yield problem(subject, error)
        return
    if helpdesk is None:
        return
    with closing(helpdesk):
        probe = helpdesk.probe()
    for found in probe.findings:
        if found.code not in _SUMMARIES or config.push.mode != "off":
            yield Finding(subject, found.level, found.message, found.hint)
    if probe.is_well:
        reader = f" as {probe.user.username}" if probe.user else ""
        yield Finding(subject, "ok", f"its tickets can be read{reader}")
