"""Compares the shapes of two JSON values: which fields there are and of what type, never what they say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

NULLABLE = frozenset(
    {"date_paid", "date_paid_gmt", "date_completed", "date_completed_gmt", "date_modified", "date_modified_gmt"}
)
"""Fields that are null in one record and a date in the next."""
OPTIONAL = frozenset({"customer"})
"""Links that only some records have: a guest's order links to no customer."""
ANYTHING = frozenset({"value", "display_value", "remote_post_response", "remote_get_response"})
"""Fields of any type: what a plugin keeps in meta, and what the shop remembers of a self-test."""
OPEN = frozenset({"woocommerce", "other", "meta", "capabilities", "extra_capabilities"})
"""Mappings whose names are facts of one shop, such as its database tables, or of one role."""


def differences(recorded: Any, answered: Any, path: str = "") -> Iterator[str]:
    """What `answered` lacks, adds, or holds in another type."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        yield from _of_mappings(recorded, answered, path)
    elif isinstance(recorded, list) and isinstance(answered, list):
        yield from _of_lists(recorded, answered, path)
    elif _kind(recorded) != _kind(answered):
        yield f"{path or 'answer'}: {_kind(recorded)} was recorded, {_kind(answered)} answered"


def _of_mappings(recorded: dict[str, Any], answered: dict[str, Any], path: str) -> Iterator[str]:
    name = path.rpartition(".")[2]
    if name in OPEN:
        names = set(recorded) & set(answered)
    else:
        names = set(recorded) | set(answered)
        for missing in sorted(set(recorded) - set(answered) - OPTIONAL):
            yield f"{path}.{missing}: missing"
        for added in sorted(set(answered) - set(recorded) - OPTIONAL):
            yield f"{path}.{added}: not recorded"
    for key in sorted(names & set(recorded) & set(answered)):
        is_either_null = recorded[key] is None or answered[key] is None
        if key not in ANYTHING and not (key in NULLABLE and is_either_null):
            yield from differences(recorded[key], answered[key], f"{path}.{key}")


def _of_lists(recorded: list[Any], answered: list[Any], path: str) -> Iterator[str]:
    for index, item in enumerate(answered if recorded else []):
        found = [list(differences(model, item, f"{path}[{index}]")) for model in recorded]
        yield from min(found, key=len)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"
