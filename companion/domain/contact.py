"""Phones and e-mails in one spelling each, so that two spellings of one are seen to be one.

The text as it came stays where it stands; these keys are for comparing, finding and linking.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from companion.domain.calendar import to_latin_digits

# Longer than any telephone number with its punctuation; what is longer is a sentence.
_PHONE_TEXT_LIMIT = 40

# An Iranian mobile once spaces and dashes are gone: by far the most numbers, and decided without asking the library.
_MOBILE = re.compile(r"^(?:\+98|0098|98|0|)(9\d{9})$")
_DECORATION = re.compile(r"[\s\-().\u200c-\u200f\u202a-\u202e\u2066-\u2069]+")

# The shape of nearly every address in a shop. The library would take each of them as it is, only slower; what is
# longer, rarer or odd is left to it.
_COMMON_EMAIL = re.compile(
    r"^(?=.{6,64}$)[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?:com|ir|net|org)$",
    re.IGNORECASE | re.ASCII,
)

SLIPS = {
    slip: meant
    for meant, slips in {
        "gmail.com": "gmail.con gmail.co gmail.cm gmail.om gmail.ir gmial.com gmai.com gmal.com gamil.com gmaill.com "
        "gnail.com",
        "yahoo.com": "yahoo.con yaho.com yahooo.com",
        "hotmail.com": "hotmial.com hotmail.con",
        "outlook.com": "outlook.con",
    }.items()
    for slip in slips.split()
}
"""Domains that are slips of the finger for those of the providers that nearly everybody has, with what was meant."""

_GOOGLES = frozenset({"gmail.com", "googlemail.com"})


# A number stands in an order twice or thrice and in its account as often, and whoever looks at them asks again.
@lru_cache(maxsize=4096)
def phone_key(text: str, region: str = "IR") -> str | None:
    """The number as E.164 (+989120001001), or None where the text is no possible number.

    `region` is the country (ISO 3166, two letters) whose spellings are assumed where none is named. A possible number
    need not be one in use; extensions are left out.
    """
    if not text or len(text) > _PHONE_TEXT_LIMIT:
        return None
    plain = _DECORATION.sub("", to_latin_digits(text))
    if region == "IR":
        mobile = _MOBILE.match(plain)
        if mobile:
            return f"+98{mobile[1]}"
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_display(text: str, region: str = "IR") -> str:
    """The number as people of `region` write it (0912 000 1001; abroad +44 …), in Latin digits.

    As it came where it is no possible number.
    """
    key = phone_key(text, region)
    if key is None:
        return text.strip()
    number = phonenumbers.parse(key)
    is_home = number.country_code == phonenumbers.country_code_for_region(region)
    style = phonenumbers.PhoneNumberFormat.NATIONAL if is_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


@lru_cache(maxsize=4096)
def phone_digits(text: str, region: str = "IR") -> tuple[str, ...]:
    """The digits by which a number may be searched: national (09120001001) and international (989120001001).

    The digits as typed stand last where they are neither; where it is no possible number, they stand alone.
    """
    key = phone_key(text, region)
    bare = re.sub(r"\D", "", to_latin_digits(text))
    if key is None:
        return (bare,) if bare else ()
    if region == "IR" and key.startswith("+98"):
        national = f"0{key[3:]}"  # spelled out: the library's own formatting is slow, and this runs for every account
    else:
        national = re.sub(r"\D", "", phone_display(key, region))
    return tuple(dict.fromkeys(digits for digits in (national, key[1:], bare) if digits))


def email_key(text: str) -> str | None:
    """The address in small letters with an ASCII or Unicode domain in one form, or None where it is no e-mail address.

    No name server is asked. Capitals in the part before @ are ignored, as every mailbox in use does.
    """
    candidate = text.strip()
    if _COMMON_EMAIL.match(candidate):
        return candidate.lower()
    if "@" not in candidate:
        return None
    try:
        checked = validate_email(candidate, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return checked.normalized.casefold()


def mailbox(key: str) -> str:
    """The mailbox that the address (an `email_key`) leads to, or was meant for: Google's ignore dots, and what stands
    behind a plus; gmail.con is nobody's domain.
    """
    name, _, domain = key.rpartition("@")
    domain = SLIPS.get(domain, domain)
    if domain in _GOOGLES:
        name, domain = name.partition("+")[0].replace(".", ""), "gmail.com"
    return f"{name}@{domain}"
