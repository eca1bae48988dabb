"""Examines an installation from its configuration to its shops, and says what is wrong and how to mend it.

Changes nothing: no table is made, no order written. Each part is examined by itself, so that one fault does not hide
the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from companion.config import Config, ConfigError
from companion.doctor import database, rate_limits, shop
from companion.doctor.finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]


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
    yield from database.examine(config, clock)
    yield from rate_limits.examine(config)
    if not config.shops:
        yield Finding("shops", "warning", "no shop is configured", f"Add a [shops.KEY] table to {path}.")
    for configured in config.shops:
        yield from shop.examine(configured, config, database.remembered(config, configured.key), clock)
