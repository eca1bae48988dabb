"""Records cut out of the answers of WordPress's REST API. No I/O.

Records stay the bytes that the shop sent; each is cut out once, and one that is bent does not spoil its page. `secrets`
are what no error may repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from connectors.answers import not_json
from connectors.base import Page
from connectors.errors import Permanent
from connectors.http import Answer
from connectors.json_text import NOT_JSON, json_part

PAGE_LIMIT = 100
"""The most that WordPress gives on one page."""

Secrets = tuple[str, ...]

_list_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_object_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


def record(answer: Answer, secrets: Secrets) -> bytes:
    """The one record of an answer."""
    found = answer.body if answer.body[:1] == b"{" else json_part(answer.body)
    if found is None or found[:1] != b"{":
        raise not_json(answer, secrets)
    return found


def records(answer: Answer, secrets: Secrets) -> tuple[bytes, ...]:
    """The records of a list, each as its own bytes; the page is walked once."""
    try:
        raws = _list_decoder.decode(answer.body)
    except NOT_JSON:
        raws = _straightened(answer, secrets)
    return tuple([bytes(raw) for raw in raws])


def page_of(answer: Answer, items: tuple[bytes, ...], *, page: int, per_page: int) -> Page:
    """A page with the totals that the shop told beside it."""
    before = (page - 1) * per_page
    more = 1 if len(items) == per_page else 0
    return Page(
        items=items,
        # Hosts that drop unknown headers leave us only this: a full page may not be the last.
        total=_or(told_total(answer), before + len(items) + more),
        pages=_or(_count(answer, "X-WP-TotalPages"), page + more if items else 0),
        shop_now=answer.server_time,
        seconds=answer.seconds,
        fresh=not answer.is_cached,
    )


def told_total(answer: Answer) -> int | None:
    """How many records the shop says that the whole list has; None where the host dropped the header."""
    return _count(answer, "X-WP-Total")


def every(page_at: Callable[[int], Page]) -> Iterator[bytes]:
    """The records of every page, the pages asked for one after another, `PAGE_LIMIT` on each."""
    page = 1
    while True:
        items = page_at(page).items
        yield from items
        if len(items) < PAGE_LIMIT:
            return
        page += 1


def safe_id(text: str) -> str:
    """An id that may stand in an address."""
    if not (text.isascii() and text.isdigit()):
        message = f"{text[:40]!r} is no id of WordPress"
        raise Permanent(message, code="bad_id")
    return text


def _straightened(answer: Answer, secrets: Secrets) -> list[msgspec.Raw]:
    """The records of a list behind PHP's notices, or of one that PHP numbered with gaps."""
    found = json_part(answer.body) or b""
    if found[:1] == b"[":
        return _list_decoder.decode(found)
    numbered = _object_decoder.decode(found) if found[:1] == b"{" else {}
    if not numbered or not all(place.isdigit() for place in numbered):
        raise not_json(answer, secrets)
    return list(numbered.values())


def _count(answer: Answer, header: str) -> int | None:
    told = answer.headers.get(header, "")
    return int(told) if told.isascii() and told.isdigit() else None


def _or(told: int | None, otherwise: int) -> int:
    return otherwise if told is None else told
