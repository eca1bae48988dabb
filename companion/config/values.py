"""The kinds of value an option may hold: what is true of each, in words a person can act on.

A check is a function that answers None for a good value, else the sentence that says what is wrong with it.
Nothing here reads files or the environment (reader.py does), or knows which options exist (options.py does).
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, NoReturn
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import phonenumbers
from msgspec import Meta

from companion.domain.also_told import Label

Check = Callable[[str], str | None]

_RATE = re.compile(r"[1-9]\d*/(second|minute|hour|day)(;[1-9]\d*/(second|minute|hour|day))*")


class Secret:
    """A text that must not be seen: it prints as `Secret(…)`, and only `reveal()` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Call it where the text is used, never to carry it around."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled")


def nearest(word: str, known: list[str]) -> str:
    """` (did you mean "x"?)` for the nearest of the known words, or nothing when none is near."""
    near = get_close_matches(word.casefold(), known, n=1) or get_close_matches(word, known, n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def has_credentials(url: str) -> bool:
    """Whether a URL carries a password, so that it must be kept like one."""
    return bool(re.search(r"://[^/@]*:[^/@]+@", url)) or "password=" in url


def check_web_url(value: str) -> str | None:
    """An absolute http or https address that other addresses can be built upon."""
    if not value:
        return None
    if "@" in value:
        return "must not carry a user name or password: they have their own options"
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        return f'must be a whole address such as "https://shop.example", not "{value}"'
    if parts.query or parts.fragment:
        return 'must end before any "?" or "#"'
    return None


def check_host(value: str) -> str | None:
    """An address or host name to listen on."""
    if value and not re.fullmatch(r"[A-Za-z0-9.:_-]+", value):
        return f'must be an address such as "127.0.0.1" or a host name, not "{value}"'
    return None


def check_proxy(value: str) -> str | None:
    """The address of one proxy, or nothing; `*` would let any client invent its own address."""
    if not value:
        return None
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return f'must be the IP address that your web server connects from, such as "127.0.0.1", not "{value}"'
    return None


def check_time_zone(value: str) -> str | None:
    """A name of the IANA time zone database (https://www.iana.org/time-zones)."""
    zones = available_timezones()
    if value in zones:
        return None
    by_folded = {zone.casefold(): zone for zone in zones}
    near = get_close_matches(value.casefold(), list(by_folded), n=1)
    hint = f' (did you mean "{by_folded[near[0]]}"?)' if near else ', such as "Asia/Tehran"'
    return f'"{value}" is no time zone of the IANA database{hint}'


def check_country(value: str) -> str | None:
    """A two-letter country code (ISO 3166-1) whose phone numbers the phone library knows."""
    if value in phonenumbers.SUPPORTED_REGIONS:
        return None
    hint = f' (did you mean "{value.upper()}"?)' if value.upper() in phonenumbers.SUPPORTED_REGIONS else ""
    return f'"{value}" is no two-letter country code, such as "IR"{hint}'


def check_rate(value: str) -> str | None:
    """One or more limits, such as `10/minute;100/day`: each of them holds."""
    if _RATE.fullmatch(value):
        return None
    return f'must be such as "10/minute" or "10/minute;100/day" (second, minute, hour, day), not "{value}"'


def check_database_url(value: str) -> str | None:
    """SQLite or PostgreSQL, no third."""
    if value.startswith("sqlite:///") and value.removeprefix("sqlite:///") not in {"", ":memory:"}:
        return None
    if re.fullmatch(r"postgres(ql)?(\+psycopg)?://[^/\s]*/[^/\s]+", value):
        return None
    return 'must be "sqlite:///FILE" or "postgresql://USER@HOST/DATABASE"'


def check_redis_url(value: str) -> str | None:
    """A Redis address, over TCP, TLS or a local socket."""
    if value.partition("://")[0] in {"redis", "rediss", "redis+unix", "unix"}:
        return None
    return 'must be such as "redis://127.0.0.1:6379/0"'


def stays_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent to this web address: by TLS, or to this machine itself."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_screen_url(value: str) -> str | None:
    """A template of the page of an order, or of a ticket, in the shop's back office."""
    if not value:
        return None
    if value.count("{id}") != 1 or "{" in value.replace("{id}", "") or "}" in value.replace("{id}", ""):
        return "must hold {id} once, where the id goes, and no other braces"
    return check_web_url(value.partition("?")[0].replace("{id}", "1"))


def check_master_key(value: str) -> str | None:
    """Long enough that nobody guesses what is derived from it."""
    if len(value) < 32:  # noqa: PLR2004 — 32 characters of hex are 128 bits, the least that is safe
        return "must be at least 32 characters long; `openssl rand -hex 32` makes a good one"
    return None


def check_secret(value: str) -> str | None:
    """A key or password as it was copied: with nothing before, within or after it that cannot belong to it."""
    if value != value.strip() or "\n" in value:
        return "has spaces or line breaks around it: copy it again"
    return None


def check_application_password(value: str) -> str | None:
    """What WordPress made for a user, not what WooCommerce made for a program."""
    if is_woocommerce_key(value):
        return "is a part of a WooCommerce key; an application password is made under Users > Profile"
    return check_secret(value)


def is_woocommerce_key(value: str) -> bool:
    """Whether this is one of the two parts of a WooCommerce key."""
    return value.startswith(("ck_", "cs_"))


def checked(check: Check, *, may_be_clear: bool = False) -> Meta:
    """Ties a check to an option's type; `may_be_clear` lets a secret stand in the file while it bears no password."""
    return Meta(extra={"check": check, "may_be_clear": may_be_clear})


Url = Annotated[str, checked(check_web_url)]
Host = Annotated[str, checked(check_host)]
Proxy = Annotated[str, checked(check_proxy)]
TimeZone = Annotated[str, checked(check_time_zone)]
Country = Annotated[str, checked(check_country)]
Rate = Annotated[str, checked(check_rate)]
ScreenUrl = Annotated[str, checked(check_screen_url)]
AnySecret = Annotated[Secret, checked(check_secret)]
AppPassword = Annotated[Secret, checked(check_application_password)]
MasterKey = Annotated[Secret, checked(check_master_key)]
DatabaseUrl = Annotated[Secret, checked(check_database_url, may_be_clear=True)]
RedisUrl = Annotated[Secret, checked(check_redis_url, may_be_clear=True)]
MetaKeys = dict[Annotated[str, Meta(pattern=r"""^[^\s"'\\]{1,255}$""")], Label]
