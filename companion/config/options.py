"""Every option of the configuration: its name, type, range, default and meaning, in one place.

`config.example.toml` is written from this (`python -m companion.config`), and a test keeps the two equal. What people
set in their browser (agents, roles, note kinds) is not here: it lives in the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from companion.config.reader import Section
from companion.config.values import (
    AnySecret,
    AppPassword,
    Country,
    DatabaseUrl,
    Host,
    MasterKey,
    MetaKeys,
    Proxy,
    Rate,
    RedisUrl,
    ScreenUrl,
    Secret,
    TimeZone,
    Url,
    check_web_url,
    is_woocommerce_key,
    stays_private,
)


def _says(meaning: str, *, example: str | None = None) -> Meta:
    return Meta(description=meaning, examples=[example] if example else None)


def _between(least: float, most: float, meaning: str) -> Meta:
    return Meta(ge=least, le=most, description=meaning)


class Installation(Section, frozen=True, kw_only=True):
    """How this installation speaks, and when its day begins."""

    name: Annotated[str, _says("The name shown at the top of each page")] = "Companion"
    language: Annotated[Literal["fa", "en"], _says("Language of summaries, and of people who chose none: fa or en")] = (
        "fa"
    )
    calendar: Annotated[
        Literal["jalali", "gregorian"],
        _says("Calendar of summaries, and of people who chose none: jalali or gregorian"),
    ] = "jalali"
    timezone: Annotated[TimeZone, _says('Time zone of dates and of "today", by its IANA name')] = "Asia/Tehran"
    country: Annotated[
        Country, _says("Country whose phone numbers are written without a country code, two letters")
    ] = "IR"
    toman: Annotated[bool, _says("Show amounts in rial as toman, a tenth of them")] = True


class Web(Section, frozen=True, kw_only=True):
    """The pages, and the entrance that shops deliver to."""

    host: Annotated[Host, _says("Address to listen on; 127.0.0.1 is this machine alone")] = "127.0.0.1"
    port: Annotated[int, _between(1, 65535, "Port to listen on (the environment's COMPANION_PORT goes before it)")] = (
        8765
    )
    public_url: Annotated[
        Url, _says("Address at which browsers and shops reach companion; empty: shops cannot deliver, only be polled")
    ] = ""
    threads: Annotated[int, _between(2, 64, "Requests worked on at the same time")] = 16
    trusted_proxy: Annotated[
        Proxy, _says("IP address of the web server in front, whose X-Forwarded headers are believed; empty: none")
    ] = ""
    max_body_bytes: Annotated[
        int, _between(65_536, 104_857_600, "Largest request taken, in bytes; a shop's deliveries are single orders")
    ] = 5_242_880


class Database(Section, frozen=True, kw_only=True):
    """Where the store is."""

    url: Annotated[
        DatabaseUrl,
        _says(
            '"sqlite:///FILE" beside this file, or "postgresql://USER@HOST/NAME"; with a password in it: env: or file:'
        ),
    ] = Secret("sqlite:///companion.sqlite3")


class Shop(Section, frozen=True, kw_only=True):
    """One WooCommerce shop and the account companion has there: a key pair, or a user with an application password."""

    key: str
    """Its short name in addresses, commands and the store: the KEY of [shops.KEY]. Never changed later."""
    name: Annotated[str, _says("Name shown to people; empty: its key")] = ""
    url: Annotated[Url, _says("Address of the shop, as its visitors see it", example="https://shop.example")]
    consumer_key: Annotated[
        AnySecret | None, _says("REST key with read and write permission", example="env:SHOP_KEY")
    ] = None
    consumer_secret: Annotated[AnySecret | None, _says("The secret of that key", example="env:SHOP_SECRET")] = None
    username: Annotated[str, _says("Instead of a key: WordPress user that the application password belongs to")] = ""
    application_password: Annotated[AppPassword | None, _says("Instead of a secret: an application password")] = None
    auth: Annotated[
        Literal["auto", "basic", "query", "oauth"],
        _says("How to show the key: auto finds out; basic, query (host strips the header) or oauth (plain http)"),
    ] = "auto"
    verify_tls: Annotated[bool, _says("Check the shop's certificate; false only for a test shop")] = True
    ca_file: Annotated[
        str, _says("File with the authority that signed the shop's certificate; empty: the public ones")
    ] = ""
    timeout_seconds: Annotated[float, _between(5, 300, "Longest wait for an answer of the shop")] = 60.0
    pages_in_flight: Annotated[
        int, _between(1, 8, "Most pages asked for at the same time while reading everything")
    ] = 4
    order_url: Annotated[
        ScreenUrl, _says("Address of an order in the shop's back office, with {id}; empty: found out from the shop")
    ] = ""
    helpdesk: Annotated[
        Literal["none", "awesome-support"],
        _says("The shop's helpdesk, whose tickets are read: none or awesome-support"),
    ] = "none"
    helpdesk_username: Annotated[
        str, _says("WordPress user who sees every ticket (an administrator); empty: the user above")
    ] = ""
    helpdesk_password: Annotated[
        AppPassword | None, _says("Her application password; a helpdesk never takes a WooCommerce key")
    ] = None
    ticket_url: Annotated[
        ScreenUrl, _says("Address of a ticket in the shop's back office, with {id}; empty: WordPress's own screen")
    ] = ""
    meta_keys: Annotated[
        MetaKeys,
        _says("Custom fields (meta keys) of users and orders that people are found by, each with its label"),
    ] = field(default_factory=dict)
    bridge: Annotated[
        bool, _says("Ask companion's WordPress plugin what changed, where the shop has it; false: never")
    ] = True

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.key

    @property
    def helpdesk_login(self) -> tuple[str, Secret] | None:
        """User name and application password for the helpdesk; None where there is none."""
        if self.helpdesk == "none":
            return None
        if self.helpdesk_password is not None:
            return self.helpdesk_username, self.helpdesk_password
        return (self.username, self.application_password) if self.application_password is not None else None

    @staticmethod
    def disagreements(table: Mapping[str, Any]) -> list[str]:
        """A key pair or a user with an application password: one of them, and whole; then who opens the helpdesk."""
        given = {name for name, value in table.items() if value != ""}
        pair, login = given & _KEY_PAIR, given & _LOGIN
        if pair and login:
            return ["consumer_key: stands beside a user name: keep the key pair or the user, not both"]
        if not pair and not login:
            return ["consumer_key: is missing, with consumer_secret (or username with application_password)"]
        problems = _halves(pair, _KEY_PAIR) + _halves(login, _LOGIN)
        if login and table.get("auth") in {"query", "oauth"}:
            problems.append('auth: an application password goes only with "auto" or "basic"')
        if _is_in_the_clear(table):
            if "application_password" in given:
                problems.append("application_password: anybody on the way could read it over http: use https, or a key")
            if table.get("auth") in {"basic", "query"}:
                problems.append('auth: over http anybody on the way could read the key: "auto" signs with it instead')
        problems += [
            f"{name}: is a part of a WooCommerce key, not a user name"
            for name in ("username", "helpdesk_username")
            if is_woocommerce_key(str(table.get(name, "")))
        ]
        return problems + _of_helpdesk(table, given)


_KEY_PAIR = {"consumer_key", "consumer_secret"}
_LOGIN = {"username", "application_password"}
_HELPDESK_LOGIN = {"helpdesk_username", "helpdesk_password"}


def _halves(given: set[str], whole: set[str]) -> list[str]:
    """What is missing of a pair of which one half is given."""
    return [f"{name}: is missing beside {min(given)}" for name in sorted(whole - given)] if given else []


def _is_in_the_clear(table: Mapping[str, Any], *, except_here: bool = False) -> bool:
    """Whether the shop's address is one of http; `except_here`: unless it never leaves this machine."""
    url = table.get("url")
    if not isinstance(url, str) or not url.casefold().startswith("http:") or check_web_url(url) is not None:
        return False
    return not (except_here and stays_private(url))


