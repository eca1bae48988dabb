"""What the search index holds of each thing: folded text, made from its fields and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from companion.domain import signs
from companion.domain.contact import phone_digits
from companion.domain.richtext import html_to_plain
from companion.domain.text import fold, indexed, indexed_names

STAFF_ROLES = frozenset(
    {
        "administrator",
        "editor",
        "author",
        "contributor",
        "shop_manager",
        "wpas_manager",
        "wpas_support_manager",
        "wpas_agent",
    }
)
"""Users who work in the shop: accounts like all, but nobody looks for them among the customers until they buy."""

EDITION = 1
"""Raised whenever the texts are made otherwise than before: then the index is due to be built anew."""

LONGEST_TEXT = 20_000
"""Letters of a ticket or reply that are found: as many as a note may have. What mail drags along beyond is not."""

NEXT_PART = " | "
"""Stands between the parts of an account's text: names, all else, signs. The fold makes a space of it."""

_PLACE_FIELDS = ("address_1", "address_2", "city", "state", "postcode")


def account_text(  # noqa: PLR0913 -- one argument for each fact of an account
    *,
    first_name: str,
    last_name: str,
    username: str,
    email: str,
    phone: str,
    company: str,
    billing: Mapping[str, str],
    shipping: Mapping[str, str],
    phones: Iterable[str] = (),
    others: Iterable[str] = (),
    region: str = "IR",
) -> str:
    """The folded text by which an account is found: names, contact, company and addresses, each thing once.

    Words match in any order, so names stand in one; names and companies stand without their spaces too. Phones stand in
    national and international digits, whatever their spelling. `phones` are those of her other orders, `others` is what
    else she is known by (a national id, a reference). `region` is the country of phones that name none. Its country's
    code is left out of an address, since it would match everybody. At the end stand the signs of how her names sound
    and her phones end.
    """
    addresses = (billing, shipping)
    people = dict.fromkeys(
        (
            f"{first_name} {last_name}",
            *(f"{a.get('first_name', '')} {a.get('last_name', '')}" for a in addresses),
        )
    )
    names = dict.fromkeys((*people, company, *(a.get("company", "") for a in addresses)))
    emails = dict.fromkeys((username, email, *(a.get("email", "") for a in addresses)))
    places = dict.fromkeys(a.get(field, "") for a in addresses for field in _PLACE_FIELDS)
    spellings = dict.fromkeys((phone, *(a.get("phone", "") for a in addresses), *phones))
    digits = dict.fromkeys(number for spelling in spellings if spelling for number in phone_digits(spelling, region))
    codes = (place.replace("-", "") for place in places if "-" in place)
    rest = (fold(" ".join(emails)), *digits, indexed(" ".join((*places, *codes, *others))))
    unseen = (*signs.sounds(people), *signs.ends(digits))
    parts = (indexed_names(names), " ".join(part for part in rest if part), " ".join(unseen))
    return NEXT_PART.join(parts) if any(parts) else ""


def is_sought(*, kind: str, role: str, has_orders: bool, is_gone: bool) -> bool:
    """Whether an account is in the index: everybody but staff who never bought, guests whose orders turned out to be
    another's, and people added by hand who were taken away again. A user whom the shop deleted is still sought: her
    orders and notes stay.
    """
    is_staff = role in STAFF_ROLES and not has_orders
    is_abandoned = kind in {"guest", "manual"} and is_gone
    return not (is_staff or is_abandoned)


def note_text(body: str, outcome: str = "") -> str:
    """The folded text by which a note is found: its Markdown as typed, so that a link's address is found too, and what
    came of the contact that it records.
    """
    return indexed(f"{outcome}\n{body}" if outcome else body)


def order_text(customer_note: str) -> str:
    """The folded text by which an order is found, besides its number: what the customer wrote when she ordered."""
    return indexed(customer_note)


def order_note_text(body: str) -> str:
    """The folded text by which a note of the shop on an order is found: the words of its HTML."""
    return indexed(html_to_plain(body)[:LONGEST_TEXT])


def ticket_text(*, number: str, title: str, body: str) -> str:
    """The folded text by which a ticket is found: what the shop calls it by, its title, and the words of its HTML."""
    return indexed(f"{number} {title}\n{html_to_plain(body)[:LONGEST_TEXT]}")


def reply_text(body: str) -> str:
    """The folded text by which a reply to a ticket is found: the words of its HTML."""
    return indexed(html_to_plain(body)[:LONGEST_TEXT])
