"""What speaks for two accounts being one person: what they share, held against their names.

Certain is the same e-mail address, unless the names are clearly different, and the same phone where the names agree: a
family shares it, and so may colleagues. A name and a postcode are never more than likely. What is borne by more people
than a family has, or is known to say nothing (`NoEvidence`), never counts. Decides about two accounts at a time; groups
are `companion.domain.union`'s.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from companion.domain.contact import email_key, mailbox, phone_key
from companion.domain.names import Agreement, compare, name_words, skeleton
from companion.domain.searchable import STAFF_ROLES
from companion.domain.text import fold

Kind = Literal["email", "phone", "postcode", "name"]
"""What may be shared: an e-mail address; a phone; a postcode; the name as it sounds, which by itself is never evidence,
only a hint to look.
"""

EVIDENCE: tuple[Kind, ...] = ("email", "phone", "postcode")

MOST_NAMES = 5
"""Names that may bear one identifier; more are an office's, a shop's own, or nobody's."""

MOST_BEARERS = 50
"""Accounts that may bear one identifier, whatever their names."""

Soundness = Literal["sound", "contested", "none"]
"""Of an identifier: whether it speaks; only where whole names agree, because it is borne by people of different names,
be they one letter apart; or not at all.
"""

Weight = tuple[Literal["same", "likely"], int]
"""A verdict and its strength."""


class Identifier(NamedTuple):
    """One thing by which an account is known, in one spelling."""

    kind: Kind
    key: str


class Known(NamedTuple):
    """An account as evidence sees it: the words of its name, what identifies it, whether it is somebody of the shop's
    own, and whether all that it has of a name is the last one, which may be of several words.
    """

    names: tuple[str, ...]
    identifiers: frozenset[Identifier]
    is_staff: bool = False
    is_half_named: bool = False


class Finding(NamedTuple):
    """What two accounts' facts say. `strength` (1 to 100) orders what is alike; `shared` is what both have."""

    verdict: Literal["same", "likely"]
    strength: int
    shared: tuple[Identifier, ...]
    names: Agreement


def site_of(url: str) -> str:
    """The domain of a shop's address, at which its own e-mail addresses are."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


class NoEvidence:
    """E-mail addresses and phones that are everybody's: those listed (`configured`, in any spelling), every address at
    one of the shops' own `domains`, and numbers of one digit repeated. `region` is the country of bare phone numbers.
    """

    def __init__(self, configured: Iterable[str] = (), *, domains: Iterable[str] = (), region: str = "IR") -> None:
        listed = tuple(configured)
        phones = (phone_key(text, region) for text in listed)
        self._listed = addresses(listed) | {Identifier("phone", key) for key in phones if key}
        self._domains = tuple(f"@{domain}" for domain in domains if domain)

    def __contains__(self, identifier: Identifier) -> bool:
        kind, key = identifier
        if kind == "email":
            return Identifier(kind, mailbox(key)) in self._listed or key.endswith(self._domains)
        return identifier in self._listed or (kind == "phone" and len(set(key[-_NATIONAL_DIGITS:])) == 1)


_NATIONAL_DIGITS = 8
_POSTCODE = re.compile(r"[^0-9a-z]")
_SHORTEST_POSTCODE = 4
_TYPED_TO_FILL_IN = frozenset({"1234567890", "0123456789", "12345", "123456"})


def known_of(facts: Mapping[str, str], billing: Mapping[str, str], *, region: str = "IR") -> Known:
    """An account by its facts: first_name, last_name, email, phone, username, role; and its billing address."""
    first, last = facts["first_name"], facts["last_name"]
    if not name_words(first, last):
        first, last = billing.get("first_name", ""), billing.get("last_name", "")
    names = name_words(first, last)
    found: set[Identifier] = set()
    # Many register with their address or number as user name.
    found |= addresses({facts["email"], billing.get("email", ""), facts["username"]})
    for text in {facts["phone"], billing.get("phone", ""), facts["username"]}:
        phone = phone_key(text, region) if text else None
        if phone:
            found.add(Identifier("phone", phone))
    sound = name_key(names)
    if sound:
        found.add(Identifier("name", sound))
        postcode = postcode_key(billing.get("postcode", ""))
        if postcode:
            found.add(Identifier("postcode", postcode))
    return Known(names, frozenset(found), facts["role"] in STAFF_ROLES, is_half_named=not any(map(str.isalpha, first)))


def addresses(texts: Iterable[str]) -> set[Identifier]:
    """The e-mail addresses among the texts, and the mailboxes that they lead to."""
    keys = {key for text in texts if "@" in text and (key := email_key(text))}
    return {Identifier("email", key) for key in keys | set(map(mailbox, keys))}


def name_key(names: Sequence[str]) -> str:
    """How a whole name sounds, alike in both scripts and whichever name comes first; "" for less than two words."""
    return " ".join(sorted(skeleton(word) or word for word in names)) if len(names) > 1 else ""


def postcode_key(text: str) -> str:
    """A postcode in one spelling; "" for what was typed only to fill the field in."""
    key = _POSTCODE.sub("", fold(text))
    if len(key) < _SHORTEST_POSTCODE or len(set(key)) == 1 or key in _TYPED_TO_FILL_IN:
        return ""
    return key


def soundness(bearers: Collection[Known]) -> Soundness:
    """Whether an identifier that these accounts bear speaks for anybody."""
    if says_nothing(bearers):
        return "none"
    names = sorted({known.names for known in bearers if known.names})
    clash = any(compare(one, other) in {"different", "near"} for one, other in itertools.combinations(names, 2))
    return "contested" if clash else "sound"


def says_nothing(bearers: Collection[Known]) -> bool:
    """Whether too many bear an identifier, or somebody of the shop's own."""
    if len(bearers) > MOST_BEARERS or any(known.is_staff for known in bearers):
        return True
    if len(bearers) <= MOST_NAMES:
        return False
    names = {known.names for known in bearers if known.names}
    return len({" ".join(sorted(skeleton(word) or word for word in words)) for words in names}) > MOST_NAMES