def _of_helpdesk(table: Mapping[str, Any], given: set[str]) -> list[str]:
    """Awesome Support is opened by an application password alone, which must not be read on its way."""
    login = given & _HELPDESK_LOGIN
    if table.get("helpdesk", "none") == "none":
        return [f'{name}: is given, but no helpdesk: set helpdesk = "awesome-support"' for name in sorted(login)]
    problems = _halves(login, _HELPDESK_LOGIN)
    if not login and "application_password" not in given:
        problems.append("helpdesk_username: is missing, with helpdesk_password (a WooCommerce key opens no helpdesk)")
    if _is_in_the_clear(table, except_here=True):
        problems.append("helpdesk: over http, anybody on the way could read its application password: use https")
    return problems


class Push(Section, frozen=True, kw_only=True):
    """The writing of summaries to orders."""

    mode: Annotated[
        Literal["off", "dry-run", "on"], _says("off: nothing; dry-run: show what would be written; on: write")
    ] = "dry-run"
    newest: Annotated[int, _between(0, 20, "How many of a customer's newest orders carry the summary")] = 5
    max_per_hour: Annotated[int, _between(1, 100_000, "Most orders written to each shop within an hour")] = 3600


class Sync(Section, frozen=True, kw_only=True):
    """How often the worker looks."""

    poll_seconds: Annotated[int, _between(10, 86_400, "Time between two looks at what changed in a shop")] = 300
    overlap_seconds: Annotated[int, _between(0, 86_400, "How far each look reaches back before the last one")] = 600
    reconcile_hours: Annotated[
        float, _between(1, 720, "Time between two comparisons of all ids and dates, which find what was deleted")
    ] = 24.0
    share_of_shop_time: Annotated[
        float,
        _between(0.001, 1, "Most of a shop's time that all looking may take; what does not fit is done less often"),
    ] = 0.05
    drain_seconds: Annotated[float, _between(0.1, 60, "Time between two looks at the inbox and the outbox")] = 1.0


