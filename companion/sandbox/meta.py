"""How WooCommerce writes meta: which entries it takes, which it ignores, and which it drops without a word.

Every rule was observed on WooCommerce 10.5.0; none of them raises, as the shop answers 200 to all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from companion.sandbox.records import Meta, Order
from companion.sandbox.wire import invalid_type

LONGEST_VALUE = 65_535
"""Bytes of a value in the HPOS meta table (a TEXT column); longer ones are dropped and the old value stays."""
LONGEST_KEY = 255
"""Characters of a key, in both order stores."""

_TEXT_FIELDS = {
    "_payment_method": "payment_method",
    "_payment_method_title": "payment_method_title",
    "_transaction_id": "transaction_id",
    "_order_key": "key",
    "_created_via": "created_via",
}
_PROTECTED = frozenset({
    "_cart_discount", "_cart_discount_tax", "_cart_hash", "_completed_date", "_customer_user", "_date_completed",
    "_date_paid", "_order_currency", "_order_shipping", "_order_shipping_tax", "_order_tax", "_order_total",
    "_order_version", "_paid_date", "_prices_include_tax",
})  # fmt: skip


def check_meta(given: Any) -> list[dict[str, Any]]:
    """The entries of `meta_data` in a request; RestError where they are not objects."""
    entries = [given] if isinstance(given, str | int | float) else given
    if not isinstance(entries, list):
        raise invalid_type("meta_data", "array")
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise invalid_type("meta_data", "object", f"meta_data[{index}]")
    return entries


def entries_of(meta: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Entries as the API takes them, of a plain mapping."""
    return [{"key": key, "value": value} for key, value in (meta or {}).items()]


def write_meta(
    rows: list[Meta],
    entries: Sequence[dict[str, Any]],
    *,
    new_id: Callable[[], int],
    set_field: Callable[[str, str], bool] = lambda _key, _value: False,
    longest_value: int | None = LONGEST_VALUE,
) -> None:
    """Apply `entries` to `rows` in their order.

    `set_field` is asked first, and answers True where a key is one of the record's own fields rather than meta.
    """
    for entry in entries:
        key = str(entry.get("key") or "")
        if not key:  # an id without its key is ignored
            continue
        value = stored(entry.get("value"))
        if isinstance(value, str) and set_field(key, value):
            continue
        if len(key) > LONGEST_KEY or (longest_value is not None and _size(value) > longest_value):
            continue
        _write_one(rows, entry.get("id"), key, value, new_id)


def _write_one(rows: list[Meta], row_id: Any, key: str, value: Any, new_id: Callable[[], int]) -> None:
    same = [row for row in rows if (row.id == row_id if row_id else row.key == key)]
    if value is None:
        rows[:] = [row for row in rows if row not in same]
    elif same:
        same[0].key, same[0].value = key, value
        rows[:] = [row for row in rows if row is same[0] or row not in same]  # doubles of a key are swept away
    else:
        rows.append(Meta(new_id(), key, value))
    rows.sort(key=lambda row: row.key)


def stored(value: Any) -> Any:
    """A JSON value as the shop keeps it: scalars become text, lists and objects stay what they are."""
    match value:
        case None | str() | list():
            return value
        case bool():
            return "1" if value else ""
        case dict():
            return value or []  # PHP has one empty array
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _size(value: Any) -> int:
    return len((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode())


def set_order_field(order: Order, key: str, value: str) -> bool:
    """Write a key that is really a field of an order, as `_billing_phone` is; True where it is one, or is protected."""
    for prefix, fields in (("_billing_", order.billing), ("_shipping_", order.shipping)):
        if key.removeprefix(prefix) in fields and key.startswith(prefix):
            fields[key.removeprefix(prefix)] = value
            return True
    if key in _TEXT_FIELDS:
        setattr(order, _TEXT_FIELDS[key], value)
        return True
    return key in _PROTECTED
