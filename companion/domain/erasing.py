"""By what an erased person is known when a shop tells of her again, and what is kept of such a record.

Match keys are texts like `email:…`; they are only ever stored as keyed hashes. An e-mail address is hers alone unless
somebody else bears it too; a phone may be a family's, so by itself it counts only where nothing better names the
buyer, and beside the same name always. The bare business facts of an order stay: number, total, dates, status, what
was bought.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from msgspec.structs import replace

from companion.domain.contact import email_key, phone_key
from companion.domain.text import fold
from connectors.base import Address, Customer, Order, OrderNote, Refund, Ticket, TicketReply

_NOWHERE = Address()
_TELLING = 10  # last digits of a number, which every spelling of it has
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ .\-/+]+(?=\d)")


class Told(NamedTuple):
    """What a record, or a stored row of one, says of a person: e-mails, phones and names as they came."""

    emails: Collection[str]
    phones: Collection[str]
    names: Collection[str]


class MatchKeys(NamedTuple):
    """By what somebody is known: her contact points by kind and key, and each beside her names."""

    points: frozenset[tuple[str, str]]
    named: frozenset[str]


def user_key(shop: str, user_id: str) -> str:
    """A registered user of a shop."""
    return f"user:{shop}:{user_id}"


def point_key(kind: str, key: str) -> str:
    """An e-mail address or a phone by itself; `kind` is email or phone."""
    return f"{kind}:{key}"


def told_by(facts: Mapping[str, Any]) -> Told:
    """What stored columns say: those of an account, or the addresses of an order (`billing`, `shipping`)."""
    addresses = [facts.get("billing") or {}, facts.get("shipping") or {}]
    return Told(
        emails=[text for text in (facts.get("email", ""), *(a.get("email", "") for a in addresses)) if text],
        phones=[text for text in (facts.get("phone", ""), *(a.get("phone", "") for a in addresses)) if text],
        names=[
            name
            for one in (facts, *addresses)
            if (name := f"{one.get('first_name', '')} {one.get('last_name', '')}".strip())
        ],
    )


def match_keys_of(told: Iterable[Told], *, region: str) -> MatchKeys:
    """All of one person, of whom several things were told. `region`: the country of phones that name none."""
    points: set[tuple[str, str]] = set()
    named: set[str] = set()
    for one in told:
        hers = {("email", key) for text in one.emails if (key := email_key(text))}
        hers |= {("phone", key) for text in one.phones if (key := phone_key(text, region))}
        names = {name for text in one.names if (name := _name(text))}
        points |= hers
        named |= {f"{kind}+name:{key}:{name}" for kind, key in hers for name in names}
    return MatchKeys(frozenset(points), frozenset(named))


def match_keys_of_order(shop: str, order: Order, *, region: str) -> frozenset[str]:
    """By which of its match keys an order may turn out to be an erased person's."""
    told = Told(
        [order.billing.email, order.shipping.email],
        [order.billing.phone, order.shipping.phone],
        [_full_name(order.billing), _full_name(order.shipping)],
    )
    return _known_by(told, shop, order.customer_id, region=region)


def match_keys_of_customer(shop: str, customer: Customer, *, region: str) -> frozenset[str]:
    """By which of her match keys a registered user may turn out to be an erased person."""
    told = Told(
        [customer.email, customer.billing.email, customer.shipping.email],
        [customer.billing.phone, customer.shipping.phone],
        [
            f"{customer.first_name} {customer.last_name}",
            _full_name(customer.billing),
            _full_name(customer.shipping),
        ],
    )
    return _known_by(told, shop, customer.id, region=region)


def needles_of(told: Iterable[Told], *, region: str) -> frozenset[str]:
    """What a text must hold to speak of her: her e-mails, her phones' last digits, her whole names, folded."""
    found: set[str] = set()
    for one in told:
        found |= {fold(text) for text in one.emails}
        found |= {key[-_TELLING:] for text in one.phones if (key := phone_key(text, region))}
        found |= {name for text in one.names if " " in (name := fold(text))}
    return frozenset(found - {""})


def mentions(raw: bytes, needles: Collection[str]) -> bool:
    """Whether bytes, JSON or not, hold one of the needles in any spelling."""
    text = raw.decode("utf-8", "replace")
    with suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    folded = fold(text)
    bare = _BETWEEN_DIGITS.sub("", folded)
    return any(needle in folded or needle in bare for needle in needles)


def bare_order(order: Order) -> Order:
    """The order without whoever placed it. That it carries a summary stays known, not what that says."""
    return replace(
        order,
        billing=_NOWHERE,
        shipping=_NOWHERE,
        customer_note="",
        transaction_id="",
        meta=(),
        summary=None if order.summary is None else "",
    )


def bare_customer(customer: Customer) -> Customer:
    """A registered user without anything but her number and role."""
    return replace(
        customer,
        username="",
        email="",
        first_name="",
        last_name="",
        billing=_NOWHERE,
        shipping=_NOWHERE,
        meta=(),
    )


def bare_ticket(ticket: Ticket) -> Ticket:
    """A ticket without what it says; its address may repeat the title."""
    return replace(ticket, title="", body="", url="", summary=None if ticket.summary is None else "")


def bare_reply(reply: TicketReply) -> TicketReply:
    """A reply without its text."""
    return replace(reply, body="")


def bare_order_note(note: OrderNote) -> OrderNote:
    """An order note without its text."""
    return replace(note, body="")


def bare_refund(refund: Refund) -> Refund:
    """A refund without its reason."""
    return replace(refund, reason="")


def _known_by(told: Told, shop: str, user_id: str, *, region: str) -> frozenset[str]:
    keys = match_keys_of([told], region=region)
    emails = {point_key(kind, key) for kind, key in keys.points if kind == "email"}
    known = {*keys.named, *emails}
    if user_id:
        known.add(user_key(shop, user_id))
    elif not emails:
        known |= {point_key(kind, key) for kind, key in keys.points}
    return frozenset(known)


def _name(text: str) -> str:
    """The name's folded words in one order, "" where there is none."""
    return " ".join(sorted(fold(text).split()))


def _full_name(address: Address) -> str:
    return f"{address.first_name} {address.last_name}"