def judge(one: Known, other: Known, sound: Mapping[Identifier, Soundness]) -> Finding | None:
    """What two accounts' facts say; None: nothing. `sound` tells of each identifier that they share. Symmetric."""
    shared = tuple(sorted(its for its in one.identifiers & other.identifiers if sound.get(its, "none") != "none"))
    by_kind = {kind: [its for its in shared if its.kind == kind] for kind in EVIDENCE}
    kinds = [kind for kind in EVIDENCE if by_kind[kind]]
    if not kinds:
        return None
    names = compare(one.names, other.names)
    if (one.is_half_named or other.is_half_named) and names in {"same", "slipped", "near"}:
        names = "compatible"
    weights: list[Weight | None] = []
    if "email" in kinds:
        # Of several people who write from one address, who is it that gave half a name? The phone may tell.
        is_contested = not any(sound[its] == "sound" for its in by_kind["email"])
        weights.append(_by_email(names, is_contested=is_contested))
    if "phone" in kinds:
        weights.append(_by_phone(names))
    if "postcode" in kinds:
        weights.append(_by_postcode(names))
    found = max(filter(None, weights), default=None, key=lambda weight: (weight[0] == "same", weight[1]))
    if found is None:
        return None
    verdict, strength = found
    return Finding(verdict, strength + 5 * (len(kinds) - 1), shared, names)


def _by_email(names: Agreement, *, is_contested: bool) -> Weight:
    match names:
        case "different":
            return "likely", 35
        case "same":
            return "same", 90
        case "slipped":
            return ("likely", 65) if is_contested else ("same", 85)
        case "near":  # sisters may share an address, and more often a phone
            return "likely", 65
        case _:
            return ("likely", 55) if is_contested else ("same", 80)


def _by_phone(names: Agreement) -> Weight | None:
    match names:
        case "same":
            return "same", 75
        case "slipped":  # no two of a family have one given name
            return "same", 70
        case "near":
            return "likely", 60
        case "compatible":
            return "likely", 50
        case "unknown":
            return "likely", 30
        case _:
            return None


def _by_postcode(names: Agreement) -> Weight | None:
    return ("likely", 45) if names in {"same", "slipped", "near"} else None
