"""Groups of one's own: the conditions that somebody sets, all of which a member meets.

Pure. Which customers meet them is asked of the store, through the scope of whoever looks: a group has as many members
as its reader may see, and the conditions that need a permission are not asked by whoever lacks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from companion.domain.permissions import Permission

NO_SEGMENT = "none"
"""Stands among the segments for customers of no particular kind."""


@dataclass(frozen=True)
class Conditions:
    """What a member of a group is like; what says nothing ("", 0, None, False) asks for nothing.

    `segments`: of any of these kinds. `shop`: known to it. `city`: of her billing or shipping address. `total`: bought
    for so much in `currency` at least, in 1/10,000. `orders`, `complaints`: so many at least. `ordered_since`,
    `ordered_before`: her last order was on that day or later, or earlier. `quiet_since`: nothing was heard of her since
    that day. `open_ticket`: somebody still has to answer her.
    """

    segments: tuple[str, ...] = ()
    shop: str = ""
    city: str = ""
    total: int = 0
    currency: str = ""
    orders: int = 0
    ordered_since: date | None = None
    ordered_before: date | None = None
    complaints: int = 0
    open_ticket: bool = False
    quiet_since: date | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """The names of the conditions that ask for something; none of a group that holds everybody."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) and each.name != "currency")

    @property
    def needed(self) -> frozenset[Permission]:
        """What whoever asks this must be permitted to see."""
        return frozenset(_NEEDED[name] for name in self.said if name in _NEEDED)

    def stored(self) -> dict[str, Any]:
        """What is kept: all that asks for something, dates as text."""
        kept: dict[str, Any] = {name: getattr(self, name) for name in self.said}
        if self.total:
            kept["currency"] = self.currency
        return {
            name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
            for name, value in kept.items()
        }


_NEEDED: Mapping[str, Permission] = {
    "total": Permission.SEE_MONEY,
    "orders": Permission.SEE_ORDERS,
    "ordered_since": Permission.SEE_ORDERS,
    "ordered_before": Permission.SEE_ORDERS,
    "complaints": Permission.SEE_NOTES,
    "open_ticket": Permission.SEE_TICKETS,
}
_DATES = frozenset({"ordered_since", "ordered_before", "quiet_since"})


def conditions_of(stored: Mapping[str, Any]) -> Conditions:
    """Conditions as they were kept; what a newer version named is left out."""
    known = {each.name for each in fields(Conditions)}
    kept = {name: value for name, value in stored.items() if name in known}
    for name in _DATES & kept.keys():
        kept[name] = date.fromisoformat(kept[name])
    if "segments" in kept:
        kept["segments"] = tuple(kept["segments"])
    return Conditions(**kept)
