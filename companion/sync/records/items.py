"""Raw records on their way to the funnel: their ids and hashes, and parsed where their bytes are new to us."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from companion.domain.content import raw_hash

RecordT = TypeVar("RecordT")


@dataclass(slots=True)
class Item(Generic[RecordT]):
    """One record as it came; `record` is None while nobody looked inside, or where it cannot be understood."""

    id: str
    raw: bytes
    raw_hash: bytes
    record: RecordT | None = None
    content_hash: bytes = b""
    unreadable: str = ""

    def open(self, parse: Callable[[bytes], RecordT], content_hash: Callable[[RecordT], bytes]) -> None:
        """Parses the bytes, once; a record that cannot be understood keeps the reason instead."""
        if self.record is None and not self.unreadable:
            try:
                self.record = parse(self.raw)
            except ValueError as error:
                self.unreadable = str(error) or "the record cannot be understood"
            else:
                self.content_hash = content_hash(self.record)


def items_of(raws: Iterable[bytes], record_id: Callable[[bytes], str]) -> list[Item[RecordT]]:
    """The records of a page, the last of equal ids only. One without an id is named by its bytes, to be parked."""
    found: dict[str, Item[RecordT]] = {}
    for raw in raws:
        digest = raw_hash(raw)
        try:
            item: Item[RecordT] = Item(record_id(raw), raw, digest)
        except ValueError as error:
            item = Item(f"unknown-{digest.hex()[:12]}", raw, digest, unreadable=str(error) or "the record has no id")
        found[item.id] = item
    return list(found.values())


def batched(items: Sequence[Item[RecordT]], size: int) -> Iterator[Sequence[Item[RecordT]]]:
    """The items in parts of at most `size`; one empty part where there are none."""
    for start in range(0, max(len(items), 1), max(size, 1)):
        yield items[start : start + size]


def open_new(
    items: Iterable[Item[RecordT]],
    known: Mapping[str, bytes | None],
    parse: Callable[[bytes], RecordT],
    content_hash: Callable[[RecordT], bytes],
) -> None:
    """Parses those whose bytes differ from the ones known (raw hash by id)."""
    for item in items:
        if known.get(item.id) != item.raw_hash:
            item.open(parse, content_hash)
