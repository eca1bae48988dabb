"""What a shop tells of a person besides her facts in force: chosen fields, and the phones of her other orders.

A chosen field is a custom field (meta key) of the shop's users and orders that the configuration names: a national id,
a customer number. Facts in force come from the newest order; whoever gave another number before may call from it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from companion.domain.contact import phone_digits, phone_key
from companion.domain.identity import Facts
from companion.domain.text import fold

LONGEST_VALUE = 100
"""Letters of a chosen field: whoever needs more of them writes a text, and is not known by it."""

MOST_OF_A_KIND = 50
"""Phones of an account, and values of its chosen fields, that it is found by: the newest."""

_Words = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"\S")]


class Label(Struct, frozen=True, forbid_unknown_fields=True):
    """What a chosen field is called on the pages."""

    fa: _Words
    en: _Words

    def told_in(self, language: str) -> str:
        """The words of a language: fa or en."""
        return self.fa if language == "fa" else self.en


Chosen = Mapping[str, Mapping[str, Label]]
"""The chosen fields of each shop by their meta keys; shops without any may be absent."""

NOTHING_CHOSEN: Chosen = {}


class Field(NamedTuple):
    """A chosen field of an account: its meta key, and the value as it came."""

    key: str
    value: str


class AlsoTold(NamedTuple):
    """Phones as they were typed, and chosen fields, the newest first; either may repeat what is in force."""

    phones: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the chosen fields, whichever they are."""
        return tuple(field.value for field in self.fields)


NOTHING = AlsoTold()

Telling = tuple[Sequence[str], Mapping[str, str]]
"""What one order, or a registered user's own record, tells: phones, and custom fields by their keys."""


def also_told(
    tellings: Iterable[Telling], keys: Collection[str], *, known_wrong: str = "", region: str = "IR"
) -> AlsoTold:
    """All of these together, the newest of which stands first; each thing once, however it is spelt. `keys` are those
    of the chosen fields, `known_wrong` is a phone that somebody corrected by hand.
    """
    phones: dict[str, str] = {}
    fields: dict[Field, Field] = {}
    wrong = _number(known_wrong, region) if known_wrong else ""
    for its_phones, meta in tellings:
        for phone in its_phones:
            if phone and (number := _number(phone, region)) and number != wrong and len(phones) < MOST_OF_A_KIND:
                phones.setdefault(number, phone)
        for key in keys:
            if len(fields) < MOST_OF_A_KIND and (value := _value(meta.get(key, ""))):
                fields.setdefault(Field(key, fold(value)), Field(key, value))
    return AlsoTold(tuple(phones.values()), tuple(fields.values()))


def tells_more(telling: Telling, facts: Facts, keys: Collection[str], *, region: str = "IR") -> bool:
    """Whether this tells anything that these facts do not."""
    phones, meta = telling
    known = (facts.phone, facts.billing.phone, facts.shipping.phone)
    others = {_number(phone, region) for phone in phones if phone and phone not in known} - {""}
    if others and not others <= {_number(phone, region) for phone in known if phone}:
        return True
    return any(key in meta for key in keys)


def _number(phone: str, region: str) -> str:
    """One spelling of it; that of what is no possible number are its digits."""
    return phone_key(phone, region) or "".join(phone_digits(phone, region))


def _value(text: str) -> str:
    """What can be looked for; "" for what plugins write where nothing was filled in, and for what is no such thing."""
    value = text.strip()
    return value if len(value) <= LONGEST_VALUE and any(map(str.isalnum, value)) else ""
