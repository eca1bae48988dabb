"""Who is asking: WooCommerce keys (Basic and query over TLS, OAuth 1.0a anywhere) and application passwords.

Each refusal has the code and status that the real shop gave. Signatures are checked as PHP checks them, which is
stricter than some clients sign.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from companion.sandbox.credentials import ADMIN_ID, MANAGER_ID, Credentials, Key, Login
from companion.sandbox.log import READING
from companion.sandbox.records import User
from companion.sandbox.wire import Request, RestError

OAUTH_WINDOW_SECONDS = 15 * 60
_OAUTH_PARAMS = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
_DIGESTS = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `user_id` 0 is nobody; `by_key` says that a WooCommerce key was used, with what it may do."""

    user_id: int = 0
    username: str = ""
    permissions: str = "read_write"
    by_key: bool = False

    @property
    def may_manage(self) -> bool:
        """Whether this is somebody who may see and change the shop's records."""
        return self.user_id in {ADMIN_ID, MANAGER_ID}

    @property
    def is_admin(self) -> bool:
        """Whether this is an administrator."""
        return self.user_id == ADMIN_ID


def _refused(message: str, code: str = "woocommerce_rest_authentication_error") -> RestError:
    return RestError(401, code, message)


class Authentication:
    """Tells the caller of a request; keeps the OAuth nonces it has seen.

    OAuth timestamps are judged by the machine's clock, not the shop's: clients sign with the machine's.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        user_by_email: Callable[[str], User | None] = lambda _email: None,
        strip_authorization: bool = False,
    ) -> None:
        """`strip_authorization`: this host takes the Authorization header away before PHP sees it."""
        self._user_by_email = user_by_email
        self._keys = {key.key: key for key in credentials.all_keys()}
        self._logins = {login.username: login for login in credentials.all_logins()}
        self._strips = strip_authorization
        self._nonces: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def let_in(self, login: Login) -> None:
        """Accept one more application password."""
        self._logins[login.username] = login

    def caller(self, request: Request, method: str, *, takes_keys: bool = True) -> Caller:
        """Whoever signed the request, nobody where it is not signed; RestError where the signature is wrong.

        `takes_keys`: only WooCommerce's own routes know its keys; to all others they are unknown user names.
        """
        query = dict(request.query)
        user, password = ("", "") if self._strips else basic(request.headers.get("authorization", ""))
        caller = None
        if takes_keys and request.is_tls:
            caller = self._by_key(query.get("consumer_key") or user, query.get("consumer_secret") or password, method)
        if takes_keys and caller is None and any(name in query for name in _OAUTH_PARAMS):
            caller = self._by_oauth(request, query, method)
        if caller is None and user:
            caller = self._by_password(user, password)
        return caller or Caller()

    def _by_key(self, key: str, secret: str, method: str) -> Caller | None:
        known = self._keys.get(key)
        if known is None:
            return None
        if not hmac.compare_digest(known.secret.encode(), secret.encode()):
            raise _refused("Consumer secret is invalid.")
        return _permitted(known, method)

    def _by_password(self, user: str, password: str) -> Caller:
        by_email = self._user_by_email(user)
        login = self._logins.get(by_email.username if by_email else user)
        if login is None:
            text = "<strong>Error:</strong> Unknown username. Check again or try your email address."
            raise _refused(text, "invalid_username")
        if not hmac.compare_digest(login.password.replace(" ", "").encode(), password.replace(" ", "").encode()):
            raise _refused("The provided password is an invalid application password.", "incorrect_password")
        return Caller(login.user_id, login.username)

    def _by_oauth(self, request: Request, query: dict[str, str], method: str) -> Caller:
        missing = [name for name in _OAUTH_PARAMS if not query.get(name)]
        if missing:
            raise _refused(f"Missing OAuth parameters {', '.join(missing)}")
        known = self._keys.get(query["oauth_consumer_key"])
        if known is None:
            raise _refused("Consumer key is invalid.")
        if query["oauth_signature_method"] not in _DIGESTS:
            raise _refused("Invalid signature - signature method is invalid.")
        expected = oauth_signature(request, known.secret, query["oauth_signature_method"])
        if not hmac.compare_digest(expected.encode(), unquote(query["oauth_signature"]).encode()):
            raise _refused("Invalid signature - provided signature does not match.")
        self._use_nonce(known.key, query["oauth_nonce"], query["oauth_timestamp"])
        return _permitted(known, method)

    def _use_nonce(self, key: str, nonce: str, timestamp: str) -> None:
        now = time.time()
        if not timestamp.isdecimal() or abs(now - int(timestamp)) > OAUTH_WINDOW_SECONDS:
            raise _refused("Invalid timestamp.")
        with self._lock:
            if (key, nonce) in self._nonces:
                raise _refused("Invalid nonce - nonce has already been used.")
            self._nonces = {seen: at for seen, at in self._nonces.items() if now - at <= OAUTH_WINDOW_SECONDS}
            self._nonces[key, nonce] = now


def _permitted(key: Key, method: str) -> Caller:
    asks = "read" if method in READING else "write"
    if asks not in key.permissions:
        raise _refused(f"The API key provided does not have {asks} permissions.")
    return Caller(key.user_id, _OWNERS.get(key.user_id, ""), key.permissions, by_key=True)


_OWNERS = {login.user_id: login.username for login in Credentials().all_logins()}


def basic(header: str) -> tuple[str, str]:
    """User name and password of an Authorization header, two empty texts where it has none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def oauth_signature(request: Request, secret: str, signature_method: str) -> str:
    """OAuth 1.0a without tokens over the method, the address and every query parameter (RFC 5849, section 3.4.1).

    Percent-encoding is PHP's rawurlencode, in which "/" does not stay as it is.
    """
    scheme = "https" if request.is_tls else "http"
    base = _encode(f"{scheme}://{request.host}{request.target.partition('?')[0]}")
    signed = {
        name: value for name, value in request.query if name != "oauth_signature"
    }  # PHP keeps the last of doubles
    pairs = sorted((_encode(unquote(name)), _encode(unquote(value))) for name, value in signed.items())
    text = "&".join([request.method, base, _encode("&".join(f"{name}={value}" for name, value in pairs))])
    digest = hmac.new(f"{secret}&".encode(), text.encode(), _DIGESTS[signature_method]).digest()
    return base64.b64encode(digest).decode()


def _encode(text: str) -> str:
    return quote(text, safe="~")
