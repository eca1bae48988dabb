"""The machinery of views: a record's fields as a table, cut down to those that are asked for. No fields live here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

EVERY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Site:
    """What a view needs to know of the shop. `decimals` are those asked for (`dp`), else the shop's own."""

    url: str
    zone: ZoneInfo
    decimals: int
    sees_meta: bool = True
    may_delete_users: bool = True

    def local(self, epoch: int | None) -> str | None:
        """An instant as the shop's own wall clock shows it, without a zone."""
        return None if epoch is None else datetime.fromtimestamp(epoch, self.zone).strftime("%Y-%m-%dT%H:%M:%S")

    @staticmethod
    def gmt(epoch: int | None) -> str | None:
        """An instant in UTC, without a zone."""
        return None if epoch is None else datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S")

    def money(self, amount: Decimal) -> str:
        """An amount with the number of decimals that the shop is set to."""
        return str(amount.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP))

    def api(self, path: str) -> str:
        """The address of an API route."""
        return f"{self.url}/wp-json/wc/v3/{path}"

    def links(self, path: str, *, allow: Iterable[str] = EVERY_METHOD, up: str = "") -> dict[str, Any]:
        """The `_links` of the record at `path`; `up` is its parent record's path."""
        links: dict[str, Any] = {
            "self": [{"href": self.api(path), "targetHints": {"allow": list(allow)}}],
            "collection": [{"href": self.api(path.rpartition("/")[0])}],
        }
        if up:
            links["up"] = [{"href": self.api(up)}]
        return links


Record = TypeVar("Record")
Fields = Mapping[str, Callable[[Record, Site], Any]]


class View(Generic[Record]):
    """The fields of one kind of record."""

    def __init__(self, fields: Fields[Record]) -> None:
        self._fields = fields

    def show(self, record: Record, site: Site, wanted: frozenset[str] | None = None) -> dict[str, Any]:
        """The record as JSON, or of it only the `wanted` fields (`a.b` reaches inside a field)."""
        if wanted is None:
            return {name: field(record, site) for name, field in self._fields.items()}
        return pick({name: _Lazy(field, record, site) for name, field in self._fields.items()}, wanted)


@dataclass(slots=True)
class _Lazy(Generic[Record]):
    """A field that is only worked out if somebody asks for it."""

    field: Callable[[Record, Site], Any]
    record: Record
    site: Site

    def value(self) -> Any:
        return self.field(self.record, self.site)


def pick(whole: Mapping[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    """Of a JSON object the `wanted` fields, in the object's own order; those it has not are passed over."""
    picked: dict[str, Any] = {}
    for name, lazy in whole.items():
        inner = frozenset(path.partition(".")[2] for path in wanted if path.startswith(name + "."))
        if name not in wanted and not inner:
            continue
        value = lazy.value() if isinstance(lazy, _Lazy) else lazy
        if name in wanted:
            picked[name] = value
        elif isinstance(value, dict):
            picked[name] = pick(value, inner)
        elif isinstance(value, list):
            picked[name] = []  # a path into a list finds nothing (seen with `_fields=update.id`)
    return picked
