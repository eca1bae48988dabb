"""What deliveries, and the changes that the bridge told, ask us to look at. Values only, no I/O.

A topic names a kind of thing and an event: `order.updated` of WooCommerce, `action.wc_companion_order_note` of our
plugin through WooCommerce's queue, `change.order_note` of its list of changes. None of them is believed without a body
that proves newer, or a read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from storage.sync import inbox

Part = Literal["body", "record", "refunds", "notes", "replies"]
"""What of a thing to look at: the body that came along, the record itself, or what hangs on it."""

_FAMILIES = ("action.wc_companion_", inbox.CHANGE)

_PARTS: dict[str, dict[str, Part]] = {
    "order": {
        "created": "body",
        "updated": "body",
        "restored": "body",
        "note": "notes",
        "note_deleted": "notes",
        "refund_deleted": "refunds",
    },
    "customer": {"created": "body", "updated": "body"},
    "ticket": {"reply": "replies", "reply_deleted": "replies"},
}
"""By kind and event; any other event of these kinds means that the record itself is read."""

_MOST_SHOWN = 80

_decoder = msgspec.json.Decoder(Any)


@dataclass(frozen=True, slots=True)
class Thing:
    """One order, user or ticket, with every delivery about it that waits, the oldest first."""

    kind: str
    id: str
    entries: tuple[inbox.Entry, ...]

    @property
    def key(self) -> inbox.Thing:
        """Kind and id."""
        return self.kind, self.id

    @property
    def entry_ids(self) -> list[int]:
        """The ids of its inbox rows."""
        return [entry.id for entry in self.entries]

    @property
    def was_held_back(self) -> bool:
        """Whether some of them have waited out a storm."""
        return any(entry.reason == inbox.HELD_BACK for entry in self.entries)

    @property
    def parts(self) -> frozenset[Part]:
        """What of it to look at, for all of its deliveries. A reply to a ticket may move the ticket without a date."""
        parts = {part_of(entry.topic) for entry in self.entries}
        return frozenset(parts | {"record"} if "replies" in parts else parts)

    @property
    def body(self) -> bytes | None:
        """The last body, where it speaks for all: a deletion among them means that the thing must be read."""
        if "record" in self.parts:
            return None
        return next((entry.body for entry in reversed(self.entries) if part_of(entry.topic) == "body"), None)


def things_of(entries: Iterable[inbox.Entry]) -> tuple[list[Thing], list[inbox.Entry]]:
    """The entries by thing, oldest first, and those that are about nothing that we follow or can name."""
    grouped: dict[inbox.Thing, list[inbox.Entry]] = {}
    others: list[inbox.Entry] = []
    for entry in sorted(entries, key=lambda entry: entry.id):
        kind = kind_of(entry.topic)
        if kind and entry.resource_id:
            grouped.setdefault((kind, entry.resource_id), []).append(entry)
        else:
            others.append(entry)
    return [Thing(kind, key, tuple(found)) for (kind, key), found in grouped.items()], others


def kind_of(topic: str) -> str:
    """The kind of thing a topic is about: order, customer, ticket; "" where we follow it not."""
    return _parted(topic)[0]


def part_of(topic: str) -> Part:
    """What a topic that we follow asks us to look at."""
    kind, event, is_ours = _parted(topic)
    part = _PARTS[kind].get(event, "record")
    return "record" if is_ours and part == "body" else part  # our own events carry an id and no record


def _parted(topic: str) -> tuple[str, str, bool]:
    family = next((family for family in _FAMILIES if topic.startswith(family)), "")
    kind, _, event = topic.removeprefix(family).partition("_" if family else ".")
    return (kind if kind in _PARTS else ""), event, bool(family)


def nameless(body: bytes | None) -> str:
    """Why a signed body does not say which thing it is about, in words. Values may be personal and are not repeated."""
    if not body:
        return "the body is empty"
    try:
        held = _decoder.decode(body)
    except (ValueError, RecursionError):
        return "the body is a page or a text, no JSON"
    if isinstance(held, dict) and isinstance(code := held.get("code"), str):
        return f"the shop signed an error instead of the thing: {code[:_MOST_SHOWN]}"
    return "the body is a list" if isinstance(held, list) else "the body has no id"
