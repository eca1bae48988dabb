"""The exchanges recorded from a real shop, found where the contract tests keep them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

RECORDED = Path(__file__).parents[1] / "contract" / "recorded"


class Exchange(NamedTuple):
    name: str
    method: str
    url: str
    status: int
    headers: dict[str, str]
    json: Any
    text: str | None

    @property
    def body(self) -> bytes:
        return (self.text if self.text is not None else as_php(self.json)).encode()

    @property
    def path(self) -> str:
        return self.url.partition("?")[0].partition("/wc/v3/")[2]


def as_php(value: Any) -> str:
    """JSON as PHP prints it: no blanks, slashes escaped, nothing but ASCII."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


def exchange(name: str) -> Exchange:
    folder, _, stem = name.partition("/")
    return _read(RECORDED / folder / f"{stem}.json")


def exchanges(folder: str) -> Iterator[Exchange]:
    for file in sorted((RECORDED / folder).glob("*.json")):
        yield _read(file)


def deliveries() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((RECORDED / "deliveries").glob("*.json")):
        yield file.stem, json.loads(file.read_text("utf-8"))


def _read(file: Path) -> Exchange:
    kept = json.loads(file.read_text("utf-8"))
    asked, told = kept["request"], kept["response"]
    return Exchange(
        name=f"{file.parent.name}/{file.stem}",
        method=asked["method"],
        url=asked["url"],
        status=told["status"],
        headers=told["headers"],
        json=told.get("json"),
        text=told.get("text"),
    )
