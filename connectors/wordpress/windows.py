"""A window of dates as parameters of WordPress's REST API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.base import Window


def bounds(window: Window) -> dict[str, str]:
    """The ends of a window by WordPress's names for them, in UTC without saying so. Both ends are exclusive in the shop
    too, in whole seconds: a fraction is cut off the beginning and rounds the end up, so nothing inside is missed. No
    fractions: two dots in an address break some shops.
    """
    after, before = ("after", "before") if window.by == "created" else ("modified_after", "modified_before")
    params = {}
    if window.since is not None:
        params[after] = utc(window.since)
    if window.until is not None:
        params[before] = utc(window.until + timedelta(microseconds=999_999))
    return params


def utc(instant: datetime) -> str:
    """An instant in whole seconds of UTC, without a suffix."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
