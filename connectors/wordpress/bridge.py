"""Our own plugin inside a shop's WordPress, as companion asks it: what happened that no date of any record tells.

A call carries no password. It is signed with a secret that only this companion and this shop have, over what it asks,
when, and a word that serves once; so every attempt is signed anew.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from requests import PreparedRequest
from requests.auth import AuthBase

from connectors.answers import not_json
from connectors.base import Change, Changes
from connectors.circuit import Circuit
from connectors.errors import ConnectorError, Missing, Refused, Transient
from connectors.http import USER_AGENT, Answer, Http, Timeouts
from connectors.json_text import NOT_JSON, json_part
from connectors.wordpress.client import RestClient, Retry, unseen
from connectors.wordpress.refusals import ShopError, hopeless, is_passing, is_well, passing, said, shop_error

log = logging.getLogger(__name__)

CHANGES = "companion/v1/changes"

_WRONG_SIGNATURE = "wrong_signature"
_NO_SECRETS: tuple[str, ...] = ()  # our own never travels, so no answer can repeat it


class _ChangeShape(msgspec.Struct):
    number: int
    event: str
    id: Annotated[int, msgspec.Meta(gt=0)]


class _ChangesShape(msgspec.Struct):
    number: int
    sweep: bool = False
    more: bool = False
    changes: list[Any] | dict[str, Any] = []


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What a call is signed with. `shop_key` is what the plugin knows its shop by; `valid()` gives the secrets still
    valid there, the current one first; `clock` must go with the shop's to within five minutes.
    """

    shop_key: str
    valid: Callable[[], Sequence[str]] = field(repr=False)
    clock: Callable[[], datetime]


class Bridge:
    """The plugin of one shop. Safe for several threads; asking it may raise `Transient`, `Permanent` or `Refused`."""

    def __init__(
        self,
        *,
        url: str,
        credentials: SigningKey,
        timeout: Timeouts | None = None,
        verify: bool | str = True,
        user_agent: str = USER_AGENT,
        retry: Retry | None = None,
        circuit: Circuit | None = None,
    ) -> None:
        self._http = Http(timeouts=timeout, verify=verify, user_agent=user_agent, pool_size=2, circuit=circuit)
        self._client = _Client(url=url, credentials=credentials, http=self._http, retry=retry or Retry())

    def __repr__(self) -> str:
        return f"Bridge({self._client.site!r})"

    def close(self) -> None:
        """Closes the kept connections."""
        self._http.close()

    def changes(self, since: int) -> Changes:
        """What happened after the change numbered `since`, the oldest first. Raises `Missing` with the code `no_bridge`
        where our plugin does not run.
        """
        answer = self._client.read(CHANGES, {"since": str(since), **unseen()})
        try:
            told = msgspec.convert(msgspec.json.decode(json_part(answer.body) or b""), _ChangesShape, strict=False)
        except NOT_JSON:
            raise not_json(answer, _NO_SECRETS) from None
        if told.number < since + told.more and not told.sweep:
            message = f"{answer.url} counts {told.number} where we had read to {since}"
            raise Transient(message, code="wrong_shape", status=answer.status)
        listed = told.changes if isinstance(told.changes, list) else list(told.changes.values())
        changes = [change for change in map(_change, listed) if change is not None]
        return Changes(told.number, told.sweep, told.more, tuple(changes))


class _Client(RestClient):
    """Signed exchanges. Which of the secrets the plugin has is learnt: it may keep the one before until a person copies
    the new one over.
    """

    def __init__(self, *, url: str, credentials: SigningKey, http: Http, retry: Retry) -> None:
        super().__init__(url=url, http=http, retry=retry, secrets=_NO_SECRETS)
        self._credentials = credentials
        self._known_good = ""

    def read(self, route: str, params: dict[str, str]) -> Answer:
        """GET of a route; tried again on passing errors, each attempt signed anew."""
        return self._exchanged("GET", route, params)

    def _admitted(self, method: str, endpoint: str, params: dict[str, str], body: bytes | None) -> Answer:
        url, params = self._addressed(method, endpoint, params)
        refusal: ConnectorError | None = None
        for secret in sorted(self._credentials.valid(), key=lambda one: one != self._known_good):
            signature = _Signature(self._credentials, secret)
            answer = self._sent(method, url, params, auth=signature, body=body)
            refusal = _verdict(answer) or self._shapeless(answer)
            if refusal is None:
                self._known_good = secret
                return answer
            if refusal.code != _WRONG_SIGNATURE:
                break
        raise refusal or _wrong_signature(None, "")

    def _openly_refused(self, answer: Answer) -> ConnectorError | None:
        return _verdict(answer)


@dataclass(frozen=True, slots=True)
class _Signature(AuthBase):
    """Signs a request as it goes over the wire: hex HMAC-SHA256 over shop, time, nonce, user, roles, method, path with
    query, and the body's SHA-256, joined by newlines. User and roles are empty: companion itself asks.
    """

    credentials: SigningKey
    secret: str = field(repr=False)

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        shop, at = self.credentials.shop_key, str(int(self.credentials.clock().timestamp()))
        nonce = secrets.token_hex(16)
        body = r.body.encode() if isinstance(r.body, str) else r.body or b""
        text = "\n".join([shop, at, nonce, "", "", str(r.method), r.path_url, hashlib.sha256(body).hexdigest()])
        r.headers["X-Companion-Shop"] = shop
        r.headers["X-Companion-Time"] = at
        r.headers["X-Companion-Nonce"] = nonce
        r.headers["X-Companion-User"] = r.headers["X-Companion-Roles"] = ""
        r.headers["X-Companion-Signature"] = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return r


def _verdict(answer: Answer) -> ConnectorError | None:
    """The error that an answer stands for, None where it is well."""
    status = answer.status
    if is_well(status):
        return None
    fault = shop_error(answer.body)
    words = said(fault, _NO_SECRETS)
    if is_passing(status):
        return passing(answer, words, _NO_SECRETS)
    if fault is None:
        return not_json(answer, _NO_SECRETS)
    if fault.code == "rest_no_route":
        return Missing("the shop does not run companion's plugin", code="no_bridge", status=status)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return _unwelcome(status, fault, words)
    return hopeless(status, fault, words)


def _unwelcome(status: int, fault: ShopError, words: str) -> ConnectorError:
    if fault.code == "companion_used_nonce":
        return Transient("the shop's plugin has seen this call before", code="nonce_used", status=status)
    if fault.code == "companion_wrong_signature":
        return _wrong_signature(status, words)
    if fault.code == "companion_wrong_time":
        return Refused(
            f"the clocks of the shop and of this machine differ too much: {words}",
            code="wrong_clock",
            status=status,
            hint="Set both clocks by NTP.",
        )
    return Refused(
        f"the shop has closed its REST API: {words}",
        code="rest_closed",
        status=status,
        hint="A security plugin may forbid it; exempt companion/v1.",
    )


def _wrong_signature(status: int | None, words: str) -> Refused:
    return Refused(
        f"companion's plugin in the shop does not take our signature: {words or 'there is no secret to sign with'}",
        code=_WRONG_SIGNATURE,
        status=status,
        hint="Give the plugin this companion's address, shop key and secret: make it anew with `companion bridge`.",
    )


def _change(listed: Any) -> Change | None:
    """One change; None for one that cannot be understood, which must not keep us from all that come after it."""
    try:
        shape = msgspec.convert(listed, _ChangeShape, strict=False)
        return Change(shape.number, shape.event, str(shape.id))
    except ValueError:
        log.warning("a change that the bridge told cannot be understood")
        return None
