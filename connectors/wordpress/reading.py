"""Raw JSON of WordPress's REST API to the types that a connector expects. No I/O.

Whatever fits is decoded at once; only what does not is mended, or refused with a reason in words. What a record keeps
is each connector's `parse.py`'s.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from connectors.json_text import NOT_JSON, whole_surrogates
from connectors.wordpress.mend import mended

_FAST_ID = re.compile(rb'\s*\{\s*"id"\s*:\s*([1-9]\d{0,18})\s*[,}]')
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")

_Shape = TypeVar("_Shape", bound=msgspec.Struct)


class Unreadable(ValueError):
    """A record that cannot be kept as it is. The text is the reason in words; `code` is stable, for translation:
    `not_json`, `not_an_object`, `error_object`, `no_id`, `wrong_shape`, `wrong_money`, `wrong_date`.
    """

    def __init__(self, reason: str, *, code: str) -> None:
        super().__init__(reason)
        self.code = code


class _IdOnly(msgspec.Struct):
    id: int | str | None = None


class _ErrorShape(msgspec.Struct):
    """What stands in a record's place when the shop could not give it."""

    code: str
    message: str = ""


_id_decoder = msgspec.json.Decoder(_IdOnly)


def record_id(raw: bytes) -> str:
    """The id of a raw record, read without reading the rest. Raises `Unreadable`."""
    if found := _FAST_ID.match(raw):  # WordPress puts the id first
        return found[1].decode()
    try:
        identity = _id_decoder.decode(raw).id
    except NOT_JSON:
        identity = None
    if isinstance(identity, str) and identity.isascii() and identity.isdigit():
        identity = int(identity)
    if not isinstance(identity, int) or identity <= 0:
        raise _refusal(raw)
    return str(identity)


def shaped(raw: bytes, decoder: msgspec.json.Decoder[_Shape], kind: type[_Shape], vendor: str) -> _Shape:
    """The record in its type, mended only where it does not fit as it came. NUL characters, which PostgreSQL refuses,
    are left out. Raises `Unreadable`, in words that name the vendor.
    """
    if b"\\u0000" in raw:
        raw = _NUL.sub(rb"\1", raw)
    try:
        shape = decoder.decode(raw)
    except NOT_JSON:
        shape = _mended(raw, kind, vendor)
    if shape.id <= 0:  # type: ignore[attr-defined]  # every shape of a record has an id
        raise _refusal(raw)
    return shape


def reference(number: int) -> str:
    """An id as text; WordPress writes 0 for none."""
    return str(number) if number > 0 else ""


def instant(text: str | None) -> datetime | None:
    """A `*_gmt` date as an aware instant. WordPress prints the database's zero date with year 0 or -1: no date."""
    if not text or text.startswith(("0000", "-")):
        return None
    try:
        return datetime.fromisoformat(f"{text}+00:00")
    except ValueError:
        raise Unreadable(f"a date of the record cannot be read: {text[:40]}", code="wrong_date") from None


def scalar(value: Any) -> str | None:
    """A single value as text, as PHP would print it; None for lists, objects and nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, int | float):
        return str(value)
    return None


def own_summary(value: Any) -> str:
    """Our own key as it stands in the shop, even where something else wrote an object into it."""
    text = scalar(value)
    return msgspec.json.encode(value).decode() if text is None else text


def _mended(raw: bytes, kind: type[_Shape], vendor: str) -> _Shape:
    loose = _loose(raw)
    if not isinstance(loose, dict) or "id" not in loose:
        raise _refusal(raw)
    try:
        return msgspec.convert(mended(loose, kind), kind)
    except NOT_JSON as error:
        reason = f"{_called(loose)} is not what {vendor} sends: {error}"
        raise Unreadable(reason, code="wrong_shape") from None


def _loose(raw: bytes) -> Any:
    """The JSON as plain values; bytes that are no UTF-8 and halves of surrogate pairs become U+FFFD."""
    try:
        return msgspec.json.decode(raw)
    except NOT_JSON:
        text = whole_surrogates(raw.decode("utf-8", "replace").encode())
    try:
        return msgspec.json.decode(text)
    except NOT_JSON as error:
        raise Unreadable(f"this is not JSON ({error}): {_excerpt(raw)}", code="not_json") from None


def _refusal(raw: bytes) -> Unreadable:
    loose = _loose(raw)
    if not isinstance(loose, dict):
        return Unreadable(f"a record is a JSON object, this is not: {_excerpt(raw)}", code="not_an_object")
    try:
        fault = msgspec.convert(loose, _ErrorShape)
    except NOT_JSON:
        named = ", ".join(list(loose)[:8])  # names of fields only: their values may be personal
        return Unreadable(f"the record has no usable id (it has: {named or 'nothing'})", code="no_id")
    reason = f"in the record's place stands an error of the shop, {fault.code}: {fault.message}"
    return Unreadable(reason, code="error_object")


def _called(loose: dict[str, Any]) -> str:
    return f"record {str(loose['id'])[:20]}"


def _excerpt(raw: bytes) -> str:
    text = raw[:80].decode("utf-8", "replace")
    return f"{text}…" if len(raw) > len(text.encode()) else text or "(nothing)"
