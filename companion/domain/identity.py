"""Who an order or a registered user is: the account it belongs to, and what is known of that person.

An account is a person as one shop knows her. Joining accounts to customers beyond that is not done here.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from companion.domain.contact import email_key, phone_digits, phone_key
from connectors.base import Address, Customer, Order

AccountKind = Literal["user", "guest"]


class AccountKey(NamedTuple):
    """Names an account within its shop."""

    kind: AccountKind
    key: str


class Facts(msgspec.Struct, frozen=True):
    """What is known of a person, text as it came."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    username: str = ""
    role: str = ""
    billing: Address = Address()
    shipping: Address = Address()
    reference: str = ""  # into another system; no shop tells it


_EMPTY_ADDRESS = Address()


def account_of_order(order: Order, *, region: str) -> AccountKey:
    """The account an order belongs to: the WordPress user, else the guest by folded e-mail, else by phone, else the
    order stands for itself. `region` is the country whose phone spellings are assumed.
    """
    if order.customer_id:
        return AccountKey("user", order.customer_id)
    email = email_key(order.billing.email)
    if email:
        return AccountKey("guest", email)
    phone = phone_key(order.billing.phone, region)
    return AccountKey("guest", phone or f"order:{order.id}")


def facts_of_order(order: Order) -> Facts:
    """What an order tells of the person who placed it."""
    billing = order.billing
    return Facts(
        first_name=billing.first_name or order.shipping.first_name,
        last_name=billing.last_name or order.shipping.last_name,
        company=billing.company or order.shipping.company,
        email=billing.email,
        phone=billing.phone or order.shipping.phone,
        billing=billing,
        shipping=order.shipping,
    )


def facts_of_customer(customer: Customer) -> Facts:
    """What a registered user's own record tells. Its profile names come first: a parcel may be billed to another."""
    billing = customer.billing
    return Facts(
        first_name=customer.first_name or billing.first_name,
        last_name=customer.last_name or billing.last_name,
        company=billing.company or customer.shipping.company,
        email=customer.email or billing.email,
        phone=billing.phone or customer.shipping.phone,
        username=customer.username,
        role=customer.role,
        billing=billing,
        shipping=customer.shipping,
    )


def preferred(first: Facts, second: Facts) -> Facts:
    """Every fact of `first` that is not empty, the rest of `second`. An address is taken whole, never mixed of two."""
    # Spelled out: this runs for every order of a backfill.
    return Facts(
        first.first_name or second.first_name,
        first.last_name or second.last_name,
        first.company or second.company,
        first.email or second.email,
        first.phone or second.phone,
        first.username or second.username,
        first.role or second.role,
        second.billing if first.billing == _EMPTY_ADDRESS else first.billing,
        second.shipping if first.shipping == _EMPTY_ADDRESS else first.shipping,
        first.reference or second.reference,
    )


def tell_the_same(one: Facts, other: Facts, *, region: str) -> bool:
    """Whether two differ in nothing but the spelling of phones, by which nobody is found or known any better."""
    return one == other or _in_one_spelling(one, other, region) == other


def _in_one_spelling(facts: Facts, of: Facts, region: str) -> Facts:
    """The facts, with the other's spelling of each phone that is the same number."""
    billing, shipping = (
        msgspec.structs.replace(mine, phone=its.phone) if _is_one_number(mine.phone, its.phone, region) else mine
        for mine, its in ((facts.billing, of.billing), (facts.shipping, of.shipping))
    )
    phone = of.phone if _is_one_number(facts.phone, of.phone, region) else facts.phone
    return msgspec.structs.replace(facts, phone=phone, billing=billing, shipping=shipping)


def _is_one_number(one: str, other: str, region: str) -> bool:
    return one == other or phone_digits(one, region) == phone_digits(other, region)