class Identity(Section, frozen=True, kw_only=True):
    """Who is one person."""

    not_evidence: Annotated[
        list[str],
        _says("E-mail addresses and phones that many share, which join nobody; those of the shops' own sites never do"),
    ] = field(default_factory=lambda: ["deleted@site.invalid", "09120000000"])


class RateLimits(Section, frozen=True, kw_only=True):
    """How often one client may ask. Correctly signed deliveries of shops are never limited."""

    sign_in: Annotated[Rate, _says("Failed sign-ins, from one address and for one user name")] = "10/minute;100/day"
    pages: Annotated[Rate, _says("Pages seen by one person")] = "600/minute"
    search: Annotated[Rate, _says("Searches by one person: one for each pause in typing")] = "240/minute"
    write: Annotated[Rate, _says("Notes and settings written by one person")] = "60/minute"
    failed_signatures: Annotated[Rate, _says("Deliveries with a wrong signature, from one address")] = "30/minute"


class Log(Section, frozen=True, kw_only=True):
    """What the program tells of itself, on standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        _says("Least weight that is written: debug, info, warning or error"),
    ] = "info"
    format: Annotated[Literal["json", "text"], _says("json: one object a line, for machines; text: for people")] = (
        "json"
    )


class Options(Section, frozen=True, kw_only=True):
    """The whole file, as its sections declare it."""

    master_key: Annotated[
        MasterKey,
        _says(
            "32 characters or more, all other secrets are derived from it: keep it, and keep it apart from backups",
            example="env:COMPANION_MASTER_KEY",
        ),
    ]
    redis_url: Annotated[
        RedisUrl | None, _says("Redis that shares rate limits between processes; empty: each process counts for itself")
    ] = None
    installation: Installation = Installation()
    web: Web = Web()
    database: Database = Database()
    shops: tuple[Shop, ...] = ()
    push: Push = Push()
    sync: Sync = Sync()
    identity: Identity = Identity()
    limits: RateLimits = RateLimits()
    log: Log = Log()

    @staticmethod
    def disagreements(table: Mapping[str, Any]) -> list[str]:
        """The same shop under two keys would be read twice and its customers doubled."""
        problems = []
        first: dict[str, str] = {}
        shops = table.get("shops")
        for key, shop in shops.items() if isinstance(shops, dict) else ():
            url = shop.get("url") if isinstance(shop, dict) else None
            if not isinstance(url, str) or not url:
                continue
            address = url.casefold().rstrip("/").removeprefix("https://").removeprefix("http://")
            if address in first:
                problems.append(f"shops.{key}.url: is the shop {first[address]} once more")
            first.setdefault(address, key)
        return problems
