"""Signs a recorded request anew: who asks, in the words of the recordings, to a sandbox's invented credentials."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from companion.sandbox import Credentials, Key, Sandbox

_nonces = itertools.count(1)


@dataclass(frozen=True)
class Asked:
    """A request about to be sent. `before` are targets to be asked for first, as they are."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    before: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """Path and query, percent-encoded."""
        spelt = "&".join(f"{quote(name, '_')}={quote(value, ',:@.')}" for name, value in self.query)
        return self.path + (f"?{spelt}" if spelt else "")


def _basic(user: str, password: str) -> Callable[[Asked, Sandbox], Asked]:
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    return lambda asked, _sandbox: replace(asked, headers={**asked.headers, "Authorization": f"Basic {encoded}"})


def _application_password(user_id: int) -> Callable[[Asked, Sandbox], Asked]:
    def signed_by(asked: Asked, sandbox: Sandbox) -> Asked:
        login = sandbox.application_password(user_id)
        return _basic(login.username, login.password)(asked, sandbox)

    return signed_by


def _in_query(asked: Asked, sandbox: Sandbox) -> Asked:
    key = sandbox.credentials.admin_rw
    return replace(asked, query=(*asked.query, ("consumer_key", key.key), ("consumer_secret", key.secret)))


def _oauth(asked: Asked, sandbox: Sandbox) -> Asked:
    return _oauth_signed(asked, sandbox, sandbox.credentials.admin_rw)


def _oauth_signed(asked: Asked, sandbox: Sandbox, key: Key) -> Asked:
    params = (
        *asked.query,
        ("oauth_consumer_key", key.key),
        ("oauth_nonce", f"nonce{next(_nonces)}"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", str(int(time.time()))),
        ("oauth_version", "1.0"),
    )
    base = quote(sandbox.url + asked.path, safe="")
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in params)
    text = f"{asked.method}&{base}&{quote('&'.join('='.join(pair) for pair in pairs), safe='~')}"
    digest = hmac.new(f"{key.secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return replace(asked, query=(*params, ("oauth_signature", base64.b64encode(digest).decode())))


def _with(asked: Asked, name: str, value: str) -> Asked:
    return replace(asked, query=tuple((key, value if key == name else old) for key, old in asked.query))


def _oauth_replayed(asked: Asked, sandbox: Sandbox) -> Asked:
    signed = _oauth(asked, sandbox)
    return replace(signed, before=(signed.target,))


_ALL = Credentials()
_BY_WORDS: dict[str, Callable[[Asked, Sandbox], Asked]] = {
    "nobody": lambda asked, _sandbox: asked,
    "Basic ck/cs rw": _basic(_ALL.admin_rw.key, _ALL.admin_rw.secret),
    "Basic ck/cs ro": _basic(_ALL.ro.key, _ALL.ro.secret),
    "Basic ck/cs wo": _basic(_ALL.wo.key, _ALL.wo.secret),
    "Basic ck/cs shopmgr_rw": _basic(_ALL.rw.key, _ALL.rw.secret),
    "key rw of a shop_manager": _basic(_ALL.rw.key, _ALL.rw.secret),
    "Basic application-password admin": _basic(_ALL.admin.username, _ALL.admin.password),
    "Basic application-password agent1": _basic(_ALL.agent.username, _ALL.agent.password),
    "application password of an administrator": _basic(_ALL.admin.username, _ALL.admin.password),
    "Basic admin": _basic(_ALL.admin.username, _ALL.admin.password),
    "Basic admin@example.test": _basic("admin@shop.example.com", _ALL.admin.password),
    "Basic nobody": _basic("nobody", "x"),
    "Basic application-password agent2": _application_password(6),
    "Basic application-password shopmgr": _basic(_ALL.manager.username, _ALL.manager.password),
    "Basic application-password supmgr": _application_password(4),
    "Basic application-password supmgr2": _application_password(5),
    "a key the shop does not know": _basic("ck_unknown", "cs_unknown"),
    "a known key with a wrong secret": _basic(_ALL.rw.key, "cs_wrong"),
    "keys in the query": _in_query,
    "OAuth1.0a key rw": _oauth,
    "OAuth 1.0a with a wrong signature": lambda asked, sandbox: _with(_oauth(asked, sandbox), "oauth_signature", "x"),
    "OAuth 1.0a, the very request sent before": _oauth_replayed,
    "OAuth 1.0a, the timestamp changed after signing": lambda asked, sandbox: _with(
        _oauth(asked, sandbox), "oauth_timestamp", "1000"
    ),
}


def signed(asked: Asked, words: str, sandbox: Sandbox) -> Asked:
    """The request as the caller in `words` sends it."""
    return _BY_WORDS[words](asked, sandbox)
