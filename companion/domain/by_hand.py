"""Facts that an agent set by hand beside what a shop tells: which there are, and what is in force.

The hand goes before the shop. A wrong phone stands in a shop's addresses as well as by itself, so a correction reaches
into the addresses wherever they say the same wrong thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from companion.domain.contact import email_key, phone_key
from companion.domain.identity import Facts
from companion.domain.text import fold
from connectors.base import Address

PERSON_FIELDS = ("first_name", "last_name", "company", "email", "phone")
"""Facts that stand in addresses too."""
PLACE_FIELDS = ("address_1", "city", "postcode")
"""Facts of an address, the billing address first."""
REFERENCE = "reference"
WAYS = ("preferred_channel", "preferred_contact")
"""How she wants to be reached: a channel, and words of one's own. No shop tells that."""
FIELDS = (*PERSON_FIELDS, *PLACE_FIELDS, REFERENCE, *WAYS)

_NAMES = ("first_name", "last_name")


def in_force(told: Facts, by_hand: Mapping[str, str], *, region: str) -> Facts:
    """What is known of a person for whom some fields are set by hand; `told` is the shop's word.

    A field set to "" is known to be nothing, though the shop tells something.
    """
    own = {field: by_hand[field] for field in (*PERSON_FIELDS, REFERENCE) if field in by_hand}
    changed = msgspec.structs.replace(told, **own)
    billing = _corrected(told.billing, told, by_hand, region)
    places = {field: by_hand[field] for field in PLACE_FIELDS if field in by_hand}
    shipping = _corrected(told.shipping, told, by_hand, region)
    moved = {
        field: value
        for field, value in places.items()
        if _same(getattr(told.shipping, field), getattr(told.billing, field))
    }
    return msgspec.structs.replace(
        changed,
        billing=msgspec.structs.replace(billing, **places),
        shipping=msgspec.structs.replace(shipping, **moved) if told.shipping != Address() else shipping,
    )


def value_of(facts: Facts, field: str) -> str:
    """One field of FIELDS as these facts have it; "" for what no shop tells."""
    if field in PLACE_FIELDS:
        text: str = getattr(facts.billing, field) or getattr(facts.shipping, field)
        return text
    return getattr(facts, field, "")


def from_columns(columns: Mapping[str, Any]) -> Facts:
    """Facts as they are stored, by the names of their columns."""
    return msgspec.convert(columns, Facts)


def to_columns(facts: Facts) -> dict[str, Any]:
    """Facts to be stored, by the names of their columns."""
    columns: dict[str, Any] = msgspec.to_builtins(facts)
    return columns


def _corrected(address: Address, told: Facts, by_hand: Mapping[str, str], region: str) -> Address:
    """The address without what is known to be wrong: where it says what the shop said, it says what the hand says."""
    changes = {}
    is_hers = _same(f"{address.first_name} {address.last_name}", f"{told.first_name} {told.last_name}")
    for field in PERSON_FIELDS:
        if field not in by_hand or not getattr(address, field, ""):
            continue
        its, wrong = getattr(address, field), getattr(told, field)
        if field == "phone":
            is_wrong = _same(its, wrong) or (phone_key(its, region) or its) == phone_key(wrong, region)
        elif field == "email":
            is_wrong = _same(its, wrong) or (email_key(its) or its) == email_key(wrong)
        elif field in _NAMES:
            is_wrong = is_hers
        else:
            is_wrong = _same(its, wrong)
        if is_wrong:
            changes[field] = by_hand[field]
    return msgspec.structs.replace(address, **changes) if changes else address


def _same(one: str, other: str) -> bool:
    return fold(one) == fold(other)
