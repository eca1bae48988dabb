"""One exchange with a WordPress site's REST API: its address in either form, caches on the way, patience with failures.

How we prove who we are, and what a refusal means, is each vendor's own `client.py`'s: `RestClient` is what they share.
"""

from __future__ import annotations

import ipaddress
import logging
import random
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec
from requests.auth import AuthBase

from connectors.answers import not_json
from connectors.errors import ConnectorError, Refused, Transient, Unavailable
from connectors.http import READS, Answer, Http
from connectors.json_text import NOT_JSON, json_part

log = logging.getLogger(__name__)

_ROOT_DECODER = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Retry:
    """How a failed read is tried again: `attempts` in all, waiting `first` seconds, then twice that and so on up to
    `longest`, each shortened by up to half by chance. Writes are never tried again here: whether a cut one took effect
    is unknown. Nor is a 429, for the caller should slow down, nor a wait longer than `longest` that the shop named, nor
    what was not sent because the shop is left alone.
    """

    attempts: int = 3
    first: float = 0.5
    longest: float = 8.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def wait(self, failures: int, error: Transient) -> float | None:
        """Seconds to wait after so many failures, None where the error should be raised."""
        named = error.retry_after or 0.0
        is_over = failures >= self.attempts or named > self.longest
        if is_over or error.code == "too_many_requests" or isinstance(error, Unavailable):
            return None
        doubled = min(self.longest, self.first * 2.0 ** (failures - 1))
        return max(named, doubled * (1 - self.chance() / 2))

    def patiently(self, attempt: Callable[[], Answer]) -> Answer:
        """The answer of the first attempt that gets one."""
        failures = 0
        while True:
            try:
                return attempt()
            except Transient as error:
                failures += 1
                wait = self.wait(failures, error)
                if wait is None:
                    raise
            self.sleep(wait)


class RestClient(ABC):
    """A site's REST API. Safe for several threads: what it learns of a site (the form of addresses, a cache on the way)
    are single flags that only settle.
    """

    def __init__(self, *, url: str, http: Http, retry: Retry, secrets: tuple[str, ...]) -> None:
        self.site = site_address(url)
        self.plain_permalinks: bool | None = None
        self.past_caches = False
        self._http = http
        self._retry = retry
        self._secrets = secrets

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.site!r})"

    def root(self, fields: str) -> dict[str, Any]:
        """The REST API's description of the site (`/wp-json/`), asked without credentials."""
        answer = self._retry.patiently(lambda: self._asked_openly({"_fields": fields}))
        found = json_part(answer.body)
        try:
            return _ROOT_DECODER.decode(found or b"")
        except NOT_JSON:
            raise not_json(answer, self._secrets) from None

    @abstractmethod
    def _admitted(self, method: str, endpoint: str, params: dict[str, str], body: bytes | None) -> Answer:
        """The answer to a request made in our name, once; raises what a refusal means."""

    @abstractmethod
    def _openly_refused(self, answer: Answer) -> ConnectorError | None:
        """What a refusal of a request made in nobody's name means, None where it was answered."""

    def _exchanged(self, method: str, endpoint: str, params: Mapping[str, str] | None, body: object = None) -> Answer:
        """One request in our name: a read is tried again on passing errors, a write is sent once."""
        sent = None if body is None else msgspec.json.encode(body)

        def attempt() -> Answer:
            return self._attempt(method, endpoint, dict(params or {}), sent)

        return self._retry.patiently(attempt) if method in READS else attempt()

    def _attempt(self, method: str, endpoint: str, params: dict[str, str], body: bytes | None) -> Answer:
        try:
            answer = self._admitted(method, endpoint, params, body)
        except ConnectorError as error:
            if self.plain_permalinks is not None or not _speaks_no_rest(error) or not self._answers_by_query():
                raise
            self.plain_permalinks = True
            answer = self._admitted(method, endpoint, params, body)
        if self.plain_permalinks is None:
            self.plain_permalinks = False
        if method in READS and answer.is_cached and not self.past_caches:
            self.past_caches = True  # from now on every address is one that no cache has seen
            return self._admitted(method, endpoint, params, body)
        return answer

    def _addressed(self, method: str, route: str, params: dict[str, str]) -> tuple[str, dict[str, str]]:
        """Where a route (`wc/v3/orders`) is called, and with which parameters."""
        if self.past_caches and method in READS:
            params = params | unseen()
        if self.plain_permalinks:
            return f"{self.site}/", {"rest_route": f"/{route}"} | params
        return f"{self.site}/wp-json/{route}", params

    def _sent(
        self, method: str, url: str, params: dict[str, str], *, auth: AuthBase | None, body: bytes | None
    ) -> Answer:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"  # without it WordPress ignores the body and answers 200
        answer = self._http.exchange(method, url, params=params, headers=headers, auth=auth, body=body)
        log.debug("%s %s %s in %.0f ms", method, answer.url, answer.status, answer.seconds * 1000)
        return answer

    def _shapeless(self, answer: Answer) -> ConnectorError | None:
        """The error for an answer that claims success without being JSON."""
        if answer.body[:1] in {b"{", b"["} or json_part(answer.body):
            return None
        return not_json(answer, self._secrets)

    def _asked_openly(self, params: dict[str, str]) -> Answer:
        """The site's description, by either form of address."""
        refusal: ConnectorError
        for plain in (False, True) if self.plain_permalinks is None else (self.plain_permalinks,):
            url = f"{self.site}/" if plain else f"{self.site}/wp-json/"
            asked = {"rest_route": "/"} | params if plain else params
            answer = self._http.exchange("GET", url, params=asked, headers={"Accept": "application/json"})
            error = self._openly_refused(answer) or self._shapeless(answer)
            if error is None:
                self.plain_permalinks = plain
                return answer
            refusal = error
            if not _speaks_no_rest(error):
                break
        raise refusal

    def _answers_by_query(self) -> bool:
        """Whether this is a WordPress that speaks REST only by `?rest_route=` (plain permalinks)."""
        answer = self._http.exchange("GET", f"{self.site}/", params={"rest_route": "/", "_fields": "namespaces"})
        return answer.status == HTTPStatus.OK and b'"namespaces"' in (json_part(answer.body) or b"")


def _speaks_no_rest(error: ConnectorError) -> bool:
    """Whether this is how a WordPress with plain permalinks answers at /wp-json/: with its page for what is not found,
    or its front page. A failure is neither: a write that failed may have taken effect, and must not be sent again.
    """
    failed = error.status is not None and error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return error.code in {"no_rest_api", "not_json"} and not failed


def unseen() -> dict[str, str]:
    """A parameter that WordPress ignores and caches do not (no dots in it: two break some shops)."""
    return {"_": secrets.token_hex(8)}


def site_address(url: str) -> str:
    """The shop's address as it is called: scheme in small letters, no query, and nothing behind the site's own path."""
    try:
        parts = urlsplit(url.strip())
        named = parts.scheme.lower() in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # brackets or a port that are none
        named = None
    if not named:
        hint = "Write it like https://shop.example"
        raise Refused("the shop's address is not a web address", code="bad_address", hint=hint)
    path = parts.path.partition("/wp-json")[0].partition("/wp-admin")[0].rstrip("/")
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2]}{path}"


def is_on_this_machine(site: str) -> bool:
    """Whether an address never leaves this machine, so that nobody on the way can read what is sent there."""
    host = urlsplit(site).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
