"""Straightens JSON that PHP, old data and plugins have bent, so that it fits the types of `shapes.py`.

Used only for what does not fit as it came. It guesses nothing: a number written as text becomes a number, an empty
list standing for an empty object becomes one; what has no such plain reading is left, and then refused by its type.
Reported bends: WooCommerce issues 14907 and 17003, WooCommerce.NET issues 631 and 772.
"""

from __future__ import annotations

import re
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin

import msgspec

_ABSENT = object()
_INTEGER = re.compile(r"[+-]?\d{1,20}(?:\.0*)?")
_FRACTION = re.compile(r"[+-]?\d{0,20}\.\d{1,20}")


def mended(value: Any, kind: Any) -> Any:
    """The value as near to the type as it can plainly be read."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _as_object(value, kind)
    if get_origin(kind) is list:
        return _as_list(value, get_args(kind)[0])
    kinds = get_args(kind) or (kind,)
    if value is None or value == []:
        return None if NoneType in kinds else _ABSENT
    for of, read in ((str, _as_text), (bool, _as_truth), (int, _as_number)):
        if of in kinds:
            return read(value)
    return value


@cache
def _types(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(kind)}


def _as_object(value: Any, kind: type[msgspec.Struct]) -> Any:
    if value is None or value is False or value in ("", []):
        return {}  # PHP's empty array has no shape of its own
    if not isinstance(value, dict):
        return value
    members = ((name, mended(value[name], of)) for name, of in _types(kind).items() if name in value)
    return {name: member for name, member in members if member is not _ABSENT}


def _as_list(value: Any, kind: Any) -> Any:
    if value is None or value is False or value == "":
        return []
    if isinstance(value, dict):  # a PHP array with gaps in its numbering
        value = list(value.values())
    if not isinstance(value, list):
        return value
    return [mended(item, kind) for item in value if item is not None]


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "1" if value else ""  # as PHP prints them
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 (exact below 2**53)
        return str(int(value))
    return repr(value) if isinstance(value, int | float) else value


def _as_truth(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip().lower() in {"1", "true", "yes", "on"}
    return bool(value) if isinstance(value, int | float) else value


def _as_number(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if not isinstance(value, str):
        return value
    plain = value.strip()
    if not plain:
        return _ABSENT
    if _INTEGER.fullmatch(plain):
        return int(plain.partition(".")[0])
    return float(plain) if _FRACTION.fullmatch(plain) else value
