"""Who a customer is: one picture drawn from her accounts, each fact once, with the shops that tell it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from companion.domain.also_told import NOTHING, AlsoTold
from companion.domain.contact import email_key, phone_display, phone_key
from companion.domain.text import fold
from storage.people.customers import AccountRow

_NOTHING_BESIDES: Mapping[int, AlsoTold] = {}
_STATE_CODE = re.compile(r"[A-Z]{2,3}")


@dataclass(frozen=True)
class Account:
    """The customer as one shop knows her; `kind` is user, guest or manual (then `shop` is "")."""

    id: int
    shop: str
    kind: str
    key: str
    name: str
    username: str
    company: str
    email: str
    phone: str
    role: str
    created_at: datetime | None
    is_gone: bool


@dataclass(frozen=True)
class ContactPoint:
    """An e-mail or phone: `text` to show, `key` to link with (mailto: or tel:), "" when it is not a possible one."""

    text: str
    key: str
    shops: tuple[str, ...]


@dataclass(frozen=True)
class PostalAddress:
    """An address to post to; `lines` as people would write them, empty ones left out."""

    shop: str
    kind: Literal["billing", "shipping"]
    lines: tuple[str, ...]


def name_of(accounts: Sequence[AccountRow]) -> str:
    """What to call her: a person's name, else her company's, else what she is reached by; "" if there is nothing."""
    for told in (
        _person,
        lambda row: row.company,
        lambda row: row.email,
        lambda row: row.phone,
        lambda row: row.username,
    ):
        for row in accounts:
            if name := told(row).strip():
                return name
    return ""


def shops_of(accounts: Sequence[AccountRow]) -> tuple[str, ...]:
    """The shops that know her, in the order of the accounts."""
    return tuple(dict.fromkeys(row.shop for row in accounts if row.shop))


def account_of(row: AccountRow) -> Account:
    """One account, to show."""
    return Account(
        id=row.id,
        shop=row.shop,
        kind=row.kind,
        key=row.key,
        name=_person(row),
        username=row.username,
        company=row.company,
        email=row.email,
        phone=row.phone,
        role=row.role,
        created_at=row.created_at,
        is_gone=row.gone_at is not None,
    )


def emails_of(accounts: Sequence[AccountRow]) -> tuple[ContactPoint, ...]:
    """Every e-mail once, whatever its capitals."""
    told = ((row.shop, text) for row in accounts for text in _texts(row, row.email, "email"))
    return _points(told, key=email_key, display=str.strip)


def phones_of(
    accounts: Sequence[AccountRow], region: str, besides: Mapping[int, AlsoTold] = _NOTHING_BESIDES
) -> tuple[ContactPoint, ...]:
    """Every phone once, whatever its spelling; those that only other orders tell stand at the end."""
    in_force = ((row.shop, text) for row in accounts for text in _texts(row, row.phone, "phone"))
    on_orders = ((row.shop, text) for row in accounts for text in besides.get(row.id, NOTHING).phones)
    told = itertools.chain(in_force, on_orders)
    return _points(told, key=lambda text: phone_key(text, region), display=lambda text: phone_display(text, region))


def addresses_of(accounts: Sequence[AccountRow]) -> tuple[PostalAddress, ...]:
    """Every address of each shop once."""
    found: dict[tuple[str, str], PostalAddress] = {}
    for row in accounts:
        kinds: tuple[tuple[Literal["billing", "shipping"], Mapping[str, str]], ...] = (
            ("billing", row.billing),
            ("shipping", row.shipping),
        )
        for kind, address in kinds:
            if lines := address_lines(address):
                found.setdefault((row.shop, fold(" ".join(lines))), PostalAddress(row.shop, kind, lines))
    return tuple(found.values())


def address_lines(address: Mapping[str, str]) -> tuple[str, ...]:
    """An address as people write it below one another; none if it names no place."""
    # WooCommerce keeps Iran's provinces as codes (THR), which nobody writes on an envelope.
    is_code = address.get("country") == "IR" and _STATE_CODE.fullmatch(address.get("state", "").strip())
    place = _joined(address, "city") if is_code else _joined(address, "city", "state")
    lines = (address.get("address_1", ""), address.get("address_2", ""), place, address.get("postcode", ""))
    return tuple(stripped for line in lines if (stripped := line.strip()))


def _person(row: AccountRow) -> str:
    own = f"{row.first_name} {row.last_name}".strip()
    return own or _joined(row.billing, "first_name", "last_name") or _joined(row.shipping, "first_name", "last_name")


def _joined(address: Mapping[str, str], *fields: str) -> str:
    return " ".join(text for field in fields if (text := address.get(field, "").strip()))


def _texts(row: AccountRow, own: str, field: str) -> Iterator[str]:
    for text in (own, row.billing.get(field, ""), row.shipping.get(field, "")):
        if text.strip():
            yield text


def _points(
    told: Iterator[tuple[str, str]], *, key: Callable[[str], str | None], display: Callable[[str], str]
) -> tuple[ContactPoint, ...]:
    shops: dict[str, dict[str, None]] = {}
    shown: dict[str, tuple[str, str]] = {}
    for shop, text in told:
        its_key = key(text) or ""
        name = its_key or fold(text)
        shown.setdefault(name, (display(text), its_key))
        shops.setdefault(name, {})[shop] = None
    return tuple(ContactPoint(*shown[name], tuple(shop for shop in shops[name] if shop)) for name in shown)
