"""What is wrong with what is known of an account: phones, e-mails and postcodes that cannot be, and a missing name.

Only what is surely wrong is a fault: a list full of false alarms is a list that nobody reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from companion.domain.calendar import to_latin_digits
from companion.domain.contact import SLIPS, email_key, phone_key


class Fault(StrEnum):
    """One thing that may be wrong, in the order in which it is shown."""

    PHONE = "phone"
    EMAIL = "email"
    POSTCODE = "postcode"
    NAME = "name"


MANY = 3
"""People who bear one e-mail address or phone, from which on it is shown: a couple may well share theirs."""

_NAMES = ("last_name", "first_name", "company")
_NO_DIGIT = re.compile(r"\D+")
_SEPARATORS = re.compile(r"[\s\-_./\u200c-\u200f]+")
_PLAIN_MOBILE = re.compile(r"^(?:\+98|0)9(?!120000000$)(?!(\d)\1{8}$)\d{9}$", re.ASCII)
_PLAIN_POSTCODE = re.compile(r"^(?!(\d)\1{9}$)[13-9]{5}\d{5}$", re.ASCII)
_ANONYMOUS = ".invalid"
"""WordPress writes deleted@site.invalid where its own eraser has been: nothing is to be corrected there."""

_IRAN = "+98"
_IRAN_DIGITS = 10  # of a phone, and of a postcode
_IRAN_AREA = 5  # its first digits, which name the area
_LONGEST_POSTCODE = 12  # of any country (universal postal union: ten letters, and separators)
_LEAST_TELLING = 3


def faults_of(facts: Mapping[str, Any], *, region: str) -> dict[Fault, str]:
    """The faults with the text that is wrong ("" for a missing name). `facts`: first_name, last_name, company, email,
    phone and billing, as an account's columns hold them; `region` is the country (two letters) of what names none.
    """
    billing: Mapping[str, str] = facts.get("billing") or {}
    found: dict[Fault, str] = {}
    # Nearly every text is of the plainest kind, and this runs for every account of a backfill.
    for text in _texts(facts, billing, "phone"):
        if not _PLAIN_MOBILE.match(text) and is_impossible_phone(text, region=region):
            found.setdefault(Fault.PHONE, text)
    for text in _texts(facts, billing, "email"):
        if is_impossible_email(text):
            found.setdefault(Fault.EMAIL, text)
    postcode = billing.get("postcode", "").strip()
    if postcode and not _PLAIN_POSTCODE.match(postcode):
        country = billing.get("country", "") or region
        if is_impossible_postcode(postcode, country=country):
            found[Fault.POSTCODE] = postcode
    if not any((facts.get(name, "") or billing.get(name, "")).strip() for name in _NAMES):
        found[Fault.NAME] = ""
    return found


def is_impossible_phone(text: str, *, region: str) -> bool:
    """Not a number that could be dialled from anywhere, or one digit throughout, or the example that forms show (0912
    000 0000). In Iran every number has ten digits behind its zero; one without its area is missing some.
    """
    key = phone_key(text, region)
    if key is None or key == "+989120000000":
        return True
    is_short = key.startswith(_IRAN) and len(key) != len(_IRAN) + _IRAN_DIGITS
    return is_short or len(set(key[-_IRAN_DIGITS + 1 :])) == 1


def is_impossible_email(text: str) -> bool:
    """Not an address, or one at a domain that is a slip for a great provider's."""
    key = email_key(text)
    if key is None:
        return not text.strip().lower().endswith(_ANONYMOUS)
    return key.rpartition("@")[2] in SLIPS


def is_impossible_postcode(text: str, *, country: str) -> bool:
    """In Iran: not ten digits, or a 0 or 2 among the first five, which no area has; elsewhere only what is plainly
    wrong: too short or long, or one sign throughout.
    """
    plain = _SEPARATORS.sub("", to_latin_digits(text))
    if not plain or len(set(plain)) == 1:
        return True
    if country.upper() == "IR":
        is_number = len(plain) == _IRAN_DIGITS and not _NO_DIGIT.search(plain)
        return not is_number or not {"0", "2"}.isdisjoint(plain[:_IRAN_AREA])
    return not _LEAST_TELLING <= len(plain) <= _LONGEST_POSTCODE or not any(map(str.isalnum, plain))


def _texts(facts: Mapping[str, Any], billing: Mapping[str, str], name: str) -> tuple[str, ...]:
    one, other = facts.get(name, "").strip(), billing.get(name, "").strip()
    if not other or one == other:
        return (one,) if one else ()
    return (one, other) if one else (other,)
