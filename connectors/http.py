"""HTTP for every connector: one pooled session a shop, limits on time and size, and errors in plain words.

One call is one exchange: nothing is retried and nothing is followed silently but a read inside the same site. What an
answer *means* (which JSON, which error code) is the vendor's module's business.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from connectors.circuit import Circuit
from connectors.errors import Permanent, Refused
from connectors.faults import translated

USER_AGENT = "Companion/1 (notes beside WooCommerce; +requests)"
"""Stable and descriptive: hosts block unknown or changing agents, and a shop's logs should say who reads it."""

MAX_BYTES = 64 * 1024 * 1024
"""A page of 100 orders with much meta is a few megabytes; what is larger is no page."""

READS = frozenset({"GET", "HEAD"})
"""Methods that change nothing, so that they may be sent again and redirected."""

_CHUNK = 64 * 1024
_HOPS = 3


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: to connect, between two reads of the answer, and for the whole answer."""

    connect: float = 5.0
    read: float = 60.0
    total: float = 180.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `url` has no query (it may hold keys); `seconds` is the time from sending to the last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    seconds: float

    @property
    def server_time(self) -> datetime | None:
        """The server's clock when it answered (the Date header)."""
        return _http_date(self.headers.get("Date", ""))

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, where the server named them or a date (measured on its own clock)."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        until, now = _http_date(text), self.server_time
        return max(0.0, (until - now).total_seconds()) if until and now else None

    @property
    def is_cached(self) -> bool:
        """Whether a cache on the way answered in the server's place."""
        told = {name: self.headers.get(name, "").strip().lower() for name in _CACHE_HEADERS}
        age = told["Age"]
        return (
            (age.isdigit() and int(age[:9]) > 0)
            or told["cf-cache-status"] in {"hit", "stale", "updating"}
            or any(told[name].startswith("hit") for name in _HIT_HEADERS)
        )


_HIT_HEADERS = ("X-LiteSpeed-Cache", "X-Cache", "X-Proxy-Cache", "X-Cache-Status", "X-Varnish-Cache")
_CACHE_HEADERS = ("Age", "cf-cache-status", *_HIT_HEADERS)


class Http:
    """A pool of kept-alive connections to one site. Safe for several threads.

    Takes no credentials, proxies or certificates from the environment; `verify` is False, True (the bundled
    authorities) or the path of a file of authorities. Every request passes the `circuit`, where one is given.
    """

    def __init__(
        self,
        *,
        timeouts: Timeouts | None = None,
        verify: bool | str = True,
        user_agent: str = USER_AGENT,
        pool_size: int = 8,
        max_bytes: int = MAX_BYTES,
        circuit: Circuit | None = None,
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._circuit = circuit
        self._verify = verify
        self._max_bytes = max_bytes
        self._session = requests.Session()
        self._session.trust_env = False  # ~/.netrc would send its password to a shop whose keys go in the query
        self._session.headers["User-Agent"] = user_agent
        self._session.headers["Cache-Control"] = "no-cache"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # threads would share a stranger's
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=pool_size, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        if verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the owner's choice; doctor names it

    def close(self) -> None:
        """Closes the kept connections."""
        self._session.close()

    def exchange(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: AuthBase | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """One request and its whole answer, whatever its status.

        Raises `Transient` (the network), `Refused` (certificate, address, a redirect that we must not follow),
        `Permanent` (an answer beyond the size limit), and `Unavailable` where the circuit lets nothing through.
        """
        if self._circuit is None:
            return self._exchanged(method, url, params, headers, auth, body)
        with self._circuit.passage() as passage:
            answer = self._exchanged(method, url, params, headers, auth, body)
            passage.answered(answer.status, _route(url, params), answer.retry_after)
        return answer

    def _exchanged(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        auth: AuthBase | None,
        body: bytes | None,
    ) -> Answer:
        started = time.monotonic()
        for _ in range(_HOPS):
            try:
                answer = self._once(method, url, params, headers, auth or _NO_AUTH, body, started)
            except (OSError, urllib3.exceptions.HTTPError, UnicodeError) as error:  # requests' own are OSErrors
                raise translated(error, url, is_write=method not in READS) from None
            if not 300 <= answer.status < 400 or "Location" not in answer.headers:  # noqa: PLR2004 (a redirect)
                return answer
            url, params = _followed(method, url, answer.headers["Location"]), None
        message = f"{_place(url)} redirects in a circle"
        hint = "Open the shop's address in a browser and use the address it ends at."
        raise Refused(message, code="redirect_circle", status=answer.status, hint=hint)

    def _once(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        auth: AuthBase,
        body: bytes | None,
        started: float,
    ) -> Answer:
        with self._session.request(
            method,
            url,
            params=params,
            headers=headers,
            auth=auth,
            data=body,
            timeout=(self._timeouts.connect, self._timeouts.read),
            verify=self._verify,
            allow_redirects=False,
            stream=True,
        ) as response:
            content = self._whole_body(response, url, started + self._timeouts.total)
            seconds = time.monotonic() - started
            return Answer(response.status_code, response.headers, content, _place(url), seconds)

    def _whole_body(self, response: requests.Response, url: str, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_content(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > self._max_bytes:
                message = f"{_place(url)} answered more than {self._max_bytes // 2**20} MB"
                raise Permanent(message, code="too_large", status=response.status_code, hint="Ask for smaller pages.")
            if time.monotonic() > deadline:
                raise requests.ReadTimeout
        return b"".join(chunks)


class _NoAuth(AuthBase):
    """Leaves the request as it is (None would let requests look for credentials in the address)."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        return r


_NO_AUTH = _NoAuth()


def _followed(method: str, url: str, location: str) -> str:
    """Where a redirect leads, if it may be followed: a read, inside the same site. Else the error says where the shop
    really is; a write is never repeated elsewhere (requests would even turn it into a GET).
    """
    target = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(target)
    if _site(here) != _site(there):
        root = f"{there.scheme}://{there.netloc}{there.path.partition('/wp-json')[0]}".rstrip("/")
        secure = here.scheme == "http" and there.scheme == "https" and here.hostname == there.hostname
        raise Refused(
            f"{_place(url)} redirects to {there.scheme}://{there.netloc}",
            code="redirected_to_https" if secure else "redirected_elsewhere",
            hint=f"Set the shop's address to {root}",
        )
    if method not in READS:
        raise Refused(
            f"{_place(url)} redirects a write to {_place(target)}; nothing was written",
            code="redirected_write",
            hint="Set the shop's address to the one that answers without a redirect.",
        )
    return target


def _site(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _place(url: str) -> str:
    """An address fit for messages and logs: without query, fragment and user."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _route(url: str, params: Mapping[str, str] | None) -> str:
    """What is asked for, without what changes from one request to the next: at plain permalinks it is a parameter."""
    asked = dict(parse_qsl(urlsplit(url).query)) | dict(params or {})
    return _place(url) + asked.get("rest_route", "")


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
